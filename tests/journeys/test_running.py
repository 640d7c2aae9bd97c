"""The running product, process by process: what its relay, workers, dispatcher and sockets promise."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
import requests
import socketio

from tests.journeys.conftest import Person, eventually
from tests.people import TAXES
from tests.product import Product
from tests.sockets import Socket


def test_a_reply_by_sms_leaves_the_house_once(product: Product, person: Callable[[str], Person]):
    """One commit, then relay, RQ, the delivery job and the ledger: sent once, and the agent sees it."""
    chloe = person("chloe@accueil.example")
    tickets = chloe.ask("GET", "/tickets?limit=100")["items"]
    ticket = next(one for one in tickets if one["channel"] == "sms" and one["state"] in ("open", "waiting_citizen"))

    words = f"Réponse {uuid4().hex}"
    message = chloe.ask("POST", f"/tickets/{ticket['id']}/messages", {"body": words})
    assert message["state"] == "queued"

    def state() -> bool:
        items = chloe.ask("GET", f"/tickets/{ticket['id']}/messages?since={message['seq'] - 1}")["items"]
        return items[0]["state"] == "sent"

    eventually(state, "sent")
    data = next(line for line in Path(product.data_folder, "ledger.jsonl").read_text().splitlines() if words in line)
    assert json.loads(data)["channel"] == "sms"
    assert Path(product.data_folder, "ledger.jsonl").read_text().count(words) == 1


def test_a_silent_page_rests_and_comes_back(person: Callable[[str], Person]):
    """An agent whose page no longer answers rests; the next beat ends that; who stays away is offline."""
    david = person("david@accueil.example")
    david.connect(beats=True)
    david.ask("PUT", "/me/state", {"state": "ready"})
    time.sleep(6)
    assert david.presence() == ("ready", None)

    david.socket.disconnect()
    eventually(lambda: david.presence() == ("resting", "silent"), "rests")
    david.socket = Socket()
    david.connect(beats=True)
    eventually(lambda: david.presence() == ("ready", None), "ready again")

    david.socket.disconnect()
    eventually(lambda: david.presence() == ("offline", "silent"), "gone")


def test_a_silent_citizen_frees_the_slot_politely(
    product: Product, person: Callable[[str], Person], visitor: Callable[[str], requests.Session]
):
    """First a question, then a pause; the agent has room again; writing again takes the conversation up again."""
    amelie = person("amelie@accueil.example")
    amelie.connect(beats=True)
    amelie.ask("PUT", "/me/state", {"state": "ready"})
    citizen = visitor("je me tais bientôt")
    offer = eventually(lambda: amelie.ask("GET", "/me/work")["offers"], "an offer")[0]
    assignment = amelie.ask("POST", f"/offers/{offer['id']}/accept")
    amelie.ask("POST", f"/tickets/{assignment['ticket_id']}/messages", {"body": "Bonjour ?"})

    base = f"{product.base}/api/v1/chat/{TAXES}"
    eventually(lambda: citizen.get(f"{base}/conversation", timeout=30).json()["state"] == "paused", "paused")
    codes = [one["code"] for one in citizen.get(f"{base}/messages", timeout=30).json()["items"] if one["code"]]
    assert codes == ["agent_joined", "still_there", "paused_silent"]
    assert amelie.ask("GET", "/me/work")["assignments"] == []
    assert amelie.ask("GET", f"/tickets/{assignment['ticket_id']}")["state"] == "waiting_citizen"

    again = citizen.post(
        f"{base}/messages", json={"body": "me revoici"}, headers={"Idempotency-Key": uuid4().hex}, timeout=30
    )
    assert again.status_code == 201
    eventually(lambda: amelie.ask("GET", "/me/work")["offers"], "an offer again")


def test_who_left_for_good_loses_nobody(
    product: Product, person: Callable[[str], Person], visitor: Callable[[str], requests.Session]
):
    """When an agent vanishes in the middle of a chat, the citizen waits again, in their place."""
    elise = person("elise@accueil.example")
    elise.connect(beats=True)
    elise.ask("PUT", "/me/state", {"state": "ready"})
    citizen = visitor("ne me laissez pas")
    offer = eventually(lambda: elise.ask("GET", "/me/work")["offers"], "an offer")[0]
    elise.ask("POST", f"/offers/{offer['id']}/accept")

    elise.socket.disconnect()

    base = f"{product.base}/api/v1/chat/{TAXES}"
    told = eventually(
        lambda: (found := citizen.get(f"{base}/conversation", timeout=30).json())["state"] == "waiting" and found,
        "waits again",
    )
    assert told["position"] == 1


def test_a_revoked_person_loses_the_socket(person: Callable[[str], Person]):
    """Revoking a grant drops the person's sockets, by the database, whatever Redis does."""
    karima, claire = person("karima@accueil.example"), person("claire@impots.example")
    karima.connect(beats=True)
    grants = claire.ask("GET", "/grants")["items"]
    grant = next(one for one in grants if one["person"]["id"] == karima.id and one["revoked_at"] is None)

    claire.ask("DELETE", f"/grants/{grant['id']}")

    eventually(lambda: "signed_out" in karima.heard and not karima.socket.connected, "socket dropped")


def test_a_socket_needs_a_token_and_its_own_room(product: Product, person: Callable[[str], Person]):
    """Without a token no connection; with one, no room of another administration."""
    stranger = Socket()
    stranger.connect(product.base)
    chloe, bruno = person("chloe@accueil.example"), person("bruno@accueil.example")
    taxes = next(
        one for one in chloe.ask("GET", "/tickets?limit=100")["items"] if "impôts" in one["administration"]["name"]
    )
    bruno.connect(beats=True)
    chloe.connect(beats=True)

    assert bruno.socket.call("join", {"room": f"ticket:{taxes['id']}"}) == {"ok": False, "code": "not_found"}
    assert bruno.socket.call("join", {"room": f"person:{chloe.id}"})["ok"] is False
    assert bruno.socket.call("join", {"room": "wallboard"}) == {"ok": False, "code": "forbidden"}
    for asked in (None, 7, {}, {"room": 7}, {"room": "ticket:x"}, {"room": "x" * 500}):
        assert bruno.socket.call("join", asked)["ok"] is False
    assert chloe.socket.call("join", {"room": f"ticket:{taxes['id']}"})["ok"] is True
    # The server has thrown the stranger out: nothing they ask for is answered, least of all with yes.
    with pytest.raises(socketio.exceptions.SocketIOError):
        stranger.call("join", {"room": f"ticket:{taxes['id']}"}, timeout=3)
    stranger.disconnect()
