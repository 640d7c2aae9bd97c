"""A season of a campaign in three days, and what a policy's document makes of each: a scenario for the simulator."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from contact.domain import policy
from contact.domain.alternatives import LINES
from contact.domain.documents import Document
from routing.admission import MODES, AdmissionPolicy
from routing.policy import admission_of, throttle_of
from routing.simulation.arrivals import DAY_SECONDS, Arrivals, Span
from routing.simulation.campaign import Campaign, Door, Way
from routing.simulation.chance import Distribution
from routing.simulation.profile import Profile
from routing.simulation.scenario import Kind, Redial, Scenario, Shift, Team
from routing.types import Need, Step

CALM, PEAK, DEADLINE = DAYS = ("calm", "peak", "deadline")
CALLS = "calls"
# Against a calm day; the peak is that of the throttle's yardstick (`routing/scenarios/peak.toml`).
FACTORS = {CALM: 1.0, PEAK: 2.4, DEADLINE: 3.0}
PATIENCE_SECONDS = 350.0
REDIAL_SHARE, REDIAL_SECONDS = 0.5, 600.0
MENU_SECONDS, HANG_UP_SHARE = 30.0, 0.02
DEADLINE_SHARE = 0.3  # of the callers of a day near every deadline, who say that theirs is
REASONS = {"need": 0.03, "returns_our_call": 0.01, "promise_broken": 0.005}
# What an alternative comes back as, how many of those offered it take it, in vain, and after how long.
CALLBACKS, CHATS, VOICEMAILS = OTHER = ("callbacks", "chats", "voicemails")
WAYS = {
    "callback": (CALLBACKS, 0.7, 0.0, 900.0),
    "sms_link": (CHATS, 0.5, 0.2, 300.0),
    "chat": (CHATS, 0.3, 0.1, 120.0),
    "voicemail": (VOICEMAILS, 0.4, 0.0, 60.0),
}
_CHAT_FACTOR, _CHAT_PATIENCE_SECONDS = 1.6, 900.0
_LOOK_AHEAD_DAYS = 400
_QUARTERS = 4


class Day(NamedTuple):
    """One of `DAYS`, on the date whose hours and pace count, and how many calls it has against a calm one."""

    name: str
    on: date
    calls_factor: float


def days(document: Document, today: date) -> list[Day]:
    """A calm day from *today* on, one of a peak period, and the day of the last deadline, on which the phone is open.

    Without a season its busy day is the one after the calm one; none of all where the phone never opens.
    """
    season = document["season"]
    coming = [day for day in _from(today) if policy.open_on(document, "voice", day)]
    if not coming:
        return []
    calm = [day for day in coming if season is None or not season["begins_on"] <= day.isoformat() <= season["ends_on"]]
    found = [Day(CALM, (calm or coming)[0], FACTORS[CALM])]
    deadlines = sorted(one["deadline"] for one in season["cohorts"]) if season else []
    peaks = (day for one in season["peaks"] for day in _open_in(document, one)) if season else iter(coming[1:])
    busy = next((day for day in peaks if day.isoformat() not in deadlines), None)
    if busy is not None:
        found.append(Day(PEAK, busy, FACTORS[PEAK]))
    if deadlines:
        last = date.fromisoformat(deadlines[-1])
        before = (last - timedelta(days=back) for back in range(8))
        open_ones = [day for day in before if policy.open_on(document, "voice", day)]
        found += [Day(DEADLINE, open_ones[0], FACTORS[DEADLINE])] if open_ones else []
    return found


def scenario(
    document: Document,
    number: int,
    day: Day,
    known: Profile,
    others: Sequence[Document] = (),
    *,
    throttles: bool = True,
) -> Scenario:
    """The day under version *number*. Callers come in the hours of this document and of the *others* it is compared
    with, alike for all; where calls were recorded, when they came.

    Without *throttles* everybody is let in while the phone is open.
    """
    within = [span for one in (document, *others) for span in _seconds(one, ("voice",), day.on)]
    counted = known["sources"]["calls"] == "recorded"
    rates = list(_rates(known["calls_by_hour"], [(0.0, DAY_SECONDS)] if counted else _joined(within)))
    handling = Distribution("lognormal", known["handling"]["mean_seconds"], known["handling"]["cv"])
    by_mode = {(mode, line): admission_of(document, number, mode, line) for mode in MODES for line in LINES}
    campaign = Campaign(
        name=CALLS,
        planned_handling_seconds=handling.mean,
        openings=tuple(_seconds(document, ("voice",), day.on)),
        throttle=throttle_of(document, day.on),
        by_mode=by_mode,
        ways=tuple(_ways(document, by_mode.values())),
        throttles=throttles,
    )
    calls = [_calls(topic, document, day, known, rates, handling) for topic in known["topics"] if topic["share"] > 0]
    return Scenario(
        name=day.name,
        kinds=(*calls, *_others(known["language"], handling)),
        teams=tuple(_teams(document, day.on, known)),
        interval_seconds=3_600.0,
        campaigns=(campaign,),
    )


def _from(today: date) -> Iterator[date]:
    yield from (today + timedelta(days=ahead) for ahead in range(_LOOK_AHEAD_DAYS))


def _open_in(document: Document, peak: Document) -> Iterator[date]:
    last = peak["ends_on"]
    for day in _from(date.fromisoformat(peak["begins_on"])):
        if day.isoformat() <= last and policy.open_on(document, "voice", day):
            yield day


def _calls(
    topic: Document, document: Document, day: Day, known: Profile, rates: list[Span], handling: Distribution
) -> Kind:
    """Those of a topic. Reasons stand in the same order for every policy, so that the same callers have them."""
    is_safety = topic["slug"] in document["exemptions"]["safety_topics"]
    exempt = {"safety": 1.0} if is_safety else {**REASONS, "deadline": _near_deadline(document, day)}
    return Kind(
        name=topic["slug"],
        steps=tuple(_step(one) for one in topic["steps"]) or (Step(0.0, Need("voice", known["language"])),),
        arrivals=Arrivals(rates=tuple(rates)).scaled(topic["share"] * day.calls_factor),
        handling=handling,
        patience=Distribution("exponential", PATIENCE_SECONDS),
        redial=Redial(REDIAL_SHARE, Distribution("exponential", REDIAL_SECONDS)),
        priority=topic["priority"],
        target_seconds=topic["target_seconds"],
        door=Door(CALLS, Distribution("lognormal", MENU_SECONDS, 0.3), HANG_UP_SHARE, known["lines"], exempt),
    )


def _step(told: Document) -> Step:
    skills = tuple(sorted(told["skills"].items()))
    return Step(float(told["after_seconds"]), Need("voice", told["language"], skills))


def _near_deadline(document: Document, day: Day) -> float:
    """The share of callers whose deadline is near, of those who say so."""
    within, season = document["exemptions"]["deadline_days"], document["season"]
    found: list[Document] = season["cohorts"] if season else []
    if within is None or not found:
        return 0.0
    until = (day.on + timedelta(days=within)).isoformat()
    near: int = sum(day.on.isoformat() <= one["deadline"] <= until for one in found)
    return DEADLINE_SHARE * (near / len(found))


def _others(language: str, handling: Distribution) -> tuple[Kind, ...]:
    """What alternatives come back as: any agent who speaks the language."""
    none = Arrivals(rates=(Span(0.0, DAY_SECONDS, 0.0),))

    def kind(name: str, channel: str, **told: Any) -> Kind:
        return Kind(name, (Step(0.0, Need(channel, language)),), none, **told)

    return (
        kind(CALLBACKS, "voice", handling=handling, target_seconds=3_600.0),
        kind(
            CHATS,
            "chat",
            handling=handling.scaled(_CHAT_FACTOR),
            patience=Distribution("exponential", _CHAT_PATIENCE_SECONDS),
        ),
        kind(VOICEMAILS, "email", handling=handling, target_seconds=14_400.0),
    )


def _ways(document: Document, policies: Iterable[AdmissionPolicy]) -> Iterator[Way]:
    """Each alternative that is offered to anybody in any mode, with the document's stock and limits."""
    callbacks, limits = document["callbacks"], document["limits"]
    overbooked = 1 + min(callbacks["no_show_percent"], callbacks["overbooking_percent_max"]) / 100
    stock = {"callback": round(callbacks["per_quarter"] * overbooked)}
    stock["sms_link"] = limits["links_per_hour"] // _QUARTERS
    failing = {"callback": callbacks["no_show_percent"] / 100}
    for alternative in dict.fromkeys(offer for one in policies for offer in one.alternatives):
        contacts, taken, fails, seconds = WAYS[alternative]
        yield Way(
            alternative,
            contacts,
            taken,
            failing.get(alternative, fails),
            Distribution("exponential", seconds),
            stock.get(alternative),
            limits["chats_waiting_max"] if contacts == CHATS else None,
        )


def _teams(document: Document, on: date, known: Profile) -> Iterator[Team]:
    """At their desk while the phone or the chat is attended."""
    spans = _joined(_seconds(document, ("voice", "chat"), on)) or [(0.0, 1.0)]
    for number, team in enumerate(known["teams"]):
        yield Team(
            name=f"team {number}",
            count=team["count"],
            skills=tuple(sorted(team["skills"].items())),
            languages=tuple(team["languages"]),
            capacity=team["capacity"],
            shifts=tuple(Shift(opens, closes, team["count"]) for opens, closes in spans),
            shares={group: percent / 100 for group, percent in team["shares"].items()},
        )


def _seconds(document: Document, attended: tuple[str, ...], on: date) -> list[tuple[float, float]]:
    if not document["channels"]["voice"]:
        attended = tuple(one for one in attended if one != "voice")
    return [
        (_of_clock(one.opens), _of_clock(one.closes)) for what in attended for one in policy.open_on(document, what, on)
    ]


def _of_clock(told: str) -> float:
    hours, minutes = told.split(":")
    return int(hours) * 3_600.0 + int(minutes) * 60


def _joined(spans: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """In order, without overlaps."""
    found: list[tuple[float, float]] = []
    for opens, closes in sorted(spans):
        if found and opens <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], closes))
        else:
            found.append((opens, closes))
    return found


def _rates(by_hour: Sequence[float], within: Sequence[tuple[float, float]]) -> Iterator[Span]:
    """The calls of each hour, in those parts of it that are *within*."""
    for opens, closes in within:
        for hour, calls in enumerate(by_hour):
            starts, ends = max(opens, hour * 3_600.0), min(closes, (hour + 1) * 3_600.0)
            if starts < ends:
                yield Span(starts, ends, calls / 3_600)
