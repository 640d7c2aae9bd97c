"""How the ledger misbehaves when it is asked to, as carriers do: for tests of what the house makes of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

# What each does: `app.py ledger --help`.
FAULTS = ("drop", "429", "500", "500-taken", "delay")


@dataclass(frozen=True, slots=True)
class Faults:
    """Which share of the attempts meets which fault; none without being asked for. *delay_seconds* is of `delay`."""

    shares: tuple[tuple[str, float], ...] = ()
    seed: int = 1
    delay_seconds: float = 3.0

    def of(self, attempt: str) -> str | None:
        """The fault of an attempt: the same for the same seed, whatever else is asked and however often we restart."""
        drawn = Random(f"{self.seed}:{attempt}").random()
        for fault, share in self.shares:
            drawn -= share
            if drawn < 0:
                return fault
        return None


def read_shares(told: Iterable[str]) -> tuple[tuple[str, float], ...]:
    """`("drop=0.1", "429=0.05")` as shares.

    Raises:
        ValueError: an unknown fault, a share that is no number from 0 to 1, or more than 1 in all.
    """
    shares = []
    for one in told:
        fault, _, share = one.partition("=")
        if fault not in FAULTS:
            raise ValueError(f"{fault}: no such fault; there are {', '.join(FAULTS)}")
        shares.append((fault, float(share)))
    if any(not 0 <= share <= 1 for _, share in shares) or sum(share for _, share in shares) > 1:
        raise ValueError("shares are from 0 to 1, and no more than 1 in all")
    return tuple(shares)
