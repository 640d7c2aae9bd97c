"""Versions of what an administration publishes for a campaign: a routing plan, a phone menu."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from contact.domain.errors import NotFound
from contact.models import Administrator, Campaign, PhoneMenu, RoutingPlan
from contact.queries.shapes import Named

Published = PhoneMenu | RoutingPlan


def campaign_of(session: Session, campaign_id: UUID) -> Campaign:
    """
    Raises:
        NotFound: No such campaign.
    """
    campaign = session.get(Campaign, campaign_id)
    if campaign is None:
        raise NotFound()
    return campaign


def versions(session: Session, table: type[Published], campaign_id: UUID) -> list[dict[str, Any]]:
    """Every published version, newest first.

    Raises:
        NotFound: No such campaign.
    """
    campaign_of(session, campaign_id)
    query = select(table).where(table.campaign_id == campaign_id).order_by(table.number.desc())
    found: list[Published] = list(session.scalars(query.options(defer(table.document))))
    names = _authors(session, found)
    return [_version(one, names) for one in found]


def one_version(session: Session, table: type[Published], campaign_id: UUID, number: int) -> dict[str, Any]:
    """An old version as it was published, to be read or published anew.

    Raises:
        NotFound: No such campaign or version.
    """
    found: list[Published] = list(
        session.scalars(select(table).where(table.campaign_id == campaign_id, table.number == number))
    )
    if not found:
        raise NotFound()
    return version(session, found[0]) | {"document": found[0].document}


def version(session: Session, published: Published | None) -> dict[str, Any]:
    """Which version it is, by whom and why; number 0 for what stood before the first."""
    return _version(published, _authors(session, [published] if published else []))


def _authors(session: Session, found: list[Published]) -> dict[UUID, str]:
    """Their names; those of the administration's own people are all it may see."""
    ids = {one.author_id for one in found}
    return dict(session.execute(select(Administrator.id, Administrator.name).where(Administrator.id.in_(ids))).all())


def _version(published: Published | None, authors: dict[UUID, str]) -> dict[str, Any]:
    if published is None:
        return {"number": 0, "author": None, "reason": "", "published_at": None}
    return {
        "number": published.number,
        "author": Named(published.author_id, authors.get(published.author_id, "")),
        "reason": published.reason,
        "published_at": published.created_at,
    }
