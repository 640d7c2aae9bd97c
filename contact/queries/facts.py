"""Rows to the engine's facts: contacts that wait or are offered, agents with their profile and load."""

from collections.abc import Collection
from functools import cache
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ARRAY, Float, Text, Uuid, any_, bindparam, cast, extract, func, literal, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from contact.domain.vocabulary import Channel, ContactState, OfferState, PresenceState
from contact.models import Agent, AgentGrant, AgentSkill, Contact, Need, Offer, Place, Presence, Queue
from routing import types as engine

Needs: TypeAlias = dict[UUID, tuple[tuple[engine.Step, ...], tuple[engine.Curtain, ...]]]
"""Steps and delays by need: needs never change, so whoever reads often keeps them."""
Grants: TypeAlias = dict[UUID, dict[UUID, UUID]]
"""By agent and queue, the active grant by which the agent serves it."""


def seconds_of(column: Any) -> Any:
    """A time as the engine counts it; by the database: making dates of 100,000 rows takes longer than reading them."""
    return cast(extract("epoch", column), Float(53)).label(column.key)


_POOL = bindparam("pool_id", type_=Uuid())
_ONE_OF = any_(bindparam("ids", type_=ARRAY(Uuid)))
# Written out: the planner takes the index of those who wait only where it sees that the query asks for no others.
_WAITS: Any = bindparam("waits", [ContactState.WAITING, ContactState.OFFERED], expanding=True, literal_execute=True)
_OFFERED = literal(OfferState.OFFERED, literal_execute=True)
# What the engine needs of a contact, and no more: rebuilding reads every waiting row.
# The same queues and needs come again and again: as words they are read in half the time, and kept once.
_NARROW = (
    Contact.id,
    Contact.state,
    cast(Contact.queue_id, Text).label("queue"),
    cast(Contact.need_id, Text).label("need"),
    Contact.channel,
    seconds_of(Contact.enqueued_at),
    Contact.priority,
    Contact.target_seconds,
    func.nullif(Contact.declined_by, literal([], Contact.declined_by.type)),
    Contact.curtains,
    Contact.place_id,
)

_OFFERS = select(
    Offer.id, Offer.contact_id, Offer.agent_id, seconds_of(Offer.offered_at), seconds_of(Offer.expires_at)
).where(Offer.contact_id == _ONE_OF, Offer.state == _OFFERED)


def contacts(
    session: Session, pool_id: UUID, only: Collection[UUID] | None = None, needs: Needs | None = None
) -> list[engine.Contact]:
    """The pool's contacts that wait or are offered; those of *only* when given (others are gone for the engine)."""
    told = {"pool_id": pool_id, "ids": only}
    return _facts(session, _contacts(only is not None), told, {} if needs is None else needs)


def queue_contacts(session: Session, queue_id: UUID) -> list[engine.Contact]:
    """One contact for each need that waits in the queue: what one asks, all of its kind ask."""
    query = select(*_NARROW).where(Contact.queue_id == queue_id, Contact.state.in_(_WAITS))
    return _facts(session, query.ext(distinct_on(Contact.need_id)).order_by(Contact.need_id), {}, {})


def gave_up(session: Session, contact_ids: Collection[UUID]) -> set[UUID]:
    """Those of them whose citizen hung up or left."""
    if not contact_ids:
        return set()
    query = select(Contact.id).where(Contact.id == _ONE_OF, Contact.state == ContactState.ABANDONED)
    return set(session.scalars(query, {"ids": list(contact_ids)}))


def _facts(session: Session, query: Any, told: dict[str, Any], needs: Needs) -> list[engine.Contact]:
    # Past the ORM, which has nothing to add to columns and takes as long as everything else.
    rows = session.connection().execute(query, told).all()
    if not rows:
        return []
    ids, states, queues, asked, *_, at = zip(*rows, strict=True)
    queue_of = {queue: UUID(queue) for queue in set(queues)}
    need_of = {need: UUID(need) for need in set(asked)}
    unknown = set(need_of.values()) - needs.keys()
    if unknown:
        needs |= _steps(session, unknown)
    asks = {need: needs[need_id] for need, need_id in need_of.items()}
    offers = _open_offers(session, [id for id, state in zip(ids, states, strict=True) if state == ContactState.OFFERED])
    places = _places(session, {id: place_id for id, place_id in zip(ids, at, strict=True) if place_id is not None})
    nobody: frozenset[UUID] = frozenset()
    return [
        engine.Contact(
            id,
            queue_of[queue],
            channel,
            asks[need][0],
            enqueued_at,
            priority,
            target_seconds,
            frozenset(declined_by) if declined_by else nobody,
            offers.get(id) if offers else None,
            (*map(_curtain, own), *asks[need][1]) if own else asks[need][1],
            places.get(id) if places else None,
        )
        for id, _, queue, need, channel, enqueued_at, priority, target_seconds, declined_by, own, _ in rows
    ]


def agents(session: Session, pool_id: UUID, only: Collection[UUID] | None = None) -> list[engine.Agent]:
    """The pool's agents with what they can do, may serve and hold; those of *only* when given."""
    return staff(session, pool_id, only)[0]


def staff(session: Session, pool_id: UUID, only: Collection[UUID] | None = None) -> tuple[list[engine.Agent], Grants]:
    """As `agents`, and the grants by which they serve. In one statement: it runs for every batch."""
    found, grants = [], {}
    for (
        id,
        languages,
        state,
        ready_since,
        missed,
        team,
        outsourcer_id,
        shares,
        levels,
        queues,
        *room,
    ) in session.connection().execute(_staff(only is not None), {"pool_id": pool_id, "ids": only}):
        serves = {UUID(queue_id): (UUID(grant_id), is_own) for queue_id, (grant_id, is_own) in (queues or {}).items()}
        grants[id] = {queue_id: grant_id for queue_id, (grant_id, _) in serves.items()}
        found.append(
            engine.Agent(
                id=id,
                is_ready=state == PresenceState.READY,
                ready_since=ready_since,
                skills=tuple(sorted((levels or {}).items())),
                languages=tuple(languages),
                queues=frozenset(queue_id for queue_id, (_, is_own) in serves.items() if is_own),
                load=dict(zip(Channel, room[len(Channel) :], strict=True)),
                capacity=dict(zip(Channel, room[: len(Channel)], strict=True)),
                missed=missed,
                state=state,
                group=team,
                outsourcer_id=outsourcer_id,
                shares={group: percent / 100 for group, percent in shares.items()},
            )
        )
    return found, grants


@cache
def _contacts(is_some: bool) -> Any:
    """Built once, with the ids as one array: a statement that is always the same is planned once, too."""
    query = select(*_NARROW).where(Contact.pool_id == _POOL, Contact.state.in_(_WAITS))
    return query.where(Contact.id == _ONE_OF) if is_some else query


@cache
def _staff(is_some: bool) -> Any:
    limits = [getattr(Presence, f"limit_{channel}") for channel in Channel]
    loads = [getattr(Presence, f"load_{channel}") for channel in Channel]
    skills = select(func.jsonb_object_agg(AgentSkill.skill, AgentSkill.level)).where(AgentSkill.agent_id == Agent.id)
    # The grant is for all queues of the campaign: one that overflows is served by agents who are not of its teams.
    served = (
        select(func.jsonb_object_agg(Queue.id, func.jsonb_build_array(AgentGrant.id, _is_of_team())))
        .join(AgentGrant, (Queue.tenant_id == AgentGrant.tenant_id) & (Queue.campaign_id == AgentGrant.campaign_id))
        .where(AgentGrant.revoked_at.is_(None), AgentGrant.account_id == Agent.id, Queue.pool_id == _POOL)
    )
    query = (
        select(
            Agent.id,
            Agent.languages,
            Presence.state,
            seconds_of(Presence.ready_since_at),
            Presence.missed_offers,
            Agent.team,
            Agent.outsourcer_id,
            Agent.shares,
            skills.scalar_subquery(),
            served.scalar_subquery(),
            *limits,
            *loads,
        )
        .join(Presence, Presence.agent_id == Agent.id)
        .where(Agent.pool_id == _POOL)
    )
    return query.where(Agent.id == _ONE_OF) if is_some else query


def _is_of_team() -> Any:
    """The queue asks for no team, or for the agent's."""
    return (Queue.teams == []) | Queue.teams.contains(func.jsonb_build_array(Agent.team))


def need_steps(steps: list[dict[str, Any]], channel: str) -> tuple[engine.Step, ...]:
    """A need's stored steps as the engine reads them."""
    return tuple(
        engine.Step(
            float(step["after_seconds"]),
            engine.Need(
                channel,
                step["language"],
                tuple(sorted((name, int(level)) for name, level in step["skills"].items())),
                UUID(step["queue_id"]) if "queue_id" in step else None,
            ),
        )
        for step in sorted(steps, key=lambda step: float(step["after_seconds"]))
    )


def _steps(session: Session, need_ids: set[UUID]) -> Needs:
    rows = session.execute(
        select(Need.id, Need.channel, Need.steps, Need.delays).where(Need.id == _ONE_OF), {"ids": list(need_ids)}
    )
    return {row.id: (need_steps(row.steps, row.channel), tuple(map(_delay, row.delays))) for row in rows}


def _delay(told: dict[str, Any]) -> engine.Curtain:
    return engine.Curtain(engine.DELAYED, told["team"], float(told["seconds"]))


def _curtain(told: dict[str, Any]) -> engine.Curtain:
    """A contact's own, as `contact.curtains` keeps it: who it is for is an agent or an outsourcer."""
    return engine.Curtain(told["kind"], UUID(told["who"]), float(told["until_seconds"]))


def _places(session: Session, stands_at: dict[UUID, UUID]) -> dict[UUID, engine.Place]:
    """By contact, its place; used up where another contact was served."""
    if not stands_at:
        return {}
    rows = session.execute(
        select(Place.id, Place.served_by).where(Place.id == _ONE_OF), {"ids": list(set(stands_at.values()))}
    )
    served_by = {row.id: row.served_by for row in rows}
    return {
        contact_id: engine.Place(place_id, served_by[place_id] not in (None, contact_id))
        for contact_id, place_id in stands_at.items()
    }


def _open_offers(session: Session, contact_ids: list[UUID]) -> dict[UUID, engine.OpenOffer]:
    if not contact_ids:
        return {}
    rows = session.connection().execute(_OFFERS, {"ids": contact_ids})
    return {
        contact_id: engine.OpenOffer(id, contact_id, agent_id, offered_at, expires_at)
        for id, contact_id, agent_id, offered_at, expires_at in rows
    }
