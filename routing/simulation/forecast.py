"""Announces the expected wait to every simulated citizen who must hold the line, and notes what rivals would say."""

from routing import rules
from routing.estimate import Estimator, Planned
from routing.simulation.callers import Callers
from routing.simulation.desk import Desk
from routing.simulation.log import Log, What
from routing.simulation.people import Call, Clock, Person
from routing.simulation.scenario import Scenario
from routing.types import ContactClass


class Forecast:
    """Feeds an estimator from a run, by kind of contact and team."""

    def __init__(self, scenario: Scenario, clock: Clock, log: Log, desk: Desk, callers: Callers) -> None:
        self._clock = clock
        self._log = log
        self._desk = desk
        asks = [
            ContactClass(
                scenario.queue_ids[kind.queue], kind.channel, tuple(dict.fromkeys(step.need for step in kind.steps))
            )
            for kind in scenario.kinds
        ]
        profile_of = {person.team_number: person.fact() for person in desk.people}
        self._estimator: Estimator[int, int] = Estimator(
            {
                number: Planned(
                    kind.handling.mean + (kind.wrap_up.mean if kind.wrap_up else 0.0),
                    kind.patience.mean if kind.patience else None,
                )
                for number, kind in enumerate(scenario.kinds)
            },
            sorted(profile_of),
            lambda kind, team: rules.fit(asks[kind], profile_of[team]) is not None,
        )
        desk.on_served = self._served
        desk.on_presence = self._presence
        callers.on_waiting = self._announce
        callers.on_left = self._left

    def _announce(self, call: Call) -> None:
        estimator, now, number, kind = self._estimator, self._clock.now, call.number, call.caller.number
        # Nobody holds the line for an answer to a letter, which may come tomorrow.
        told = estimator.expect(kind, call.contact.key, now) if call.patience_seconds is not None else None
        if told is not None:
            low, high = told.announcement()
            by_length, by_last = estimator.by_length(kind, call.contact.key), estimator.by_last_served(kind)
            for what, seconds in (
                (What.EXPECT, told.mean_seconds),
                (What.PROMISE_LOW, low),
                (What.PROMISE_HIGH, high),
                (What.RIVAL_LENGTH, by_length),
                (What.RIVAL_LAST, by_last),
            ):
                if seconds is not None:
                    self._log.add(now, what, number, -1, seconds)
        estimator.put_waiting(call.id, kind, call.contact.key, now)

    def _served(self, call: Call, person: Person) -> None:
        self._estimator.served(call.id, call.caller.number, person.team_number, self._clock.now)

    def _left(self, call: Call) -> None:
        self._estimator.left(call.id, self._clock.now, gave_up=True)

    def _presence(self, team: int) -> None:
        self._estimator.put_agents(team, self._desk.present[team], self._clock.now)
