"""The agent's browser as a telephone: a token of the provider's for the one tab that may have it."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from channels.base import SendRejected
from channels.twilio import calling, voice
from contact.api.context import about, house, in_each_administration, signed_in, transact
from contact.api.permissions import permission
from contact.domain.carrier import Account
from contact.domain.errors import SoftphoneOff
from contact.queries.shapes import Reader
from contact.schemas import calls as wire
from contact.services import carrier_accounts, softphone

# Twilio allows a day; a tab that was closed is not waited for much longer than this.
TOKEN_SECONDS = 300

bp = Blueprint("softphone", __name__, description="The agent's browser as a telephone.")


@bp.post("/softphone/token")
@permission("work.own")
@bp.arguments(wire.SoftphoneWish)
@bp.response(200, wire.Softphone)
def give_token(body: dict[str, Any]) -> Any:
    """What the page needs to be the agent's telephone, for the account of a conversation's administration.

    409 `softphone_elsewhere` while another tab has it, unless this one takes it; renewed by asking again.
    """
    me = signed_in()
    account = _account(body["interaction_id"])
    if account is None or me.outsourcer_id is None:
        raise SoftphoneOff()
    identity, outsourcer_id = voice.identity(me.account_id), me.outsourcer_id
    try:
        token = calling.token(account, identity, TOKEN_SECONDS)
    except SendRejected as fault:
        raise SoftphoneOff() from fault
    until = transact(
        lambda session: softphone.lease(
            session, outsourcer_id, me.account_id, body["tab"], TOKEN_SECONDS, takes=body["take"]
        )
    )
    settings = house().settings
    return {
        "token": token,
        "identity": identity,
        "provider": "twilio" if settings.has_twilio else "carrier",
        "url": "" if settings.has_twilio else f"{settings.twilio_base_url}/carrier/client",
        "expires_in_seconds": TOKEN_SECONDS,
        "leased_until": until,
    }


@bp.delete("/softphone/token")
@permission("work.own")
@bp.arguments(wire.SoftphoneTab, location="query")
@bp.response(204)
def leave(query: dict[str, Any]) -> None:
    """The page that was the agent's telephone is being left: the next one need not take it."""
    me = signed_in()
    transact(lambda session: softphone.release(session, me.account_id, query["tab"], query["until"]))


def _account(interaction_id: UUID | None) -> Account | None:
    """The account that the conversation came by; without one, the first that the agent works with."""

    def find(session: Session, _reader: Reader) -> list[Account]:
        account_id = softphone.account_id(session, interaction_id)
        found = account_id and carrier_accounts.enter(session, account_id, house().settings.secret_key)
        return [found] if found else []

    if interaction_id is not None:
        return next(iter(about("interaction", interaction_id, find)), None)
    return next(iter(in_each_administration(find)), None)
