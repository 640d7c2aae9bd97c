"""Announces the expected wait to every simulated citizen who must hold the line, and notes what rivals would say."""

from dataclasses import replace

from routing import rules
from routing.announce import Expected
from routing.estimate import Estimator, Planned
from routing.simulation.callers import Callers
from routing.simulation.desk import Desk
from routing.simulation.log import Log, What
from routing.simulation.people import Call, Clock, Person
from routing.simulation.scenario import Kind, Scenario
from routing.types import ContactClass


class Forecast:
    """Feeds an estimator from a run, by what is asked at each step and by team."""

    def __init__(self, scenario: Scenario, clock: Clock, log: Log, desk: Desk, callers: Callers) -> None:
        self._clock = clock
        self._log = log
        self._desk = desk
        self._asks = [_asks(kind, scenario) for kind in scenario.kinds]
        self._team = {person.team_number: person.fact() for person in desk.people}
        self._fits: dict[tuple[ContactClass, int], bool] = {}
        planned: dict[ContactClass, Planned] = {}
        for kind, steps in zip(scenario.kinds, self._asks, strict=True):
            handle = kind.handling.mean + (kind.wrap_up.mean if kind.wrap_up else 0.0)
            at_once = max(team.capacity.get(kind.channel, 1) for team in scenario.teams)
            for asks, _ in steps:
                planned.setdefault(
                    asks, Planned(handle / max(at_once, 1), kind.patience.mean if kind.patience else None)
                )
        self._estimator: Estimator[ContactClass, int] = Estimator(
            planned,
            sorted(self._team),
            self._may_serve,
            lambda other, kind: rules.is_in_front(other.channel, kind.channel),
        )
        desk.on_served = self._served
        desk.on_presence = self._presence
        callers.on_waiting = self._announce
        callers.on_left = self._left

    def _may_serve(self, asks: ContactClass, team: int) -> bool:
        if (asks, team) not in self._fits:
            self._fits[asks, team] = rules.fit(asks, self._team[team]) is not None
        return self._fits[asks, team]

    def _announce(self, call: Call) -> None:
        estimator, now, key = self._estimator, self._clock.now, call.contact.key
        steps = self._asks[call.caller.number]
        first = steps[0][0]
        # Nobody holds the line for an answer to a letter, which may come tomorrow.
        told = self._expect(call) if call.patience_seconds is not None else None
        if told is not None:
            low, high = told.announcement()
            for what, seconds in (
                (What.EXPECT, told.mean_seconds),
                (What.PROMISE_LOW, low),
                (What.PROMISE_HIGH, high),
                (What.RIVAL_LENGTH, estimator.by_length(first, key)),
                (What.RIVAL_LAST, estimator.by_last_served(first)),
            ):
                if seconds is not None:
                    self._log.add(now, what, call.number, -1, seconds)
        estimator.put_waiting(call.id, first, key, now)
        for number, (_, after_seconds) in enumerate(steps[1:], 1):
            self._clock.at(max(call.contact.enqueued_at + after_seconds, now), self._widen, call, number)

    def _expect(self, call: Call) -> Expected | None:
        """The soonest of: by who may serve it now; at a later step and then by who may serve it from there on."""
        best: Expected | None = None
        for asks, after_seconds in self._asks[call.caller.number]:
            found = self._estimator.expect(asks, call.contact.key, self._clock.now)
            if after_seconds and self._has_idle(asks):
                found = Expected(0.0, 0.0, 0.0, "measured")
            if found is not None and (best is None or found.mean_seconds + after_seconds < best.mean_seconds):
                best = replace(found, mean_seconds=found.mean_seconds + after_seconds)
        return best

    def _has_idle(self, asks: ContactClass) -> bool:
        able = {team for team in self._team if self._may_serve(asks, team)}
        channel = asks.channel
        return any(
            person.is_ready
            and person.team_number in able
            and person.load[channel] < person.team.capacity[channel]
            and rules.failing(asks, person.fact()) is None
            for person in self._desk.people
        )

    def _widen(self, call: Call, step: int) -> None:
        if not call.is_over and call.person is None:
            self._estimator.put_waiting(
                call.id, self._asks[call.caller.number][step][0], call.contact.key, self._clock.now
            )

    def _served(self, call: Call, person: Person) -> None:
        self._estimator.served(call.id, self._asks[call.caller.number][0][0], person.team_number, self._clock.now)

    def _left(self, call: Call) -> None:
        self._estimator.left(call.id, self._clock.now, gave_up=True)

    def _presence(self, team: int) -> None:
        self._estimator.put_agents(team, self._desk.present[team], self._clock.now)


def _asks(kind: Kind, scenario: Scenario) -> list[tuple[ContactClass, float]]:
    """What is asked at each step that asks anything new, and from which age on; steps at the same age are one."""
    found: dict[ContactClass, float] = {}
    steps = scenario.steps_of(kind)
    for number, step in enumerate(steps):
        if number + 1 < len(steps) and steps[number + 1].after_seconds == step.after_seconds:
            continue
        needs = tuple(dict.fromkeys(one.need for one in steps[: number + 1]))
        found.setdefault(ContactClass(scenario.queue_ids[kind.queue], kind.channel, needs), step.after_seconds)
    return list(found.items())
