"""The company's clock: dates are the machine's, lengths of time run *speed* times as fast."""

import asyncio
import time
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


class Clock:
    """`sleep` and `seconds` count the company's seconds; `now` is the machine's date, whatever the speed."""

    def __init__(self, speed: float = 1.0) -> None:
        self._base = 0.0
        self._anchor = time.monotonic()
        self.speed = speed

    def set_speed(self, speed: float) -> None:
        """From now on. Sleeps under way keep their end."""
        self._base, self._anchor = self.seconds(), time.monotonic()
        self.speed = speed

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def seconds(self) -> float:
        """The company's seconds since it started: take two and subtract."""
        return self._base + (time.monotonic() - self._anchor) * self.speed

    async def sleep(self, seconds: float) -> None:
        """Wait *seconds* of the company."""
        await asyncio.sleep(max(0.0, seconds) / self.speed)

    async def within(self, seconds: float, work: Awaitable[T]) -> T:
        """What *work* gives, within *seconds* of the company.

        Raises:
            TimeoutError: it took longer, and was cancelled.
        """
        return await asyncio.wait_for(work, max(0.0, seconds) / self.speed)
