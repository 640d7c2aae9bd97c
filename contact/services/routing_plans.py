"""Publish a campaign's routing plan: its skills, queues, topics and steps, checked, versioned, in force at once."""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contact.domain.errors import Conflict, InvalidRequest, NobodyCouldServe, NotFound
from contact.domain.vocabulary import LIVE_CONTACTS
from contact.models import Campaign, Contact, Queue, RoutingPlan, Skill, Ticket, Topic, new_id
from contact.models.base import LOCK
from contact.outbox import defer, wake_router
from contact.services import clock, queueing

NEW = "new-"
# Whoever was being put into a queue while the plan changed is in it by then: no request may take longer.
LATECOMERS_SECONDS = 30


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
    refuse_faults(session, campaign_id, new.document)
    if unserved and not new.accepts_unserved:
        raise NobodyCouldServe(classes=unserved)
    plan = RoutingPlan(
        tenant_id=campaign.tenant_id,
        campaign_id=campaign_id,
        number=number + 1,
        document=_apply(session, campaign, new.document),
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


def refuse_faults(session: Session, campaign_id: UUID, document: dict[str, Any]) -> None:
    """Find what no schema can see: names that lead nowhere, things of the campaign that are left out.

    Raises:
        NotFound: No such campaign.
        InvalidRequest: facts name each place.
    """
    if session.get(Campaign, campaign_id) is None:
        raise NotFound()
    queues, topics = document["queues"], document["topics"]
    faults: dict[str, list[str]] = {}
    faults |= _naming_faults("queues", queues, set(_ids(session, Queue, campaign_id)))
    faults |= _naming_faults("topics", topics, set(_ids(session, Topic, campaign_id)))
    codes = [skill["code"] for skill in document["skills"]]
    faults |= {f"skills.{place}.code": ["named_twice"] for place in _repeated(codes)}
    queue_ids, known = {queue["id"] for queue in queues}, set(codes)
    for place, topic in enumerate(topics):
        if topic["queue"] not in queue_ids:
            faults[f"topics.{place}.queue"] = ["unknown_queue"]
        for number, step in enumerate(topic["steps"]):
            if unknown := sorted(set(step["skills"]) - known):
                faults[f"topics.{place}.steps.{number}.skills"] = [f"unknown_skill|{unknown[0]}"]
    if faults:
        raise InvalidRequest(fields={f"document.{place}": codes for place, codes in faults.items()})


def _naming_faults(kind: str, planned: list[dict[str, Any]], existing: set[str]) -> dict[str, list[str]]:
    ids = [one["id"] for one in planned]
    faults = {f"{kind}.{place}.id": ["named_twice"] for place in _repeated(ids)}
    for place, name in enumerate(ids):
        if name not in existing and not name.startswith(NEW):
            faults[f"{kind}.{place}.id"] = ["unknown_id"]
    if existing - set(ids):
        faults[kind] = ["missing_from_plan"]
    return faults


def _repeated(names: list[str]) -> list[int]:
    counted = Counter(names)
    return [place for place, name in enumerate(names) if counted[name] > 1]


def _ids(session: Session, table: type[Queue] | type[Topic], campaign_id: UUID) -> list[str]:
    return [str(one) for one in session.scalars(select(table.id).where(table.campaign_id == campaign_id))]


def _apply(session: Session, campaign: Campaign, document: dict[str, Any]) -> dict[str, Any]:
    """Write the plan into the campaign's rows; the document as it then stands, every new thing under its id."""
    _name_skills(session, campaign, document["skills"])
    queues = {str(one.id): one for one in session.scalars(select(Queue).where(Queue.campaign_id == campaign.id))}
    pool_id = next(iter(queues.values())).pool_id
    ids: dict[str, UUID] = {}
    for planned in document["queues"]:
        queue = queues.get(planned["id"])
        if queue is None:
            queue = Queue(id=new_id(), tenant_id=campaign.tenant_id, campaign_id=campaign.id, pool_id=pool_id)
            session.add(queue)
        queue.name, queue.target_seconds = planned["name"], planned["target_seconds"]
        queue.offer_seconds, queue.wrap_up_seconds = planned["offer_seconds"], planned["wrap_up_seconds"]
        ids[planned["id"]] = queue.id
    # Who serves a queue and for how long an offer stands are facts of the pool: it must read them again.
    wake_router(session, pool_id, "pool", pool_id)
    session.flush()
    topic_ids = _apply_topics(session, campaign, document["topics"], ids)
    return document | {
        "queues": [one | {"id": str(ids[one["id"]])} for one in document["queues"]],
        "topics": [
            one | {"id": str(topic_ids[one["id"]]), "queue": str(ids[one["queue"]])} for one in document["topics"]
        ],
    }


def _apply_topics(
    session: Session, campaign: Campaign, planned_topics: list[dict[str, Any]], queue_ids: dict[str, UUID]
) -> dict[str, UUID]:
    topics = {str(one.id): one for one in session.scalars(select(Topic).where(Topic.campaign_id == campaign.id))}
    slugs = {one.slug for one in topics.values()}
    ids: dict[str, UUID] = {}
    for rank, planned in enumerate(planned_topics):
        topic = topics.get(planned["id"])
        if topic is None:
            slug = _slug(planned["name"]["fr"], slugs)
            slugs.add(slug)
            topic = Topic(id=new_id(), tenant_id=campaign.tenant_id, campaign_id=campaign.id, slug=slug)
            session.add(topic)
        topic.name, topic.queue_id, topic.steps = planned["name"], queue_ids[planned["queue"]], planned["steps"]
        topic.priority, topic.rank = planned["priority"], rank
        if planned["is_retired"] != (topic.retired_at is not None):
            topic.retired_at = clock.now(session) if planned["is_retired"] else None
        ids[planned["id"]] = topic.id
    session.flush()
    return ids


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
