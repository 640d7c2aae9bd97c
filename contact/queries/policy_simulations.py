"""What a version of a policy came to on a season, or how far its simulation is."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contact.domain.errors import NotFound
from contact.models import Administrator, PolicySimulation, PolicyVersion
from contact.queries.published import campaign_of
from contact.queries.shapes import Named
from contact.services import policy_simulations
from routing.simulation import season


def of_version(session: Session, campaign_id: UUID, number: int) -> dict[str, Any] | None:
    """None where nobody tried it.

    Raises:
        NotFound: No such campaign or version.
    """
    campaign_of(session, campaign_id)
    query = select(PolicyVersion.id).where(PolicyVersion.campaign_id == campaign_id, PolicyVersion.number == number)
    version_id = session.scalar(query)
    if version_id is None:
        raise NotFound()
    found = session.scalars(
        select(PolicySimulation).where(PolicySimulation.policy_version_id == version_id)
    ).one_or_none()
    return told(session, found) if found else None


def told(session: Session, one: PolicySimulation) -> dict[str, Any]:
    """With its report once all is done; `is_stale`: the version says something else by now."""
    version = session.get_one(PolicyVersion, one.policy_version_id)
    name = session.scalar(select(Administrator.name).where(Administrator.id == one.asked_by))
    is_done = one.ended_at is not None and not one.has_failed
    before, _ = one.inputs["numbers"]
    return {
        "number": version.number,
        "standing": before,
        "asked_by": Named(one.asked_by, name or ""),
        "asked_at": one.created_at,
        "ended_at": one.ended_at,
        "has_failed": one.has_failed,
        "steps": one.steps,
        "done": len(one.parts),
        "is_stale": policy_simulations.digest(version.document) != one.digest,
        "digest": one.digest,
        "settings": _settings(one),
        "report": policy_simulations.rehearsal_of(one.inputs).report(one.parts) if is_done else None,
    }


def _settings(one: PolicySimulation) -> dict[str, Any]:
    """What was known and what was assumed."""
    known = one.inputs["known"]
    return {
        "seed": one.seed,
        "scale": known["scale"],
        "calls_from": known["sources"]["calls"],
        "recorded_days": known["sources"]["days"],
        "handling_from": known["sources"]["handling"],
        "handling_seconds": known["handling"]["mean_seconds"],
        "calls_per_day": sum(known["calls_by_hour"]),
        "agents": sum(team["count"] for team in known["teams"]),
        "patience_seconds": season.PATIENCE_SECONDS,
        "redial_share": season.REDIAL_SHARE,
    }
