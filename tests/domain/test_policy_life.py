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


@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=1, max_size=8), st.integers(0, 9))
def test_a_state_is_what_becomes_of_a_version(steps: list[tuple[int, bool]], hours: int):
    """Each is published an hour after the one before, for some hours ahead; some take the one before out of force.

    In force is what holds now, scheduled what holds at its own time, which is to come; all else is over.
    """
    versions: list[Version] = []
    for number, (ahead, goes_back) in enumerate(steps, start=1):
        at = BEGIN + timedelta(hours=number)
        undoes = number - 1 if goes_back and number > 1 else None
        versions.append(Version(number, number, at, at if undoes else at + timedelta(hours=ahead), undoes=undoes))
    now = versions[-1].published_at + timedelta(hours=hours)

    states = policy_life.states(versions, now)

    for one in versions:
        holds_then = policy_life.in_force(versions, max(now, one.effective_at)) is one
        if one.number in {other.undoes for other in versions}:
            assert states[one.number] == "rolled_back"
        elif holds_then:
            assert states[one.number] == ("scheduled" if one.effective_at > now else "in_force")
        else:
            assert states[one.number] == "superseded"
