"""What callers of a campaign hear: its phone menu, read, tried and published by its administration."""

import math
from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from contact.api.context import house, language, signed_in, transact
from contact.api.permissions import permission
from contact.domain.menu import Step
from contact.domain.menu_document import seconds
from contact.models import PhoneMenu
from contact.queries import phone_menus as reads
from contact.queries import published
from contact.schemas import phone_menu as wire
from contact.schemas.routing import PlanVersions
from contact.services import phone_menus
from contact.services.phone_menus import Publication

bp = Blueprint("phone_menus", __name__, description="Phone menus of campaigns.")


@bp.get("/campaigns/<uuid:campaign_id>/phone-menu")
@permission("campaigns.read")
@bp.response(200, wire.PhoneMenu)
def read_menu(campaign_id: UUID) -> Any:
    """The menu in force; of a campaign that published none, the one made of its topics."""
    reader = language()
    return transact(lambda session: reads.whole_menu(session, campaign_id, reader)) | {"phone_page": _phone_page()}


@bp.post("/campaigns/<uuid:campaign_id>/phone-menu/check")
@permission("campaigns.manage")
@bp.arguments(wire.MenuCheck)
@bp.response(200, wire.MenuLength)
def check_menu(body: dict[str, Any], campaign_id: UUID) -> Any:
    """Judge a draft without publishing it: its faults, else how long it takes to hear."""
    menu = transact(lambda session: phone_menus.checked(session, campaign_id, body["document"]))
    return {"seconds": {one: _seconds(menu.start(one)) for one in menu.languages}}


@bp.post("/campaigns/<uuid:campaign_id>/phone-menu/walk")
@permission("campaigns.manage")
@bp.arguments(wire.MenuWalk)
@bp.response(200, wire.MenuStep)
def walk_menu(body: dict[str, Any], campaign_id: UUID) -> Any:
    """Try a draft as its callers would: by the very rules that answer the telephone."""
    menu = transact(lambda session: phone_menus.checked(session, campaign_id, body["document"]))
    if body["state"] is None:
        return menu.start(body["language"], is_open=body["is_open"])
    return menu.advance(body["state"], body["digits"], body["speech"])


@bp.post("/campaigns/<uuid:campaign_id>/phone-menu")
@permission("campaigns.manage")
@bp.arguments(wire.MenuPublication)
@bp.response(201, wire.PhoneMenu)
def publish_menu(body: dict[str, Any], campaign_id: UUID) -> Any:
    """Let callers hear a menu from now on. 409 `conflict` when another came first."""
    me, new, reader = signed_in(), Publication(**body), language()

    def work(session: Any) -> dict[str, Any]:
        phone_menus.publish(session, campaign_id, me.account_id, new)
        return reads.whole_menu(session, campaign_id, reader)

    return transact(work) | {"phone_page": _phone_page()}


@bp.get("/campaigns/<uuid:campaign_id>/phone-menu/versions")
@permission("campaigns.read")
@bp.response(200, PlanVersions)
def list_menus(campaign_id: UUID) -> Any:
    """Who published what and why, newest first."""
    return {"items": transact(lambda session: published.versions(session, PhoneMenu, campaign_id))}


@bp.get("/campaigns/<uuid:campaign_id>/phone-menu/versions/<int(max=1000000):number>")
@permission("campaigns.read")
@bp.response(200, wire.MenuRead)
def read_menu_version(campaign_id: UUID, number: int) -> Any:
    """An old version as it was published; to go back to it, publish it anew."""
    return transact(lambda session: published.one_version(session, PhoneMenu, campaign_id, number))


def _phone_page() -> str | None:
    """The telephones of the local company, which the published menu can be called from."""
    settings = house().settings
    return None if settings.has_twilio else f"{settings.twilio_base_url}/phone"


def _seconds(step: Step) -> int:
    return math.ceil(sum(seconds(one.text) for one in step.says))
