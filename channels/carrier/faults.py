"""Faults on demand: what a network and a busy company do to requests, by rate and seed, or the next ones by name."""

import random
from typing import Any

# What may happen to a request of a customer, and to a request of ours to a customer.
REST = ("delay", "error_429", "error_500", "late_500", "drop")
WEBHOOK = ("delay", "duplicate", "reorder")
# What Twilio calls "the system malfunctioned during the enqueue process".
QUEUE = ("system_error",)
SIDES = {"rest": REST, "webhook": WEBHOOK, "queue": QUEUE}


class Faults:
    """Rates between 0 and 1 for each name of a side, and lists of faults that the next requests meet.

    `drop` and `late_500` do the work and then give no answer, or 500; `error_500` and `error_429` do nothing.
    """

    def __init__(self, seed: int = 1) -> None:
        self.random = random.Random(seed)
        self.rates: dict[str, dict[str, float]] = {side: {} for side in SIDES}
        self.next: dict[str, list[str]] = {side: [] for side in SIDES}
        self.delay_seconds = 2.0

    def take(self, told: dict[str, Any]) -> None:
        """Take `{"seed": 1, "delay_seconds": 2, "rest": {"drop": 0.02}, "webhook": {"next": ["duplicate"]}}`.

        Raises:
            ValueError: an unknown side or name, or a rate that is none.
        """
        for side, rates in told.items():
            if side in ("seed", "delay_seconds"):
                continue
            if side not in SIDES or not isinstance(rates, dict):
                raise ValueError(f"unknown side {side}")
            for name, rate in rates.items():
                wanted = rate if name == "next" else [name]
                if not set(wanted) <= set(SIDES[side]) or (name != "next" and not 0 <= float(rate) <= 1):
                    raise ValueError(f"{side}.{name}={rate}")
        if "seed" in told:
            self.random = random.Random(told["seed"])
        self.delay_seconds = float(told.get("delay_seconds", self.delay_seconds))
        for side in SIDES:
            if side in told:
                self.next[side] = list(told[side].get("next", []))
                self.rates[side] = {name: float(rate) for name, rate in told[side].items() if name != "next"}

    def show(self) -> dict[str, Any]:
        """The form that `take` takes."""
        sides = {side: {**self.rates[side], "next": self.next[side]} for side in SIDES}
        return {"delay_seconds": self.delay_seconds, **sides}

    def draw(self, side: str) -> set[str]:
        """What happens to this request."""
        if self.next[side]:
            return {self.next[side].pop(0)}
        return {name for name, rate in self.rates[side].items() if rate and self.random.random() < rate}

    def delay(self) -> float:
        """How late a delayed or overtaken request is, in the company's seconds."""
        return self.delay_seconds * (0.5 + self.random.random())
