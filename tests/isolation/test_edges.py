"""The edges of the house: what proxies and other sites can make of a request, and what its answers carry."""

from dataclasses import replace

import pytest
from argon2 import Parameters, PasswordHasher, extract_parameters
from flask import Flask

from contact.services import sign_in
from contact.web import create_app
from tests.isolation.routes import CLOSED, ROUTES, send
from tests.isolation.world import World
from tests.people import PASSWORD, TAXES, Staff, idempotent, refused, told


def from_address(app: Flask, path: str, address: str, forwarded: str | None = None) -> object:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return app.test_client().get(path, environ_base={"REMOTE_ADDR": address}, headers=headers)


@pytest.mark.parametrize(
    ("address", "forwarded", "proxies", "is_shown"),
    [
        ("127.0.0.1", None, 0, True),
        ("10.1.2.3", None, 0, True),
        ("fd00::1", None, 0, True),
        ("198.41.0.4", None, 0, False),
        ("2001:500:88::1", None, 0, False),
        ("::ffff:198.41.0.4", None, 0, False),
        # Through a proxy that nobody told us of: its own address says nothing.
        ("127.0.0.1", "198.41.0.4", 0, False),
        ("127.0.0.1", "10.0.0.1", 0, False),
        ("127.0.0.1", "198.41.0.4", 1, False),
        ("127.0.0.1", "10.0.0.1", 1, True),
        # What the client itself has put before what our proxy added.
        ("127.0.0.1", "10.0.0.1, 198.41.0.4", 1, False),
        ("127.0.0.1", "nonsense", 1, False),
    ],
)
def test_figures_stay_in_our_own_network(
    world: World, address: str, forwarded: str | None, proxies: int, is_shown: bool
):
    """Nobody outside reads from `/metrics` or `/readyz` how much the administrations have to do."""
    app = create_app(replace(world.settings, trusted_proxies=proxies), async_mode="threading")

    metrics, ready = (from_address(app, path, address, forwarded) for path in ("/metrics", "/readyz"))

    assert metrics.status_code == (200 if is_shown else 404)
    assert ("checks" in ready.get_json()) is is_shown
    assert ready.get_json()["status"] in ("ready", "not_ready")
    app.extensions["guichet"].database.engine.dispose()


FOREIGN = (
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://localhost:1"},
    {"Sec-Fetch-Site": "cross-site"},
)


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
@pytest.mark.parametrize("route", [one for one in ROUTES if one.method != "GET"], ids=str)
def test_another_site_changes_nothing(world: World, route, headers: dict[str, str]):
    """A change that another site's page asks for is refused, for citizens and at sign-in too, and moves no row."""
    before = world.first_rows()
    for who in ("own agent", "another visitor"):
        refused(send(world, who, route, headers=headers), 403, "csrf")
    assert world.first_rows() == before


@pytest.mark.parametrize("route", [one for one in CLOSED if one.method != "GET"], ids=str)
def test_a_change_needs_the_sessions_own_token(world: World, route):
    """None, another session's, one that was cut: refused, whatever the cookie."""
    other = world.person("agent elsewhere").headers["X-CSRF-Token"]
    for token in ("", other, world.person("own agent").headers["X-CSRF-Token"][:-1]):
        refused(send(world, "own agent", route, headers={"X-CSRF-Token": token}), 403, "csrf")


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Forwarded-Prefix": "/evil"},
        {"Forwarded": "host=evil.example;proto=https"},
        {"X-Original-URL": "/api/v1/grants", "X-Rewrite-URL": "/api/v1/grants"},
        {"X-HTTP-Method-Override": "DELETE"},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_headers_of_hosts_and_methods_are_not_believed(world: World, headers: dict[str, str]):
    """No answer names a host that a request made up, no link or redirect leads there, no other route is asked."""
    for route in ROUTES:
        if route.method != "GET":
            continue
        cookie = world.person("own agent").client.get_cookie("guichet_session").value
        laden = send(world, "nobody", route, headers=headers | {"Cookie": f"guichet_session={cookie}"})
        plain = send(world, "own agent", route)
        assert "evil" not in f"{laden.headers}{laden.data.decode(errors='replace')}", str(route)
        assert laden.status_code == plain.status_code


@pytest.mark.parametrize(
    "path",
    ["//evil.example", "/\\evil.example", "/console//evil.example", "///evil.example", "/?next=//evil.example"],
)
def test_no_redirect_leads_outside(world: World, path: str):
    """The only redirect is to the console; nothing of what was asked goes into it."""
    answer = world.app.test_client().get("/", environ_overrides={"PATH_INFO": path})

    assert answer.headers.get("Location") in (None, "/console")


def test_cookies_carry_every_flag(world: World):
    """HttpOnly, SameSite, Secure under https, no Domain; the citizen's goes to its own chat alone."""
    settings = replace(world.settings, public_base_url="https://guichet.example")
    app = create_app(settings, async_mode="threading")
    asked = {"login": world.logins["agent elsewhere"], "password": "valmont-demo-2026"}

    session = app.test_client().post("/api/v1/session", json=asked).headers["Set-Cookie"]
    visitor = app.test_client().post(f"/api/v1/chat/{TAXES}/visitor").headers["Set-Cookie"]

    for cookie in (session, visitor):
        assert {"HttpOnly", "Secure", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}
        assert "Domain" not in cookie
    assert f"Path=/api/v1/chat/{TAXES};" in f"{visitor};"
    app.extensions["guichet"].database.engine.dispose()


def test_a_session_is_never_one_that_the_browser_brought(world: World):
    """Signing in gives a new token whatever cookie came with it; the one that came stays worth nothing."""
    planted = "planted-by-somebody"
    client = world.app.test_client()
    client.set_cookie("guichet_session", planted)

    told(client.post("/api/v1/session", json={"login": world.logins["operator"], "password": "valmont-demo-2026"}))

    assert client.get_cookie("guichet_session").value != planted
    thief = world.app.test_client()
    thief.set_cookie("guichet_session", planted)
    refused(thief.get("/api/v1/session"), 401, "not_signed_in")


def test_sign_in_tells_nobody_which_accounts_there_are(world: World, monkeypatch: pytest.MonkeyPatch):
    """An unknown login and a wrong password get the same answer, and both cost one check of an equally slow hash."""
    checked: list[Parameters] = []

    class Watched(PasswordHasher):
        def verify(self, hash: str, password: str) -> bool:
            checked.append(extract_parameters(hash))
            return super().verify(hash, password)

    colleague = world.person("colleague")
    same = {"current_password": PASSWORD, "new_password": PASSWORD}
    # The demo's hashes are quick ones here: this is one that the product has made.
    told(colleague.send("PUT", "/session/password", same), 204)
    world.forget("colleague")
    monkeypatch.setattr(sign_in, "_hasher", Watched())
    client = world.app.test_client()
    known = {"login": world.logins["colleague"], "password": "wrong wrong wrong"}

    wrong = refused(client.post("/api/v1/session", json=known), 401, "bad_credentials")
    (cost,) = checked
    unknown = refused(client.post("/api/v1/session", json=known | {"login": "x@y.example"}), 401, "bad_credentials")

    assert wrong == unknown
    assert checked == [cost, cost]


def test_every_answer_carries_its_walls(world: World):
    """No sniffing, no framing, no foreign scripts, nothing kept in between, no word on what serves it."""
    for route in ROUTES:
        answer = send(world, "nobody", route)
        policy = answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff", str(route)
        assert "frame-ancestors 'none'" in policy, str(route)
        assert "default-src 'self'" in policy or "default-src 'none'" in policy, str(route)
        assert "script-src" not in policy, str(route)
        assert "unsafe-eval" not in policy, str(route)
        assert "Access-Control-Allow-Origin" not in answer.headers, str(route)


def test_a_conflict_tells_a_version_and_nothing_else(world: World):
    """What a 409 says about somebody else's change is the number to go on from."""
    bruno = world.person("own agent")
    path = f"/tickets/{world.things['ticket_id']}"

    error = refused(bruno.send("PATCH", path, {"version": 2_000_000_000, "subject": "x"}), 409, "conflict")

    assert error["facts"] == {"version": bruno.get(path)["version"]}


def test_a_key_of_somebody_else_gives_nothing_back(world: World):
    """A key for retries is its author's: with another's key and words an agent elsewhere gets no ticket of theirs."""
    key, zoe = idempotent()["Idempotency-Key"], world.person("agent of another outsourcer")
    bruno = world.person("own agent")
    new = {
        "campaign_id": world.things["campaign_id"],
        "topic_id": world.things["topic_id"],
        "subject": "s",
        "note": "n",
    }
    made = told(bruno.send("POST", "/tickets", new, key), 201)

    refused(zoe.send("POST", "/tickets", new, key), 404, "not_found")
    colleague: Staff = world.person("colleague")
    other = told(colleague.send("POST", "/tickets", new, key), 201)

    assert other["id"] != made["id"]
