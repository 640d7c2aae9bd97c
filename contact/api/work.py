"""An agent's own work: state, offers, assignments."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from sqlalchemy import select
from sqlalchemy.orm import Session

from contact.api.context import about, in_each_administration, signed_in, transact
from contact.api.permissions import permission
from contact.domain.errors import NotFound
from contact.domain.vocabulary import PresenceState, TicketState
from contact.models import Presence
from contact.queries import campaigns
from contact.queries import transfers as passing
from contact.queries import work as reads
from contact.queries.shapes import Reader
from contact.schemas import supervision
from contact.schemas import work as wire
from contact.services import assignments, clock, offers, presence, replies, transfers
from contact.services.assignments import Ending
from contact.services.transfers import Target

bp = Blueprint("work", __name__, description="An agent's state, offers and assignments.")


@bp.get("/me/work")
@permission("work.own")
@bp.response(200, wire.Work)
def read_work() -> Any:
    """Everything before the agent now: their state, the offers, what they hold."""
    me = signed_in()

    def own(session: Session) -> tuple[Any, Any, list[UUID]]:
        held = session.scalar(select(Presence).where(Presence.agent_id == me.account_id))
        return clock.now(session), held, reads.tenants_with_work(session)

    server_time, held, tenants = transact(own)
    return {
        "server_time": server_time,
        "presence": _presence(held) if held else None,
        "offers": in_each_administration(reads.open_offers, tenants),
        "assignments": in_each_administration(reads.live_assignments, tenants),
    }


@bp.put("/me/state")
@permission("work.own")
@bp.arguments(wire.StateChange)
@bp.response(200, wire.Presence)
def change_state(body: dict[str, Any]) -> Any:
    """Become ready, pause with a reason, or go offline. Work in hand stays."""
    me = signed_in()
    state = PresenceState(body["state"])
    return transact(lambda session: _presence(presence.set_state(session, me.account_id, state, body["reason"])))


@bp.post("/offers/<uuid:offer_id>/accept")
@permission("work.own")
@bp.response(200, wire.Assignment)
def accept_offer(offer_id: UUID) -> Any:
    """Take the contact. 409 `offer_gone` when it ran out or was withdrawn."""

    def work(session: Session, reader: Reader) -> Any:
        return _view(session, reader, offers.accept(session, offer_id, reader.account_id).id)

    return about("offer", offer_id, work)


@bp.post("/offers/<uuid:offer_id>/decline")
@permission("work.own")
@bp.response(204)
def decline_offer(offer_id: UUID) -> None:
    """Give the contact back; it keeps its place."""
    about("offer", offer_id, lambda session, reader: offers.decline(session, offer_id, reader.account_id))


@bp.post("/assignments/<uuid:assignment_id>/wrap")
@permission("work.own")
@bp.response(200, wire.Assignment)
def wrap_assignment(assignment_id: UUID) -> Any:
    """End the conversation and begin wrap-up."""

    def work(session: Session, reader: Reader) -> Any:
        return _view(session, reader, assignments.wrap(session, assignment_id, reader.account_id).id)

    return about("assignment", assignment_id, work)


@bp.post("/assignments/<uuid:assignment_id>/extend")
@permission("work.own")
@bp.response(200, wire.Assignment)
def extend_assignment(assignment_id: UUID) -> Any:
    """Another wrap-up time from now."""

    def work(session: Session, reader: Reader) -> Any:
        return _view(session, reader, assignments.extend(session, assignment_id, reader.account_id).id)

    return about("assignment", assignment_id, work)


@bp.post("/assignments/<uuid:assignment_id>/finish")
@permission("work.own")
@bp.arguments(wire.Ending)
@bp.response(204)
def finish_assignment(body: dict[str, Any], assignment_id: UUID) -> None:
    """Close the work with its wrap-up code; the note, if any, is kept once however often this is asked."""

    def work(session: Session, reader: Reader) -> None:
        ending = Ending(body["wrap_up_code"], TicketState(body["ticket_state"]))
        done = assignments.finish(session, assignment_id, reader.account_id, ending)
        if body.get("note"):
            replies.note(session, done.ticket_id, reader.account_id, body["note"], f"wrap-up-{assignment_id}")

    about("assignment", assignment_id, work)


@bp.get("/assignments/<uuid:assignment_id>/transfer-targets")
@permission("work.own")
@bp.response(200, wire.TransferTargets)
def read_transfer_targets(assignment_id: UUID) -> Any:
    """To whom the conversation can be passed on, and how things stand there."""
    return about("assignment", assignment_id, lambda session, reader: passing.targets(session, reader, assignment_id))


@bp.post("/assignments/<uuid:assignment_id>/transfer")
@permission("work.own")
@bp.arguments(wire.Transfer)
@bp.response(204)
def transfer_assignment(body: dict[str, Any], assignment_id: UUID) -> None:
    """Pass the conversation on; the citizen keeps their place. 409 `not_yours` when it is over."""

    def work(session: Session, reader: Reader) -> None:
        transfers.transfer(session, assignment_id, reader.account_id, Target(**body))

    about("assignment", assignment_id, work)


@bp.get("/me/campaigns")
@permission("campaigns.work")
@bp.response(200, supervision.Campaigns)
def read_campaigns() -> Any:
    """The campaigns the account has a grant for."""

    def read(session: Session, reader: Reader) -> list[dict[str, Any]]:
        return campaigns.campaigns(session, reader.language, reader.campaign_ids)

    return {"items": in_each_administration(read)}


@bp.get("/wrap-up-codes")
@permission("campaigns.work")
@bp.arguments(supervision.CodeQuery, location="query")
@bp.response(200, supervision.Codes)
def read_codes(query: dict[str, UUID]) -> Any:
    """The wrap-up codes of a campaign."""
    campaign_id = query["campaign_id"]

    def read(session: Session, reader: Reader) -> list[dict[str, Any]]:
        return campaigns.wrap_up_codes(session, campaign_id, reader.language)

    return {"items": about("campaign", campaign_id, read)}


def _presence(held: Presence) -> dict[str, Any]:
    return {
        "state": held.state,
        "reason": held.reason,
        "since_at": held.since_at,
        "channels": presence.channels(held),
    }


def _view(session: Session, reader: Reader, assignment_id: UUID) -> Any:
    """The assignment as `/me/work` shows it."""
    session.flush()
    for view in reads.live_assignments(session, reader):
        if view.id == assignment_id:
            return view
    raise NotFound()
