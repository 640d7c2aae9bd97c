"""The socket's events × rooms × identities, over real sockets of two real web processes; and without Redis."""

import json
import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
import socketio

from config.embedded import EmbeddedRedis
from config.settings import Settings, SettingsError
from contact.api import beats
from contact.domain.rooms import conversation_room, person_room, ticket_room, wallboard_room
from tests.isolation.conftest import new_world
from tests.isolation.platform import Peer, Platform, close
from tests.isolation.routes import ROLES
from tests.isolation.world import World
from tests.journeys.test_running import eventually
from tests.product import Product

NOBODYS_TICKET = str(uuid4())
# Rooms to ask for: somebody else's, nobody's, and the one that the library makes for each socket.
ROOMS: dict[str, Callable[[World], str]] = {
    "ticket": lambda world: ticket_room(world.things["ticket_id"]),
    "conversation": lambda world: conversation_room(world.things["interaction_id"]),
    "person": lambda world: person_room(world.things["agent_id"]),
    "wallboard": lambda world: "wallboard",
    "another wallboard": lambda world: wallboard_room(world.things["outsourcer_id"]),
    "nobody's ticket": lambda world: ticket_room(NOBODYS_TICKET),
    "socket": lambda world: world.things["sid"],
}
MAY = {
    ("own agent", "ticket"),
    ("own supervisor", "ticket"),
    ("colleague", "ticket"),
    ("own supervisor", "wallboard"),
    ("supervisor of another outsourcer", "wallboard"),
}
WHO = (*ROLES, "another visitor", "citizen elsewhere")


@pytest.fixture(scope="module")
def platform(servers: dict[str, str]) -> Iterator[Platform]:
    """Two web processes; who has lost their rights is looked for often."""
    with tempfile.TemporaryDirectory(prefix="guichet-sockets-") as name, new_world(servers, Path(name)) as world:
        redis = EmbeddedRedis(Path(name) / "redis")
        redis.start()
        told = world.settings
        product = Product(
            Path(name) / "data",
            web_processes=2,
            redis_url=redis.url,
            database_url=told.database_url,
            database_owner_url=told.database_owner_url,
            database_engine_url=told.database_engine_url,
            secret_key=told.secret_key,
            epoch_check_seconds=0.5,
            # Bruno's page need not answer: his work stays his while these tests run.
            silence_seconds=300,
            gone_seconds=600,
            refusals_recorded_max=100_000,
        )
        (interaction,) = world.ask(
            "SELECT id FROM interaction WHERE ticket_id = %(it)s AND channel = 'chat'", it=world.things["ticket_id"]
        )
        (agent,) = world.ask("SELECT outsourcer_id FROM agent WHERE id = %(it)s", it=world.things["agent_id"])
        world.things |= {"interaction_id": str(interaction["id"]), "outsourcer_id": str(agent["outsourcer_id"])}
        running = Platform(world, product, redis)
        yield running
        for peer in running.opened:
            close(peer.socket, peer.ws)
        redis.start()
        assert product.stop() == 0, "".join(product.lines)
        redis.stop()


@pytest.fixture(scope="module")
def bruno(platform: Platform) -> Peer:
    """The agent who may: in the ticket's room."""
    peer = platform.open("own agent")
    assert peer.join(ROOMS["ticket"](platform.world))["ok"] is True
    platform.world.things["sid"] = peer.socket.get_sid()
    return peer


@pytest.mark.parametrize("who", WHO)
def test_rooms(platform: Platform, bruno: Peer, who: str):
    """Joining another's room is refused and recorded; what happens there is not heard, what one types there neither."""
    world, peer = platform.world, platform.open(who)
    for name, room_of in ROOMS.items():
        room = room_of(world)
        answer = peer.join(room)
        assert answer["ok"] is ((who, name) in MAY), (name, answer)
        if not answer["ok"]:
            assert answer["code"] in ("not_found", "forbidden", "invalid_request")
            peer.socket.emit("typing", {"room": room})
            if who in ROLES and answer["code"] != "invalid_request":
                check_trace(world, who, name)
    seen = presence(world)
    peer.socket.emit("beat", {"agent_id": world.things["agent_id"], "account_id": world.things["agent_id"]})
    sent = platform.ask(
        "own agent", "POST", f"/tickets/{world.things['ticket_id']}/messages", json={"body": f"pour {who}"}
    )
    assert sent.status_code == 201, sent.text
    eventually(lambda: any(told.get("revision") == sent.json()["seq"] for _, told in bruno.heard), "the witness hears")

    # Asked after the frame was out: the answer comes behind whatever was sent before it.
    peer.join("nothing")
    ids = [world.things[name] for name in ("ticket_id", "interaction_id")]
    if (who, "ticket") not in MAY:
        assert [told for told in peer.heard if any(one in json.dumps(told) for one in ids)] == []
    assert [told for event, told in bruno.heard if event == "typing"] == []
    if who == "own agent":
        eventually(lambda: presence(world) != seen, "their own beat is told")
    else:
        # Beats are told together, a moment later.
        time.sleep(1.5 * beats.EVERY_SECONDS)
        assert presence(world) == seen


def presence(world: World) -> list[dict]:
    return world.ask("SELECT last_seen_at, state FROM presence WHERE agent_id = %(it)s", it=world.things["agent_id"])


def check_trace(world: World, who: str, name: str) -> None:
    me = world.person(who).id
    (row,) = world.ask(
        "SELECT * FROM audit WHERE actor_id = %(it)s AND action = 'live.join' ORDER BY id DESC LIMIT 1", it=me
    )
    things = {
        "ticket": ("ticket", world.things["ticket_id"]),
        "nobody's ticket": ("ticket", NOBODYS_TICKET),
        "conversation": ("interaction", world.things["interaction_id"]),
    }
    assert row["tenant_id"] != world.tenant_id or who == "own administrator"
    assert (row["entity"], str(row["entity_id"])) == things.get(name, ("account", str(me)))


@pytest.mark.parametrize(
    "token", [None, "", 7, {"account": "x"}, "a" * 10_000, "\x00", "eyJhY2NvdW50IjoieCJ9.aaaa.bbbb"]
)
def test_no_token_no_socket(platform: Platform, bruno: Peer, token: object):
    """Without a token of ours nothing is heard and nothing asked is answered."""
    stranger = socketio.Client(reconnection=False)
    heard: list[Any] = []
    stranger.on("*", lambda *told: heard.append(told))
    stranger.connect(platform.product.base, auth={"token": token}, transports=["websocket"])
    ws = stranger.eio.ws

    with pytest.raises(socketio.exceptions.SocketIOError):
        stranger.call("join", {"room": ROOMS["ticket"](platform.world)}, timeout=2)
    close(stranger, ws)
    assert heard == []


NOISE: list[tuple[str, Any]] = [
    (event, asked)
    for event in ("join", "typing", "beat", "message", "changed", "signed_out", "move", "admin", "__class__", "")
    for asked in (
        None,
        7,
        "x",
        [],
        {},
        {"room": None},
        {"room": ["x"]},
        {"room": {"x": 1}},
        {"room": "x" * 10_000},
        b"x",
    )
]


def test_noise_is_harmless(platform: Platform, bruno: Peer):
    """Unknown events, other shapes, other namespaces: no answer but a refusal, and everybody else is served."""
    peer = platform.open("agent elsewhere")
    for event, asked in NOISE:
        peer.socket.emit(event, asked)
    for room in (
        "ticket:\x00",
        "ticket:",
        ":",
        "ticket:\ud800",
        f"ticket:{{{uuid4()}}}",
        "conversation:1",
        "wallboard:x",
    ):
        assert peer.join(room)["ok"] is False
    deep: Any = []
    for _ in range(300):
        deep = [deep]
    peer.socket.emit("join", deep)
    assert peer.join("x") == {"ok": False, "code": "invalid_request"}
    refusals: list[Any] = []
    peer.socket.on("connect_error", refusals.append, namespace="/admin")
    peer.socket.eio.ws.send("40/admin,")
    eventually(lambda: refusals, "no other namespace")

    assert bruno.join(ROOMS["ticket"](platform.world))["ok"] is True


@pytest.mark.parametrize(
    "frame", ["[" * 60_000, '2["join",' + "[" * 60_000, "2" + "x" * 80_000, "9", "", "2[]", "2{}", '451-["join"]']
)
def test_broken_frames_end_one_socket_at_most(platform: Platform, bruno: Peer, frame: str):
    """Deep, huge or torn frames: whoever sends them may lose their socket, nobody else notices."""
    peer = platform.open("agent elsewhere")

    peer.socket.eio.ws.send(f"4{frame}")

    assert bruno.join(ROOMS["ticket"](platform.world))["ok"] is True
    assert requests.get(f"{platform.product.base}/livez", timeout=30).status_code == 200


@pytest.mark.parametrize("event", ["disconnect", "connect"])
def test_events_of_the_library_are_not_for_clients(platform: Platform, bruno: Peer, event: str):
    """Whoever says that they are gone, or comes a second time, is gone: no socket stays that nobody watches."""
    peer = platform.open("colleague")
    room = ROOMS["ticket"](platform.world)
    assert peer.join(room)["ok"] is True
    answer = platform.world.person("agent elsewhere")
    token = answer.send("POST", "/session/socket-token").get_json()["token"]

    peer.socket.emit(event, {"token": token})

    eventually(lambda: not peer.socket.connected, "thrown out")


TOO_LARGE: dict[str, dict[str, Any]] = {
    "long path": {"url": "/" + "x" * 9_000},
    "long query": {"url": "/api/v1/tickets?q=" + "x" * 9_000},
    "long header": {"headers": {"X-Long": "x" * 20_000}},
    "long cookie": {"headers": {"Cookie": "guichet_session=" + "x" * 20_000}},
    "many headers": {"headers": {f"X-{number}": "x" for number in range(500)}},
    "deep body": {"data": b"[" * 200_000},
    "large body": {"data": b"x" * 300_000},
    "large body in chunks": {"data": iter([b"[" * 50_000] * 20)},
    "huge length": {"headers": {"Content-Length": "9" * 30}},
    "negative length": {"headers": {"Content-Length": "-1"}},
    "packed chunks": {"headers": {"Transfer-Encoding": "gzip, chunked"}},
}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_what_is_too_large_for_the_server(platform: Platform, name: str):
    """Lines, headers and bodies beyond any use: refused with a 4xx or cut off, and the next one is served."""
    asked = TOO_LARGE[name]
    headers = {"Content-Type": "application/json"} | asked.get("headers", {})
    url = platform.product.base + asked.get("url", "/api/v1/session")
    try:
        status = requests.post(url, data=asked.get("data"), headers=headers, timeout=30).status_code
    except (requests.ConnectionError, requests.exceptions.InvalidHeader):
        status = 400

    assert 400 <= status < 500
    assert requests.get(f"{platform.product.base}/livez", timeout=30).status_code == 200


def test_the_bound_is_a_setting_of_five_seconds_at_most(monkeypatch: pytest.MonkeyPatch):
    """Who has lost a right is looked for every `EPOCH_CHECK_SECONDS`; nobody can set it to more than five."""
    assert Settings().epoch_check_seconds <= 5
    monkeypatch.setenv("EPOCH_CHECK_SECONDS", "5.1")

    with pytest.raises(SettingsError, match="EPOCH_CHECK_SECONDS"):
        Settings.from_env()


def test_without_redis_a_revoked_agent_hears_nothing_more(platform: Platform, bruno: Peer):
    """Redis killed, grant revoked: all their sockets are dropped, in both processes, and HTTP knows them no more."""
    world = platform.world
    ticket = world.things["ticket_id"]
    chloe = world.person("colleague").id
    theirs = [platform.open("colleague") for _ in range(6)]
    witnesses = [platform.open("own agent") for _ in range(6)]
    for peer in (*theirs, *witnesses):
        assert peer.join(ticket_room(ticket))["ok"] is True
    os.kill(platform.redis.process.pid, signal.SIGKILL)
    eventually(lambda: not platform.redis.is_running(), "Redis is dead")
    (grant,) = world.ask(
        "SELECT id FROM agent_grant WHERE account_id = %(who)s AND tenant_id = %(of)s", who=chloe, of=world.tenant_id
    )

    assert platform.ask("own administrator", "DELETE", f"/grants/{grant['id']}").status_code == 204

    eventually(lambda: not any(peer.socket.connected for peer in theirs), "every socket dropped")
    before = [list(peer.heard) for peer in theirs]
    body = {"body": "entre nous"}
    # Each process pushes to its own sockets without Redis: some witness hears one of these.
    for _ in range(6):
        assert platform.ask("own agent", "POST", f"/tickets/{ticket}/messages", json=body).status_code == 201
    eventually(lambda: any(told.get("id") == ticket for one in witnesses for _, told in one.heard), "a witness hears")
    assert [peer.heard for peer in theirs] == before
    assert platform.ask("colleague", "GET", f"/tickets/{ticket}").status_code == 401
    world.forget("colleague")
    assert platform.ask("colleague", "GET", f"/tickets/{ticket}").status_code == 404
    again = platform.open("colleague")
    assert again.join(ticket_room(ticket)) == {"ok": False, "code": "not_found"}
    assert all(peer.socket.connected for peer in witnesses)
