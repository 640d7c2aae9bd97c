"""Expected wait: how long a contact that must wait will wait, and what of it may be promised.

Source: Whitt (1999), "Improving service by informing customers about anticipated delays".
"""

from dataclasses import dataclass
from math import ceil, log, sqrt
from statistics import NormalDist

_KEPT_SHARE = 0.8
_MINUTE = 60
# What people say: nobody is told "between 7 and 13 minutes".
_MARKS = tuple(_MINUTE * minutes for minutes in (1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 90, 120))
_HOUR = 60 * _MINUTE
_SUMMED = 32  # stages added one by one
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Expected:
    """The wait still to come, as a distribution; *basis* is `measured` or, for want of any figure, `last_served`."""

    mean_seconds: float
    deviation_seconds: float
    ahead: float
    basis: str

    def percentile(self, share: float) -> float:
        """The wait that *share* of such contacts stay below, by a gamma of the same mean and deviation.

        Wilson and Hilferty (1931); a single exponential stage is met within 1 % at 0.8.
        """
        if self.mean_seconds <= 0:
            return 0.0
        ninth = (self.deviation_seconds / self.mean_seconds) ** 2 / 9
        cube = 1 - ninth + _NORMAL.inv_cdf(share) * sqrt(ninth)
        return self.mean_seconds * max(cube, 0.0) ** 3

    def announcement(self) -> tuple[int, int]:
        """(from, to) in seconds, on round minutes: never a precise figure. Four in five wait *to* or less."""
        low, high = self.percentile(1 - _KEPT_SHARE), self.percentile(_KEPT_SHARE)
        to = next((mark for mark in _MARKS if mark >= high), ceil(high / _HOUR) * _HOUR)
        below = [mark for mark in (0, *_MARKS, int(low // _HOUR) * _HOUR) if mark <= low and mark < to]
        return max(below, default=0), to


def expected(ahead: float, departures_per_second: float, leaving_rate: float) -> tuple[float, float]:
    """(mean, deviation) in seconds of the wait behind *ahead* contacts, rounded to whole ones, the own start included.

    Sum over i = 0..ahead of 1 / (departures + i * leaving_rate): one exponential stage after another, with i contacts
    still in front that may give up. Infinite without departures.
    """
    if departures_per_second <= 0:
        return float("inf"), float("inf")
    last = round(ahead)
    mean = variance = 0.0
    for number in range(min(last + 1, _SUMMED)):
        stage = 1 / (departures_per_second + number * leaving_rate)
        mean += stage
        variance += stage * stage
    if last >= _SUMMED:
        tail_mean, tail_variance = _tail(last, departures_per_second, leaving_rate)
        mean, variance = mean + tail_mean, variance + tail_variance
    return mean, sqrt(variance)


def _tail(last: int, departures: float, leaving: float) -> tuple[float, float]:
    """The sums from `_SUMMED` to *last*, by Euler and Maclaurin: the terms are smooth there. O(1)"""
    first, count = 1 / (departures + _SUMMED * leaving), last - _SUMMED + 1
    if leaving <= 1e-9 * departures:
        return count * first, count * first**2
    end = 1 / (departures + last * leaving)
    mean = log(first / end) / leaving + (first + end) / 2 + leaving * (first**2 - end**2) / 12
    variance = (first - end) / leaving + (first**2 + end**2) / 2 + leaving * (first**3 - end**3) / 6
    return mean, variance
