"""Withdraw a person's right to work for a campaign."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contact.domain.errors import NotFound
from contact.domain.vocabulary import LIVE_ASSIGNMENTS, OfferState
from contact.models import Agent, AgentGrant, Assignment, Offer
from contact.models.base import LOCK
from contact.outbox import wake_router
from contact.services import assignments, clock, sign_in


def revoke(session: Session, grant_id: UUID) -> AgentGrant:
    """End the grant: what the person holds for the campaign waits again, their sessions and sockets end.

    Raises:
        NotFound: No such grant of this administration.
    """
    grant = session.get(AgentGrant, grant_id, with_for_update=LOCK)
    if grant is None:
        raise NotFound()
    if grant.revoked_at is None:
        grant.revoked_at = clock.now(session)
        pool_id = session.execute(select(Agent.pool_id).where(Agent.id == grant.account_id)).scalar_one()
        wake_router(session, pool_id, "agent", grant.account_id)
        for contact_id in _held(session, grant_id):
            assignments.give_back(session, contact_id, grant_id)
        sign_in.end_all(session, grant.account_id, "grant_revoked")
    return grant


def _held(session: Session, grant_id: UUID) -> list[UUID]:
    """The contacts that are offered or served under the grant."""
    offered = select(Offer.contact_id).where(Offer.grant_id == grant_id, Offer.state == OfferState.OFFERED)
    served = select(Assignment.contact_id).where(
        Assignment.grant_id == grant_id, Assignment.state.in_(LIVE_ASSIGNMENTS)
    )
    return sorted(session.scalars(offered.union(served)))
