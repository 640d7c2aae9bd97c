"""The promises, each checked exactly: what the journals, the ledger and the database say must agree."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from bench.torture.facts import Facts


class Violation(NamedTuple):
    """A promise that was broken, and by which row or message."""

    promise: str
    id: str
    what: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is judged: the database before and after, the journals' lines, the ledger's lines, the company's calls."""

    before: Facts
    after: Facts
    journal: list[dict[str, Any]]
    ledger: list[dict[str, Any]]
    calls: list[dict[str, Any]] = field(default_factory=list)

    def new(self, table: str) -> list[Any]:
        """The rows that were not there at the beginning."""
        known = {row.id for row in self.before.rows[table]}
        return [row for row in self.after.rows[table] if row.id not in known]


def judge(evidence: Evidence) -> list[Violation]:
    """Every violation found; none is the promise kept."""
    return [found for check in _checks() for found in check(evidence)]


def _checks() -> Iterator[Any]:
    from bench.torture.checks import calls, left, said, sent, trail, work

    yield from (said.check, sent.check, work.check, calls.check, trail.check, left.check)
