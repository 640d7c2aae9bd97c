"""Sign in and out: sessions live in the database, an epoch per account ends them all at once."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from contact import audit
from contact.domain.errors import InvalidRequest
from contact.domain.rooms import person_room
from contact.models import Account, SignInSession
from contact.models.base import LOCK
from contact.outbox import announce
from contact.services import clock
from contact.services.chat import digest

PASSWORD_CHARACTERS_MIN = 12
_hasher = PasswordHasher()
# Checked when there is no such account, so that both answers take the same time: of a random password, as slow as
# those of today. Made anew in each process it would be what its start takes longest for.
NO_SUCH_HASH = "$argon2id$v=19$m=65536,t=3,p=4$Mo7EfQtcwVxUMAx+m+BH5Q$HolRaRM+wLvW79ZPa3wtqrOxLNG0xc+hWS8GW2r2RA0"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a request comes from, read anew for each from the session's row."""

    session_id: UUID
    account_id: UUID
    epoch: int
    role: str
    language: str
    outsourcer_id: UUID | None
    tenant_id: UUID | None


@dataclass(frozen=True, slots=True)
class Known:
    """An account found by its login, before anything is proven."""

    account_id: UUID
    outsourcer_id: UUID | None
    tenant_id: UUID | None


def hash_password(password: str) -> str:
    """Slow on purpose (tens of milliseconds of CPU): never on the socket hub."""
    return _hasher.hash(password)


def is_password(stored: str, password: str) -> bool:
    """Slow on purpose: never on the socket hub."""
    try:
        return _hasher.verify(stored, password)
    except (Argon2Error, InvalidHashError):
        return False


def find_account(session: Session, login: str) -> Known | None:
    """The account of *login*, in any spelling of case, or None."""
    row = session.execute(
        text("SELECT * FROM account_by_login(:login)"), {"login": login.strip().lower()}
    ).one_or_none()
    return Known(*row) if row else None


def stored_hash(session: Session, account_id: UUID) -> str:
    """The hash to check a password against."""
    return session.execute(select(Account.password_hash).where(Account.id == account_id)).scalar_one()


def conclude(
    session: Session, account_id: UUID, is_right: bool, *, hours: float, failures_max: int, lock_seconds: float
) -> str | None:
    """Record an attempt; the new session's token, or None: wrong, or locked after too many wrong ones."""
    account = session.get_one(Account, account_id, with_for_update=LOCK)
    now = clock.now(session)
    is_locked = account.locked_until is not None and account.locked_until > now
    if is_locked or not is_right:
        if not is_locked:
            account.failures += 1
            if account.failures >= failures_max:
                account.locked_until, account.failures = now + timedelta(seconds=lock_seconds), 0
        audit.record(session, "sign_in.refused", "account", account_id, is_locked=is_locked)
        return None
    account.failures, account.locked_until = 0, None
    return open_session(session, account, hours)


def open_session(session: Session, account: Account, hours: float) -> str:
    """A session under the account's present epoch; returns its token, which is stored only as a digest."""
    token = secrets.token_urlsafe(32)
    expires_at = clock.now(session) + timedelta(hours=hours)
    session.add(
        SignInSession(account_id=account.id, token_hash=digest(token), epoch=account.epoch, expires_at=expires_at)
    )
    audit.record(session, "sign_in.opened", "account", account.id)
    return token


def identify(session: Session, token: str) -> Identity | None:
    """Who holds *token*; None when it is unknown, has run out, or its epoch has passed."""
    row = session.execute(text("SELECT * FROM session_by_token(:digest)"), {"digest": digest(token)}).one_or_none()
    return Identity(**row._mapping) if row else None


def end_all(session: Session, account_id: UUID, why: str) -> None:
    """End every session and socket of the account (a sign-out, a new password, a revocation)."""
    session.execute(select(func.raise_epoch(account_id)))
    audit.record(session, "sessions.ended", "account", account_id, why=why)
    announce(session, person_room(account_id), "epoch")


def change_password(session: Session, account_id: UUID, new_hash: str) -> None:
    """Store the new hash and end every session."""
    account = session.get_one(Account, account_id, with_for_update=LOCK)
    account.password_hash = new_hash
    end_all(session, account_id, "new_password")


def check_new_password(password: str) -> None:
    """
    Raises:
        InvalidRequest: too short.
    """
    if len(password) < PASSWORD_CHARACTERS_MIN:
        raise InvalidRequest(fields={"new_password": ["too_short"]})


def epochs(session: Session, accounts: list[UUID]) -> dict[UUID, int]:
    """The present epoch of each account that may still be signed in."""
    rows = session.execute(text("SELECT * FROM account_epochs(:accounts)"), {"accounts": accounts})
    return {row.account_id: row.epoch for row in rows}
