"""What an administration decides of how a campaign is reached: its policy, drafted, checked, published, taken back."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from contact.api.context import language, signed_in, transact
from contact.api.permissions import permission
from contact.queries import policies as reads
from contact.queries import policy_simulations as simulations
from contact.queries import seasons
from contact.schemas import policy_simulation as simulation_wire
from contact.schemas import policy_versions as wire
from contact.services import policies, policy_simulations
from contact.services.policies import Draft, Publication

bp = Blueprint("policies", __name__, description="Policies of campaigns.")


@bp.get("/campaigns/<uuid:campaign_id>/policy")
@permission("campaigns.read")
@bp.response(200, wire.Policy)
def read_policy(campaign_id: UUID) -> Any:
    """What was published last, and the draft; of a campaign that published none, one to begin with."""
    reader = language()
    return transact(lambda session: reads.whole_policy(session, campaign_id, reader))


@bp.post("/campaigns/<uuid:campaign_id>/policy/check")
@permission("campaigns.manage")
@bp.arguments(wire.PolicyCheck)
@bp.response(200, wire.PolicyChanges)
def check_policy(body: dict[str, Any], campaign_id: UUID) -> Any:
    """Judge a document without keeping it: its faults, else what it would change, in words."""
    reader = language()
    return {"changes": transact(lambda session: reads.changes(session, campaign_id, body["document"], reader))}


@bp.put("/campaigns/<uuid:campaign_id>/policy/draft")
@permission("campaigns.manage")
@bp.arguments(wire.PolicyDraft)
@bp.response(200, wire.Policy)
def save_draft(body: dict[str, Any], campaign_id: UUID) -> Any:
    """Keep the campaign's one draft, right or wrong. 409 `conflict` when somebody else changed it."""
    me, new = signed_in(), Draft(**body)
    return _changed(campaign_id, lambda session: policies.save(session, campaign_id, me.account_id, new))


@bp.delete("/campaigns/<uuid:campaign_id>/policy/draft")
@permission("campaigns.manage")
@bp.arguments(wire.PolicyDraftQuery, location="query")
@bp.response(204)
def discard_draft(query: dict[str, int], campaign_id: UUID) -> None:
    """Throw away the draft that was read. 409 `conflict` when somebody else changed it."""
    transact(lambda session: policies.discard(session, campaign_id, query["version"]))


@bp.post("/campaigns/<uuid:campaign_id>/policy/draft/publish")
@permission("campaigns.manage")
@bp.arguments(wire.PolicyPublication)
@bp.response(200, wire.Policy)
def publish_draft(body: dict[str, Any], campaign_id: UUID) -> Any:
    """Bring the draft into force now or at a time; where a second person is wanted, propose it to them.

    409 `conflict` when another version came first.
    """
    me, how = signed_in(), Publication(**body)
    return _changed(campaign_id, lambda session: policies.publish(session, campaign_id, me.account_id, how))


@bp.post("/campaigns/<uuid:campaign_id>/policy/draft/approve")
@permission("campaigns.manage")
@bp.arguments(wire.PolicyApproval)
@bp.response(200, wire.Policy)
def approve_draft(body: dict[str, Any], campaign_id: UUID) -> Any:
    """Publish what somebody else proposed. 409 `second_person_needed` for one's own."""
    me = signed_in()
    return _changed(campaign_id, lambda session: policies.approve(session, campaign_id, me.account_id, body["version"]))


@bp.post("/campaigns/<uuid:campaign_id>/policy/draft/simulate")
@permission("campaigns.manage")
@bp.arguments(wire.PolicyApproval)
@bp.response(202, simulation_wire.PolicySimulated)
def simulate_draft(body: dict[str, Any], campaign_id: UUID) -> Any:
    """Try the draft that was read on a season, beside the policy in force; one that was asked for before is given up.

    It takes a while: ask the version for its simulation. 409 `conflict` when somebody else changed the draft.
    """
    me = signed_in()

    def work(session: Session) -> dict[str, Any]:
        known = seasons.known(session, campaign_id)
        made = policy_simulations.start(session, campaign_id, me.account_id, body["version"], known)
        return {"simulation": simulations.told(session, made)}

    return transact(work)


@bp.post("/campaigns/<uuid:campaign_id>/policy/roll-back")
@permission("campaigns.manage")
@bp.arguments(wire.PolicyRollBack)
@bp.response(200, wire.Policy)
def roll_back(body: dict[str, Any], campaign_id: UUID) -> Any:
    """Take the version published last out of force: the one before comes back at once, as a new version."""
    me = signed_in()
    return _changed(
        campaign_id,
        lambda session: policies.roll_back(session, campaign_id, me.account_id, body["number"], body["reason"]),
    )


@bp.get("/campaigns/<uuid:campaign_id>/policy/versions")
@permission("campaigns.read")
@bp.response(200, wire.PolicyVersions)
def list_versions(campaign_id: UUID) -> Any:
    """Who published what, when and why, newest first; the draft with them."""
    return {"items": transact(lambda session: reads.listed(session, campaign_id))}


@bp.get("/campaigns/<uuid:campaign_id>/policy/versions/<int(max=1000000):number>")
@permission("campaigns.read")
@bp.response(200, wire.PolicyRead)
def read_version(campaign_id: UUID, number: int) -> Any:
    """One version with its document, and what it changed."""
    reader = language()
    return transact(lambda session: reads.one_version(session, campaign_id, number, reader))


@bp.get("/campaigns/<uuid:campaign_id>/policy/versions/<int(max=1000000):number>/simulation")
@permission("campaigns.manage")
@bp.response(200, simulation_wire.PolicySimulated)
def read_simulation(campaign_id: UUID, number: int) -> Any:
    """What a version came to when it was tried, or how far that is; null where nobody did."""
    return {"simulation": transact(lambda session: simulations.of_version(session, campaign_id, number))}


def _changed(campaign_id: UUID, change: Callable[[Session], object]) -> Any:
    """Do it, and tell the policy as it is then."""
    reader = language()

    def work(session: Session) -> dict[str, Any]:
        change(session)
        return reads.whole_policy(session, campaign_id, reader)

    return transact(work)
