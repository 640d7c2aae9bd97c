"""Publish a campaign's routing plan: its skills, queues, topics and steps, checked, versioned, in force at once."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contact.domain.errors import Conflict, NobodyCouldServe, NotFound
from contact.domain.vocabulary import LIVE_CONTACTS
from contact.models import Campaign, Contact, Queue, RoutingPlan, Skill, Ticket, Topic, new_id
from contact.models.base import LOCK
from contact.outbox import defer, wake_router
from contact.services import clock, plan_checks, queueing
from contact.services.plan_checks import NEW

# Whoever was being put into a queue while the plan changed is in it by then: no request may take longer.
LATECOMERS_SECONDS = 30
_QUEUE_FIELDS = (
    "name",
    "target_seconds",
    "offer_seconds",
    "wrap_up_seconds",
    "place_seconds",
    "teams",
    "delays",
    "reserved",
)


@dataclass(frozen=True, slots=True)
class Publication:
    """A plan that is to come into force, in the form of `contact/schemas/routing.py`."""

    base_number: int
    document: dict[str, Any]
    reason: str
    accepts_unserved: bool = False


def latest(session: Session, campaign_id: UUID) -> RoutingPlan | None:
    """The version in force; None when none was ever published."""
    return session.scalar(
        select(RoutingPlan).where(RoutingPlan.campaign_id == campaign_id).order_by(RoutingPlan.number.desc()).limit(1)
    )


def publish(
    session: Session, campaign_id: UUID, author_id: UUID, new: Publication, unserved: list[dict[str, Any]]
) -> RoutingPlan:
    """Bring the plan into force; what waits is put in order by it, keeping its arrival. *unserved*: who finds nobody.

    Raises:
        NotFound: No such campaign.
        Conflict: Another version was published since `base_number`; facts carry the one that stands.
        InvalidRequest: The plan contradicts itself or the campaign; facts name each place.
        NobodyCouldServe: Some contacts could never be served, and the author has not said that this is meant.
    """
    campaign = session.get(Campaign, campaign_id, with_for_update=LOCK)
    if campaign is None:
        raise NotFound()
    before = latest(session, campaign_id)
    number = before.number if before else 0
    if number != new.base_number:
        raise Conflict(version=number)
    plan_checks.refuse_faults(session, campaign_id, new.document)
    if unserved and not new.accepts_unserved:
        raise NobodyCouldServe(classes=unserved)
    document = _resolved(new.document)
    _name_skills(session, campaign, document["skills"])
    _apply_queues(session, campaign, document["queues"])
    _apply_topics(session, campaign, document["topics"])
    plan = RoutingPlan(
        tenant_id=campaign.tenant_id,
        campaign_id=campaign_id,
        number=number + 1,
        document=document,
        reason=new.reason,
        author_id=author_id,
    )
    session.add(plan)
    defer(session, "routing.reorder", campaign_id=campaign_id)
    later = clock.now(session) + timedelta(seconds=LATECOMERS_SECONDS)
    defer(session, "routing.reorder", due_at=later, campaign_id=campaign_id)
    session.flush()
    return plan


def reorder_waiting(session: Session, campaign_id: UUID) -> None:
    """Give every live contact of the campaign the queue, need and key that the plan in force says."""
    rows = session.execute(
        select(Contact, Ticket)
        .join(Ticket, Ticket.id == Contact.ticket_id)
        .where(Ticket.campaign_id == campaign_id, Contact.state.in_(LIVE_CONTACTS))
        .order_by(Contact.id)
        .with_for_update(of=Contact, key_share=True)
    )
    for contact, ticket in rows.all():
        queueing.reorder(session, contact, ticket)


def _resolved(document: dict[str, Any]) -> dict[str, Any]:
    """The document with ids of ours for what is new, as it is kept."""
    ids: dict[str, str] = {}

    def real(name: str) -> str:
        return ids.setdefault(name, str(new_id()) if name.startswith(NEW) else name)

    queues = [
        one
        | {
            "id": real(one["id"]),
            "overflow": one["overflow"] and one["overflow"] | {"queue": real(one["overflow"]["queue"])},
            "reserved": [share | {"outsourcer_id": str(share["outsourcer_id"])} for share in one["reserved"]],
        }
        for one in document["queues"]
    ]
    topics = [one | {"id": real(one["id"]), "queue": real(one["queue"])} for one in document["topics"]]
    return document | {"queues": queues, "topics": topics}


def _apply_queues(session: Session, campaign: Campaign, planned_queues: list[dict[str, Any]]) -> None:
    queues = {str(one.id): one for one in session.scalars(select(Queue).where(Queue.campaign_id == campaign.id))}
    pool_id = next(iter(queues.values())).pool_id
    for planned in planned_queues:
        queue = queues.get(planned["id"])
        if queue is None:
            queue = Queue(
                id=UUID(planned["id"]), tenant_id=campaign.tenant_id, campaign_id=campaign.id, pool_id=pool_id
            )
            session.add(queue)
        for name in _QUEUE_FIELDS:
            setattr(queue, name, planned[name])
        overflow = planned["overflow"]
        queue.overflow = overflow and {"queue_id": overflow["queue"], "after_seconds": overflow["after_seconds"]}
    # Who serves a queue and for how long an offer stands are facts of the pool: it must read them again.
    wake_router(session, pool_id, "pool", pool_id)
    session.flush()


def _apply_topics(session: Session, campaign: Campaign, planned_topics: list[dict[str, Any]]) -> None:
    topics = {str(one.id): one for one in session.scalars(select(Topic).where(Topic.campaign_id == campaign.id))}
    slugs = {one.slug for one in topics.values()}
    for rank, planned in enumerate(planned_topics):
        topic = topics.get(planned["id"])
        if topic is None:
            slug = _slug(planned["name"]["fr"], slugs)
            slugs.add(slug)
            topic = Topic(
                id=UUID(planned["id"]), tenant_id=campaign.tenant_id, campaign_id=campaign.id, slug=slug, rank=rank
            )
            session.add(topic)
        topic.queue_id, topic.rank = UUID(planned["queue"]), rank
        for name in ("name", "steps", "priority", "affinity_seconds"):
            setattr(topic, name, planned[name])
        if planned["is_retired"] != (topic.retired_at is not None):
            topic.retired_at = clock.now(session) if planned["is_retired"] else None
    session.flush()


def _name_skills(session: Session, campaign: Campaign, skills: list[dict[str, Any]]) -> None:
    """Skills are the administration's, shared by its campaigns: named anew, never taken away here."""
    for skill in skills:
        values = {"id": new_id(), "tenant_id": campaign.tenant_id, "code": skill["code"], "name": skill["name"]}
        named = insert(Skill).values(**values)
        session.execute(
            named.on_conflict_do_update(index_elements=["tenant_id", "code"], set_={"name": named.excluded.name})
        )


def _slug(name: str, taken: set[str]) -> str:
    """A short name for addresses and exports, free in the campaign."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    wanted = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40] or "topic"
    return next(one for one in (wanted, *(f"{wanted}-{n}" for n in range(2, 1000))) if one not in taken)
