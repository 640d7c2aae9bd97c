"""What a web process does for its sockets beside their events: asks for beats, drops the outdated, says goodbye."""

import contextlib
import random
import time

import structlog
from flask import Flask
from flask_socketio import disconnect

from contact.api import beats, live
from contact.api.context import House, house
from contact.domain.errors import SchemaBehind
from contact.health import TURN_SECONDS, refuse_older_schema
from contact.pulse import Pulse
from contact.realtime import socketio
from contact.scope import Scope
from contact.services import sign_in
from contact.unit_of_work import Database

LOOK_SECONDS = 0.05
log = structlog.get_logger()


def watch(app: Flask) -> None:
    """Start this process's loops: ask every page to beat, drop sockets whose epoch has passed, tell that we work."""
    settings = app.extensions["guichet"].settings
    socketio.start_background_task(_tell_of_us, app.extensions["guichet"])
    socketio.start_background_task(_ask_for_beats, settings.beat_seconds)
    socketio.start_background_task(_tell_beats, app.extensions["guichet"].database)
    socketio.start_background_task(_check_epochs, app, settings.epoch_check_seconds)


def close_all(within_seconds: float) -> None:
    """The process is going down: pages move, each after a random delay, and find what they missed by REST.

    Who has not moved by then is disconnected. Returns when nobody is left.
    """
    socketio.emit("move", {"within_seconds": within_seconds}, ignore_queue=True)
    deadline = time.monotonic() + within_seconds + 0.5
    while live.peers and time.monotonic() < deadline:
        socketio.sleep(0.1)
    for sid in list(live.peers):
        socketio.server.disconnect(sid)


def _tell_of_us(own: House) -> None:
    """Time the hub, and beat for the process while it may serve."""
    pulse = Pulse(own.database, "web")
    while not own.condition.is_leaving:
        own.condition.turn()
        if own.condition.is_schema_there:
            pulse.beat()
        else:
            with contextlib.suppress(SchemaBehind):
                refuse_older_schema(own.database, own.condition)
        socketio.sleep(TURN_SECONDS)
    pulse.end()


def _ask_for_beats(every_seconds: float) -> None:
    """Each page at its own moment."""
    while True:
        socketio.sleep(min(LOOK_SECONDS, every_seconds / 10))
        for sid in live.to_be_asked(time.monotonic(), every_seconds):
            socketio.emit("beat?", {}, to=sid, ignore_queue=True)


def _tell_beats(database: Database) -> None:
    while True:
        socketio.sleep(beats.EVERY_SECONDS)
        try:
            beats.tell(database)
        except Exception as fault:
            # The loop must outlive whatever one beat meets: without it every agent of this process would rest.
            log.warning("beats_not_told", fault=type(fault).__name__)


def _check_epochs(app: Flask, every_seconds: float) -> None:
    """One query for all connected accounts, by the database: it holds without Redis."""
    while True:
        # Processes started together should not all ask at the same moment.
        socketio.sleep(every_seconds * random.uniform(0.8, 1.0))
        with app.app_context():
            try:
                drop_outdated()
            except Exception as fault:
                # The loop must outlive a database that is away for a moment.
                log.warning("epoch_check_failed", fault=type(fault).__name__)


def drop_outdated() -> None:
    """Disconnect every socket of this process whose account has a newer epoch, or is gone."""
    # Only who was there before the question: who connects meanwhile is not in the answer.
    asked = [(sid, peer) for sid, peer in live.peers.items() if peer.account_id]
    accounts = {peer.account_id for _, peer in asked if peer.account_id}
    if not accounts:
        return
    present = house().database.run(Scope(action="epochs"), lambda session: sign_in.epochs(session, sorted(accounts)))
    for sid, peer in asked:
        if peer.account_id and present.get(peer.account_id) != peer.epoch:
            socketio.emit("signed_out", {"reason": "session_ended"}, to=sid, ignore_queue=True)
            live.forget(sid)
            disconnect(sid=sid, namespace="/")
