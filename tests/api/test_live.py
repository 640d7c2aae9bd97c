"""The loop that drops sockets whose epoch has passed."""

from uuid import UUID

import pytest
from flask import Flask

from contact.api import live
from contact.api.live import Peer
from contact.services import sign_in
from tests.people import Staff


def test_who_connects_while_epochs_are_read_stays(app: Flask, monkeypatch: pytest.MonkeyPatch):
    """A socket that opens between the question and its answer is not taken for one of nobody."""
    amelie, bruno = Staff(app, "amelie@accueil.example"), Staff(app, "bruno@accueil.example")
    monkeypatch.setattr(live, "peers", {"one": Peer(amelie.id, epoch=0)})
    real = sign_in.epochs

    def slow(session: object, accounts: list[UUID]) -> dict[UUID, int]:
        found = real(session, accounts)
        live.peers["two"] = Peer(bruno.id, epoch=0)
        return found

    monkeypatch.setattr(sign_in, "epochs", slow)
    with app.app_context():
        live.drop_outdated()

    assert set(live.peers) == {"one", "two"}
