"""Rows to the engine's facts: contacts that wait or are offered, agents with their profile and load."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from contact.domain.vocabulary import Channel, ContactState, OfferState, PresenceState
from contact.models import Agent, AgentGrant, AgentSkill, Contact, Need, Offer, Presence, Queue
from routing import types as engine

_WAITS = (ContactState.WAITING, ContactState.OFFERED)
# What the engine needs of a contact, and no more: rebuilding reads every waiting row.
_NARROW = (
    Contact.id,
    Contact.queue_id,
    Contact.channel,
    Contact.enqueued_at,
    Contact.priority,
    Contact.target_seconds,
    Contact.declined_by,
    Contact.need_id,
    Contact.state,
)


def contacts(session: Session, pool_id: UUID, only: Sequence[UUID] | None = None) -> list[engine.Contact]:
    """The pool's contacts that wait or are offered; those of *only* when given (others are gone for the engine)."""
    query = select(*_NARROW).where(Contact.pool_id == pool_id, Contact.state.in_(_WAITS))
    if only is not None:
        query = query.where(Contact.id.in_(only))
    return _facts(session, query)


def queue_contacts(session: Session, queue_id: UUID) -> list[engine.Contact]:
    """One contact for each need that waits in the queue: what one asks, all of its kind ask."""
    query = select(*_NARROW).where(Contact.queue_id == queue_id, Contact.state.in_(_WAITS))
    return _facts(session, query.ext(distinct_on(Contact.need_id)).order_by(Contact.need_id))


def _facts(session: Session, query: Any) -> list[engine.Contact]:
    rows = session.execute(query).all()
    offers = _open_offers(session, [row.id for row in rows if row.state == ContactState.OFFERED])
    steps = _steps(session, {row.need_id for row in rows})
    return [
        engine.Contact(
            id=row.id,
            queue_id=row.queue_id,
            channel=row.channel,
            steps=steps[row.need_id],
            enqueued_at=row.enqueued_at.timestamp(),
            priority=row.priority,
            target_seconds=row.target_seconds,
            declined_by=frozenset(row.declined_by),
            offer=offers.get(row.id),
        )
        for row in rows
    ]


def agents(session: Session, pool_id: UUID, only: Sequence[UUID] | None = None) -> list[engine.Agent]:
    """The pool's agents with what they can do, may serve and hold; those of *only* when given."""
    limits = [getattr(Presence, f"limit_{channel}") for channel in Channel]
    loads = [getattr(Presence, f"load_{channel}") for channel in Channel]
    query = (
        select(
            Agent.id, Agent.languages, Presence.state, Presence.ready_since_at, Presence.missed_offers, *limits, *loads
        )
        .join(Presence, Presence.agent_id == Agent.id)
        .where(Agent.pool_id == pool_id)
    )
    if only is not None:
        query = query.where(Agent.id.in_(only))
    rows = session.execute(query).all()
    skills, queues = _skills(session, only), _queues(session, pool_id, only)
    return [
        engine.Agent(
            id=row.id,
            is_ready=row.state == PresenceState.READY,
            ready_since=row.ready_since_at.timestamp(),
            skills=tuple(sorted(skills[row.id].items())),
            languages=tuple(row.languages),
            queues=frozenset(queues[row.id]),
            load={channel: getattr(row, f"load_{channel}") for channel in Channel},
            capacity={channel: getattr(row, f"limit_{channel}") for channel in Channel},
            missed=row.missed_offers,
            state=row.state,
        )
        for row in rows
    ]


def grant_of(session: Session, pool_id: UUID, only: Sequence[UUID] | None = None) -> dict[tuple[UUID, UUID], UUID]:
    """The active grant by which an agent serves a queue: `{(agent, queue): grant}`; those of *only* when given."""
    return {(row.account_id, row.queue_id): row.grant_id for row in session.execute(_served(pool_id, only))}


def need_steps(steps: list[dict[str, Any]], channel: str) -> tuple[engine.Step, ...]:
    """A need's stored steps as the engine reads them."""
    return tuple(
        engine.Step(
            float(step["after_seconds"]),
            engine.Need(
                channel, step["language"], tuple(sorted((name, int(level)) for name, level in step["skills"].items()))
            ),
        )
        for step in sorted(steps, key=lambda step: float(step["after_seconds"]))
    )


def _steps(session: Session, need_ids: set[UUID]) -> dict[UUID, tuple[engine.Step, ...]]:
    rows = session.execute(select(Need.id, Need.channel, Need.steps).where(Need.id.in_(need_ids)))
    return {row.id: need_steps(row.steps, row.channel) for row in rows}


def _open_offers(session: Session, contact_ids: list[UUID]) -> dict[UUID, engine.OpenOffer]:
    if not contact_ids:
        return {}
    rows = session.execute(
        select(Offer.id, Offer.contact_id, Offer.agent_id, Offer.offered_at, Offer.expires_at).where(
            Offer.contact_id.in_(contact_ids), Offer.state == OfferState.OFFERED
        )
    )
    return {
        row.contact_id: engine.OpenOffer(
            row.id, row.contact_id, row.agent_id, row.offered_at.timestamp(), row.expires_at.timestamp()
        )
        for row in rows
    }


def _skills(session: Session, only: Sequence[UUID] | None) -> dict[UUID, dict[str, int]]:
    query = select(AgentSkill.agent_id, AgentSkill.skill, AgentSkill.level)
    if only is not None:
        query = query.where(AgentSkill.agent_id.in_(only))
    found: dict[UUID, dict[str, int]] = defaultdict(dict)
    for row in session.execute(query):
        found[row.agent_id][row.skill] = row.level
    return found


def _queues(session: Session, pool_id: UUID, only: Sequence[UUID] | None) -> dict[UUID, list[UUID]]:
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for row in session.execute(_served(pool_id, only)):
        found[row.account_id].append(row.queue_id)
    return found


def _served(pool_id: UUID, only: Sequence[UUID] | None) -> Any:
    query = (
        select(AgentGrant.account_id, Queue.id.label("queue_id"), AgentGrant.id.label("grant_id"))
        .join(Queue, (Queue.tenant_id == AgentGrant.tenant_id) & (Queue.campaign_id == AgentGrant.campaign_id))
        .where(AgentGrant.revoked_at.is_(None), Queue.pool_id == pool_id)
    )
    return query if only is None else query.where(AgentGrant.account_id.in_(only))
