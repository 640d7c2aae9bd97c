"""Signing in: what it gives, what it refuses, and how it ends."""

from dataclasses import replace

import pytest
from flask import Flask

from config.settings import Settings
from contact.web import create_app
from tests.people import PASSWORD, Staff, refused, told

AMELIE = "amelie@accueil.example"


def attempt(app: Flask, login: str, password: str):
    return app.test_client().post("/api/v1/session", json={"login": login, "password": password})


def test_the_same_answer_for_known_and_unknown(app: Flask):
    """Nobody learns from the answer whether a login exists."""
    known = refused(attempt(app, AMELIE, "wrong"), 401, "bad_credentials")
    unknown = refused(attempt(app, "nobody@nowhere.example", "wrong"), 401, "bad_credentials")

    assert known == unknown


def test_locked_after_ten_failures(app: Flask):
    """The eleventh try is refused even with the right password, with the same answer; others are not affected."""
    for _ in range(10):
        refused(attempt(app, AMELIE, "wrong"), 401, "bad_credentials")

    refused(attempt(app, AMELIE, PASSWORD), 401, "bad_credentials")
    told(attempt(app, "bruno@accueil.example", PASSWORD))


def test_a_success_forgets_the_failures(app: Flask):
    """Nine failures, a success, nine failures: not locked."""
    for _ in range(2):
        for _ in range(9):
            attempt(app, AMELIE, "wrong")
        told(attempt(app, AMELIE, PASSWORD))


def test_cookie_is_set_right(app: Flask, settings: Settings):
    """HttpOnly, SameSite, and Secure wherever the product is reached by https; the token is opaque."""
    plain = attempt(app, AMELIE, PASSWORD).headers["Set-Cookie"]
    secure_app = create_app(replace(settings, public_base_url="https://guichet.example"), async_mode="threading")
    secure = attempt(secure_app, AMELIE, PASSWORD).headers["Set-Cookie"]
    secure_app.extensions["guichet"].database.engine.dispose()

    for cookie in (plain, secure):
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
    assert "Secure" in secure
    assert "Secure" not in plain


def test_a_change_needs_the_token_of_its_session(app: Flask):
    """Without X-CSRF-Token, with another session's, or from another site's page, nothing changes."""
    amelie, bruno = Staff(app, AMELIE), Staff(app, "bruno@accueil.example")
    body = {"state": "ready"}

    refused(amelie.client.put("/api/v1/me/state", json=body), 403, "csrf")
    refused(amelie.client.put("/api/v1/me/state", json=body, headers=bruno.headers), 403, "csrf")
    foreign = amelie.headers | {"Origin": "https://evil.example"}
    refused(amelie.client.put("/api/v1/me/state", json=body, headers=foreign), 403, "csrf")
    assert amelie.get("/me/work")["presence"]["state"] == "offline"


def test_signing_out_ends_every_session(app: Flask):
    """Sign-out raises the epoch: the same person's other browser is signed out too, and the agent is offline."""
    here, there = Staff(app, AMELIE), Staff(app, AMELIE)
    here.ready()

    told(here.send("DELETE", "/session"), 204)

    refused(there.client.get("/api/v1/me/work"), 401, "not_signed_in")
    assert Staff(app, AMELIE).get("/me/work")["presence"]["state"] == "offline"


def test_a_new_password_ends_the_other_sessions(app: Flask):
    """This browser goes on with a new session; the other is out; the old password is worth nothing."""
    here, there = Staff(app, AMELIE), Staff(app, AMELIE)
    body = {"current_password": PASSWORD, "new_password": "another-long-one"}

    told(here.send("PUT", "/session/password", body), 204)

    told(here.client.get("/api/v1/session"))
    refused(there.client.get("/api/v1/session"), 401, "not_signed_in")
    refused(attempt(app, AMELIE, PASSWORD), 401, "bad_credentials")
    told(attempt(app, AMELIE, "another-long-one"))


def test_a_short_password_is_refused(app: Flask):
    """With the field, the rule, and in the reader's language."""
    body = {"current_password": PASSWORD, "new_password": "short"}

    error = refused(Staff(app, AMELIE).send("PUT", "/session/password", body), 422, "invalid_request")

    assert error["facts"]["fields"] == {"new_password": ["Douze caractères au moins."]}


@pytest.mark.parametrize(
    ("login", "path", "status"),
    [
        (AMELIE, "/wallboard", 403),
        (AMELIE, "/campaigns", 403),
        ("sophie@accueil.example", "/wallboard", 200),
        ("sophie@accueil.example", "/me/work", 403),
        ("claire@impots.example", "/grants", 200),
        ("claire@impots.example", "/tickets", 403),
        ("operateur@guichet.example", "/tickets", 403),
        ("operateur@guichet.example", "/wallboard", 403),
    ],
)
def test_roles(app: Flask, login: str, path: str, status: int):
    """Each role gets what it is for and nothing else; an operator sees no citizen's data."""
    assert Staff(app, login).client.get(f"/api/v1{path}").status_code == status
