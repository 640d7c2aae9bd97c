"""Phone menus of campaigns: published by their administration, checked and versioned, else made of their topics."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from contact.domain import menu_document
from contact.domain.errors import Conflict, NotFound
from contact.domain.menu import Menu
from contact.models import Administration, Campaign, PhoneMenu, Topic
from contact.models.base import LOCK
from contact.services import clock


@dataclass(frozen=True, slots=True)
class Publication:
    """A menu that is to be heard from now on, in the form of `contact/schemas/phone_menu.py`."""

    base_number: int
    document: dict[str, Any]
    reason: str


def in_force(session: Session, campaign_id: UUID) -> tuple[Menu, bool]:
    """What a caller hears now, and whether the offices are open. Topics that were retired meanwhile are left out.

    Raises:
        NotFound: No such campaign.
    """
    campaign = _campaign(session, campaign_id)
    published = latest(session, campaign_id)
    live = topics(session, campaign_id)
    told = published.document if published else _default(session, campaign, live)
    document = menu_document.without_retired(told, [topic.id for topic in live])
    menu = menu_document.menu_of(document, menu_document.told_languages(document, campaign.languages))
    zone = session.scalars(select(Administration.time_zone).where(Administration.id == campaign.tenant_id)).one()
    return menu, menu.is_open(clock.now(session).astimezone(ZoneInfo(zone)))


def latest(session: Session, campaign_id: UUID) -> PhoneMenu | None:
    """The version in force; None when none was ever published."""
    return session.scalar(
        select(PhoneMenu).where(PhoneMenu.campaign_id == campaign_id).order_by(PhoneMenu.number.desc()).limit(1)
    )


def checked(session: Session, campaign_id: UUID, document: dict[str, Any]) -> Menu:
    """The menu of a draft.

    Raises:
        NotFound: No such campaign.
        InvalidRequest: The document contradicts itself or the campaign; facts name each place.
    """
    campaign = _campaign(session, campaign_id)
    return menu_document.parse(document, campaign.languages, [topic.id for topic in topics(session, campaign_id)])


def publish(session: Session, campaign_id: UUID, author_id: UUID, new: Publication) -> PhoneMenu:
    """It is heard from now on; by whoever is in the menu already, from their next step.

    Raises:
        NotFound: No such campaign.
        Conflict: Another version was published since `base_number`; facts carry the one that stands.
        InvalidRequest: as `checked`.
    """
    campaign = session.get(Campaign, campaign_id, with_for_update=LOCK)
    if campaign is None:
        raise NotFound()
    before = latest(session, campaign_id)
    number = before.number if before else 0
    if number != new.base_number:
        raise Conflict(version=number)
    checked(session, campaign_id, new.document)
    published = PhoneMenu(
        tenant_id=campaign.tenant_id,
        campaign_id=campaign_id,
        number=number + 1,
        document=new.document,
        reason=new.reason,
        author_id=author_id,
    )
    session.add(published)
    session.flush()
    return published


def document_of(session: Session, campaign_id: UUID) -> dict[str, Any]:
    """What is published, else the campaign's default, as it can be edited.

    Raises:
        NotFound: No such campaign.
    """
    published = latest(session, campaign_id)
    if published is not None:
        return published.document
    return _default(session, _campaign(session, campaign_id), topics(session, campaign_id))


def _default(session: Session, campaign: Campaign, live: list[Topic]) -> dict[str, Any]:
    """People call an administration; what it calls its campaigns says little to them."""
    name = session.scalars(select(Administration.name).where(Administration.id == campaign.tenant_id)).one()
    return menu_document.default({"fr": name}, campaign.languages, [(topic.id, topic.name) for topic in live])


def _campaign(session: Session, campaign_id: UUID) -> Campaign:
    campaign = session.get(Campaign, campaign_id)
    if campaign is None:
        raise NotFound()
    return campaign


def topics(session: Session, campaign_id: UUID) -> list[Topic]:
    """Those that citizens may choose, in their order; when all are retired the first, for calls must lead somewhere."""
    query = select(Topic).where(Topic.campaign_id == campaign_id).order_by(Topic.rank, Topic.slug)
    found = list(session.scalars(query))
    return [topic for topic in found if topic.retired_at is None] or found[:1]
