"""Make something wait for a person: the need it has, its fixed place in the order, and its end."""

import hashlib
import json
from datetime import datetime, timedelta
from math import ceil
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contact.domain.vocabulary import LIVE_CONTACTS, Channel, ContactState, CurtainKind
from contact.models import Contact, Interaction, Need, Queue, Ticket, Topic, new_id
from contact.outbox import wake_router
from contact.services import clock, messages, places, waits
from routing.shares import reserved_for


def enqueue(session: Session, ticket: Ticket, interaction: Interaction) -> Contact:
    """Put the interaction into its topic's queue, at its citizen's place there, else from now under a new key.

    One live contact per interaction. The ticket is locked, or made in this transaction.
    """
    now = clock.now(session)
    place = places.find(session, ticket) if interaction.channel in places.LIVE_CHANNELS else None
    contact = Contact(
        id=new_id(),
        tenant_id=ticket.tenant_id,
        ticket_id=ticket.id,
        interaction_id=interaction.id,
        channel=interaction.channel,
        enqueued_at=place.arrived_at if place else now,
        place_id=place.id if place else None,
    )
    reorder(session, contact, ticket)
    topic = session.get_one(Topic, ticket.topic_id)
    if topic.affinity_seconds and ticket.owner_id is not None:
        until_seconds = ceil((now - contact.enqueued_at).total_seconds()) + topic.affinity_seconds
        contact.curtains = [held_for(ticket.owner_id, until_seconds), *(contact.curtains or [])]
    wait = waits.expected(session, contact.need_id, contact.key_at)
    if wait is not None:
        contact.told_from_seconds, contact.told_to_seconds = wait.announcement()
    session.add(contact)
    session.flush()
    if place is not None:
        messages.say(session, interaction, "place_kept", ticket.language)
    return contact


def reorder(session: Session, contact: Contact, ticket: Ticket, steps: list[dict[str, Any]] | None = None) -> None:
    """Give a live contact the queue, need and key of its ticket's topic and priority; its arrival stays.

    *steps*, in the words of a topic's, ask something else of agents than the topic does.

    One that is offered or served keeps its agent, and waits by the new order should it come back.
    """
    topic = session.get_one(Topic, ticket.topic_id)
    queue = session.get_one(Queue, topic.queue_id)
    if contact.pool_id not in (None, queue.pool_id):
        # The pool it leaves must forget it.
        wake_router(session, contact.pool_id, "contact", contact.id)
    contact.pool_id, contact.queue_id = queue.pool_id, queue.id
    asked = _steps(topic.steps if steps is None else steps, queue, ticket.language)
    contact.need_id = _need_id(session, queue, contact.channel, asked)
    kept = [one for one in contact.curtains or [] if one["kind"] == CurtainKind.HELD]
    contact.curtains = [*kept, *_reserved(queue, contact.id)] or None
    contact.priority = ticket.priority
    contact.target_seconds = int(queue.target_seconds.get(contact.channel, 0))
    contact.key_at = key_at(contact.enqueued_at, contact.target_seconds, contact.priority)
    wake_router(session, contact.pool_id, "contact", contact.id)


def need_of(session: Session, topic: Topic, language: str, channel: Channel) -> UUID | None:
    """What somebody of that language who began to wait on the topic would need; None: nobody ever has."""
    queue = session.get_one(Queue, topic.queue_id)
    return _known_need(session, queue, channel, _steps(topic.steps, queue, language))


def held_for(agent_id: UUID, until_seconds: int) -> dict[str, Any]:
    """The curtain that keeps a contact for one agent up to that age: they know the matter, or were asked for."""
    return {"kind": CurtainKind.HELD, "who": str(agent_id), "until_seconds": until_seconds}


def key_at(enqueued_at: datetime, target_seconds: int, priority: int) -> datetime:
    """The place in the order: one point of priority is worth one minute of age (`routing.types.Contact.key`)."""
    return enqueued_at + timedelta(seconds=target_seconds - 60 * priority)


def live_contact(session: Session, interaction_id: UUID) -> Contact | None:
    """The interaction's contact that is not over yet, locked; None when nothing of it waits or is served."""
    return session.scalar(
        select(Contact)
        .where(Contact.interaction_id == interaction_id, Contact.state.in_(LIVE_CONTACTS))
        .with_for_update(key_share=True)
    )


def end_contact(session: Session, contact: Contact, state: ContactState) -> None:
    """Take the contact out for good (*state* is done or abandoned)."""
    contact.state = state
    contact.ended_at = clock.now(session)
    wake_router(session, contact.pool_id, "contact", contact.id)


def _steps(told: list[Any], queue: Queue, language: str) -> list[dict[str, Any]]:
    """A topic's steps for a citizen of *language*, in the engine's words; the queue's overflow is one more."""
    steps: list[dict[str, Any]] = [
        {
            "after_seconds": step["after_seconds"],
            "language": language if step.get("language", True) else None,
            "skills": dict(sorted(step.get("skills", {}).items())),
        }
        # Of another queue's agents, where a person of theirs was chosen.
        | ({"queue_id": step["queue_id"]} if "queue_id" in step else {})
        for step in told
    ]
    if queue.overflow is not None:
        # What the last step asks, of the other queue's agents; an overflow that begins earlier asks no less.
        steps.append(steps[-1] | queue.overflow)
    return sorted(steps, key=lambda step: float(step["after_seconds"]))


def _reserved(queue: Queue, contact_id: UUID) -> list[dict[str, Any]]:
    """Whose the contact is by contract, if anybody's, until it spills."""
    parts = {UUID(share["outsourcer_id"]): share for share in queue.reserved}
    owner = reserved_for(contact_id, {one: share["percent"] / 100 for one, share in parts.items()})
    if owner is None:
        return []
    return [{"kind": CurtainKind.RESERVED, "who": str(owner), "until_seconds": parts[owner]["spill_seconds"]}]


def _need_id(session: Session, queue: Queue, channel: str, steps: list[dict[str, Any]]) -> UUID:
    """The id of this need, made the first time it is seen."""
    found = _known_need(session, queue, channel, steps)
    if found is None:
        values = {"id": new_id(), "tenant_id": queue.tenant_id, "queue_id": queue.id, "channel": channel}
        digest = _digest(queue, channel, steps)
        session.execute(
            insert(Need).values(**values, steps=steps, delays=queue.delays, digest=digest).on_conflict_do_nothing()
        )
        found = _known_need(session, queue, channel, steps)
        assert found is not None
    return found


def _known_need(session: Session, queue: Queue, channel: str, steps: list[dict[str, Any]]) -> UUID | None:
    digest = _digest(queue, channel, steps)
    return session.scalar(select(Need.id).where(Need.tenant_id == queue.tenant_id, Need.digest == digest))


def _digest(queue: Queue, channel: str, steps: list[dict[str, Any]]) -> bytes:
    told = json.dumps([str(queue.id), channel, steps, queue.delays], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(told.encode()).digest()
