"""What came of each campaign's throttle, from the log alone: who was let in, by which rule, what came of the rest."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from contact.domain.alternatives import ALTERNATIVES
from routing.admission import MODES, Put, Rule
from routing.simulation.arrivals import DAY_SECONDS
from routing.simulation.log import MICROSECONDS, Log, What

_RULES, _PUTS = tuple(Rule), tuple(Put)


@dataclass(slots=True)
class _Campaign:
    """Counts of one campaign."""

    counts: Counter[str] = field(default_factory=Counter)
    rules: dict[bool, Counter[str]] = field(default_factory=lambda: {True: Counter(), False: Counter()})
    puts: Counter[str] = field(default_factory=Counter)
    offered: Counter[str] = field(default_factory=Counter)
    taken: Counter[str] = field(default_factory=Counter)
    served: Counter[str] = field(default_factory=Counter)
    served_wait_seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    modes: list[dict[str, Any]] = field(default_factory=list)
    valve: dict[int, list[float]] = field(default_factory=lambda: defaultdict(lambda: [0.0, 0.0, 0.0]))


class _Reading:
    """One pass over a log."""

    def __init__(self, log: Log) -> None:
        about = log.about
        self._numbers = {name: number for number, name in enumerate(about["campaigns"])}
        self._of_kind = [self._numbers.get(kind["campaign"]) for kind in about["kinds"]]
        self._interval: float = about["interval_seconds"]
        self._from: float = about["warm_up_seconds"]
        self.campaigns = [_Campaign() for _ in self._numbers]
        self._of_call: dict[int, tuple[int, float, bool]] = {}
        self._follows: dict[int, tuple[int, str, float]] = {}
        for time, what, call, who, value in log.events():
            self._read(time / MICROSECONDS, what, call, who, value)

    def _read(self, at: float, what: int, call: int, who: int, value: float) -> None:
        if what == What.ARRIVE:
            number = self._of_kind[who]
            if number is not None and at >= self._from:
                self._of_call[call] = (number, at, value < 0)
                self._count(call, "arrived")
        elif what in (What.MODE, What.RATE, What.CAPACITY):
            self._valve(self.campaigns[who], at, what, value)
        elif what == What.FOLLOW:
            if int(value) in self._of_call:
                number, *_ = self._of_call[int(value)]
                self._follows[call] = (number, ALTERNATIVES[who], at)
                self.campaigns[number].taken[ALTERNATIVES[who]] += 1
        elif what == What.ACCEPT and call in self._follows:
            number, alternative, since = self._follows[call]
            self.campaigns[number].served[alternative] += 1
            self.campaigns[number].served_wait_seconds[alternative] += at - since
        elif call in self._of_call:
            self._call(what, call, who, int(value))

    def _call(self, what: int, call: int, who: int, value: int) -> None:
        campaign = self.campaigns[self._of_call[call][0]]
        if what == What.ADMIT:
            campaign.rules[True][_RULES[who].value] += 1
            campaign.puts[_PUTS[value].value] += 1
            self._count(call, "admitted")
        elif what == What.DEFLECT:
            campaign.rules[False][_RULES[who].value] += 1
            campaign.offered[ALTERNATIVES[value]] += 1
            self._count(call, "deflected")
        elif what in (What.ACCEPT, What.ABANDON, What.HANG_UP):
            self._count(call, {What.ACCEPT: "answered", What.ABANDON: "abandoned"}.get(What(what), "hung_up"))

    def _count(self, call: int, name: str) -> None:
        number, _, is_first = self._of_call[call]
        counts = self.campaigns[number].counts
        counts[name] += 1
        counts[f"first_{name}"] += is_first

    def _valve(self, campaign: _Campaign, at: float, what: int, value: float) -> None:
        if what == What.MODE:
            campaign.modes.append({"at": at, "mode": MODES[int(value)].value})
            return
        sums = campaign.valve[int(at % DAY_SECONDS // self._interval)]
        if what == What.RATE:
            sums[0] += value
            sums[2] += 1
        else:
            sums[1] += value


def admission(log: Log) -> list[dict[str, Any]]:
    """For each campaign: counts, by rule, by alternative, its modes, and rate and capacity through the day.

    Calls that arrived before the warm-up's end are in no count. Abandonment is of those let in and through the menu.
    """
    interval = log.about["interval_seconds"]
    return [
        _told(name, campaign, interval)
        for name, campaign in zip(log.about["campaigns"], _Reading(log).campaigns, strict=True)
    ]


def _told(name: str, campaign: _Campaign, interval: float) -> dict[str, Any]:
    counts, puts = campaign.counts, campaign.puts
    through = counts["answered"] + counts["abandoned"]
    return {
        "name": name,
        **{key: counts[key] for key in ("arrived", "admitted", "deflected", "hung_up", "answered", "abandoned")},
        "exempt": puts[Put.EXEMPT.value],
        "returning": puts[Put.RETURNING.value],
        "abandon_share": counts["abandoned"] / through if through else None,
        "admitted_share": counts["admitted"] / counts["arrived"] if counts["arrived"] else None,
        "first_admitted_share": counts["first_admitted"] / counts["first_arrived"] if counts["first_arrived"] else None,
        "admitted_by": {rule.value: campaign.rules[True][rule.value] for rule in Rule},
        "deflected_by": {rule.value: campaign.rules[False][rule.value] for rule in Rule},
        "alternatives": [
            {
                "name": one,
                "offered": campaign.offered[one],
                "taken": campaign.taken[one],
                "served": campaign.served[one],
                "mean_wait_seconds": campaign.served_wait_seconds[one] / campaign.served[one]
                if campaign.served[one]
                else None,
            }
            for one in ALTERNATIVES
            if campaign.offered[one]
        ],
        "modes": campaign.modes,
        "valve": [
            {
                "starts_at": row * interval,
                "rate_per_hour": 3_600 * rate / ticks,
                "capacity_per_hour": 3_600 * able / ticks,
            }
            for row, (rate, able, ticks) in sorted(campaign.valve.items())
        ],
    }
