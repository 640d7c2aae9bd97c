"""Where chance comes from, and the distributions drawn from it; every source has a stream of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain, repeat
from math import isfinite, log, sqrt
from typing import Protocol, TypeAlias


class Chance(Protocol):
    """The part of `random.Random` that is used."""

    def random(self) -> float: ...
    def expovariate(self, lambd: float, /) -> float: ...
    def lognormvariate(self, mu: float, sigma: float, /) -> float: ...
    def gammavariate(self, alpha: float, beta: float, /) -> float: ...


Streams: TypeAlias = Callable[[str], Chance]
"""A new generator for each name, always the same for a name: runs that differ in their rules draw the same calls."""

Draw: TypeAlias = Callable[[], float]
KINDS = ("exponential", "lognormal", "gamma", "deterministic", "empirical", "recorded")


@dataclass(frozen=True, slots=True)
class Distribution:
    """Seconds, never below zero. *cv* (deviation / mean) is read by lognormal and gamma alone.

    `empirical` draws from *values* with equal chance; `recorded` gives them back in their order, then its mean.

    Raises:
        ValueError: an unknown kind, no values, or a negative or infinite number.
    """

    kind: str
    mean: float = 0.0
    cv: float = 1.0
    values: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"there is no distribution {self.kind!r}; there are: {', '.join(KINDS)}")
        if self.kind in ("empirical", "recorded"):
            if not self.values:
                raise ValueError(f"{self.kind} needs values")
            object.__setattr__(self, "mean", sum(self.values) / len(self.values))
        if not all(isfinite(value) and value >= 0 for value in (self.mean, self.cv, *self.values)):
            raise ValueError(f"{self.kind} takes numbers from 0 on")
        if self.kind in ("exponential", "lognormal", "gamma") and self.mean == 0:
            raise ValueError(f"{self.kind} needs a mean above 0")
        if self.kind in ("lognormal", "gamma") and self.cv == 0:
            raise ValueError(f"{self.kind} needs a cv above 0; without one it is deterministic")

    def scaled(self, factor: float) -> "Distribution":
        """The same shape with every value *factor* times as long."""
        return Distribution(self.kind, self.mean * factor, self.cv, tuple(value * factor for value in self.values))

    def draw(self, chance: Chance) -> Draw:
        """A function that gives the next value."""
        if self.kind == "exponential":
            rate = 1 / self.mean
            return lambda: chance.expovariate(rate)
        if self.kind == "lognormal":
            sigma = sqrt(log(1 + self.cv**2))
            mu = log(self.mean) - sigma**2 / 2
            return lambda: chance.lognormvariate(mu, sigma)
        if self.kind == "gamma":
            shape = self.cv**-2
            return lambda: chance.gammavariate(shape, self.mean / shape)
        if self.kind == "empirical":
            values, count = self.values, len(self.values)
            return lambda: values[int(chance.random() * count)]
        return chain(self.values, repeat(self.mean)).__next__
