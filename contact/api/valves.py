"""The hand of supervisors on their campaigns' voice lines."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from contact.api.context import about
from contact.api.permissions import permission
from contact.queries import valve
from contact.queries.shapes import Reader
from contact.schemas import valve as wire
from contact.services import valve_overrides
from contact.services.valve_overrides import NewOverride

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
