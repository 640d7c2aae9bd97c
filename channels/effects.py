"""What follows from each kind of event, and what its answer is made of: the one table between channels and services."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from channels.line_effects import LINE_EFFECTS
from channels.twilio import words
from contact.domain.carrier import Account, Event
from contact.services import deliveries, texts


def _nothing(_session: Session, _account: Account, _event: Event) -> Any:
    return None


@dataclass(frozen=True, slots=True)
class Effect:
    """*happen* is called once for an event; *state*, after it and each time the event comes again, tells what the
    adapter's answer is made of. Both in one transaction, in the account's administration.

    *may_wait*: nobody stands in the line; should it fail, a job does it later, the provider hears that all is well.
    """

    happen: Callable[[Session, Account, Event], None]
    state: Callable[[Session, Account, Event], Any] = _nothing
    may_wait: bool = False
    # Whoever only asks, every few seconds, tells nothing that is worth keeping.
    is_question: bool = False


def _text(session: Session, account: Account, event: Event) -> None:
    texts.receive(session, account, words.text(event))


def _text_state(session: Session, _account: Account, event: Event) -> None:
    report = words.report(event)
    if report is not None:
        deliveries.reported(session, report)


EFFECTS: dict[str, Effect] = {
    "text": Effect(_text, may_wait=True),
    "text_state": Effect(_text_state, may_wait=True),
    **{kind: Effect(*told) for kind, told in LINE_EFFECTS.items()},
}
