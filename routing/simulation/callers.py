"""The citizens' side of a simulation: they come, are admitted or not, lose patience, and try again."""

from collections.abc import Callable, Iterator
from functools import partial
from uuid import UUID

from contact.domain.alternatives import ALTERNATIVES
from routing.admission import Admission
from routing.simulation.chance import Streams
from routing.simulation.desk import Desk
from routing.simulation.gate import Gate
from routing.simulation.log import Log, What
from routing.simulation.people import Call, Caller, Clock, Draws, Person
from routing.simulation.scenario import Kind, Scenario
from routing.types import HELD, Contact, Curtain

_CALL_IDS = 10**12
_GOLDEN = 2_654_435_769  # the golden section of 2**32: multiples of it are spread evenly over any stretch


class Callers:
    """All who come. *on_waiting* hears of each that nobody is offered at once, *on_left* of each that gives up."""

    def __init__(
        self, scenario: Scenario, clock: Clock, log: Log, desk: Desk, streams: Streams, gate: Gate | None
    ) -> None:
        self._clock = clock
        self._log = log
        self._desk = desk
        self._gate = gate
        self._count = 0
        self.on_waiting: Callable[[Call], None] | None = None
        self.on_left: Callable[[Call], None] | None = None
        self._seconds = scenario.seconds
        if any(kind.follow_up for kind in scenario.kinds):
            desk.on_finished = self._served
        self._by_way = {
            (number, way.alternative): way.after.draw(streams(f"{way.alternative}/{kind.name}"))
            for number, kind in enumerate(scenario.kinds)
            for campaign in scenario.campaigns
            if kind.door is not None and kind.door.campaign == campaign.name
            for way in campaign.ways
        }
        day_factors = _day_factors(scenario, streams)
        self._by_kind: dict[str, Caller] = {}
        self._lots = streams("alternatives").random
        for number, kind in enumerate(scenario.kinds):
            caller = self._by_kind[kind.name] = _caller(number, kind, scenario, streams)
            times = kind.arrivals.draw(streams(f"arrivals/{kind.name}"), day_factors)
            self._await(caller, times)

    def _await(self, caller: Caller, times: Iterator[float]) -> None:
        """Plan the next arrival."""
        due_at = next(times, None)
        if due_at is not None and due_at <= self._seconds:
            self._clock.at(due_at, self._arrive, (caller, times))

    def _arrive(self, source: tuple[Caller, Iterator[float]], _turn: int) -> None:
        caller, times = source
        self._await(caller, times)
        self._call(caller, caller.first, first=-1, attempt=1)

    def _call(
        self,
        caller: Caller,
        draws: Draws,
        first: int,
        attempt: int,
        since: float | None = None,
        kept: tuple[Curtain, ...] = (),
    ) -> None:
        """One attempt, which stands where somebody stood who came at *since*; *kept* for whom it is held."""
        call = self._make(caller, draws, first, attempt, since, kept)
        self._log.add(call.arrived_at, What.ARRIVE, call.number, caller.number, first)
        door, gate = caller.kind.door, self._gate
        if door is None or gate is None:
            self._enter(call)
            return
        found = gate.decide(call)
        if not found.is_admitted:
            self._deflect(call, found, gate)
        else:
            assert caller.menu is not None
            # Without a menu the queue is entered at once, before anything else happens.
            seconds, hangs_up = caller.menu[0](), caller.menu[1]() < door.hang_up_share
            if seconds > 0:
                self._clock.at(self._clock.now + seconds, self._leave_menu, call, int(hangs_up))
            else:
                self._leave_menu(call, int(hangs_up))

    def _make(
        self,
        caller: Caller,
        draws: Draws,
        first: int,
        attempt: int,
        since: float | None = None,
        kept: tuple[Curtain, ...] = (),
    ) -> Call:
        now, number, kind = self._clock.now, self._count, caller.kind
        self._count += 1
        id = _id(number)
        return Call(
            number,
            id,
            caller,
            now,
            draws.handling(),
            draws.patience() if draws.patience else None,
            draws.wrap_up() if draws.wrap_up else 0.0,
            draws.lot(),
            first,
            attempt,
            draws is caller.later,
            Contact(
                id=id,
                queue_id=caller.queue_id,
                channel=kind.channel,
                steps=caller.steps,
                enqueued_at=now if since is None else since,
                priority=kind.priority,
                target_seconds=kind.target_seconds,
                curtains=(*kept, *caller.curtains(id)),
            ),
        )

    def _leave_menu(self, call: Call, hangs_up: int) -> None:
        assert self._gate is not None
        self._gate.leave_menu(call, bool(hangs_up))
        if not hangs_up:
            self._enter(call)

    def _deflect(self, call: Call, found: Admission, gate: Gate) -> None:
        """They take the alternative, or try again as they would."""
        way = gate.way(call, found.alternative or "")
        if way is None or self._lots() >= way.taken_share:
            self._try_again(call)
            return
        gate.reserve(call, way)
        at = self._clock.now + self._by_way[call.caller.number, way.alternative]()
        if self._lots() < way.failing_share:
            gate.fail(call)
            first = call.first if call.first >= 0 else call.number
            again = (call.caller, first, call.attempt + 1, call.contact.enqueued_at)
            self._clock.at(at, self._call_again, again)
        elif way.contacts is not None:
            self._clock.at(at, self._follow, (self._by_kind[way.contacts], way.alternative, call, found.arrived_at))

    def _follow(self, taken: tuple[Caller, str, Call, float], _turn: int) -> None:
        """The alternative, in the place of the call it came from."""
        caller, alternative, origin, arrived_at = taken
        call = self._make(caller, caller.first, first=-1, attempt=1, since=arrived_at)
        now = self._clock.now
        self._log.add(now, What.ARRIVE, call.number, caller.number, -1)
        self._log.add(now, What.FOLLOW, call.number, ALTERNATIVES.index(alternative), origin.number)
        self._enter(call)

    def _enter(self, call: Call) -> None:
        now = self._clock.now
        self._desk.put(call)
        if not call.is_over:
            if call.patience_seconds is not None:
                self._clock.at(now + call.patience_seconds, self._give_up, call)
            if self.on_waiting is not None and call.person is None:
                self.on_waiting(call)

    def _give_up(self, call: Call, _turn: int) -> None:
        if call.is_over:
            return
        call.is_over = True
        self._log.add(self._clock.now, What.ABANDON, call.number, -1)
        if self.on_left is not None:
            self.on_left(call)
        self._desk.withdraw(call)
        redial = call.caller.kind.redial
        if redial is not None and not redial.deflected_only:
            self._try_again(call)

    def _try_again(self, call: Call) -> None:
        redial, after = call.caller.kind.redial, call.caller.redial_after
        if redial is None or after is None or call.attempt >= redial.attempts_max or call.lot >= redial.share:
            return
        first = call.first if call.first >= 0 else call.number
        again = (call.caller, first, call.attempt + 1, call.contact.enqueued_at)
        self._clock.at(self._clock.now + after(), self._call_again, again)

    def _call_again(self, again: tuple[Caller, int, int, float], _turn: int) -> None:
        caller, first, attempt, since = again
        redial = caller.kind.redial
        is_kept = redial is not None and self._clock.now - since < redial.place_seconds
        self._call(caller, caller.again, first, attempt, since if is_kept else None)

    def _served(self, call: Call, person: Person) -> None:
        """Some of those who were served will have something to add."""
        follow_up, after = call.caller.kind.follow_up, call.caller.follow_up_after
        if follow_up is None or after is None or call.is_follow_up or call.caller.follow_up_lot() >= follow_up.share:
            return
        kept = (Curtain(HELD, person.id, follow_up.affinity_seconds),) if follow_up.affinity_seconds else ()
        self._clock.at(self._clock.now + after(), self._come_back, (call.caller, kept))

    def _come_back(self, later: tuple[Caller, tuple[Curtain, ...]], _turn: int) -> None:
        caller, kept = later
        self._call(caller, caller.later, first=-1, attempt=1, kept=kept)


def _id(number: int) -> UUID:
    """Ids in the order of the numbers, whose low bits are spread as those of live ones: contract shares go by them."""
    return UUID(int=(_CALL_IDS + number << 32) + number * _GOLDEN % 2**32)


def _day_factors(scenario: Scenario, streams: Streams) -> list[float]:
    if scenario.day_factor_cv == 0:
        return [1.0] * scenario.days
    chance, shape = streams("days"), scenario.day_factor_cv**-2
    return [chance.gammavariate(shape, 1 / shape) for _ in range(scenario.days)]


def _caller(number: int, kind: Kind, scenario: Scenario, streams: Streams) -> Caller:
    def draws(when: str) -> Draws:
        return Draws(
            handling=kind.handling.draw(streams(f"handling/{kind.name}{when}")),
            patience=kind.patience.draw(streams(f"patience/{kind.name}{when}")) if kind.patience else None,
            wrap_up=kind.wrap_up.draw(streams(f"wrap-up/{kind.name}{when}")) if kind.wrap_up else None,
            lot=streams(f"lots/{kind.name}{when}").random,
        )

    # Those who call again have streams of their own: how many do depends on the policy, and must not move the others.
    after = kind.redial.after.draw(streams(f"redial/{kind.name}")) if kind.redial else None
    menu = None
    if kind.door is not None:
        long = kind.door.menu.draw(streams(f"menu/{kind.name}")) if kind.door.menu else lambda: 0.0
        menu = (long, streams(f"hang-up/{kind.name}").random)
    return Caller(
        number=number,
        kind=kind,
        queue_id=scenario.queue_ids[kind.queue],
        first=draws(""),
        again=draws("/again"),
        redial_after=after,
        steps=scenario.steps_of(kind),
        curtains=partial(scenario.curtains_of, kind),
        later=draws("/later"),
        follow_up_after=kind.follow_up.after.draw(streams(f"follow-up/{kind.name}")) if kind.follow_up else None,
        follow_up_lot=streams(f"follow-up-lots/{kind.name}").random,
        menu=menu,
    )
