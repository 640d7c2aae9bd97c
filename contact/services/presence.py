"""Where an agent is, and the room their work takes."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from contact import scope
from contact.domain.errors import NotFound
from contact.domain.rooms import person_room, wallboard_room
from contact.domain.vocabulary import Channel, PresenceState, RestReason
from contact.models import Agent, Presence
from contact.models.base import LOCK
from contact.outbox import announce, wake_router
from contact.services import clock

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def locked(session: Session, agent_id: UUID) -> Presence:
    """The agent's presence, held until the end of the transaction. Lock it last: after ticket, contact and offer.

    Where a citizen or an administration acts, the transaction enters the agent's outsourcer here: the agent's row is
    visible to them by its grant.

    Raises:
        NotFound: No such agent in sight.
    """
    outsourcer_id = session.scalar(select(Agent.outsourcer_id).where(Agent.id == agent_id))
    if outsourcer_id is None:
        raise NotFound()
    if session.info["scope"].outsourcer_id is None:
        scope.enter(session, outsourcer_id=outsourcer_id)
    presence = session.get(Presence, agent_id, with_for_update=LOCK, populate_existing=True)
    if presence is None:
        raise NotFound()
    return presence


def set_state(session: Session, agent_id: UUID, state: PresenceState, reason: str | None) -> Presence:
    """Go to *state*. Ready begins a new turn and forgets missed offers; live work stays whatever the state."""
    presence = locked(session, agent_id)
    now = clock.now(session)
    if (presence.state, presence.reason) != (state, reason):
        presence.state, presence.reason, presence.since_at = state, reason, now
    presence.last_seen_at = now
    if state is PresenceState.READY:
        presence.ready_since_at = now
        presence.missed_offers = 0
    changed(session, presence)
    return presence


def sign_off(session: Session, agent_id: UUID) -> None:
    """The agent leaves: nobody will hear of them, and the dispatcher gives back what they hold at its next look."""
    presence = set_state(session, agent_id, PresenceState.OFFLINE, None)
    presence.last_seen_at = LONG_AGO


def seen(session: Session, agent_ids: list[UUID]) -> list[UUID]:
    """The agents' pages are alive. Those of them who rest, perhaps only for their silence: see `wake`.

    A beat that comes behind a sign-out does not undo it.
    """
    # Locked in their order: the dispatcher takes many of the same rows at once.
    held = (
        select(Presence.agent_id)
        .where(Presence.agent_id.in_(agent_ids), Presence.last_seen_at.is_distinct_from(LONG_AGO))
        .order_by(Presence.agent_id)
        .with_for_update(key_share=True)
        .cte("held")
    )
    rows = session.execute(
        update(Presence)
        .where(Presence.agent_id == held.c.agent_id)
        .values(last_seen_at=func.clock_timestamp())
        .returning(Presence.agent_id, Presence.state)
        .execution_options(synchronize_session=False)
    )
    return [row.agent_id for row in rows if row.state == PresenceState.RESTING]


def wake(session: Session, agent_id: UUID) -> None:
    """End a rest that only silence caused: the page answers again."""
    held = locked(session, agent_id)
    if held.state == PresenceState.RESTING and held.reason == RestReason.SILENT:
        set_state(session, agent_id, PresenceState.READY, None)


def missed(session: Session, agent_id: UUID, most: int) -> None:
    """A call that the agent accepted could not be put through; after *most* in a row they rest, told why.

    It counts like an offer that nobody answered.
    """
    presence = locked(session, agent_id)
    presence.missed_offers += 1
    if presence.state == PresenceState.READY and presence.missed_offers >= most:
        presence.state, presence.reason = PresenceState.RESTING, RestReason.UNREACHABLE
        presence.since_at = clock.now(session)
    changed(session, presence)


def free_room(session: Session, agent_id: UUID, channel: str) -> Presence:
    """One piece of work less; a capacity lowered meanwhile comes into force, and the router may offer again."""
    presence = locked(session, agent_id)
    load = getattr(presence, f"load_{channel}") - 1
    capacity = session.execute(select(getattr(Agent, f"capacity_{channel}")).where(Agent.id == agent_id)).scalar_one()
    setattr(presence, f"load_{channel}", load)
    setattr(presence, f"limit_{channel}", max(load, capacity))
    # Whoever has just finished is the last to be asked again.
    presence.ready_since_at = clock.now(session)
    changed(session, presence)
    return presence


def changed(session: Session, presence: Presence) -> None:
    """Tell the router, the agent's own screens and the supervisors."""
    pool_id = session.execute(select(Agent.pool_id).where(Agent.id == presence.agent_id)).scalar_one()
    wake_router(session, pool_id, "agent", presence.agent_id)
    announce(session, person_room(presence.agent_id), "work")
    announce(session, wallboard_room(presence.outsourcer_id), "wallboard")


def channels(presence: Presence) -> dict[str, dict[str, int]]:
    """What the agent holds and may hold: `{"chat": {"load": 1, "capacity": 3}, ...}`."""
    return {
        channel: {"load": getattr(presence, f"load_{channel}"), "capacity": getattr(presence, f"limit_{channel}")}
        for channel in Channel
    }
