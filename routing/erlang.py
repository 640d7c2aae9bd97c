"""Erlang's formulas: what one queue and n equal agents can promise, and how many agents a promise takes.

Arrivals are Poisson, per hour; handling times exponential (B needs their mean only); times are seconds. *Load* is work
in erlangs: the agents kept busy if nobody ever waited. One class of contact and one kind of agent, in a steady state:
for shared skills, shifts and rushes, `routing.simulate` runs the engine itself.

Sources: Erlang (1917), "Solution of some problems in the theory of probabilities of significance in automatic telephone
exchanges"; Palm (1957), "Research on telephone traffic carried by full availability groups"; Baccelli and Hebuterne
(1981), "On queues with impatient customers", whose offered wait is integrated here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, expm1, inf, isfinite, log, sqrt

_SECONDS_PER_HOUR = 3_600.0
_NEGLIGIBLE = 45.0  # e**-45 of the peak is below what a float keeps of the sum
_FLAT = 0.01  # up to here from the peak the density is one panel's parabola
_SPLIT = 4
# The five points of Gauss and Legendre on [-1, 1], and their weights.
_GAUSS = (
    (0.0, 128 / 225),
    *((sign * sqrt(5 - 2 * sqrt(10 / 7)) / 3, (322 + 13 * sqrt(70)) / 900) for sign in (-1, 1)),
    *((sign * sqrt(5 + 2 * sqrt(10 / 7)) / 3, (322 - 13 * sqrt(70)) / 900) for sign in (-1, 1)),
)


@dataclass(frozen=True, slots=True)
class Queue:
    """One class of contact; *patience_seconds* is the mean time before giving up, None for never (Erlang C).

    Raises:
        ValueError: a negative or infinite rate, or a duration that is not above zero.
    """

    per_hour: float
    handle_seconds: float
    patience_seconds: float | None = None

    def __post_init__(self) -> None:
        if not (isfinite(self.per_hour) and self.per_hour >= 0):
            raise ValueError(f"per_hour must be a number from 0 on, not {self.per_hour}")
        for name in ("handle_seconds", "patience_seconds"):
            value = getattr(self, name)
            if value is not None and not (isfinite(value) and value > 0):
                raise ValueError(f"{name} must be above 0, not {value}")

    @property
    def per_second(self) -> float:
        """Arrivals per second."""
        return self.per_hour / _SECONDS_PER_HOUR

    @property
    def load(self) -> float:
        """In erlangs."""
        return self.per_second * self.handle_seconds


@dataclass(frozen=True, slots=True)
class Performance:
    """What a queue is like with so many agents.

    *wait_share* is the share of arrivals that finds no idle agent; *mean_wait_seconds* is of all arrivals, until served
    or given up, infinite where the queue grows without end; *occupancy* the share of the agents' time spent handling.
    """

    wait_share: float
    mean_wait_seconds: float
    abandon_share: float
    occupancy: float


@dataclass(frozen=True, slots=True)
class Target:
    """*share* of all arrivals served within *within_seconds*; at most *abandon_share_max* of them lost.

    Raises:
        ValueError: a share that no number of agents, or any number, would reach.
    """

    share: float = 0.8
    within_seconds: float = 20.0
    abandon_share_max: float | None = None
    occupancy_max: float = 1.0

    def __post_init__(self) -> None:
        for name in ("share", "abandon_share_max"):
            value = getattr(self, name)
            if value is not None and not 0 < value < 1:
                raise ValueError(f"{name} must be between 0 and 1, not {value}")
        if not 0 < self.occupancy_max <= 1:
            raise ValueError(f"occupancy_max must be above 0 and at most 1, not {self.occupancy_max}")
        if not (isfinite(self.within_seconds) and self.within_seconds >= 0):
            raise ValueError(f"within_seconds must be a number from 0 on, not {self.within_seconds}")


def blocking(agents: int, load: float) -> float:
    """Erlang B: the share of arrivals that find every agent busy where nobody may wait. 1.0 without agents.

    The usual recursion over 1..agents: stable, all its terms are shares. O(agents)
    """
    share = 1.0
    for number in range(1, agents + 1):
        share = load * share / (number + load * share)
    return share


def performance(queue: Queue, agents: int) -> Performance:
    """Erlang C where nobody gives up, Erlang A where they do.

    Without agents everybody waits, and all who can give up do. Without patience a load of *agents* or more is never
    worked off: everybody waits, for ever.
    """
    if queue.per_hour == 0:
        return Performance(0.0 if agents else 1.0, 0.0, 0.0, 0.0)
    if queue.patience_seconds is None:
        return _erlang_c(queue, agents)
    if agents == 0:
        return Performance(1.0, queue.patience_seconds, 1.0, 0.0)
    offered = _OfferedWait(queue, agents)
    lost = offered.mean(lambda seconds: -expm1(-seconds / offered.patience))
    # Whoever would wait x waits min(x, patience): (1 - e^(-x/patience)) * patience on average, hence the identity.
    occupancy = queue.load * (1 - lost) / agents
    return Performance(offered.wait_share, lost * offered.patience, lost, min(occupancy, 1.0))


def service_level(queue: Queue, agents: int, within_seconds: float) -> float:
    """The share of all arrivals that are served within so many seconds; who gives up before counts as not served."""
    if agents == 0:
        return 0.0
    if queue.per_hour == 0:
        return 1.0
    if queue.patience_seconds is None:
        if queue.load >= agents:
            return 0.0
        late = exp(-(agents - queue.load) * within_seconds / queue.handle_seconds)
        return 1 - _erlang_c(queue, agents).wait_share * late
    offered = _OfferedWait(queue, agents)
    return 1 - offered.wait_share + offered.mean(lambda seconds: exp(-seconds / offered.patience), until=within_seconds)


def agents_needed(queue: Queue, target: Target) -> int:
    """The fewest agents who keep the target; 0 where nobody comes. Each one more serves better, so it is bisected."""
    if queue.per_hour == 0:
        return 0
    low, high = 0, max(1, int(queue.load))
    while not _keeps(queue, high, target):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if _keeps(queue, middle, target):
            high = middle
        else:
            low = middle
    return high


def _keeps(queue: Queue, agents: int, target: Target) -> bool:
    if service_level(queue, agents, target.within_seconds) < target.share:
        return False
    found = performance(queue, agents)
    if target.abandon_share_max is not None and found.abandon_share > target.abandon_share_max:
        return False
    return found.occupancy <= target.occupancy_max


def _erlang_c(queue: Queue, agents: int) -> Performance:
    if queue.load >= agents:
        return Performance(1.0, inf, 0.0, 1.0 if agents else 0.0)
    occupancy, blocked = queue.load / agents, blocking(agents, queue.load)
    wait_share = blocked / (1 - occupancy * (1 - blocked))
    return Performance(wait_share, wait_share * queue.handle_seconds / (agents - queue.load), 0.0, occupancy)


class _OfferedWait:
    """How long an arrival with endless patience would wait: `wait_share` of them at all, with a density by seconds.

    The density at x is in proportion to e^f(x), where f(x) = per_second * patience * (1 - e^(-x/patience)) - x * rate
    and rate = agents / handle_seconds. As f is concave, all that counts lies around its peak, on panels that grow with
    the distance from it.
    """

    def __init__(self, queue: Queue, agents: int) -> None:
        assert queue.patience_seconds is not None
        self.patience = queue.patience_seconds
        self._rate = agents / queue.handle_seconds
        self._per_second = queue.per_second
        peak_at = max(0.0, self.patience * log(self._per_second / self._rate))
        self._peak = self._exponent(peak_at)
        self._panels = [*self._side(peak_at, 1.0), *self._side(peak_at, -1.0)]
        mass = self._per_second * self._integral(lambda _: 1.0)
        blocked = blocking(agents - 1, queue.load)
        # Against the peak, which may be far beyond what a float can hold; either term may vanish.
        nobody_ahead = exp(min(-self._peak - log(blocked), 700.0)) if blocked > 0 else inf
        self.wait_share = mass / (nobody_ahead + mass)
        self._scale = self._per_second / (nobody_ahead + mass)

    def mean(self, value: Callable[[float], float], until: float = inf) -> float:
        """The mean of *value* over all arrivals, 0 for those who need not wait or would wait longer than *until*."""
        return self._scale * self._integral(value, until)

    def _exponent(self, seconds: float) -> float:
        return -self._per_second * self.patience * expm1(-seconds / self.patience) - seconds * self._rate

    def _side(self, peak_at: float, direction: float) -> list[tuple[float, float]]:
        """The panels to one side of the peak, as (start, end), until the density is negligible or time begins."""
        room = inf if direction > 0 else peak_at
        near, far, panels = 0.0, 1e-9 * (peak_at + 1 / self._rate), []
        while near < room:
            far = min(far, room)
            drop = self._peak - self._exponent(peak_at + direction * near)
            if drop > _NEGLIGIBLE:
                break
            if self._peak - self._exponent(peak_at + direction * far) > _FLAT:
                width = (far - near) / _SPLIT
                for number in range(_SPLIT):
                    ends = [peak_at + direction * (near + width * (number + one)) for one in (0, 1)]
                    panels.append((min(ends), max(ends)))
                near = far
            elif far == room:
                panels.append((peak_at - far, peak_at))
                break
            far *= 2
        return panels

    def _integral(self, value: Callable[[float], float], until: float = inf) -> float:
        total = 0.0
        for start, end in self._panels:
            half = (min(end, until) - start) / 2
            if half <= 0:
                continue
            for point, weight in _GAUSS:
                seconds = start + half * (1 + point)
                total += half * weight * value(seconds) * exp(self._exponent(seconds) - self._peak)
        return total
