"""The loops of a web process: sockets whose epoch has passed are dropped, beats are told together."""

import json
import socket
from uuid import UUID

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import select, update
from structlog.testing import capture_logs

from config.settings import Settings
from contact import realtime
from contact.api import beats, live, live_loops
from contact.api.live import Peer
from contact.models import Account, Presence
from contact.outbox import Frame
from contact.scope import Scope
from contact.services import presence, sign_in
from contact.unit_of_work import Database
from tests.journeys.conftest import eventually
from tests.people import Citizen, Staff, told
from tests.statements import statements


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
        live_loops.drop_outdated()

    assert set(live.peers) == {"one", "two"}


def test_each_page_is_asked_at_its_own_moment(monkeypatch: pytest.MonkeyPatch):
    """Once in ten seconds and never more often, even after a pause; those who came together are not asked together."""
    peers = {str(number): Peer(asked_at=100.0 - number / 10) for number in range(100)}
    monkeypatch.setattr(live, "peers", peers)

    looks = [live.to_be_asked(100.05 + tick / 10, 10.0) for tick in range(101)]

    assert sorted(sid for asked in looks for sid in asked) == sorted(peers)
    assert max(map(len, looks)) <= 2
    assert sorted(live.to_be_asked(150.0, 10.0)) == sorted(peers)
    assert live.to_be_asked(150.0, 10.0) == []


def test_beats_are_told_together(app: Flask, database: Database):
    """However many pages answer at once: a statement for each outsourcer and each administration, none of them lost."""
    amelie, bruno, citizen = Staff(app, "amelie@accueil.example"), Staff(app, "bruno@accueil.example"), Citizen(app)
    amelie.ready()
    citizen.start("Bonjour")
    sophie = Staff(app, "sophie@accueil.example")
    before = last_seen(sophie)
    for agent in (amelie, bruno):
        beats.agent(outsourcer_of(database, agent), agent.id)

    with statements(database.engine) as asked:
        beats.tell(database)
        beats.tell(database)

    assert len([one for one in asked if "UPDATE presence" in one]) == 1
    after = last_seen(sophie)
    assert after["Bruno Castel"] is not None
    assert after["Amélie Roche"] > before["Amélie Roche"]


def test_a_late_beat_undoes_no_sign_out(app: Flask, database: Database):
    """Who has signed out is gone, whatever their page said a moment before; what they held is given back at once."""
    amelie = Staff(app, "amelie@accueil.example")
    amelie.ready()
    told(amelie.send("DELETE", "/session"), 204)
    outsourcer_id = outsourcer_of(database, amelie)

    beats.agent(outsourcer_id, amelie.id)
    beats.tell(database)

    with database.reading(Scope(action="test", outsourcer_id=outsourcer_id)) as session:
        assert session.get_one(Presence, amelie.id).last_seen_at == presence.LONG_AGO


def test_a_beat_ends_a_rest_of_silence_alone(app: Flask, database: Database):
    """Somebody put to rest for silence is ready again; somebody who rests for another reason is not."""
    agents = {"silent": Staff(app, "amelie@accueil.example"), "missed_offers": Staff(app, "bruno@accueil.example")}
    outsourcer_id = outsourcer_of(database, agents["silent"])
    for reason, agent in agents.items():
        agent.ready()
        resting = update(Presence).where(Presence.agent_id == agent.id).values(state="resting", reason=reason)
        database.run(
            Scope(action="test", outsourcer_id=outsourcer_id),
            lambda session, one=resting: session.execute(one) and None,
        )
        beats.agent(outsourcer_id, agent.id)

    beats.tell(database)

    states = {reason: agent.get("/me/work")["presence"]["state"] for reason, agent in agents.items()}
    assert states == {"silent": "ready", "missed_offers": "resting"}


def last_seen(supervisor: Staff) -> dict[str, str | None]:
    return {one["name"]: one["last_seen_at"] for one in supervisor.get("/wallboard")["agents"]}


def outsourcer_of(database: Database, agent: Staff) -> UUID:
    scope = Scope(action="test", account_id=agent.id)
    with database.reading(scope) as session:
        return session.execute(select(Account.outsourcer_id).where(Account.id == agent.id)).scalar_one()


def test_a_process_that_no_page_has_come_to_tells_the_others(settings: Settings, app: Flask):
    """A commit is told to pages that other web processes hold, also before this one holds any."""
    with Redis.from_url(str(settings.redis_url)) as listener, listener.pubsub(ignore_subscribe_messages=True) as heard:
        heard.subscribe(realtime.CHANNEL)
        heard.get_message(timeout=5)
        realtime.push(Frame("ticket:one", "messages", "one", 7))
        realtime.push(Frame("ticket:two", "messages", "two", 8))

        frames = [heard.get_message(timeout=5) for _ in range(2)]

    assert [json.loads(frame["data"])["room"] for frame in frames if frame] == ["ticket:one", "ticket:two"]


def test_a_redis_that_hangs_holds_nobody(app: Flask):
    """One that takes connections and never answers costs its frames, not the telling of those that follow."""
    with socket.create_server(("127.0.0.1", 0)) as silent, capture_logs() as logged:
        frames = realtime.Frames(f"redis://127.0.0.1:{silent.getsockname()[1]}/0", realtime.CHANNEL)
        frames.set_server(app.extensions["socketio"].server)
        frames.emit("changed", {}, room="ticket:one")
        eventually(lambda: [one["event"] for one in logged] == ["frames_lost"], "the first frame is given up")
        frames.emit("changed", {}, room="ticket:two")
        eventually(lambda: [one["event"] for one in logged] == ["frames_lost"] * 2, "the second one too")


def test_a_frame_that_cannot_be_told(app: Flask):
    """A fault of ours reaches nobody who has committed, and the log has its place."""
    with capture_logs() as logged:
        realtime.push(Frame("ticket:one", "messages", object(), 7))

    assert [(one["event"], one["log_level"], one["exc_info"]) for one in logged] == [("frame_lost", "error", True)]
