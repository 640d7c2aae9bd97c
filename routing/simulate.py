"""A day in a second: made-up or recorded contacts and agents, around the same engine that runs live."""

from collections.abc import Callable
from heapq import heappop
from math import inf

from routing.simulation.callers import Callers
from routing.simulation.chance import Streams
from routing.simulation.desk import Desk
from routing.simulation.forecast import Forecast
from routing.simulation.gate import Gate
from routing.simulation.log import Log
from routing.simulation.people import Clock
from routing.simulation.scenario import Scenario

_PROGRESS_STEPS = 100


def simulate(
    scenario: Scenario,
    streams: Streams,
    progress: Callable[[float], None] | None = None,
) -> Log:
    """Run a scenario from 0 to its end; the log tells everything that happened, `results` what came of it.

    *streams* gives a generator for each source of chance, by name: the same streams give the same log, and two
    scenarios that differ in agents or policy alone see the same calls. Campaigns throttle their calls by the very
    decision that is made live. *progress* hears the share done, about a hundred times.
    """
    clock, log = Clock(), Log(scenario.about())
    desk = Desk(scenario, clock, log, streams)
    gate = Gate(scenario, clock, log, desk, streams) if scenario.campaigns else None
    callers = Callers(scenario, clock, log, desk, streams, gate)
    if scenario.announces:
        Forecast(scenario, clock, log, desk, callers)
    _run(clock, desk, scenario.seconds, progress)
    return log


def _run(clock: Clock, desk: Desk, seconds: float, progress: Callable[[float], None] | None) -> None:
    planned, next_due_at = clock.planned, desk.engine.next_due_at
    mark = 0.0
    while True:
        at = planned[0][0] if planned else inf
        due_at = next_due_at()
        if due_at is not None and due_at < at:
            # A step begins or an offer lapses before anything else happens.
            if due_at > seconds:
                break
            clock.now = due_at
            desk.decide()
            continue
        if at > seconds:
            break
        clock.now = at
        if progress is not None and at >= mark:
            progress(at / seconds)
            mark = at + seconds / _PROGRESS_STEPS
        _, _, action, subject, turn = heappop(planned)
        action(subject, turn)
    if progress is not None:
        progress(1.0)
