"""A supervisor's hand on a campaign's voice line: open or closed to all for a time, and taken off again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contact.domain.errors import Conflict, NotFound
from contact.domain.rooms import wallboard_room
from contact.models import AgentGrant, ValveOverride
from contact.outbox import announce
from contact.services import clock


@dataclass(frozen=True, slots=True)
class NewOverride:
    """*replaces* is the one that was in force when this one was decided on, None for none."""

    state: str
    reason: str
    minutes: int
    replaces: UUID | None = None


def override_of(session: Session, campaign_id: UUID) -> str | None:
    """`open` or `closed` by a supervisor's hand at this moment; None when no override is in force."""
    standing = _unended(session, campaign_id)
    return standing.state if standing is not None and standing.until_at > clock.now(session) else None


def put(session: Session, campaign_id: UUID, account_id: UUID, new: NewOverride) -> ValveOverride:
    """Order it; of two who order at once the second is told.

    Raises:
        Conflict: Another is in force than was seen; facts carry its id.
    """
    now = clock.now(session)
    standing = _unended(session, campaign_id)
    in_force = standing.id if standing is not None and standing.until_at > now else None
    if in_force != new.replaces:
        raise Conflict(override_id=in_force and str(in_force))
    if standing is not None:
        _end(standing, min(now, standing.until_at), account_id if in_force else None)
        # Two that have not ended are refused by the database: the first has to be written before the second.
        session.flush()
    made = ValveOverride(
        tenant_id=session.info["scope"].tenant_id,
        campaign_id=campaign_id,
        state=new.state,
        reason=new.reason,
        account_id=account_id,
        until_at=now + timedelta(minutes=new.minutes),
    )
    session.add(made)
    session.flush()
    _tell(session, campaign_id)
    return made


def lift(session: Session, campaign_id: UUID, account_id: UUID, override_id: UUID) -> None:
    """End it before its time.

    Raises:
        NotFound: The campaign has no such override in force.
    """
    now, standing = clock.now(session), _unended(session, campaign_id)
    if standing is None or standing.id != override_id or standing.until_at <= now:
        raise NotFound()
    _end(standing, now, account_id)
    _tell(session, campaign_id)


def _unended(session: Session, campaign_id: UUID) -> ValveOverride | None:
    query = select(ValveOverride).where(ValveOverride.campaign_id == campaign_id, ValveOverride.ended_at.is_(None))
    return session.scalars(query).one_or_none()


def _end(one: ValveOverride, at: datetime, by: UUID | None) -> None:
    one.ended_at, one.ended_by = at, by


def _tell(session: Session, campaign_id: UUID) -> None:
    """The wallboards of all who work for the campaign."""
    of = select(AgentGrant.outsourcer_id).where(AgentGrant.campaign_id == campaign_id, AgentGrant.revoked_at.is_(None))
    for outsourcer_id in session.scalars(of.distinct()):
        announce(session, wallboard_room(outsourcer_id), "wallboard")
