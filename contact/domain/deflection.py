"""What a caller who is not let in hears, and may press or say: the alternatives, each with its key. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contact.domain import speech
from contact.domain.line_words import said
from contact.domain.menu import REPEAT_KEY, RETRIES_MAX, TURNS_MAX, Asked, Said

# What a line can really do now: the one place that says so. Who is offered nothing of it is let in.
LIVE_WAYS = ("callback", "voicemail")
# Whoever says nothing gets what asks nothing of them.
_WITHOUT_A_WORD = ("callback", "voicemail")
_WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "callback": {"fr": ("rappeler", "rappel"), "en": ("call back", "callback", "ring")},
    "voicemail": {"fr": ("message", "répondeur"), "en": ("message", "voicemail")},
    "chat": {"fr": ("écrire", "chat", "internet"), "en": ("write", "chat", "internet")},
    "sms_link": {"fr": ("lien", "texto", "sms"), "en": ("link", "text", "sms")},
}


@dataclass(frozen=True, slots=True)
class Offers:
    """What a caller is offered, in its order. *why* is what they hear first, *texts* what they hear of each."""

    language: str
    why: str
    ways: tuple[str, ...]
    texts: Mapping[str, str]

    def says(self, *before: Said) -> tuple[Said, ...]:
        """All of it; *before* comes first."""
        offered = (
            Said(self.language, f"{self.texts[way]} {said('press', self.language, key).text}")
            for key, way in self._keys().items()
        )
        return (*before, Said(self.language, self.why), *offered, said("listen_again", self.language))

    def asks(self) -> Asked:
        """The keys, and the words that mean them."""
        hints = tuple(word for way in self.ways for word in _WORDS[way][self.language])
        return Asked((*self._keys(), REPEAT_KEY), hints, self.language)

    def _keys(self) -> dict[str, str]:
        return {str(number): way for number, way in enumerate(self.ways, start=1)}


@dataclass(frozen=True, slots=True)
class Answer:
    """The *way* that was chosen; None while it is asked again, and *before* is said first. *is_over*: none was."""

    way: str | None = None
    before: Said | None = None
    is_miss: bool = False
    is_over: bool = False


def answer(ways: Sequence[str], language: str, digits: str, words: str, *, misses: int, turns: int) -> Answer:
    """What follows on what a caller pressed or else said; on silence both are empty.

    After two misses, or having listened again and again, they are called back, or can leave a message.
    """
    keys = {str(number): way for number, way in enumerate(ways, start=1)}
    key = digits[:1] if digits else _meant(keys, language, words)
    if key in keys:
        return Answer(keys[key])
    is_miss = key not in (REPEAT_KEY, "emergency")
    if turns >= TURNS_MAX or (is_miss and misses >= RETRIES_MAX):
        way = next((one for one in _WITHOUT_A_WORD if one in ways), None)
        return Answer(way, is_over=way is None)
    if not is_miss:
        return Answer(before=said("in_danger", language) if key == "emergency" else None)
    return Answer(before=said("not_understood" if digits or words.strip() else "not_heard", language), is_miss=True)


def _meant(keys: Mapping[str, str], language: str, words: str) -> str | None:
    if speech.calls_for_rescue(words):
        return "emergency"
    roots = {key: speech.matter_words(" ".join(_WORDS[way][language])) for key, way in keys.items()}
    key = speech.spoken_key(words, language) or speech.best(words, roots)
    return REPEAT_KEY if key is None and speech.wants_repeat(words) else key
