"""What somebody who waits may expect: what the pool's dispatcher measured, told as a range on round minutes."""

from bisect import bisect_right
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contact.models import WaitForecast
from routing.announce import Expected

# A dispatcher that has not told anything for so long measures nothing: better no figure than an old one.
FRESH_SECONDS = 30


def expected(session: Session, need_id: UUID, key_at: datetime) -> Expected | None:
    """The wait still to come of a contact with that need and key; None when nobody knows.

    Nobody knows while no agent who could serve it is at work, and before anything was measured.
    """
    points = session.scalar(
        select(WaitForecast.points).where(
            WaitForecast.need_id == need_id,
            WaitForecast.measured_at > func.clock_timestamp() - timedelta(seconds=FRESH_SECONDS),
        )
    )
    if not points:
        return None
    mean, deviation = between([tuple(point) for point in points], key_at.timestamp())
    return Expected(mean, deviation, 0.0, "measured")


def between(points: list[tuple[float, ...]], key: float) -> tuple[float, float]:
    """(mean, deviation) at *key* on the line through sorted *points* `(key, mean, deviation)`; level beyond it."""
    place = bisect_right(points, (key,))
    if place == 0:
        return points[0][1], points[0][2]
    if place == len(points):
        return points[-1][1], points[-1][2]
    (low, *before), (high, *after) = points[place - 1], points[place]
    part = (key - low) / (high - low)
    mean, deviation = (one + part * (other - one) for one, other in zip(before, after, strict=True))
    return mean, deviation
