"""Why a contact waits and why past offers went where they went, with the very rules the engine applies."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contact.domain.vocabulary import ContactState
from contact.models import Agent, Contact, Offer
from contact.queries import facts, wallboard
from contact.queries.conversation import expected_wait, position
from contact.queries.shapes import Named, Reader
from contact.services import clock
from routing import rules, steps
from routing import types as engine
from routing.explain import explain_agent

_WAITS = (ContactState.WAITING, ContactState.OFFERED)


def explain(session: Session, ticket_id: UUID) -> dict[str, Any]:
    """The ticket's waiting contact agent by agent, and its offers, newest first."""
    contact = session.scalar(select(Contact).where(Contact.ticket_id == ticket_id, Contact.state.in_(_WAITS)).limit(1))
    offers = session.execute(
        select(Offer, Agent.name)
        .join(Agent, Agent.id == Offer.agent_id)
        .where(Offer.ticket_id == ticket_id)
        .order_by(Offer.offered_at.desc())
        .limit(20)
    )
    return {
        "waiting": _waiting(session, contact) if contact else None,
        "offers": [
            {
                "agent": Named(row.Offer.agent_id, row.name),
                "state": row.Offer.state,
                "offered_at": row.Offer.offered_at,
                "decided_at": row.Offer.decided_at,
                "why": row.Offer.why,
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
            not any(
                agent.is_signed_in and rules.fit(steps.class_at(one, len(one.steps) - 1), agent) for agent in people
            )
            for one in waiting
        )
    return rows


def _waiting(session: Session, contact: Contact) -> dict[str, Any]:
    (fact,) = facts.contacts(session, contact.pool_id, [contact.id])
    now = clock.now(session).timestamp()
    step = steps.step_now(fact, now)
    next_at = steps.next_step_at(fact, now)
    people = [agent for agent in facts.agents(session, contact.pool_id) if contact.queue_id in agent.queues]
    names = dict(session.execute(select(Agent.id, Agent.name).where(Agent.id.in_([one.id for one in people]))).all())
    widest = fact.steps[step].need
    return {
        "contact_id": contact.id,
        "channel": contact.channel,
        "position": position(session, contact),
        "expected_wait": expected_wait(session, contact),
        "step": step + 1,
        "steps": len(fact.steps),
        "next_step_at": datetime.fromtimestamp(next_at, UTC) if next_at else None,
        "enqueued_at": contact.enqueued_at,
        "key": contact.key_at,
        "need": {"channel": widest.channel, "language": widest.language, "skills": dict(widest.skills)},
        "agents": [_verdict(fact, agent, now, names.get(agent.id, "")) for agent in people],
    }


def _verdict(contact: engine.Contact, agent: engine.Agent, now: float, name: str) -> dict[str, Any]:
    failing = explain_agent(contact, agent, now)
    return {
        "name": name,
        "failing": failing.code if failing else None,
        "facts": dict(failing.facts) if failing else {},
    }
