"""A campaign's phone menu: what callers hear, what they may press or say, and where that leads. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any
from uuid import UUID

from contact.domain import menu_words, speech

RETRIES_MAX = 2
# Whoever listens again and again is put through at last: no caller stays in a menu for ever.
TURNS_MAX = 10
TIMEOUT_SECONDS = 5
PERSON_KEY, REPEAT_KEY, LANGUAGE_KEY = "0", "*", "9"

Texts = Mapping[str, str]
State = dict[str, Any]


class Ends(StrEnum):
    """Where a menu leads. An emergency is put through to a person, after 112 was named."""

    TOPIC = "topic"
    PERSON = "person"
    EMERGENCY = "emergency"
    VOICEMAIL = "voicemail"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that is said, by the voice of its language."""

    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What the caller may do, at any time while they listen and for `timeout_seconds` afterwards. One key is enough."""

    keys: tuple[str, ...]
    hints: tuple[str, ...]
    language: str
    timeout_seconds: int = TIMEOUT_SECONDS


@dataclass(frozen=True, slots=True)
class Ending:
    """Where the call goes on, as a contact of `topic_id`; there is none when nobody is put through."""

    kind: Ends
    topic_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What is said, then either asked or over. `state` is kept and given back with what the caller did."""

    says: tuple[Said, ...]
    state: State
    asks: Asked | None = None
    ends: Ending | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """A key, the name it is offered by, the words that mean it too; `ending` says where it leads."""

    key: str
    name: Texts
    words: Mapping[str, tuple[str, ...]]
    ending: Ending


@dataclass(frozen=True, slots=True)
class Opening:
    """Offices are open on this day of the week (0 is Monday), in the administration's own time."""

    day: int
    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Menu:
    """A menu that `menu_document.parse` let pass. `languages` are the campaign's, the first is spoken first."""

    languages: tuple[str, ...]
    welcome: Texts
    options: tuple[Option, ...]
    otherwise: UUID
    closed: Texts
    voicemail: Texts
    takes_messages: bool = True
    openings: tuple[Opening, ...] = ()
    closed_on: frozenset[date] = frozenset()
    timeout_seconds: int = TIMEOUT_SECONDS
    _roots: dict[str, dict[str, frozenset[str]]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        roots = {
            language: {
                option.key: speech.matter_words(" ".join((option.name[language], *option.words.get(language, ()))))
                for option in self.options
            }
            for language in self.languages
        }
        object.__setattr__(self, "_roots", roots)

    def is_open(self, local: datetime) -> bool:
        """Whether somebody answers at that time of the administration's; always, when no hours were set."""
        if local.date() in self.closed_on:
            return False
        at = local.time()
        return not self.openings or any(
            one.day == local.weekday() and one.opens <= at < one.closes for one in self.openings
        )

    def start(self, language: str | None = None, *, is_open: bool = True) -> Step:
        """What a caller hears first; *language*: the one they are known to speak."""
        tongue = language if language in self.languages else self.languages[0]
        state = {"language": tongue, "misses": 0, "turns": 0}
        if not is_open:
            return self._closed(state)
        return self._ask(state, (Said(tongue, self.welcome[tongue]), _own("emergency", tongue)))

    def advance(self, state: State, digits: str, said: str) -> Step:
        """What follows on what a caller pressed or else said; on silence both are empty."""
        # A version published meanwhile may speak fewer languages.
        tongue = state["language"] if state["language"] in self.languages else self.languages[0]
        key = digits[:1] if digits else self._meant(said, tongue)
        state = state | {"language": tongue, "turns": state["turns"] + 1}
        if key == "emergency" or digits in menu_words.EMERGENCY_NUMBERS:
            return self._end(state, Ending(Ends.EMERGENCY, self.otherwise), _own("emergency_again", tongue))
        for option in self.options:
            if option.key == key:
                return self._chosen(state, option)
        if key == PERSON_KEY or state["turns"] >= TURNS_MAX:
            return self._to_person(state)
        if key == LANGUAGE_KEY and len(self.languages) > 1:
            return self._ask(state | {"language": self._next_language(tongue)})
        if key == REPEAT_KEY:
            return self._ask(state)
        return self._missed(state, "not_understood" if digits or said.strip() else "not_heard")

    def _meant(self, said: str, tongue: str) -> str | None:
        """The key that what was said stands for, or `emergency`."""
        roots = self._roots[tongue]
        if speech.calls_for_rescue(said, but=frozenset().union(*roots.values())):
            return "emergency"
        key = speech.spoken_key(said, tongue) or speech.best(said, roots)
        if key is None and speech.wanted_language(said, [one for one in self.languages if one != tongue]):
            return LANGUAGE_KEY
        if key is None and speech.wants_person(said):
            return PERSON_KEY
        return REPEAT_KEY if key is None and speech.wants_repeat(said) else key

    def _next_language(self, tongue: str) -> str:
        return self.languages[(self.languages.index(tongue) + 1) % len(self.languages)]

    def _ask(self, state: State, first: tuple[Said, ...] = ()) -> Step:
        tongue = state["language"]
        others = (_own("other_language", self._next_language(tongue)),) if len(self.languages) > 1 else ()
        offered = tuple(_own("option", tongue, name=one.name[tongue], key=one.key) for one in self.options)
        keys = (*(one.key for one in self.options), PERSON_KEY, REPEAT_KEY, *((LANGUAGE_KEY,) if others else ()))
        hints = tuple(hint for one in self.options for hint in (one.name[tongue], *one.words.get(tongue, ())))
        asks = Asked(keys, hints, tongue, self.timeout_seconds)
        return Step((*first, *others, *offered, _own("person", tongue), _own("or_say", tongue)), state, asks)

    def _missed(self, state: State, why: str) -> Step:
        if state["misses"] >= RETRIES_MAX:
            return self._to_person(state)
        return self._ask(state | {"misses": state["misses"] + 1}, (_own(why, state["language"]),))

    def _chosen(self, state: State, option: Option) -> Step:
        tongue = state["language"]
        if option.ending.kind is Ends.TOPIC:
            return self._end(state, option.ending, _own("to_topic", tongue, name=option.name[tongue]))
        if option.ending.kind is Ends.VOICEMAIL:
            return self._end(state, option.ending, Said(tongue, self.voicemail[tongue]))
        return self._to_person(state)

    def _to_person(self, state: State) -> Step:
        return self._end(state, Ending(Ends.PERSON, self.otherwise), _own("to_person", state["language"]))

    def _closed(self, state: State) -> Step:
        """In every language: there is no time to choose one."""
        first = state["language"]
        tongues = (first, *(one for one in self.languages if one != first))
        says = [Said(tongue, text[tongue]) for tongue in tongues for text in self._closed_texts()]
        kind, topic_id = (Ends.VOICEMAIL, self.otherwise) if self.takes_messages else (Ends.CLOSED, None)
        return self._end(state, Ending(kind, topic_id), *says)

    def _closed_texts(self) -> tuple[Texts, ...]:
        return (self.closed, self.voicemail) if self.takes_messages else (self.closed,)

    def _end(self, state: State, ending: Ending, *says: Said) -> Step:
        return Step(says, state, ends=ending)


def _own(sentence: str, language: str, **facts: str) -> Said:
    return Said(language, menu_words.SENTENCES[sentence][language].format(**facts))
