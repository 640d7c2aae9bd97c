"""Sign in, sign out, and one's own account."""

from typing import Any

from flask import Response, g, request
from flask_smorest import Blueprint
from sqlalchemy import select
from sqlalchemy.orm import Session

from config import metrics
from contact.api.context import (
    SESSION_COOKIE,
    forget_identity,
    house,
    identity,
    off_hub,
    request_id,
    signed_in,
    transact,
)
from contact.api.limits import limiter, per_address
from contact.api.permissions import permission, public
from contact.api.tokens import SOCKET_TOKEN_SECONDS, csrf_token, socket_token
from contact.domain.errors import BadCredentials, NotSignedIn
from contact.domain.vocabulary import Role
from contact.models import Account, Administrator, Agent
from contact.schemas import account as wire
from contact.scope import Scope
from contact.services import presence, sign_in

bp = Blueprint("accounts", __name__, description="Sign in, sign out, and one's own account.")


@bp.post("/session")
@public
@limiter.limit("30 per minute", key_func=per_address)
@bp.arguments(wire.SignIn)
@bp.response(200, wire.SignedIn)
def open_session(body: dict[str, str]) -> Any:
    """Sign in. The answer is the same for an unknown login, a wrong password and a locked account."""
    token = _prove(body["login"], body["password"])
    if token is None:
        metrics.sign_in_failures.inc()
        raise BadCredentials()
    forget_identity(token)
    g.new_session = token
    return _told(token)


@bp.get("/session")
@public
@bp.response(200, wire.SignedIn)
def read_session() -> Any:
    """Who is signed in, with the token that changes need in `X-CSRF-Token`."""
    if identity() is None:
        raise NotSignedIn()
    return _told(request.cookies[SESSION_COOKIE])


@bp.delete("/session")
@permission("account.own")
@bp.response(204)
def close_session() -> None:
    """Sign out: every session and socket of the account ends, and an agent goes offline."""
    me = signed_in()

    def work(session: Session) -> None:
        if me.role == Role.AGENT:
            presence.sign_off(session, me.account_id)
        sign_in.end_all(session, me.account_id, "signed_out")

    transact(work)
    g.new_session = ""


@bp.put("/session/password")
@permission("account.own")
@limiter.limit("10 per minute", key_func=per_address)
@bp.arguments(wire.NewPassword)
@bp.response(204)
def change_password(body: dict[str, str]) -> None:
    """Change one's password; every session ends but a new one for this browser."""
    me = signed_in()
    sign_in.check_new_password(body["new_password"])
    stored = transact(lambda session: sign_in.stored_hash(session, me.account_id))
    if not off_hub(sign_in.is_password, stored, body["current_password"]):
        raise BadCredentials()
    new_hash = off_hub(sign_in.hash_password, body["new_password"])
    settings = house().settings

    def work(session: Session) -> str:
        sign_in.change_password(session, me.account_id, new_hash)
        session.expire_all()
        return sign_in.open_session(session, session.get_one(Account, me.account_id), settings.session_hours)

    g.new_session = transact(work)


@bp.post("/session/socket-token")
@permission("account.own")
@bp.response(200, wire.SocketToken)
def give_socket_token() -> dict[str, Any]:
    """A token that opens one socket, for a minute."""
    me = signed_in()
    told = {
        "account": str(me.account_id),
        "epoch": me.epoch,
        "role": me.role,
        "outsourcer": str(me.outsourcer_id or ""),
    }
    return {"token": socket_token(told), "expires_in_seconds": SOCKET_TOKEN_SECONDS}


@bp.patch("/account")
@permission("account.own")
@bp.arguments(wire.AccountChange)
@bp.response(200, wire.Account)
def change_account(body: dict[str, str]) -> Any:
    """Choose one's language."""
    me = signed_in()

    def work(session: Session) -> None:
        session.get_one(Account, me.account_id).language = body["language"]

    transact(work)
    return _account() | {"language": body["language"]}


def send_cookie(response: Response) -> Response:
    """Set or clear the session cookie as the view decided."""
    token = g.pop("new_session", None)
    if token is not None:
        response.set_cookie(
            SESSION_COOKIE,
            token,
            max_age=int(house().settings.session_hours * 3600) if token else 0,
            secure=house().settings.has_secure_cookies,
            httponly=True,
            samesite="Lax",
        )
    return response


def _prove(login: str, password: str) -> str | None:
    """Check the password outside any transaction, beside the hub; a new session's token, or None."""
    settings, database = house().settings, house().database
    looking = Scope(action="sign_in", request_id=request_id())
    known = database.run(looking, lambda session: sign_in.find_account(session, login))
    if known is None:
        off_hub(sign_in.is_password, sign_in.NO_SUCH_HASH, password)
        return None
    of = Scope(
        action="sign_in",
        actor_kind="account",
        actor_id=known.account_id,
        account_id=known.account_id,
        outsourcer_id=known.outsourcer_id,
        tenant_id=known.tenant_id,
        request_id=request_id(),
    )
    stored = database.run(of, lambda session: sign_in.stored_hash(session, known.account_id))
    is_right = off_hub(sign_in.is_password, stored, password)
    return database.run(
        of,
        lambda session: sign_in.conclude(
            session,
            known.account_id,
            is_right,
            hours=settings.session_hours,
            failures_max=settings.sign_in_failures_max,
            lock_seconds=settings.sign_in_lock_seconds,
        ),
    )


def _told(token: str) -> dict[str, Any]:
    return {"account": _account(), "csrf_token": csrf_token(token)}


def _account() -> dict[str, Any]:
    me = signed_in()

    def read(session: Session) -> dict[str, Any]:
        login = session.execute(select(Account.login).where(Account.id == me.account_id)).scalar_one()
        table = Administrator if me.role == Role.ADMINISTRATOR else Agent
        name = session.scalar(select(table.name).where(table.id == me.account_id))
        return {"id": me.account_id, "login": login, "name": name or login, "role": me.role, "language": me.language}

    return transact(read)
