"""What a caller said, matched to what a phone menu offers, whatever the accents, capitals and spelling of numbers."""

import re
from collections.abc import Collection, Mapping, Sequence

from contact.domain import folding
from contact.domain import menu_words as words

# Two words are one when they begin alike: "déclarer" and "déclaration", "impôt" and "impôts".
_ROOT_LETTERS = 5


def plain(text: str) -> str:
    """Its words in the letters and digits that recognisers of our languages write, folded."""
    return " ".join(re.findall(r"[a-z0-9]+", folding.plain(text)))


def matter_words(text: str) -> frozenset[str]:
    """Its words that say something about a matter, cut to their roots."""
    return frozenset(_root(one) for one in plain(text).split() if len(one) > 2 and one not in words.EMPTY)


def is_emergency_number(text: str) -> bool:
    """Whether somebody names one: "112", "le 15", "cent douze"."""
    said = _bare(plain(text))
    return said.replace(" ", "") in words.EMERGENCY_NUMBERS or said in words.EMERGENCY_SPOKEN


def calls_for_rescue(text: str, *, but: Collection[str] = ()) -> bool:
    """Whether a caller may be in danger; *but*: roots that mean something else here (a town's own police)."""
    return is_emergency_number(text) or any(
        one in words.EMERGENCY and _root(one) not in but for one in plain(text).split()
    )


def spoken_key(text: str, language: str) -> str | None:
    """The one key that is all they said: "2", "deux", "le numéro deux", "étoile"."""
    said = _bare(plain(text))
    key = said if len(said) == 1 and said.isdigit() else words.DIGITS[language].get(said)
    return "*" if key is None and text.strip() in ("*", "*.") else key


def wants_repeat(text: str) -> bool:
    return not words.REPEAT.isdisjoint(plain(text).split())


def wants_person(text: str) -> bool:
    return not words.PERSON.isdisjoint(plain(text).split())


def wanted_language(text: str, offered: Sequence[str]) -> str | None:
    """The offered language that they named."""
    said = set(plain(text).split())
    return next((one for one in offered if words.LANGUAGE_NAMES[one] & said), None)


def best(text: str, offered: Mapping[str, frozenset[str]]) -> str | None:
    """The one key whose words they said most of; None when there is none, or two alike."""
    said = matter_words(text)
    counts = {key: len(said & roots) for key, roots in offered.items()}
    most = max(counts.values(), default=0)
    found = [key for key, count in counts.items() if count == most]
    return found[0] if most and len(found) == 1 else None


def _root(word: str) -> str:
    return word[:_ROOT_LETTERS] if len(word) > _ROOT_LETTERS else word.rstrip("sx") or word


def _bare(said: str) -> str:
    return " ".join(one for one in said.split() if one not in words.AROUND_A_KEY)
