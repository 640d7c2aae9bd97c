"""The hand of supervisors on their campaigns' voice lines, and what the leader tells of these."""

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from contact.api.context import about, in_each_administration, valve_of
from contact.api.permissions import permission
from contact.queries import valve
from contact.queries.shapes import Reader
from contact.schemas import valve as wire
from contact.services import valve_overrides
from contact.services.valve_overrides import NewOverride
from contact.valve import Snapshot

bp = Blueprint("valves", __name__, description="Voice lines by a supervisor's hand.")


@bp.put("/campaigns/<uuid:campaign_id>/valve/override")
@permission("valve.override")
@bp.arguments(wire.NewOverride)
@bp.response(200, wire.Override)
def put_override(body: dict[str, Any], campaign_id: UUID) -> Any:
    """Let all callers in, or none, for a time. 409 `conflict` when somebody else ordered something meanwhile."""
    new = NewOverride(**body)

    def work(session: Session, reader: Reader) -> dict[str, Any]:
        valve_overrides.put(session, campaign_id, reader.account_id, new)
        return valve.overrides(session, (campaign_id,))[campaign_id]

    return about("campaign", campaign_id, work)


@bp.delete("/campaigns/<uuid:campaign_id>/valve/override")
@permission("valve.override")
@bp.arguments(wire.OverrideQuery, location="query")
@bp.response(204)
def lift_override(query: dict[str, UUID], campaign_id: UUID) -> None:
    """End the override that was read, before its time."""
    about(
        "campaign",
        campaign_id,
        lambda session, reader: valve_overrides.lift(session, campaign_id, reader.account_id, query["override_id"]),
    )


def watched() -> list[dict[str, Any]]:
    """The voice lines of the reader's campaigns, each with what its leader tells of it, None where nobody does."""
    lines = in_each_administration(valve.lines)
    of_pool: defaultdict[UUID, list[UUID]] = defaultdict(list)
    for line in lines:
        of_pool[line["pool_id"]].append(line["campaign"].id)
    told: dict[UUID, Snapshot] = {}
    for pool_id, campaign_ids in of_pool.items():
        told |= valve_of(pool_id).snapshots(campaign_ids)
    return [line | {"told": _figures(told.get(line["campaign"].id))} for line in lines]


def _figures(told: Snapshot | None) -> dict[str, Any] | None:
    return told and {
        "as_of": datetime.fromtimestamp(told.as_of, UTC),
        "mode": told.valve.mode,
        "expected_wait_seconds": told.valve.expected_wait_seconds,
        "rate_per_hour": told.limits.rate * 3_600,
        "capacity_per_hour": told.capacity * 3_600,
        "asked": told.asked,
        "admitted": told.asked - told.refused,
        "refused": told.refused,
    }
