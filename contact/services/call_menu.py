"""A campaign's phone menu at work. What it says and asks is kept on the call: asking twice is answered alike."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contact.domain.menu import Asked, Ending, Said, Step
from contact.domain.vocabulary import Channel
from contact.models import Call, Campaign, Endpoint
from contact.services import phone_menus, policies


def begin(session: Session, call: Call) -> Ending | None:
    """Let the campaign's menu speak first; where it ends at once (closed), how."""
    campaign = of_call(session, call)
    menu, is_open = phone_menus.in_force(session, campaign.id)
    return _keep(call, menu.start(is_open=is_open and policies.is_open(session, campaign, Channel.VOICE)))


def close(session: Session, call: Call) -> Ending | None:
    """The offices have closed while the caller was in the menu."""
    menu, _ = phone_menus.in_force(session, of_call(session, call).id)
    return _keep(call, menu.start(call.language, is_open=False))


def go_on(session: Session, call: Call, digits: str, said: str) -> Ending | None:
    """What follows on what the caller pressed or said; None while the menu goes on."""
    menu, _ = phone_menus.in_force(session, of_call(session, call).id)
    return _keep(call, menu.advance((call.menu or {})["state"], digits, said))


def otherwise(session: Session, call: Call) -> UUID:
    """The topic of a call that chose none."""
    menu, _ = phone_menus.in_force(session, of_call(session, call).id)
    return menu.otherwise


def of_call(session: Session, call: Call) -> Campaign:
    """Whose number was called."""
    return session.execute(
        select(Campaign).join(Endpoint, Endpoint.campaign_id == Campaign.id).where(Endpoint.id == call.endpoint_id)
    ).scalar_one()


def says(call: Call) -> tuple[Said, ...]:
    """What the line says now."""
    return tuple(Said(language, text) for language, text in (call.menu or {}).get("says", ()))


def asks(call: Call) -> Asked | None:
    """What it then waits for."""
    asked = (call.menu or {}).get("asks")
    if asked is None:
        return None
    return Asked(tuple(asked["keys"]), tuple(asked["hints"]), asked["language"], asked["timeout_seconds"])


def say(call: Call, *what: Said, asked: Asked | None = None, **more: Any) -> None:
    """Let the line say *what*; the menu's own memory is kept."""
    call.menu = {
        **(call.menu or {}),
        "says": [[one.language, one.text] for one in what],
        "asks": _stored(asked),
        **more,
    }


def _keep(call: Call, step: Step) -> Ending | None:
    say(call, *step.says, asked=step.asks, state=step.state)
    call.language = step.state["language"]
    return step.ends


def _stored(asked: Asked | None) -> dict[str, Any] | None:
    if asked is None:
        return None
    return {
        "keys": list(asked.keys),
        "hints": list(asked.hints),
        "language": asked.language,
        "timeout_seconds": asked.timeout_seconds,
    }
