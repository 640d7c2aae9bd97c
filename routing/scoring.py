"""Were the announced waits true? Calibration, coverage and error against what happened, those who gave up included.

Who gave up after 5 minutes would have waited at least that long: leaving them out makes every announcement look too
long. So each one served stands for all who would have waited as long but gave up before, by the share whose patience
lasts so long (inverse probability of censoring; patience by Kaplan and Meier).
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

_WEIGHT_MAX = 20.0  # beyond, one contact would speak for too many: such waits are too rare to be judged
_GROUPS = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was announced to one contact, and how long it waited until it was served or gave up; in seconds."""

    expected: float
    low: float
    high: float
    waited: float
    was_served: bool


@dataclass(frozen=True, slots=True)
class Score:
    """*kept_share* waited no longer than announced, *covered_share* within the range; errors are expected - waited.

    *calibration* has, for tenths of the contacts by what they were told: (mean expected, mean waited).
    """

    contacts: int
    kept_share: float
    covered_share: float
    mean_error: float
    mean_absolute_error: float
    root_mean_square_error: float
    calibration: tuple[tuple[float, float], ...]


def score(outcomes: Sequence[Outcome]) -> Score | None:
    """How true the announcements were; None when nobody was served."""
    weighted = [pair for pair in zip(outcomes, _weights(outcomes), strict=True) if pair[1] > 0]
    if not weighted:
        return None

    def mean(values: list[tuple[float, float]]) -> float:
        return sum(value * weight for value, weight in values) / sum(weight for _, weight in values)

    errors = [(one.expected - one.waited, weight) for one, weight in weighted]
    weighted.sort(key=lambda pair: pair[0].expected)
    groups = [weighted[len(weighted) * n // _GROUPS : len(weighted) * (n + 1) // _GROUPS] for n in range(_GROUPS)]
    return Score(
        contacts=len(outcomes),
        kept_share=mean([(one.waited <= one.high, weight) for one, weight in weighted]),
        covered_share=mean([(one.low <= one.waited <= one.high, weight) for one, weight in weighted]),
        mean_error=mean(errors),
        mean_absolute_error=mean([(abs(error), weight) for error, weight in errors]),
        root_mean_square_error=sqrt(mean([(error * error, weight) for error, weight in errors])),
        calibration=tuple(
            (
                mean([(one.expected, weight) for one, weight in group]),
                mean([(one.waited, weight) for one, weight in group]),
            )
            for group in groups
            if group
        ),
    )


def _weights(outcomes: Sequence[Outcome]) -> list[float]:
    """For each one served, how many it stands for; 0 for who gave up. O(n log n)"""
    order = sorted(range(len(outcomes)), key=lambda n: (outcomes[n].waited, not outcomes[n].was_served))
    at_risk, patient = len(outcomes), 1.0
    times, shares = [0.0], [1.0]
    for index in order:
        if not outcomes[index].was_served:
            patient *= 1 - 1 / at_risk
            times.append(outcomes[index].waited)
            shares.append(patient)
        at_risk -= 1
    weights = []
    for one in outcomes:
        share = shares[bisect_right(times, one.waited) - 1] if one.was_served else 0.0
        weights.append(1 / share if share * _WEIGHT_MAX >= 1 else 0.0)
    return weights
