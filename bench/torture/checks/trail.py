"""The audit trail has one row for each version of each row, and one leader at a time wrote in it."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any

from bench.torture.checks import Evidence, Violation


def check(evidence: Evidence) -> Iterator[Violation]:
    yield from _versions(evidence)
    yield from _leaders(evidence)


def _versions(evidence: Evidence) -> Iterator[Violation]:
    """1, 2, … up to the row's version; of what was there before, what came since."""
    before = {row[:2]: row.version for row in evidence.before.versions}
    known = {row.id for row in evidence.before.audits}
    told: defaultdict[tuple[str, Any], list[int]] = defaultdict(list)
    for row in evidence.after.audits:
        if row.id not in known:
            told[row.entity, row.entity_id].append(row.version)
    present = {row[:2]: row.version for row in evidence.after.versions}
    for key in before.keys() | told.keys() | present.keys():
        wanted = list(range(before.get(key, 0) + 1, present.get(key, 0) + 1))
        if sorted(told[key]) != wanted:
            what = f"{key[0]} at version {present.get(key)}: the trail has {sorted(told[key])}, not {wanted}"
            yield Violation("audit", str(key[1]), what)


def _leaders(evidence: Evidence) -> Iterator[Violation]:
    """A dispatcher's batch begins before the next epoch's first one: after a takeover the old leader writes nothing."""
    spans: dict[int, tuple[datetime, datetime]] = {}
    for row in evidence.after.audits:
        if row.actor_kind == "dispatcher" and row.request_id is not None:
            epoch = int(row.request_id.removeprefix("epoch-"))
            first, last = spans.get(epoch, (row.at, row.at))
            spans[epoch] = (min(first, row.at), max(last, row.at))
    epochs = sorted(spans)
    for before, after in pairwise(epochs):
        if spans[before][1] >= spans[after][0]:
            what = f"decided until {spans[before][1]}, epoch {after} from {spans[after][0]} on"
            yield Violation("two leaders", f"epoch-{before}", what)
