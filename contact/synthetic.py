"""The synthetic citizen: once a minute a real message goes through the whole house, and back. Its silence is an alarm.

It enters by the public door of each pool's marked administration (`synthetic_setup`): web, database, dispatcher, an
offer that a robot agent accepts, the reply, the end; then one row of the outbox for each queue, through relay, Redis
and worker. What it leaves is forgotten after an hour.
"""

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from uuid import UUID, uuid4

import structlog
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from config.logging import bind, clear
from config.settings import Settings
from contact.domain.errors import DomainError
from contact.domain.vocabulary import OutboxState
from contact.models import Outbox, Pool, Probe
from contact.outbox import defer
from contact.pulse import Pulse
from contact.scope import Scope
from contact.synthetic_setup import CODE, Place, password, place
from contact.unit_of_work import Database

ASK_SECONDS = 10.0
STEP_SECONDS = 20.0
KEPT = "1 hour"
ECHOES = ("synthetic.calls", "synthetic.default", "synthetic.delivery")
log = structlog.get_logger()


class StepFailed(Exception):
    """The message came no further; the step's name says where."""

    code = "synthetic_step"

    def __init__(self, step: str) -> None:
        super().__init__(step)
        self.step = step


@dataclass(slots=True)
class Browser:
    """Cookies and JSON, over the address that citizens use."""

    base: str
    cookies: dict[str, str] = field(default_factory=dict)
    csrf: str = ""

    def ask(self, step: str, method: str, path: str, body: Any = None, *, may_fail: bool = False) -> Any:
        """The answer's JSON.

        Raises:
            StepFailed: no answer, or a refusal.
        """
        headers = {"Content-Type": "application/json", "Idempotency-Key": uuid4().hex, "X-CSRF-Token": self.csrf}
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(f"{self.base}/api/v1{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(asked, timeout=ASK_SECONDS) as answer:
                for line in answer.headers.get_all("Set-Cookie", []):
                    self.cookies |= {name: one.value for name, one in SimpleCookie(line).items()}
                told = answer.read()
        except urllib.error.HTTPError as refusal:
            refusal.close()
            if may_fail:
                return None
            raise StepFailed(f"{step}:{refusal.code}") from None
        except (OSError, http.client.HTTPException) as fault:
            raise StepFailed(f"{step}:{type(fault).__name__}") from fault
        return json.loads(told) if told else None


class Synthetic:
    """The citizen and the robot of one pool."""

    def __init__(self, settings: Settings, its: Place, should_stop: Callable[[], bool]) -> None:
        base = settings.synthetic_url or settings.public_base_url
        self.its, self.secret_key, self.should_stop = its, settings.secret_key, should_stop
        self.citizen, self.robot = Browser(base), Browser(base)
        self.chat = f"/chat/{its.address}"

    def go(self) -> None:
        """One message there and back.

        Raises:
            StepFailed: it came no further.
        """
        self._sign_in()
        self._tidy()
        self.robot.ask("ready", "PUT", "/me/state", {"state": "ready"})
        words = f"synthetic {uuid4().hex}"
        self.citizen.ask("visitor", "POST", f"{self.chat}/visitor")
        topic = self.citizen.ask("page", "GET", self.chat)["topics"][0]["id"]
        opening = {"topic_id": topic, "language": "fr", "body": words}
        self.citizen.ask("message", "POST", f"{self.chat}/conversation", opening)
        work = self._accept()
        ticket = f"/tickets/{work['ticket_id']}/messages"
        seen = self.robot.ask("read", "GET", ticket)["items"]
        if words not in [one["body"] for one in seen]:
            raise StepFailed("read:another_message")
        answer = f"answer to {words}"
        self.robot.ask("reply", "POST", ticket, {"body": answer})
        items = self.citizen.ask("answer", "GET", f"{self.chat}/messages?since=0")["items"]
        if answer not in [one["body"] for one in items]:
            raise StepFailed("answer:not_there")
        self._finish(work["id"])
        self.robot.ask("offline", "PUT", "/me/state", {"state": "offline"})

    def _sign_in(self) -> None:
        """Once; the session is good for hours. After a restore or with a new key, again."""
        if self.robot.csrf and self.robot.ask("session", "GET", "/session", may_fail=True) is not None:
            return
        login = {"login": self.its.login, "password": password(self.secret_key, self.its.pool_id)}
        self.robot.csrf = self.robot.ask("sign_in", "POST", "/session", login)["csrf_token"]

    def _tidy(self) -> None:
        """What a try that was cut short has left: a conversation, work in hand."""
        self.citizen.ask("tidy", "POST", f"{self.chat}/end", may_fail=True)
        for work in self.robot.ask("tidy", "GET", "/me/work")["assignments"]:
            self._finish(work["id"])

    def _accept(self) -> Any:
        """The robot's offer, made by the dispatcher."""
        return self.until("offer", self._offered)

    def _offered(self) -> Any:
        for offer in self.robot.ask("offer", "GET", "/me/work")["offers"]:
            return self.robot.ask("accept", "POST", f"/offers/{offer['id']}/accept", may_fail=True)
        return None

    def until(self, step: str, ask: Callable[[], Any]) -> Any:
        """The first true answer.

        Raises:
            StepFailed: there was none in time, or it is time to stop.
        """
        deadline = time.monotonic() + STEP_SECONDS
        while not (found := ask()):
            if time.monotonic() > deadline or self.should_stop():
                raise StepFailed(step)
            time.sleep(0.25)
        return found

    def _finish(self, assignment_id: str) -> None:
        ending = {"wrap_up_code": CODE, "ticket_state": "resolved"}
        self.robot.ask("finish", "POST", f"/assignments/{assignment_id}/finish", ending)


def run(database: Database, settings: Settings, should_stop: Callable[[], bool], pulse: Pulse) -> None:
    """Every `synthetic_seconds`, for each pool, until told to stop; a failure is recorded and tried again next time."""
    known: dict[UUID, Synthetic] = {}
    while not should_stop():
        began = time.monotonic()
        try:
            with database.reading(Scope(action="synthetic")) as session:
                pools = list(session.scalars(select(Pool.id)))
        except SQLAlchemyError as fault:
            log.warning("synthetic_waits", fault=type(fault).__name__)
            pools = []
        for pool_id in pools:
            known.setdefault(pool_id, Synthetic(settings, place(pool_id), should_stop))
            attempt(database, known[pool_id])
            pulse.beat()
        while not should_stop() and time.monotonic() - began < settings.synthetic_seconds:
            pulse.beat()
            time.sleep(0.2)
    pulse.end()


def attempt(database: Database, synthetic: Synthetic) -> str | None:
    """Try once, record how it ended, forget what is old; the step that failed, or None."""
    its, failure, rows = synthetic.its, None, []
    clear()
    bind(pool_id=str(its.pool_id))
    began = time.monotonic()
    try:
        synthetic.go()
        rows = _defer_echoes(database, its)
        synthetic.until("echo", lambda: _are_done(database, rows))
    except StepFailed as failed:
        failure = failed.step
    except (DomainError, SQLAlchemyError) as fault:
        failure = f"database:{type(fault).__name__}"
    seconds = round(time.monotonic() - began, 3)
    if failure is not None and synthetic.should_stop():
        # Perhaps everything is stopping with us: that is no alarm.
        return None
    if failure is None:
        log.info("synthetic_answered", seconds=seconds)
    else:
        log.error("synthetic_failed", step=failure, seconds=seconds)
    try:
        database.run(_scope(its), lambda session: _record(session, its, failure, seconds, rows))
    except (DomainError, SQLAlchemyError) as fault:
        log.error("synthetic_not_recorded", fault=type(fault).__name__)
    return failure


def _record(session: Session, its: Place, failure: str | None, seconds: float, rows: list[UUID]) -> None:
    now = func.clock_timestamp()
    good = {"tried_at": now, "succeeded_at": now, "seconds": seconds, "failure": None}
    bad = {"tried_at": now, "failure": failure, "failures": Probe.failures + 1}
    first = {"pool_id": its.pool_id} | (good if failure is None else bad | {"failures": 1})
    told = insert(Probe).values(first)
    session.execute(told.on_conflict_do_update(constraint="pk_probe", set_=good if failure is None else bad))
    session.execute(text("SELECT forget_synthetic(CAST(:kept AS interval), :rows)"), {"kept": KEPT, "rows": rows})


def _defer_echoes(database: Database, its: Place) -> list[UUID]:
    """A row for each queue, which its worker only has to mark as done."""

    def work(session: Session) -> list[UUID]:
        rows = [defer(session, topic) for topic in ECHOES]
        session.flush()
        return [row.id for row in rows]

    return database.run(_scope(its), work)


def _are_done(database: Database, rows: list[UUID]) -> bool:
    with database.reading(Scope(action="synthetic")) as session:
        states = session.scalars(select(Outbox.state).where(Outbox.id.in_(rows)))
        return all(state == OutboxState.DONE for state in states)


def _scope(its: Place) -> Scope:
    return Scope(action="synthetic", tenant_id=its.tenant_id)
