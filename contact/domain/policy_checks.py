"""What is wrong with a policy that no schema can see: fields that contradict each other, callers left with nothing."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from itertools import pairwise

from contact.domain import policy
from contact.domain.alternatives import ADVICE, LINES, USABLE
from contact.domain.documents import Document, Faults, fault_of_date, fault_of_text, interval_faults
from contact.domain.errors import InvalidRequest
from contact.domain.policy_texts import text_faults


def refuse_faults(document: Document, languages: Sequence[str], topics: Collection[str]) -> None:
    """*topics*: the short names of those that callers may choose.

    Raises:
        InvalidRequest: facts name each place of the document and what is wrong there, by code, and that all of its
            fields are there: an editor can show it.
    """
    if found := faults(document, languages, topics):
        fields = {f"document.{place}": codes for place, codes in found.items()}
        raise InvalidRequest(fields=fields, is_well_formed=True)


def faults(document: Document, languages: Sequence[str], topics: Collection[str]) -> Faults:
    """By place in the document; empty for a policy that can be published."""
    return (
        _hours_faults(document)
        | _special_day_faults(document, languages)
        | (_season_faults(document["season"], languages) if document["season"] else {})
        | _pace_faults(document)
        | _mode_faults(document)
        | _alternative_faults(document)
        | _exemption_faults(document, topics)
        | _callback_faults(document)
        | text_faults(document["texts"], languages)
    )


def _hours_faults(document: Document) -> Faults:
    found: Faults = {}
    hours, channels = document["hours"], document["channels"]
    for what in policy.ATTENDED:
        if not hours[what] and channels["chat" if what == "chat" else "voice"]:
            found[f"hours.{what}"] = ["too_few_items|1"]
        found |= interval_faults(f"hours.{what}", hours[what])
    for day in range(7):
        phone, relay = (policy.in_order([one for one in hours[of] if one["day"] == day]) for of in ("voice", "relay"))
        if channels["voice"] and not policy.covers(relay, phone):
            found.setdefault("hours.relay", ["relay_shorter_than_phone"])
    return found


def _special_day_faults(document: Document, languages: Sequence[str]) -> Faults:
    days = document["special_days"]
    found = _repeated("special_days", "date", days)
    for number, one in enumerate(days):
        place = f"special_days.{number}"
        found |= _date_faults(place, one, "date")
        found |= _name_faults(place, one, languages)
        found |= interval_faults(f"{place}.openings", one["openings"])
    return found


def _season_faults(season: Document, languages: Sequence[str]) -> Faults:
    found = _period_faults("season", season)
    begins, ends = season["begins_on"], season["ends_on"]
    for number, peak in enumerate(season["peaks"]):
        place = f"season.peaks.{number}"
        found |= _period_faults(place, peak) | _name_faults(place, peak, languages)
        for name in ("begins_on", "ends_on"):
            if not begins <= peak[name] <= ends:
                found.setdefault(f"{place}.{name}", ["outside_season"])
        for earlier in season["peaks"][:number]:
            if earlier["begins_on"] <= peak["ends_on"] and peak["begins_on"] <= earlier["ends_on"]:
                found.setdefault(f"{place}.begins_on", ["overlapping_periods"])
    found |= _repeated("season.cohorts", "zone", season["cohorts"])
    for number, cohort in enumerate(season["cohorts"]):
        place = f"season.cohorts.{number}"
        found |= _date_faults(place, cohort, "deadline") | _name_faults(place, cohort, languages)
        if not begins <= cohort["deadline"] <= ends:
            found.setdefault(f"{place}.deadline", ["outside_season"])
    return found


def _period_faults(place: str, period: Document) -> Faults:
    found = _date_faults(place, period, "begins_on", "ends_on")
    if not found and period["ends_on"] < period["begins_on"]:
        found[f"{place}.ends_on"] = ["ends_before_beginning"]
    return found


def _date_faults(place: str, one: Document, *names: str) -> Faults:
    return {f"{place}.{name}": [code] for name in names if (code := fault_of_date(one[name]))}


def _name_faults(place: str, one: Document, languages: Sequence[str]) -> Faults:
    faulty = {language: fault_of_text(one["name"].get(language, "")) for language in languages}
    return {f"{place}.name.{language}": [code] for language, code in faulty.items() if code}


def _pace_faults(document: Document) -> Faults:
    pace, found = document["pace"], Faults()
    cap = pace["wait_cap_seconds"]
    if cap is not None and cap < pace["target_wait_seconds"]:
        found["pace.wait_cap_seconds"] = ["cap_below_target"]
    if pace["floor_percent"] + pace["returning_percent"] > 100:
        found["pace.returning_percent"] = ["more_than_all"]
    for number, peak in enumerate(document["season"]["peaks"] if document["season"] else ()):
        place = f"season.peaks.{number}"
        if cap is not None and cap < peak["target_wait_seconds"]:
            found[f"{place}.target_wait_seconds"] = ["cap_below_target"]
        if peak["floor_percent"] + pace["returning_percent"] > 100:
            found[f"{place}.floor_percent"] = ["more_than_all"]
    return found


def _mode_faults(document: Document) -> Faults:
    modes, found = document["modes"], Faults()
    for name in policy.MODES:
        if modes[name]["exit_seconds"] >= modes[name]["enter_seconds"]:
            found[f"modes.{name}.exit_seconds"] = ["exit_above_entry"]
    for lower, upper in pairwise(policy.MODES):
        for name in ("enter_seconds", "exit_seconds"):
            if modes[upper][name] <= modes[lower][name]:
                found.setdefault(f"modes.{upper}.{name}", ["mode_below_milder"])
    return found


def _alternative_faults(document: Document) -> Faults:
    found: Faults = {}
    for mode in policy.MODES:
        for line in LINES:
            place = f"modes.{mode}.alternatives.{line}"
            offers = document["modes"][mode]["alternatives"][line]
            for number, offer in enumerate(offers):
                if code := _fault_of_offer(document, offers[:number], offer, line):
                    found[f"{place}.{number}"] = [code]
            if not any(policy.keeps_place(document, offer, line) for offer in offers):
                found[place] = ["no_alternative_left"]
    return found


def _fault_of_offer(document: Document, earlier: Sequence[str], offer: str, line: str) -> str | None:
    if offer in earlier:
        return "named_twice"
    if offer not in ADVICE and line not in USABLE[offer]:
        return "unusable_on_line"
    channel = policy.CHANNEL_OF.get(offer)
    return "channel_is_off" if channel and not document["channels"][channel] else None


def _exemption_faults(document: Document, topics: Collection[str]) -> Faults:
    told, season, found = document["exemptions"], document["season"], Faults()
    if told["deadline_days"] is not None and not (season and season["cohorts"]):
        found["exemptions.deadline_days"] = ["no_deadlines"]
    counted = Counter(told["safety_topics"])
    for number, slug in enumerate(told["safety_topics"]):
        if slug not in topics:
            found[f"exemptions.safety_topics.{number}"] = ["unknown_topic"]
        elif counted[slug] > 1:
            found[f"exemptions.safety_topics.{number}"] = ["named_twice"]
    return found


def _callback_faults(document: Document) -> Faults:
    callbacks = document["callbacks"]
    found = interval_faults("callbacks.openings", callbacks["openings"])
    for number, one in enumerate(callbacks["openings"]):
        if (
            one["opens"] < one["closes"]
            and _minutes(one["closes"]) - _minutes(one["opens"]) < callbacks["window_minutes"]
        ):
            found.setdefault(f"callbacks.openings.{number}.closes", ["shorter_than_window"])
    offered = list(_offered(document))
    if not callbacks["openings"] and any("callback" in offers for offers in offered):
        found["callbacks.openings"] = ["too_few_items|1"]
    if not callbacks["per_quarter"] and any(set(offers) - set(ADVICE) == {"callback"} for offers in offered):
        found["callbacks.per_quarter"] = ["stock_of_last_resort"]
    return found


def _offered(document: Document) -> Iterable[Sequence[str]]:
    for mode in policy.MODES:
        yield from document["modes"][mode]["alternatives"].values()


def _minutes(clock: str) -> float:
    hours, minutes = clock.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes)).total_seconds() / 60


def _repeated(place: str, name: str, items: Sequence[Document]) -> Faults:
    counted = Counter(one[name] for one in items)
    return {f"{place}.{number}.{name}": ["named_twice"] for number, one in enumerate(items) if counted[one[name]] > 1}
