"""What supervisors watch and do, and what administrators see of their campaigns and grants."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from contact.api import valves
from contact.api.context import in_each_administration, language, transact
from contact.api.permissions import permission
from contact.domain.errors import NotFound
from contact.domain.vocabulary import PresenceState
from contact.queries import campaigns, explain, wallboard
from contact.schemas import supervision as wire
from contact.schemas.work import StateChange
from contact.services import clock, grants, presence

bp = Blueprint("supervision", __name__, description="Wallboard, people, campaigns and grants.")


@bp.get("/wallboard")
@permission("people.supervise")
@bp.response(200, wire.Wallboard)
def read_wallboard() -> Any:
    """Queues and people now."""
    people = transact(lambda session: wallboard.people(session))
    queues = in_each_administration(explain.queues_with_agents)
    return {"server_time": transact(clock.now), "queues": queues, "agents": people, "valves": valves.watched()}


@bp.put("/agents/<uuid:agent_id>/state")
@permission("people.supervise")
@bp.arguments(StateChange)
@bp.response(200, wire.PersonRow)
def force_state(body: dict[str, Any], agent_id: UUID) -> Any:
    """Set an agent's state; recorded with who did it, and shown to the agent."""

    def work(session: Session) -> dict[str, Any]:
        presence.set_state(session, agent_id, PresenceState(body["state"]), body["reason"])
        session.flush()
        rows = wallboard.people(session, agent_id)
        if not rows:
            raise NotFound()
        return rows[0]

    return transact(work)


@bp.get("/campaigns")
@permission("campaigns.read")
@bp.response(200, wire.Campaigns)
def list_campaigns() -> Any:
    """The administration's campaigns."""
    return {"items": transact(lambda session: campaigns.campaigns(session, language()))}


@bp.get("/grants")
@permission("grants.manage")
@bp.response(200, wire.Grants)
def list_grants() -> Any:
    """Who may work for the administration's campaigns."""
    return {"items": transact(lambda session: campaigns.grants(session, language()))}


@bp.delete("/grants/<uuid:grant_id>")
@permission("grants.manage")
@bp.response(204)
def revoke_grant(grant_id: UUID) -> None:
    """Withdraw a grant: the person's work for the campaign goes back to its queue, their sessions end."""
    transact(lambda session: grants.revoke(session, grant_id))
