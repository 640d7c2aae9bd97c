"""When contacts come: by rates that change through the day, by counts an interval, or one by one as they were."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from math import inf, isfinite

from routing.simulation.chance import Chance

DAY_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class Span:
    """From *starts_at* to *ends_at*: *amount* per second for rates, in all for counts."""

    starts_at: float
    ends_at: float
    amount: float

    def __post_init__(self) -> None:
        if not (0 <= self.starts_at < self.ends_at < inf):
            raise ValueError(f"an interval must end after it starts, not {self.starts_at} to {self.ends_at}")
        if not (isfinite(self.amount) and self.amount >= 0):
            raise ValueError(f"an interval takes a number of contacts from 0 on, not {self.amount}")


@dataclass(frozen=True, slots=True)
class Arrivals:
    """One of the three: *rates* of one day, repeated daily and times the day's factor; *counts*; single *times*.

    Counts and times are recorded: seconds from the start of the run, and no day factor touches them.
    """

    rates: tuple[Span, ...] = ()
    counts: tuple[Span, ...] = ()
    times: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if sum(map(bool, (self.rates, self.counts, self.times))) != 1:
            raise ValueError("arrivals are either rates, counts or times")
        spans = self.rates or self.counts
        if any(later.starts_at < earlier.ends_at for earlier, later in itertools.pairwise(spans)):
            raise ValueError("intervals must follow each other")
        if self.rates and self.rates[-1].ends_at > DAY_SECONDS:
            raise ValueError("rates are those of one day")

    @property
    def per_day(self) -> float:
        """The expected number in a day of rates."""
        return sum(span.amount * (span.ends_at - span.starts_at) for span in self.rates)

    @property
    def is_steady(self) -> bool:
        """The same rate at any time."""
        return self.per_day > 0 and self.rates == (Span(0.0, DAY_SECONDS, self.rates[0].amount),)

    def scaled(self, factor: float) -> "Arrivals":
        """Rates and counts *factor* times as high; single times cannot be multiplied.

        Raises:
            ValueError: for single times.
        """
        if self.times:
            raise ValueError("recorded contacts cannot be multiplied")
        rates, counts = (
            tuple(Span(span.starts_at, span.ends_at, span.amount * factor) for span in spans)
            for spans in (self.rates, self.counts)
        )
        return Arrivals(rates, counts)

    def draw(self, chance: Chance, day_factors: list[float]) -> Iterator[float]:
        """The times of one run, in order; one day for each factor."""
        if self.times:
            return iter(sorted(self.times))
        return self._by_counts(chance) if self.counts else self._by_rates(chance, day_factors)

    def _by_rates(self, chance: Chance, day_factors: list[float]) -> Iterator[float]:
        """A Poisson process run through the rates: one exponential draw a contact, whatever the rates are."""
        due = chance.expovariate(1.0)
        for day, factor in enumerate(day_factors):
            for span in self.rates:
                at, rate = day * DAY_SECONDS + span.starts_at, span.amount * factor
                left = (span.ends_at - span.starts_at) * rate
                while due < left:
                    left -= due
                    at += due / rate
                    yield at
                    due = chance.expovariate(1.0)
                due -= left

    def _by_counts(self, chance: Chance) -> Iterator[float]:
        """Exactly as many as were counted, anywhere in their interval."""
        for span in self.counts:
            width = span.ends_at - span.starts_at
            yield from sorted(span.starts_at + width * chance.random() for _ in range(round(span.amount)))
