"""The event log: everything that happened in a run, in columns; what is not in it is in no result."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import Any

MICROSECONDS = 1_000_000


class What(IntEnum):
    """What happened; *who* is an agent's number unless said otherwise, -1 for nobody."""

    ARRIVE = 0  # who: the kind's number; value: the call this one tries again, -1 for the first
    DEFLECT = 1  # not admitted; who: the rule's number, value: that of the alternative in `admission.ALTERNATIVES`
    OFFER = 2  # not written when accepted at once
    ACCEPT = 3
    DECLINE = 4
    MISS = 5  # the offer lapsed
    ABANDON = 6
    FINISH = 7  # the conversation is over; value: the wrap-up's seconds
    FREE = 8  # so is the wrap-up, if there is one
    SIGN_IN = 9
    SIGN_OUT = 10
    PAUSE = 11  # a break or a rest begins
    BACK = 12
    EXPECT = 13  # value: the expected wait, in seconds, as are the three below
    PROMISE_LOW = 14
    PROMISE_HIGH = 15
    RIVAL_LENGTH = 16  # queue length x handling / agents
    RIVAL_LAST = 17  # the wait of the last who was served
    ADMIT = 18  # let in; who: the rule's number in `admission.Rule`; value: how it was put, in `admission.Put`
    ENTER = 19  # the menu is over: in the queue
    HANG_UP = 20  # or gone before
    FOLLOW = 21  # this contact is the alternative that was taken, who: its number; value: the call it came from
    MODE = 22  # who: the campaign's number, as in the two below; value: the level in `admission.MODES`
    RATE = 23  # value: calls a second
    CAPACITY = 24
    LINE = 25  # who: the number of the citizen's kind of line in `alternatives.LINES`, once for each citizen


class Log:
    """Events in the order they happened: integer microseconds, what, call, who, value. 25 bytes each.

    *about* is what results need to know of the scenario, fit for JSON.
    """

    def __init__(self, about: dict[str, Any]) -> None:
        self.about = about
        self.times = array("q")
        self.whats = array("b")
        self.calls = array("i")
        self.whos = array("i")
        self.values = array("d")

    def __len__(self) -> int:
        return len(self.times)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Log) and (self.about, *self._columns()) == (other.about, *other._columns())

    def add(self, now: float, what: int, call: int, who: int, value: float = 0.0) -> None:
        """Write one event down."""
        self.times.append(int(now * MICROSECONDS))
        self.whats.append(what)
        self.calls.append(call)
        self.whos.append(who)
        self.values.append(value)

    def events(self) -> Iterator[tuple[int, int, int, int, float]]:
        """(microseconds, what, call, who, value), in order."""
        return zip(*self._columns(), strict=True)

    def lines(self) -> Iterator[str]:
        """The log as CSV, without the header line and *about*."""
        names = [what.name.lower() for what in What]
        for time, what, call, who, value in self.events():
            yield f"{time},{names[what]},{call},{who},{value:.17g}\n"

    @classmethod
    def read(cls, about: dict[str, Any], lines: Iterable[str]) -> Log:
        """The log that wrote these lines."""
        log = cls(about)
        numbers = {what.name.lower(): what.value for what in What}
        for line in lines:
            time, what, call, who, value = line.rstrip("\n").split(",")
            log.times.append(int(time))
            log.whats.append(numbers[what])
            log.calls.append(int(call))
            log.whos.append(int(who))
            log.values.append(float(value))
        return log

    def _columns(self) -> tuple[array[int], array[int], array[int], array[int], array[float]]:
        return self.times, self.whats, self.calls, self.whos, self.values
