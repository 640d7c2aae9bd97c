"""The life of a policy's versions: which is in force, and what each of them is at a moment.

Draft, checked (nothing is wrong with it), proposed (somebody else has to publish it), scheduled, in force, superseded,
rolled back. Of two published versions the one published later has the last word from its own time on.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
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


def states(versions: Iterable[V], now: datetime) -> dict[int, PolicyState]:
    """Of those that are published, by number."""
    found = published(versions)
    undone = {one.undoes for one in found}
    holds = in_force(found, now)
    told: dict[int, PolicyState] = {}
    # When the first begins of those that were published later: what begins only then never comes into force.
    overtaken_at = datetime.max.replace(tzinfo=UTC)
    for one in reversed(found):
        if one.number in undone:
            told[one.number] = PolicyState.ROLLED_BACK
        elif one is holds:
            told[one.number] = PolicyState.IN_FORCE
        else:
            is_to_come = now < _begins(one) < overtaken_at
            told[one.number] = PolicyState.SCHEDULED if is_to_come else PolicyState.SUPERSEDED
        overtaken_at = min(overtaken_at, _begins(one))
    return told


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
