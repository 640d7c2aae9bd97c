"""How contacts find agents: a campaign's routing plan, for its administration; what agents can do, for supervisors."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from contact.api.context import in_each_administration, signed_in, transact
from contact.api.permissions import permission
from contact.models import RoutingPlan
from contact.queries import abilities as matrix
from contact.queries import published
from contact.queries import routing_plans as reads
from contact.schemas import routing as wire
from contact.services import abilities, plan_checks, routing_plans
from contact.services.abilities import Abilities
from contact.services.routing_plans import Publication

bp = Blueprint("routing", __name__, description="Routing plans of campaigns, and abilities of agents.")


@bp.get("/campaigns/<uuid:campaign_id>/routing")
@permission("campaigns.read")
@bp.response(200, wire.Plan)
def read_plan(campaign_id: UUID) -> Any:
    """The plan in force, and how many agents each kind of contact could find."""
    return transact(lambda session: reads.whole_plan(session, campaign_id))


@bp.post("/campaigns/<uuid:campaign_id>/routing/check")
@permission("campaigns.manage")
@bp.arguments(wire.PlanCheck)
@bp.response(200, wire.PlanCoverage)
def check_plan(body: dict[str, Any], campaign_id: UUID) -> Any:
    """Judge a draft without publishing it: its faults, else whom it would leave without an agent."""

    def work(session: Session) -> dict[str, Any]:
        plan_checks.refuse_faults(session, campaign_id, body["document"])
        return {"coverage": reads.coverage(session, campaign_id, body["document"])}

    return transact(work)


@bp.post("/campaigns/<uuid:campaign_id>/routing")
@permission("campaigns.manage")
@bp.arguments(wire.PlanPublication)
@bp.response(201, wire.Plan)
def publish_plan(body: dict[str, Any], campaign_id: UUID) -> Any:
    """Bring a plan into force. 409 `conflict` when another came first, `nobody_could_serve` until that is accepted."""
    me, new = signed_in(), Publication(**body)

    def work(session: Session) -> dict[str, Any]:
        found = reads.coverage(session, campaign_id, new.document)
        unserved = [one for one in found if one["agents_last"] == 0]
        routing_plans.publish(session, campaign_id, me.account_id, new, unserved)
        return reads.whole_plan(session, campaign_id)

    return transact(work)


@bp.get("/campaigns/<uuid:campaign_id>/routing/versions")
@permission("campaigns.read")
@bp.response(200, wire.PlanVersions)
def list_versions(campaign_id: UUID) -> Any:
    """Who published what and why, newest first."""
    return {"items": transact(lambda session: published.versions(session, RoutingPlan, campaign_id))}


@bp.get("/campaigns/<uuid:campaign_id>/routing/versions/<int(max=1000000):number>")
@permission("campaigns.read")
@bp.response(200, wire.PlanRead)
def read_version(campaign_id: UUID, number: int) -> Any:
    """An old version as it was published; to go back to it, publish it anew."""
    return transact(lambda session: published.one_version(session, RoutingPlan, campaign_id, number))


@bp.get("/skills")
@permission("people.supervise")
@bp.response(200, wire.SkillMatrix)
def read_skills() -> Any:
    """Every agent of the outsourcer with their levels, and the names of the skills that granted campaigns ask for."""
    named = in_each_administration(matrix.skills)
    return transact(lambda session: matrix.of_outsourcer(session, named))


@bp.put("/agents/<uuid:agent_id>/abilities")
@permission("people.supervise")
@bp.arguments(wire.Abilities)
@bp.response(200, wire.AgentAbilities)
def put_abilities(body: dict[str, Any], agent_id: UUID) -> Any:
    """Say what an agent can do from now on. 409 `conflict` when somebody else did first."""
    version = body.pop("version")

    def work(session: Session) -> dict[str, Any]:
        abilities.put(session, agent_id, version, Abilities(**body))
        return matrix.people(session, agent_id)[0]

    return transact(work)
