"""Campaigns with their topics, queues and chat, and the grants given on them, in one administration."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contact.domain.vocabulary import Channel
from contact.models import (
    Administration,
    Agent,
    AgentGrant,
    Campaign,
    Endpoint,
    Outsourcer,
    Queue,
    Topic,
    WrapUpCode,
)
from contact.queries.shapes import Named, Speaker, in_language


def campaigns(session: Session, language: str, only: tuple[UUID, ...] | None = None) -> list[dict[str, Any]]:
    """The administration's campaigns, or those of them in *only*."""
    query = select(Campaign, Administration).join(Administration, Administration.id == Campaign.tenant_id)
    if only is not None:
        query = query.where(Campaign.id.in_(only))
    rows = session.execute(query.order_by(Campaign.slug)).all()
    ids = [row.Campaign.id for row in rows]
    queues = _by_campaign(session, select(Queue).where(Queue.campaign_id.in_(ids)).order_by(Queue.id))
    topics = _by_campaign(
        session,
        select(Topic).where(Topic.campaign_id.in_(ids), Topic.retired_at.is_(None)).order_by(Topic.rank, Topic.slug),
    )
    endpoints = _by_campaign(
        session, select(Endpoint).where(Endpoint.campaign_id.in_(ids), Endpoint.disabled_at.is_(None))
    )
    return [
        _campaign(row, queues[campaign_id], topics[campaign_id], endpoints[campaign_id], language)
        for campaign_id, row in zip(ids, rows, strict=True)
    ]


def _by_campaign(session: Session, query: Any) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in session.scalars(query):
        found[row.campaign_id].append(row)
    return found


def _campaign(
    row: Any, queues: list[Queue], topics: list[Topic], endpoints: list[Endpoint], language: str
) -> dict[str, Any]:
    names = {queue.id: in_language(queue.name, language) for queue in queues}
    return {
        "id": row.Campaign.id,
        "name": in_language(row.Campaign.name, language),
        "slug": row.Campaign.slug,
        "languages": row.Campaign.languages,
        "state": "active" if row.Campaign.is_active else "closed",
        "administration": Speaker(row.Administration.id, row.Administration.name, row.Administration.hue),
        "channels": sorted({endpoint.channel for endpoint in endpoints}),
        "chat_address": next((one.address for one in endpoints if one.channel == Channel.CHAT), None),
        "topics": [
            {"id": topic.id, "name": in_language(topic.name, language), "queue": names[topic.queue_id]}
            for topic in topics
        ],
        "queues": [Named(*queue) for queue in names.items()],
    }


def wrap_up_codes(session: Session, campaign_id: UUID, language: str) -> list[dict[str, Any]]:
    """The codes in use, in the administration's order."""
    rows = session.scalars(
        select(WrapUpCode)
        .where(WrapUpCode.campaign_id == campaign_id, WrapUpCode.retired_at.is_(None))
        .order_by(WrapUpCode.rank)
    )
    return [{"code": row.code, "name": in_language(row.name, language)} for row in rows]


def grants(session: Session, language: str) -> list[dict[str, Any]]:
    """Who may work for the administration's campaigns, and who no longer may; newest first."""
    rows = session.execute(
        select(AgentGrant, Campaign.name.label("campaign_name"), Agent.name, Outsourcer)
        .join(Campaign, Campaign.id == AgentGrant.campaign_id)
        .join(Agent, Agent.id == AgentGrant.account_id)
        .join(Outsourcer, Outsourcer.id == AgentGrant.outsourcer_id)
        .order_by(AgentGrant.revoked_at.desc().nulls_first(), Agent.name, AgentGrant.id)
    )
    return [
        {
            "id": row.AgentGrant.id,
            "campaign": Named(row.AgentGrant.campaign_id, in_language(row.campaign_name, language)),
            "person": Named(row.AgentGrant.account_id, row.name),
            "outsourcer": Named(row.Outsourcer.id, row.Outsourcer.name),
            "granted_at": row.AgentGrant.created_at,
            "revoked_at": row.AgentGrant.revoked_at,
        }
        for row in rows
    ]
