"""A campaign's phone menu as it is edited: the document in force, its languages, topics and numbers."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contact.domain.vocabulary import Channel
from contact.models import Endpoint
from contact.queries import published
from contact.queries.shapes import Named, in_language
from contact.services import phone_menus


def whole_menu(session: Session, campaign_id: UUID, language: str) -> dict[str, Any]:
    """The menu in force, who published it, and what an editor may choose from.

    Raises:
        NotFound: No such campaign.
    """
    campaign = published.campaign_of(session, campaign_id)
    numbers = select(Endpoint.address).where(
        Endpoint.campaign_id == campaign_id, Endpoint.channel == Channel.VOICE, Endpoint.disabled_at.is_(None)
    )
    return published.version(session, phone_menus.latest(session, campaign_id)) | {
        "document": phone_menus.document_of(session, campaign_id),
        "languages": campaign.languages,
        "topics": [Named(one.id, in_language(one.name, language)) for one in phone_menus.topics(session, campaign_id)],
        "numbers": list(session.scalars(numbers.order_by(Endpoint.address))),
    }
