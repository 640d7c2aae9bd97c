"""The difference between two policies in words, in the reader's language."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from contact.domain import policy, policy_names
from contact.domain.alternatives import LINES
from contact.domain.documents import Document
from contact.domain.policy_texts import PLACEHOLDERS

Say = Callable[..., str]
_SECTIONS = ("channels", "pace", "exemptions", "callbacks", "limits", "follow_up")


def differences(before: Document, after: Document, language: str) -> list[str]:
    """A sentence for each thing that changes, in the order of the document; none for equal documents."""
    say = policy_names.speaker(language)
    return [*_differences(before, after, say)]


def _differences(before: Document, after: Document, say: Say) -> Iterator[str]:
    yield from _value("needs_second_person", before, after, say)
    yield from _values("channels", before, after, say)
    for what in policy.ATTENDED:
        yield from _hours(f"hours.{what}", before["hours"][what], after["hours"][what], say)
    if before["territory"] != after["territory"]:
        told = [say(f"territory.{one['territory']}") for one in (before, after)]
        yield say("changed", say("territory"), *told)
    yield from _listed("special_day", "date", before["special_days"], after["special_days"], say)
    yield from _season(before["season"], after["season"], say)
    yield from _values("pace", before, after, say)
    yield from _modes(before["modes"], after["modes"], say)
    for section in _SECTIONS[2:]:
        yield from _values(section, before, after, say)
    yield from _hours("callbacks.openings", before["callbacks"]["openings"], after["callbacks"]["openings"], say)
    yield from _texts(before["texts"], after["texts"], say)


def _values(section: str, before: Document, after: Document, say: Say) -> Iterator[str]:
    for name in after[section]:
        if name != "openings":
            yield from _value(name, before[section], after[section], say, f"{section}.")


def _value(name: str, before: Document, after: Document, say: Say, prefix: str = "") -> Iterator[str]:
    if before[name] != after[name]:
        yield say("changed", say(prefix + name), _told(before[name], say), _told(after[name], say))


def _told(value: Any, say: Say) -> str:
    if value is None or value == []:
        return say("none")
    if isinstance(value, bool):
        return say("yes" if value else "no")
    return ", ".join(value) if isinstance(value, list) else str(value)


def _hours(place: str, before: Sequence[Document], after: Sequence[Document], say: Say) -> Iterator[str]:
    if before != after:
        old, new = week_in_words(before, say), week_in_words(after, say)
        # The same hours in another order, or cut in another way, are told as they are kept.
        yield say("changed", say(place), old, new) if old != new else say("reordered", say(place))


def week_in_words(openings: Sequence[Document], say: Say) -> str:
    """Days with the same hours together: `Mon–Fri 08:30–12:30, 13:30–17:00`."""
    days = [_day_in_words([one for one in openings if one["day"] == day]) for day in range(7)]
    parts: list[tuple[int, int, str]] = []
    for day, told in enumerate(days):
        if parts and parts[-1][1] == day - 1 and parts[-1][2] == told:
            parts[-1] = (parts[-1][0], day, told)
        elif told:
            parts.append((day, day, told))
    names = [(say(f"day.{first}"), say(f"day.{last}"), told) for first, last, told in parts]
    return " ; ".join(f"{a} {told}" if a == b else f"{a}–{b} {told}" for a, b, told in names) or say("never")


def _day_in_words(openings: Sequence[Document]) -> str:
    return ", ".join(f"{one.opens}–{one.closes}" for one in policy.in_order(openings))


def _season(before: Document | None, after: Document | None, say: Say) -> Iterator[str]:
    if before is None or after is None:
        if before is not after:
            yield say("season.removed") if after is None else say("season.added", *_period(after, say))
        if after is None:
            return
        before = before or {**after, "peaks": [], "cohorts": []}
    if _period(before, say) != _period(after, say):
        yield say("season.changed", *_period(before, say), *_period(after, say))
    yield from _listed("peak", "begins_on", before["peaks"], after["peaks"], say)
    yield from _listed("cohort", "zone", before["cohorts"], after["cohorts"], say)


def _period(one: Document, say: Say) -> tuple[str, str]:
    return _day(one["begins_on"], say), _day(one["ends_on"], say)


def _listed(kind: str, key: str, before: Sequence[Document], after: Sequence[Document], say: Say) -> Iterator[str]:
    """Things of a list that are known by one of their fields."""
    old, new = ({one[key]: one for one in items} for items in (before, after))
    for name, one in new.items():
        if name not in old:
            yield say(f"{kind}.added", _thing(kind, one, say))
        elif old[name] != one:
            yield say(f"{kind}.changed", _thing(kind, old[name], say), _thing(kind, one, say))
    for name, one in old.items():
        if name not in new:
            yield say(f"{kind}.removed", _thing(kind, one, say))
    if before != after and old == new:
        yield say("reordered", say(kind))


def _thing(kind: str, one: Document, say: Say) -> str:
    name = " / ".join(one["name"].values())
    if kind == "special_day":
        return f"{_day(one['date'], say)}, {name}, {_day_in_words(one['openings']) or say('closed_all_day')}"
    if kind == "cohort":
        return f"{one['zone']}, {name}, {_day(one['deadline'], say)}"
    begins, ends = _period(one, say)
    return say("peak.told", name, begins, ends, one["target_wait_seconds"], one["floor_percent"])


def _day(told: str, say: Say) -> str:
    """A day as the reader writes it; what is none as it stands."""
    try:
        day = date.fromisoformat(told)
    except ValueError:
        return told
    return say("date", day.day, day.month, day.year)


def _modes(before: Document, after: Document, say: Say) -> Iterator[str]:
    for mode in policy.MODES:
        for name in ("enter_seconds", "exit_seconds"):
            if before[mode][name] != after[mode][name]:
                yield say(f"mode.{name}", say(f"mode.{mode}"), before[mode][name], after[mode][name])
        for line in LINES:
            old, new = (one[mode]["alternatives"][line] for one in (before, after))
            if old != new:
                yield say("mode.offers", say(f"mode.{mode}"), say(f"line.{line}"), _offers(old, say), _offers(new, say))


def _offers(offers: Sequence[str], say: Say) -> str:
    return ", ".join(say(f"offer.{one}") for one in offers) or say("none")


def _texts(before: Mapping[str, Any], after: Mapping[str, Any], say: Say) -> Iterator[str]:
    for name in PLACEHOLDERS:
        for language in sorted({*before[name], *after[name]}):
            old, new = (texts[name].get(language, "") for texts in (before, after))
            if old != new:
                yield say("text", say(f"text.{name}"), language, old, new)
