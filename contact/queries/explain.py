"""Why a contact waits and why past offers went where they went, with the very rules the engine applies."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contact.domain.vocabulary import ContactState
from contact.models import Agent, Contact, Offer, Outsourcer, Queue, Skill
from contact.queries import facts, wallboard
from contact.queries.conversation import expected_wait, position
from contact.queries.shapes import Named, Reader, in_language
from contact.services import clock
from routing import rules, steps
from routing import types as engine
from routing.engine import Engine
from routing.explain import Explanation

_WAITS = (ContactState.WAITING, ContactState.OFFERED)
# The numbers behind the choice stay inside: how much an agent held may be another administration's.
_WHY = ("step", "needs", "waited_seconds", "eligible_idle", "decided_by")


def explain(session: Session, reader: Reader, ticket_id: UUID) -> dict[str, Any]:
    """The ticket's waiting contact agent by agent, and its offers, newest first."""
    contact = session.scalar(
        select(Contact)
        .where(Contact.ticket_id == ticket_id, Contact.state.in_(_WAITS))
        .order_by(Contact.key_at)
        .limit(1)
    )
    offers = session.execute(
        select(Offer, Agent.name)
        .join(Agent, Agent.id == Offer.agent_id)
        .where(Offer.ticket_id == ticket_id)
        .order_by(Offer.offered_at.desc())
        .limit(20)
    )
    return {
        "waiting": _waiting(session, reader, contact) if contact else None,
        "offers": [
            {
                "agent": Named(row.Offer.agent_id, row.name),
                "state": row.Offer.state,
                "offered_at": row.Offer.offered_at,
                "decided_at": row.Offer.decided_at,
                "why": {name: row.Offer.why.get(name) for name in _WHY},
            }
            for row in offers
        ],
    }


def queues_with_agents(session: Session, reader: Reader) -> list[dict[str, Any]]:
    """The wallboard's queues, each with how many ready agents could serve what waits, and whether nobody ever could."""
    rows = wallboard.queues(session, reader)
    pools = {pool_id: facts.agents(session, pool_id) for pool_id in {row["pool_id"] for row in rows}}
    for row in rows:
        people = [agent for agent in pools[row["pool_id"]] if row["id"] in agent.queues]
        waiting = facts.queue_contacts(session, row["id"])
        row["agents_ready"] = sum(agent.is_ready for agent in people)
        row["unserved"] = any(
            not any(agent.is_signed_in and rules.fit(steps.class_at(one, -1), agent) for agent in pools[row["pool_id"]])
            for one in waiting
        )
    return rows


def _waiting(session: Session, reader: Reader, contact: Contact) -> dict[str, Any]:
    """Told by an engine of the pool's agents, this contact and those that share its place: nothing else counts."""
    now = clock.now(session).timestamp()
    router = Engine()
    for agent in facts.agents(session, contact.pool_id):
        router.put_agent(agent)
    # Whoever declined it is left out for a time from then on.
    asked_at = session.scalar(select(func.max(Offer.decided_at)).where(Offer.contact_id == contact.id))
    found = {one.id: one for one in facts.contacts(session, contact.pool_id, _sharing(session, contact))}
    for one in found.values():
        router.put_contact(one, asked_at.timestamp() if asked_at else now)
    fact, account = found[contact.id], router.explain(contact.id, now)
    return {
        "contact_id": contact.id,
        "channel": contact.channel,
        "position": position(session, contact),
        "expected_wait": expected_wait(session, contact),
        "step": account.step + 1,
        "steps": account.steps,
        "next_step_at": _moment(account.next_step_at),
        "enqueued_at": contact.enqueued_at,
        "key": contact.key_at,
        "priority": contact.priority,
        "target_seconds": contact.target_seconds,
        "needs": [_need(session, reader, need) for need in account.asks.needs],
        "skill_names": {one.code: in_language(one.name, reader.language) for one in session.scalars(select(Skill))},
        "curtains": [_curtain(session, kind, who, fact) for kind, who in account.asks.curtains],
        "offered_elsewhere": found[account.waits_for].channel if account.waits_for else None,
        "agents": _verdicts(session, account, session.info["scope"].outsourcer_id),
    }


def _sharing(session: Session, contact: Contact) -> list[UUID]:
    """The contact, and those that wait at the same place."""
    if contact.place_id is None:
        return [contact.id]
    return list(session.scalars(select(Contact.id).where(Contact.place_id == contact.place_id)))


def _need(session: Session, reader: Reader, need: engine.Need) -> dict[str, Any]:
    queue = session.get(Queue, need.queue_id) if need.queue_id else None
    return {
        "channel": need.channel,
        "language": need.language,
        "skills": dict(need.skills),
        "queue": in_language(queue.name, reader.language) if queue else None,
    }


def _curtain(session: Session, kind: str, who: UUID | str, contact: engine.Contact) -> dict[str, Any]:
    """For whom it is held or reserved, or which team waits, and until when."""
    until_seconds = max(one.until_seconds for one in contact.curtains if (one.kind, one.who) == (kind, who))
    name: str | None = str(who)
    if kind == engine.HELD:
        name = session.scalar(select(Agent.name).where(Agent.id == who))
    elif kind == engine.RESERVED:
        name = session.scalar(select(Outsourcer.name).where(Outsourcer.id == who))
    return {"kind": kind, "who": name or "", "until_at": _moment(contact.enqueued_at + until_seconds)}


def _verdicts(session: Session, account: Explanation, outsourcer_id: UUID | None) -> list[dict[str, Any]]:
    """The agents whose queue it is, or to whom it overflows: of the reader's own outsourcer, where they have one."""
    people = select(Agent.id, Agent.name).where(Agent.id.in_([id for id, _ in account.agents]))
    if outsourcer_id is not None:
        people = people.where(Agent.outsourcer_id == outsourcer_id)
    names = dict(session.execute(people).all())
    return [
        {"name": names[id], "failing": failing and failing.code, "facts": _told(failing)}
        for id, failing in account.agents
        if id in names and (failing is None or failing.code != "queue")
    ]


def _told(failing: engine.Failing | None) -> dict[str, object]:
    """What the rule compared. How much an agent holds may be another administration's: it is not told."""
    facts = failing.facts if failing else {}
    return {name: fact for name, fact in facts.items() if name not in ("load", "capacity", "blocked_by")}


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
