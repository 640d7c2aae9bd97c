"""How sure a simulated figure is: batch means, never the variance of single calls, which lean on each other."""

from collections.abc import Sequence
from math import sqrt
from statistics import NormalDist
from typing import NamedTuple

# Student's t, two-sided 95 %, for 1 to 30 degrees of freedom.
_STUDENT = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086),
    *(2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042),
)


class Figure(NamedTuple):
    """A value and the half width of its 95 % interval; None where there are too few batches to tell, or no value."""

    value: float | None
    half_width: float | None


def ratio(above: Sequence[float], below: Sequence[float]) -> Figure:
    """sum(above) / sum(below) over batches, such as seconds waited over contacts, with its interval.

    A batch is a stretch of a steady run, or a day: long enough that one hardly leans on the next. Batches may be of
    different sizes (ratio estimator, variance by linearisation).
    """
    total = sum(below)
    if total == 0:
        return Figure(None, None)
    value, batches = sum(above) / total, len(below)
    if batches < 2:
        return Figure(value, None)
    spread = sum((up - value * down) ** 2 for up, down in zip(above, below, strict=True))
    return Figure(value, student(batches - 1) * sqrt(spread * batches / (batches - 1)) / total)


def student(freedom: int) -> float:
    """The factor for a two-sided 95 % interval; above 30 by the first terms of Cornish and Fisher."""
    if freedom <= len(_STUDENT):
        return _STUDENT[freedom - 1]
    z = NormalDist().inv_cdf(0.975)
    return float(z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2))
