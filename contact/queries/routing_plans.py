"""A campaign's routing plan as it stands, and how many agents each kind of contact could find."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contact.models import AgentGrant, Endpoint, Outsourcer, Queue, Skill, Topic
from contact.queries import facts, published
from contact.services import routing_plans
from routing import rules
from routing import types as engine


def whole_plan(session: Session, campaign_id: UUID) -> dict[str, Any]:
    """The plan in force, made from the rows themselves, with who published it and whom it leaves without an agent.

    Raises:
        NotFound: No such campaign.
    """
    campaign = published.campaign_of(session, campaign_id)
    document = _document(session, campaign_id)
    plan = routing_plans.latest(session, campaign_id)
    return published.version(session, plan) | {
        "document": document,
        "languages": campaign.languages,
        "channels": _channels(session, campaign_id),
        "outsourcers": _outsourcers(session, campaign_id),
        "coverage": coverage(session, campaign_id, document),
    }


def coverage(session: Session, campaign_id: UUID, document: dict[str, Any]) -> list[dict[str, Any]]:
    """For each topic in use, language and channel: how many granted agents could ever serve it, first and last step.

    By the engine's own rules; whether an agent is at their desk does not count.
    """
    campaign = published.campaign_of(session, campaign_id)
    people = granted(session, campaign_id)
    found = []
    for topic in document["topics"]:
        if topic["is_retired"]:
            continue
        for channel in _channels(session, campaign_id):
            for language in campaign.languages:
                needs = _needs(topic["steps"], channel, language)
                found.append(
                    {
                        "topic": topic["id"],
                        "language": language,
                        "channel": channel,
                        "agents_first": _count(people, campaign_id, channel, needs[:1]),
                        "agents_last": _count(people, campaign_id, channel, needs),
                    }
                )
    return found


def _count(people: list[engine.Agent], queue_id: UUID, channel: str, needs: tuple[engine.Need, ...]) -> int:
    asks = engine.ContactClass(queue_id, channel, needs)
    return sum(rules.fit(asks, agent) is not None for agent in people)


def _needs(steps: list[dict[str, Any]], channel: str, language: str) -> tuple[engine.Need, ...]:
    told = [step | {"language": language if step["language"] else None} for step in steps]
    return tuple(step.need for step in facts.need_steps(told, channel))


def granted(session: Session, campaign_id: UUID) -> list[engine.Agent]:
    """The agents with a grant for the campaign, each as if given the plan's queues (under the campaign's own id)."""
    ids = set(
        session.scalars(
            select(AgentGrant.account_id).where(AgentGrant.campaign_id == campaign_id, AgentGrant.revoked_at.is_(None))
        )
    )
    pools = session.scalars(select(Queue.pool_id).where(Queue.campaign_id == campaign_id).distinct())
    return [
        replace(agent, queues=frozenset({campaign_id}))
        for pool_id in pools
        for agent in facts.agents(session, pool_id, sorted(ids))
    ]


def _channels(session: Session, campaign_id: UUID) -> list[str]:
    query = select(Endpoint.channel).where(Endpoint.campaign_id == campaign_id, Endpoint.disabled_at.is_(None))
    return sorted(session.scalars(query.distinct()))


def _outsourcers(session: Session, campaign_id: UUID) -> list[Outsourcer]:
    """Those with somebody who is granted the campaign."""
    granted = select(AgentGrant.outsourcer_id).where(
        AgentGrant.campaign_id == campaign_id, AgentGrant.revoked_at.is_(None)
    )
    return list(session.scalars(select(Outsourcer).where(Outsourcer.id.in_(granted)).order_by(Outsourcer.name)))


def _document(session: Session, campaign_id: UUID) -> dict[str, Any]:
    queues = session.scalars(select(Queue).where(Queue.campaign_id == campaign_id).order_by(Queue.id))
    topics = session.scalars(
        select(Topic).where(Topic.campaign_id == campaign_id).order_by(Topic.rank, Topic.slug)
    ).all()
    named = {skill.code: skill.name for skill in session.scalars(select(Skill).order_by(Skill.code))}
    asked = {code for topic in topics for step in topic.steps for code in step.get("skills", {})}
    return {
        "skills": [{"code": code, "name": named.get(code) or {"fr": code}} for code in sorted(asked | set(named))],
        "queues": [
            {
                "id": str(queue.id),
                "name": queue.name,
                "offer_seconds": queue.offer_seconds,
                "wrap_up_seconds": queue.wrap_up_seconds,
                "place_seconds": queue.place_seconds,
                "target_seconds": queue.target_seconds,
                "teams": queue.teams,
                "delays": queue.delays,
                "reserved": queue.reserved,
                "overflow": queue.overflow
                and {"queue": queue.overflow["queue_id"], "after_seconds": queue.overflow["after_seconds"]},
            }
            for queue in queues
        ],
        "topics": [
            {
                "id": str(topic.id),
                "name": topic.name,
                "queue": str(topic.queue_id),
                "priority": topic.priority,
                "affinity_seconds": topic.affinity_seconds,
                "is_retired": topic.retired_at is not None,
                "steps": [
                    {
                        "after_seconds": step["after_seconds"],
                        "skills": step.get("skills", {}),
                        "language": step.get("language", True),
                    }
                    for step in topic.steps
                ],
            }
            for topic in topics
        ],
    }
