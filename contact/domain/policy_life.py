"""The life of a policy's versions: which is in force, and what each of them is at a moment.

Draft, checked (nothing is wrong with it), proposed (somebody else has to publish it), scheduled, in force, superseded,
rolled back. Of two published versions the one published later has the last word from its own time on.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar


class PolicyState(StrEnum):
    """What a version is; derived, never stored."""

    DRAFT = "draft"
    CHECKED = "checked"
    PROPOSED = "proposed"
    SCHEDULED = "scheduled"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    ROLLED_BACK = "rolled_back"


class Version(Protocol):
    """What is read of one; those that are published have both times."""

    @property
    def number(self) -> int: ...
    @property
    def published_at(self) -> datetime | None: ...
    @property
    def effective_at(self) -> datetime | None: ...
    @property
    def restores(self) -> int | None: ...
    @property
    def undoes(self) -> int | None: ...


V = TypeVar("V", bound=Version)


def published(versions: Iterable[V]) -> list[V]:
    """In the order in which they were published."""
    found = [(one.published_at, one.number, one) for one in versions if one.published_at is not None]
    return [one for _, _, one in sorted(found, key=lambda told: told[:2])]


def in_force(versions: Iterable[V], now: datetime) -> V | None:
    """None until the first begins."""
    begun = [one for one in published(versions) if _begins(one) <= now]
    return begun[-1] if begun else None


def state_of(version: V, versions: Sequence[V], now: datetime) -> PolicyState:
    """Of one that is published, among all of its campaign."""
    if any(one.undoes == version.number for one in published(versions)):
        return PolicyState.ROLLED_BACK
    if version is in_force(versions, now):
        return PolicyState.IN_FORCE
    later = published(versions)[published(versions).index(version) + 1 :]
    is_passed_over = any(_begins(one) <= _begins(version) for one in later)
    return PolicyState.SCHEDULED if _begins(version) > now and not is_passed_over else PolicyState.SUPERSEDED


def goes_back_to(versions: Iterable[V], now: datetime) -> V | None:
    """What comes back when the version that was published last is taken out of force; None: there is nothing before.

    Neither what was taken back itself, nor what the last one says already: be it as a version that brought it back.
    """
    found = published(versions)
    if not found:
        return None
    *earlier, last = found
    origin: dict[int | None, int] = {}
    for one in found:
        origin[one.number] = origin.get(one.restores, one.number)
    skipped = {origin[last.number], *(origin[one.undoes] for one in found if one.undoes is not None)}
    begun = [one for one in earlier if _begins(one) <= now and origin[one.number] not in skipped]
    return begun[-1] if begun else None


def _begins(version: Version) -> datetime:
    assert version.effective_at is not None
    return version.effective_at
