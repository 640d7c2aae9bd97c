"""What is known of who calls a campaign and who answers: what a season of it is made of."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import cast, extract, func, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.types import Date

from contact.domain import phones
from contact.domain.call_flow import Direction
from contact.domain.vocabulary import AssignmentState, Channel
from contact.models import AgentGrant, Assignment, Call, Campaign, Endpoint, Queue, Ticket, Topic
from contact.queries.published import campaign_of
from contact.queries.routing_plans import granted
from contact.services import clock, policies
from routing.simulation.profile import profile

_WEEKS = 8
# Fewer tell nothing of a day's shape.
_DAYS_MIN, _CALLS_MIN, _TALKS_MIN = 5, 300, 50
_TALK_SECONDS_MIN, _TALK_SECONDS_MAX = 5, 7_200
# So many characters of a number tell what kind of line it is: its country and the range it lies in.
_RANGE = 7


def known(session: Session, campaign_id: UUID) -> dict[str, Any] | None:
    """As `routing.simulation.profile` tells it; None where nobody may call or nobody may answer.

    Raises:
        NotFound: No such campaign.
    """
    campaign = campaign_of(session, campaign_id)
    topics, agents = _topics(session, campaign), _agents(session, campaign_id)
    if not topics or not agents:
        return None
    language = campaign.languages[0]
    return profile(
        topics, agents, language=language, recorded=_recorded(session, campaign), handling=_handling(session, campaign)
    )


def _topics(session: Session, campaign: Campaign) -> list[dict[str, Any]]:
    targets = {
        one.id: one.target_seconds for one in session.scalars(select(Queue).where(Queue.campaign_id == campaign.id))
    }
    return [
        {
            "slug": topic.slug,
            "steps": [
                {
                    "after_seconds": step["after_seconds"],
                    "skills": step.get("skills", {}),
                    "language": campaign.languages[0] if step.get("language", True) else None,
                }
                for step in topic.steps
            ],
            "priority": topic.priority,
            "target_seconds": float(targets[topic.queue_id].get(Channel.VOICE, 0)),
        }
        for topic in policies.topics(session, campaign.id)
    ]


def _agents(session: Session, campaign_id: UUID) -> list[dict[str, Any]]:
    """Who may work for the campaign; less of each for every other campaign of the administration that they serve."""
    served = select(AgentGrant.account_id, func.count()).where(AgentGrant.revoked_at.is_(None))
    campaigns: Mapping[UUID, int] = dict(session.execute(served.group_by(AgentGrant.account_id)).all())
    return [
        {
            "skills": dict(agent.skills),
            "languages": list(agent.languages),
            "capacity": dict(agent.capacity),
            "shares": {group: round(100 * share) for group, share in agent.shares.items()},
            "weight": 1 / campaigns[agent.id],
        }
        for agent in granted(session, campaign_id)
    ]


def _recorded(session: Session, campaign: Campaign) -> dict[str, Any] | None:
    """First calls of a number in a day, of the calmer half of the days: who tries again does so in the simulation."""
    local = func.timezone(str(policies.zone_of(session, campaign)), Call.created_at)
    day = cast(local, Date)
    nth = func.row_number().over(partition_by=(Call.number, day), order_by=Call.created_at).label("nth")
    endpoints = select(Endpoint.id).where(Endpoint.campaign_id == campaign.id)
    since = clock.now(session) - timedelta(weeks=_WEEKS)
    calls = (
        select(day.label("day"), extract("hour", local).label("hour"), Call.number, Call.ticket_id, nth)
        .where(Call.direction == Direction.INBOUND, Call.endpoint_id.in_(endpoints), Call.created_at >= since)
        .subquery()
    )
    rows = session.execute(
        select(
            calls.c.day,
            calls.c.hour,
            Topic.slug,
            func.min(calls.c.number).label("one_of_them"),
            func.count().label("calls"),
        )
        .select_from(calls)
        .outerjoin(Ticket, Ticket.id == calls.c.ticket_id)
        .outerjoin(Topic, Topic.id == Ticket.topic_id)
        .where(or_(calls.c.number.is_(None), calls.c.nth == 1))
        .group_by(calls.c.day, calls.c.hour, func.left(calls.c.number, _RANGE), Topic.slug)
    ).all()
    by_day: Counter[Any] = Counter()
    for one in rows:
        by_day[one.day] += one.calls
    if len(by_day) < _DAYS_MIN or by_day.total() < _CALLS_MIN:
        return None
    document = policies.last_document(campaign, policies.versions(session, campaign.id))
    return _calm(rows, by_day, document["territory"])


def _calm(rows: Sequence[Any], by_day: Counter[Any], territory: str) -> dict[str, Any]:
    calm = {day for day, _ in by_day.most_common()[len(by_day) // 2 :]}
    by_hour, counts = [0.0] * 24, defaultdict[str, Counter[str]](Counter)
    for one in rows:
        counts["lines"][phones.line_of(one.one_of_them, territory)] += one.calls
        if one.slug is not None:
            counts["topics"][one.slug] += one.calls
        if one.day in calm:
            by_hour[int(one.hour)] += one.calls / len(calm)
    return {"calls_by_hour": by_hour, "days": len(by_day), **{name: dict(counts[name]) for name in ("lines", "topics")}}


def _handling(session: Session, campaign: Campaign) -> dict[str, float] | None:
    """From accept to the end of wrap-up."""
    seconds = extract("epoch", Assignment.ended_at - Assignment.started_at)
    since = clock.now(session) - timedelta(weeks=_WEEKS)
    told = session.execute(
        select(func.count(), func.avg(seconds), func.stddev_pop(seconds))
        .join(Ticket, Ticket.id == Assignment.ticket_id)
        .where(
            Ticket.campaign_id == campaign.id,
            Assignment.channel == Channel.VOICE,
            Assignment.state == AssignmentState.DONE,
            Assignment.started_at >= since,
            seconds.between(_TALK_SECONDS_MIN, _TALK_SECONDS_MAX),
        )
    ).one()
    count, mean, deviation = told
    if count < _TALKS_MIN:
        return None
    return {"mean_seconds": round(float(mean), 1), "cv": round(max(float(deviation) / float(mean), 0.1), 2)}
