"""A campaign's policy: its words, when it is open on a day, and what a caller can really be offered.

The document is described in docs/policy/; its form is `contact/schemas/policy.py`, what else must hold
`policy_checks.py`.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from contact.domain.alternatives import ADVICE, ALTERNATIVES, USABLE
from contact.domain.documents import Document
from contact.domain.holidays import is_holiday
from contact.domain.vocabulary import Channel

# Those that a policy describes: in `open` a caller whom the bucket refuses is offered what `advise` offers.
MODES = ("advise", "throttle", "essential_only")
# What has hours of its own. Texts and letters are taken at any time.
ATTENDED = ("voice", "relay", "chat")
OFFERS = (*ALTERNATIVES, *ADVICE)
# The channel that an alternative needs.
CHANNEL_OF = {"sms_link": Channel.SMS, "chat": Channel.CHAT}
# The last minute that can be written: who closes then is open until the day ends.
MIDNIGHT = "23:59"
WINDOW_MINUTES = (30, 60, 120, 240)


class Interval(NamedTuple):
    """Part of a day, as `09:00`; it ends before *closes*."""

    opens: str
    closes: str


def open_on(document: Document, what: str, day: date) -> tuple[Interval, ...]:
    """When the phone, the relay service or the chat is attended on a day: special days first, then holidays."""
    for special in document["special_days"]:
        if special["date"] == day.isoformat():
            return in_order(special["openings"])
    if is_holiday(day, document["territory"]):
        return ()
    return in_order([one for one in document["hours"][what] if one["day"] == day.weekday()])


def is_open(document: Document, what: str, local: datetime) -> bool:
    """By the clock of the administration, which *local* shows; a channel that is off never is."""
    if not document["channels"][Channel.CHAT if what == "chat" else Channel.VOICE]:
        return False
    now = local.strftime("%H:%M")
    return any(
        one.opens <= now and (now < one.closes or one.closes == MIDNIGHT)
        for one in open_on(document, what, local.date())
    )


def in_order(openings: Sequence[Document]) -> tuple[Interval, ...]:
    return tuple(sorted(Interval(one["opens"], one["closes"]) for one in openings))


def covers(outer: Sequence[Interval], inner: Sequence[Interval]) -> bool:
    """Whether somebody is there in *outer* at every moment of *inner*; both in order."""
    joined: list[Interval] = []
    for one in outer:
        if joined and one.opens <= joined[-1].closes:
            joined[-1] = Interval(joined[-1].opens, max(joined[-1].closes, one.closes))
        else:
            joined.append(one)
    return all(any(one.opens <= part.opens and part.closes <= one.closes for one in joined) for part in inner)


def keeps_place(document: Document, offer: str, line: str) -> bool:
    """Whether the offer gives this kind of line a ticket and its place, with all the policy has for it."""
    if line not in USABLE.get(offer, ()):
        return False
    if offer == "callback":
        return bool(document["callbacks"]["openings"]) and document["callbacks"]["per_quarter"] > 0
    channel = CHANNEL_OF.get(offer)
    return channel is None or bool(document["channels"][channel])


def peak_on(document: Document, day: date) -> Document | None:
    """The peak period of the season that the day lies in."""
    season, on = document["season"], day.isoformat()
    peaks = season["peaks"] if season else ()
    return next((one for one in peaks if one["begins_on"] <= on <= one["ends_on"]), None)
