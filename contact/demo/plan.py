"""The shape of what the demo holds: administrations with their campaigns, and the stories their citizens tell."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

Names = dict[str, str]
"""The same words in each language: `{"fr": …, "en": …}`."""


@dataclass(frozen=True, slots=True)
class TopicPlan:
    """Why people contact; *queue* is the number of its queue in the campaign."""

    slug: str
    name: Names
    skill: str
    queue: int = 0
    priority: int = 0

    @property
    def steps(self) -> list[dict[str, object]]:
        """First who knows it well, after a minute who knows it at all, after three whoever speaks the language."""
        return [
            {"after_seconds": 0, "skills": {self.skill: 3}, "language": True},
            {"after_seconds": 60, "skills": {self.skill: 1}, "language": True},
            {"after_seconds": 180, "skills": {}, "language": True},
        ]


@dataclass(frozen=True, slots=True)
class Story:
    """A conversation, told once: *lines* alternate, the citizen first and the agent after.

    `{amount}`, `{day}`, `{street}` and `{child}` take another value each time. *note* is for colleagues, *outside* too:
    it says which third party the matter waits for.
    """

    topic: str
    language: str
    subject: str
    lines: tuple[str, ...]
    note: str
    outside: str


@dataclass(frozen=True, slots=True)
class AdministrationPlan:
    """One administration and its campaign; *addresses* is `{channel: address}`, *policy* is made for a day."""

    slug: str
    name: str
    hue: int
    signature: Names
    administrators: tuple[tuple[str, str], ...]
    campaign_slug: str
    campaign: Names
    welcome: Names
    languages: tuple[str, ...]
    addresses: dict[str, str]
    queues: tuple[Names, ...]
    topics: tuple[TopicPlan, ...]
    stories: tuple[Story, ...]
    policy: Callable[[date], dict[str, Any]] | None = None
