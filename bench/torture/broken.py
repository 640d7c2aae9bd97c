"""The product, broken on purpose: each variant takes one protection away, to prove that the torture sees it.

`python -m bench.torture.broken VARIANT COMMAND…` patches this process, then runs the command of `app.py` in it. The
product itself has no hook for any of this.
"""

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import redis
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import event, select
from sqlalchemy.orm import Session

# How long a moment is in which nothing used to be able to happen: what a slow disk or network makes of it.
MOMENT_SECONDS = 0.03


@dataclass(frozen=True, slots=True)
class Variant:
    """*patch* is run in each process, *statements* once as superuser; *caught_by* is the promise that must break."""

    what: str
    caught_by: str
    deeds: Mapping[str, int]
    every_seconds: float
    patch: Callable[[], None] = lambda: None
    statements: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


def without(told: str, piece: str, instead: str = "") -> str:
    """*told* with *instead* in the place of *piece*. A piece that is not there takes nothing away, and so it fails."""
    if piece not in told:
        raise ValueError(f"nothing to break: {piece!r} is not in {told!r}")
    return told.replace(piece, instead)


def push_after_commit() -> None:
    """A reply's work is no row of the same commit: it is pushed into the queue after it."""
    from contact.services import replies

    def push(session: Session, _topic: str, *, message_id: UUID, **_: Any) -> None:
        tenant_id = session.info["scope"].tenant_id
        connection = redis.Redis.from_url(os.environ["REDIS_URL"])

        def enqueue(_session: Session) -> None:
            queue = Queue("delivery", connection=connection, serializer=JSONSerializer)
            queue.enqueue_call("bench.torture.broken.deliver_pushed", args=(str(tenant_id), str(message_id)))

        event.listen(session, "after_commit", enqueue, once=True)

    replies.defer = push


def deliver_pushed(tenant_id: str, message_id: str) -> None:
    """The job of `push_after_commit`: sends the message, then says so."""
    from channels import registry
    from contact.domain.outgoing import Outgoing
    from contact.jobs import house
    from contact.models import ContactPoint, Endpoint, Interaction, Message
    from contact.scope import Scope

    own, scope = house(), Scope(action="deliver", tenant_id=UUID(tenant_id))

    def prepare(session: Session) -> Outgoing:
        message = session.get_one(Message, UUID(message_id))
        interaction = session.get_one(Interaction, message.interaction_id)
        sender = session.get_one(Endpoint, interaction.endpoint_id).address
        to = session.get_one(ContactPoint, interaction.contact_point_id).value
        attempt = f"{message.id.hex}-1"
        since = message.created_at
        where = interaction.endpoint_id
        return Outgoing(attempt, interaction.channel, sender, to, message.body, message.language, since, where)

    def record(session: Session) -> None:
        session.get_one(Message, UUID(message_id)).state = "sent"

    outgoing = own.database.run(scope, prepare)
    adapter = registry.adapter(own.settings, outgoing.channel, None)
    assert adapter is not None
    adapter.send(outgoing)
    own.database.run(scope, record)


def retry_blindly() -> None:
    """What nobody knows to have been sent is sent again."""
    from contact import relay
    from contact.services import deliveries, work_rows

    deliveries.unknown = lambda session, claim, failure, _wait: work_rows.try_again(session, claim, failure)
    relay._ORPHANS = relay.text(without(str(relay._ORPHANS), "state = 'looking_up'", "state = 'due'"))


def declined(_ask: Any, _address: str, lines: Sequence[Any], **_: Any) -> list[None]:
    """In the place of `chat_line.receive`: no message is done in one statement, each goes the way that is broken."""
    return [None for _ in lines]


def check_then_insert() -> None:
    """Whether words came before is looked up first and without a lock; nothing refuses them afterwards."""
    from contact.models import Message
    from contact.services import chat, chat_line, messages, replies

    append = messages.append

    def unchecked(session: Session, *arguments: Any, client_key: str | None = None, **named: Any) -> Any:
        message, is_new = append(session, *arguments, **named)
        message.client_key = client_key
        return message, is_new

    def checked_before(insert: Callable[..., Any]) -> Callable[..., Any]:
        def work(session: Session, *arguments: Any) -> Any:
            before = session.scalar(select(Message).where(Message.client_key == arguments[-1]))
            if before is not None:
                return before
            time.sleep(MOMENT_SECONDS)
            return insert(session, *arguments)

        return work

    messages.append = unchecked
    chat_line.receive = declined
    chat.write = checked_before(chat.write)
    replies.reply, replies.note = checked_before(replies.reply), checked_before(replies.note)


def audit_afterwards() -> None:
    """The trail is written in a transaction of its own, once the change has been committed."""
    from contact import audit
    from contact.models import Audit
    from contact.services import chat_line
    from contact.unit_of_work import Database

    record, run = audit.record_changes, Database.run

    def gather(session: Session, *told: Any) -> None:
        before = set(session.new)
        record(session, *told)
        rows = [row for row in session.new if isinstance(row, Audit) and row not in before]
        for row in rows:
            session.expunge(row)
        session.info.setdefault("trail", []).extend(rows)

    def run_then_write(self: Database, scope: Any, work: Callable[[Session], Any], **told: Any) -> Any:
        info: dict[str, Any] = {}

        def noted(session: Session) -> Any:
            info.clear()
            found = work(session)
            session.flush()
            info.update(session.info)
            return found

        result = run(self, scope, noted, **told)
        if info.get("trail"):
            time.sleep(MOMENT_SECONDS)
            later = {"scope": info["scope"], "frames": [], "notified": set()}
            with self.factory(info=later) as session, session.begin():
                session.add_all(info["trail"])
        return result

    audit.record_changes = gather
    chat_line.receive = declined
    Database.run = run_then_write


def lead_unfenced() -> None:
    """A dispatcher that was overtaken goes on: it neither forgets what it led, nor is its epoch asked for."""
    from contact import dispatcher, leader

    renew = dispatcher._renew

    def keep(database: Any, settings: Any, holder: str, leaders: dict[Any, Any]) -> None:
        before = dict(leaders)
        renew(database, settings, holder, leaders)
        for pool_id, one in before.items():
            leaders.setdefault(pool_id, one)

    def unfenced(opening: Any) -> Any:
        return leader.text(without(str(opening), "AND epoch = :epoch FOR SHARE"))

    dispatcher._renew = keep
    leader._HOLD, leader._HOLD_AND_LOOK = unfenced(leader._HOLD), unfenced(leader._HOLD_AND_LOOK)


VARIANTS: Mapping[str, Variant] = {
    "no-outbox": Variant(
        "push after commit, without an outbox",
        "unsent",
        {"kill redis": 3, "kill delivery-horse": 4, "pause delivery": 2, "kill web-worker": 1},
        1.2,
        push_after_commit,
    ),
    "blind-retry": Variant(
        "an unknown outcome is sent again",
        "sent twice",
        {"kill delivery-horse": 1},
        4.0,
        retry_blindly,
        faults=("drop=0.3",),
    ),
    "commit-off": Variant(
        "synchronous_commit = off",
        "lost",
        {"kill postmaster": 1},
        6.0,
        statements=(
            "ALTER DATABASE guichet SET synchronous_commit = off",
            # What a busy disk would do: the last moments before a crash have not been written yet.
            "ALTER SYSTEM SET wal_writer_delay = '10s'",
            "ALTER SYSTEM SET wal_writer_flush_after = '256MB'",
            "SELECT pg_reload_conf()",
        ),
    ),
    "check-then-insert": Variant(
        "the idempotency key is looked up before, not held by lock and index",
        "twice",
        {"pause web-worker": 3, "kill web-worker": 1},
        2.0,
        check_then_insert,
        statements=("ALTER TABLE message DROP CONSTRAINT uq_message_tenant_id_ticket_id_client_key",),
    ),
    "audit-outside": Variant(
        "the audit trail in a transaction of its own",
        "audit",
        {"kill web-worker": 4, "kill backend": 1},
        1.5,
        audit_afterwards,
    ),
    "unfenced": Variant(
        "the dispatcher's epoch is not checked",
        "two leaders",
        {"pause dispatcher": 1},
        3.0,
        lead_unfenced,
    ),
}


def serve(variant: str) -> Any:
    """What gunicorn loads in place of the product's own."""
    VARIANTS[variant].patch()
    from contact.web import serve as serve_product

    return serve_product()


def main(variant: str, command: list[str]) -> None:
    """Run `app.py COMMAND…` under *variant*."""
    if command == ["web"]:
        entry = f"bench.torture.broken:serve('{variant}')"
        os.execv(sys.executable, [sys.executable, "-m", "gunicorn", "-c", "python:contact.serve", entry])
    VARIANTS[variant].patch()
    import app

    app.cli(command)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
