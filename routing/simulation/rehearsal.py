"""A draft beside the policy in force on the days of a season: one run at a time, with the same callers in both."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from contact.domain.documents import Document
from routing.simulate import simulate
from routing.simulation.chance import Streams
from routing.simulation.comparison import better, side
from routing.simulation.profile import Profile
from routing.simulation.season import Day, days, scenario

SIDES = BEFORE, AFTER = ("before", "after")


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """*standing* None: nothing is in force, and everybody is let in, in the hours of the draft. *numbers* are of the
    two versions."""

    standing: Document | None
    draft: Document
    numbers: tuple[int, int]
    known: Profile
    today: date

    @property
    def days(self) -> list[Day]:
        """Those of the draft's season; empty where its phone never opens."""
        return days(self.draft, self.today)

    @property
    def steps(self) -> int:
        """How many runs it takes."""
        return len(SIDES) * len(self.days)

    def run(self, step: int, streams_of: Callable[[str], Streams]) -> dict[str, Any]:
        """The run of this number. *streams_of* a day are the same for both policies."""
        day = self.days[step // len(SIDES)]
        name = SIDES[step % len(SIDES)]
        document = self.draft if name == AFTER or self.standing is None else self.standing
        made = scenario(
            document,
            self.numbers[SIDES.index(name)],
            day,
            self.known,
            (self.draft, self.standing or self.draft),
            throttles=name == AFTER or self.standing is not None,
        )
        target = made.campaigns[0].throttle.target_wait_seconds
        return side(simulate(made, streams_of(day.name)), target, self.known["handling"]["mean_seconds"])

    def report(self, found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """What the runs came to, day by day, side by side; of those that are done."""
        told = []
        for number, day in enumerate(self.days):
            sides = dict(zip(SIDES, found[number * len(SIDES) : (number + 1) * len(SIDES)], strict=False))
            if len(sides) == len(SIDES):
                told.append(
                    {
                        "name": day.name,
                        "date": day.on.isoformat(),
                        "calls_factor": day.calls_factor,
                        **sides,
                        "better": better(sides[BEFORE]["totals"], sides[AFTER]["totals"]),
                    }
                )
        return {"days": told}
