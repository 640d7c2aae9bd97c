"""What is wrong with a routing plan that no schema can see: names that lead nowhere, things that are left out."""

from collections import Counter
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contact.domain.errors import InvalidRequest, NotFound
from contact.models import AgentGrant, Campaign, Queue, Topic

# What a plan calls by such a name is to be made.
NEW = "new-"


def refuse_faults(session: Session, campaign_id: UUID, document: dict[str, Any]) -> None:
    """
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
    faults |= _queue_faults(queues, queue_ids, _outsourcers(session, campaign_id))
    for place, topic in enumerate(topics):
        if topic["queue"] not in queue_ids:
            faults[f"topics.{place}.queue"] = ["unknown_queue"]
        for number, step in enumerate(topic["steps"]):
            if unknown := sorted(set(step["skills"]) - known):
                faults[f"topics.{place}.steps.{number}.skills"] = [f"unknown_skill|{unknown[0]}"]
    if faults:
        raise InvalidRequest(fields={f"document.{place}": codes for place, codes in faults.items()})


def _queue_faults(queues: list[dict[str, Any]], queue_ids: set[str], outsourcers: set[UUID]) -> dict[str, list[str]]:
    faults: dict[str, list[str]] = {}
    for place, queue in enumerate(queues):
        overflow, reserved = queue["overflow"], queue["reserved"]
        if overflow and overflow["queue"] == queue["id"]:
            faults[f"queues.{place}.overflow.queue"] = ["overflow_to_itself"]
        elif overflow and overflow["queue"] not in queue_ids:
            faults[f"queues.{place}.overflow.queue"] = ["unknown_queue"]
        if sum(share["percent"] for share in reserved) > 100:
            faults[f"queues.{place}.reserved"] = ["more_than_all"]
        for number, share in enumerate(reserved):
            if share["outsourcer_id"] not in outsourcers:
                faults[f"queues.{place}.reserved.{number}.outsourcer_id"] = ["unknown_outsourcer"]
        for number in _repeated([delay["team"] for delay in queue["delays"]]):
            faults[f"queues.{place}.delays.{number}.team"] = ["named_twice"]
    return faults


def _outsourcers(session: Session, campaign_id: UUID) -> set[UUID]:
    granted = select(AgentGrant.outsourcer_id).where(
        AgentGrant.campaign_id == campaign_id, AgentGrant.revoked_at.is_(None)
    )
    return set(session.scalars(granted))


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
