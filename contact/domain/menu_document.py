"""The document of a phone menu: what is wrong with it, the menu it means, and the one a campaign has without any."""

import math
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, time
from typing import Any
from uuid import UUID

from contact.domain import menu_words, speech
from contact.domain.documents import UNSAYABLE, Document, Faults, fault_of_date, fault_of_text, interval_faults
from contact.domain.errors import InvalidRequest
from contact.domain.menu import TIMEOUT_SECONDS, Ending, Ends, Menu, Opening, Option

KEYS = ("1", "2", "3", "4", "5", "6", "7", "8")
OPTIONS_MAX = 5
LEADS_TO = (Ends.TOPIC, Ends.PERSON, Ends.VOICEMAIL)
PART_SECONDS_MAX = 8
# A voice that reads out says about so many characters in a second (an estimate of ours).
CHARACTERS_PER_SECOND = 15


def seconds(text: str) -> float:
    """About how long it takes to say."""
    return len(text) / CHARACTERS_PER_SECOND


def parse(document: Document, languages: Sequence[str], topics: Collection[UUID]) -> Menu:
    """The menu of a document in the form of `contact/schemas/phone_menu.py`; *topics*: those that callers may choose.

    Raises:
        InvalidRequest: facts name each place of the document and what is wrong there, by code.
    """
    known = {str(one) for one in topics}
    faults = _text_faults(document, languages) | _option_faults(document["options"], languages, known)
    faults |= interval_faults("openings", document["openings"])
    faults |= {
        f"closed_on.{place}": [code] for place, one in enumerate(document["closed_on"]) if (code := fault_of_date(one))
    }
    if str(document["otherwise"]) not in known:
        faults["otherwise"] = ["unknown_topic"]
    if faults:
        raise InvalidRequest(fields={f"document.{place}": codes for place, codes in faults.items()})
    return menu_of(document, languages)


def menu_of(document: Document, languages: Sequence[str]) -> Menu:
    """The menu of a document that `parse` let pass when it was published."""
    otherwise = UUID(str(document["otherwise"]))
    return Menu(
        languages=tuple(languages),
        welcome=document["welcome"],
        options=tuple(_option(one, languages, otherwise) for one in document["options"]),
        otherwise=otherwise,
        closed=document["closed"],
        voicemail=document["voicemail"],
        takes_messages=document["takes_messages"],
        openings=tuple(
            Opening(one["day"], time.fromisoformat(one["opens"]), time.fromisoformat(one["closes"]))
            for one in document["openings"]
        ),
        closed_on=frozenset(date.fromisoformat(one) for one in document["closed_on"]),
        timeout_seconds=document["timeout_seconds"],
    )


def without_retired(document: Document, live: Sequence[UUID]) -> Document:
    """The document without options of topics that are offered to nobody any more; *live*: at least one."""
    known = {str(one) for one in live}
    options = [one for one in document["options"] if one["leads_to"] != Ends.TOPIC or str(one["topic"]) in known]
    otherwise = document["otherwise"] if str(document["otherwise"]) in known else str(live[0])
    return {**document, "options": options, "otherwise": otherwise}


def told_languages(document: Document, languages: Sequence[str]) -> list[str]:
    """Those of *languages* in which all is told; one that the campaign has learnt since is not offered yet."""
    texts = [document[name] for name in ("welcome", "closed", "voicemail")]
    texts += [one["name"] for one in document["options"]]
    told = [language for language in languages if all(text.get(language) for text in texts)]
    return told or [next(iter(document["welcome"]))]


def default(
    name: Mapping[str, str], languages: Sequence[str], topics: Iterable[tuple[UUID, Mapping[str, str]]]
) -> dict[str, Any]:
    """What callers of an administration of that name hear until it publishes a menu: topics, a person for the rest.

    *topics*: at least one, in the order in which citizens see them.
    """
    listed = list(topics)
    shown = listed if len(listed) <= OPTIONS_MAX else listed[: OPTIONS_MAX - 1]
    options: list[dict[str, Any]] = [
        {
            "key": key,
            "name": _in_each(languages, topic_name),
            "words": {one: [] for one in languages},
            "leads_to": str(Ends.TOPIC),
            "topic": str(topic_id),
        }
        for key, (topic_id, topic_name) in zip(KEYS, shown, strict=False)
    ]
    if len(shown) < len(listed):
        rest = {"key": str(len(options) + 1), "name": _own("other_request", languages), "topic": None}
        options.append(rest | {"words": {one: [] for one in languages}, "leads_to": str(Ends.PERSON)})
    called = _in_each(languages, name)
    return {
        "welcome": {one: menu_words.SENTENCES["welcome"][one].format(name=called[one]) for one in languages},
        "options": options,
        "otherwise": str(listed[0][0]),
        "closed": _own("closed", languages),
        "voicemail": _own("voicemail", languages),
        "takes_messages": True,
        "openings": [],
        "closed_on": [],
        "timeout_seconds": TIMEOUT_SECONDS,
    }


def _text_faults(document: Document, languages: Sequence[str]) -> Faults:
    faults: Faults = {}
    for place in ("welcome", "closed", "voicemail"):
        for language in languages:
            text = document[place].get(language, "")
            if found := _fault_of_text(text, text):
                faults[f"{place}.{language}"] = [found]
    return faults


def _fault_of_text(text: str, spoken: str) -> str | None:
    if code := fault_of_text(text):
        return code
    if seconds(spoken) > PART_SECONDS_MAX:
        return f"said_too_long|{math.ceil(seconds(spoken))}|{PART_SECONDS_MAX}"
    return None


def _option_faults(options: Sequence[Document], languages: Sequence[str], topics: Collection[str]) -> Faults:
    faults: Faults = {}
    keys = Counter(one["key"] for one in options)
    for place, option in enumerate(options):
        if keys[option["key"]] > 1:
            faults[f"options.{place}.key"] = ["named_twice"]
        if option["leads_to"] == Ends.TOPIC and str(option["topic"]) not in topics:
            faults[f"options.{place}.topic"] = ["unknown_topic"]
        for language in languages:
            name = option["name"].get(language, "")
            spoken = menu_words.SENTENCES["option"][language].format(name=name, key=option["key"])
            if found := _fault_of_text(name, spoken):
                faults[f"options.{place}.name.{language}"] = [found]
            elif speech.is_emergency_number(name):
                faults[f"options.{place}.name.{language}"] = ["emergency_number"]
            for number, phrase in enumerate(option["words"].get(language, ())):
                if speech.is_emergency_number(phrase):
                    faults[f"options.{place}.words.{language}.{number}"] = ["emergency_number"]
    for language in languages:
        faults |= _alike(options, language, faults)
    return faults


def _alike(options: Sequence[Document], language: str, known: Faults) -> Faults:
    """Options that a caller could press but never say: all their words are another's too."""
    heard = [
        speech.matter_words(" ".join((one["name"].get(language, ""), *one["words"].get(language, ()))))
        for one in options
    ]
    faults: Faults = {}
    for place, roots in enumerate(heard):
        others = frozenset().union(*(one for other, one in enumerate(heard) if other != place))
        if roots <= others and f"options.{place}.name.{language}" not in known:
            faults[f"options.{place}.words.{language}"] = ["not_told_apart"]
    return faults


def _option(option: Document, languages: Sequence[str], otherwise: UUID) -> Option:
    kind = Ends(option["leads_to"])
    topic_id = UUID(str(option["topic"])) if kind is Ends.TOPIC else otherwise
    words = {one: tuple(option["words"].get(one, ())) for one in languages}
    return Option(option["key"], option["name"], words, Ending(kind, topic_id))


def _in_each(languages: Sequence[str], texts: Mapping[str, str]) -> dict[str, str]:
    """In every language; where there is no translation yet, in the one that is."""
    fallback = texts.get("fr") or next(iter(texts.values()))
    return {one: _sayable(texts.get(one) or fallback) for one in languages}


def _sayable(text: str) -> str:
    return "".join(" " if unicodedata.category(one) in UNSAYABLE else one for one in text)


def _own(name: str, languages: Sequence[str]) -> dict[str, str]:
    return {one: menu_words.SENTENCES[name][one] for one in languages}
