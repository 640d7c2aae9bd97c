"""An agent's browser telephone: open in one tab at a time, for the account of whose citizens they answer."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contact.domain.errors import SoftphoneElsewhere
from contact.models import CarrierAccount, Endpoint, Interaction, SoftphoneLease
from contact.services import clock


def lease(session: Session, outsourcer_id: UUID, agent_id: UUID, tab: str, seconds: int, *, takes: bool) -> datetime:
    """Until when *tab* has the agent's telephone; asked again by the same tab, it is renewed.

    Raises:
        SoftphoneElsewhere: another tab has it, and this one does not take it.
    """
    now = clock.now(session)
    until = now + timedelta(seconds=seconds)
    values = {"outsourcer_id": outsourcer_id, "agent_id": agent_id, "tab": tab, "leased_until": until}
    is_free = (SoftphoneLease.tab == tab) | (SoftphoneLease.leased_until <= now)
    given: datetime | None = session.scalar(
        insert(SoftphoneLease)
        .values(**values)
        .on_conflict_do_update(
            index_elements=["agent_id"],
            set_={"tab": tab, "leased_until": until},
            where=None if takes else is_free,
        )
        .returning(SoftphoneLease.leased_until)
    )
    if given is None:
        held = session.execute(select(SoftphoneLease.leased_until).where(SoftphoneLease.agent_id == agent_id))
        raise SoftphoneElsewhere(until=held.scalar_one().isoformat())
    return given


def release(session: Session, agent_id: UUID, tab: str, until: datetime) -> None:
    """The page of *tab* that had it *until* then is gone: whichever comes next is the agent's telephone.

    Another tab keeps it, and so does the same tab's next page, which may be heard of first.
    """
    session.execute(
        update(SoftphoneLease)
        .where(SoftphoneLease.agent_id == agent_id, SoftphoneLease.tab == tab, SoftphoneLease.leased_until == until)
        .values(leased_until=clock.now(session))
    )


def account_id(session: Session, interaction_id: UUID | None) -> UUID | None:
    """The telephone account of a conversation, or of the administration; None where there is none for browsers."""
    wanted = select(CarrierAccount.id).where(
        CarrierAccount.disabled_at.is_(None), CarrierAccount.application_sid.is_not(None)
    )
    if interaction_id is not None:
        wanted = wanted.where(
            CarrierAccount.id
            == select(Endpoint.account_id)
            .join(Interaction, Interaction.endpoint_id == Endpoint.id)
            .where(Interaction.id == interaction_id)
            .scalar_subquery()
        )
    return session.scalar(wanted.order_by(CarrierAccount.created_at).limit(1))
