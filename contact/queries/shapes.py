"""Small shapes that several reads share."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

EXCERPT_CHARACTERS = 140


@dataclass(frozen=True, slots=True)
class Named:
    """Something known by its name in the reader's language."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Speaker:
    """An administration in whose name one speaks; *hue* is its colour on screen, 0 to 5."""

    id: UUID
    name: str
    hue: int


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: their account, the campaigns they may see in the present administration, their language."""

    account_id: UUID
    language: str
    campaign_ids: tuple[UUID, ...] = ()


def in_language(texts: dict[str, Any], language: str) -> str:
    """The text in *language*, else in French, else in whichever there is; `""` for none."""
    return texts.get(language) or texts.get("fr") or next(iter(texts.values()), "")


def excerpt(text: str | None) -> str:
    """The first words of *text* on one line."""
    words = " ".join((text or "").split())
    return words if len(words) <= EXCERPT_CHARACTERS else words[: EXCERPT_CHARACTERS - 1].rstrip() + "…"
