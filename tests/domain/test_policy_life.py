"""Policies that are published and taken back: what comes back is what stood before, one step after the other."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from contact.domain import policy_life

BEGIN = datetime(2027, 4, 8, tzinfo=UTC)


@dataclass(frozen=True)
class Version:
    """*says* stands for the document."""

    number: int
    says: int
    published_at: datetime
    effective_at: datetime
    restores: int | None = None
    undoes: int | None = None


@given(st.lists(st.booleans(), min_size=1, max_size=14))
@example([True, True, True, False, False, False])
@example([True, True, False, True, False, False])
def test_going_back_goes_on(steps: list[bool]):
    """Published versions lie one upon the other, and going back takes the uppermost away, until there is one left."""
    versions: list[Version] = []
    pile: list[int] = []
    for is_new in steps:
        number = len(versions) + 1
        now = BEGIN + timedelta(hours=number)
        if is_new:
            versions.append(Version(number, number, now, now))
            pile.append(number)
            continue
        before = policy_life.goes_back_to(versions, now)

        assert (before and before.says) == (pile[-2] if len(pile) > 1 else None)
        if before is not None:
            pile.pop()
            versions.append(Version(number, before.says, now, now, before.number, versions[-1].number))
            assert policy_life.in_force(versions, now) is versions[-1]
