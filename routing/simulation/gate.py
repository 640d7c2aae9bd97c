"""The door in a simulation: the real throttle and the real decision, fed with what the desk does."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from contact.domain.alternatives import ALTERNATIVES, LINES, WITHHELD
from routing import rules
from routing.admission import (
    MODES,
    Admission,
    Asking,
    Before,
    Bucket,
    Put,
    Rule,
    Taken,
    Valve,
    decide,
    full,
    take,
)
from routing.simulation.arrivals import DAY_SECONDS
from routing.simulation.campaign import Campaign, Door, Way
from routing.simulation.chance import Draw, Streams
from routing.simulation.desk import Desk
from routing.simulation.log import Log, What
from routing.simulation.people import Call, Clock, Person
from routing.simulation.scenario import Kind, Scenario
from routing.spare import Spare, use_up
from routing.throttle import Backlog, Capacity, Throttle, Work, shared_out
from routing.types import ContactClass

RULES, PUTS = tuple(Rule), tuple(Put)
_QUARTER_SECONDS = 900.0
_REFRESH_SECONDS = 1.0


@dataclass(slots=True)
class _Citizen:
    """Whoever calls on one matter, however often."""

    line: str
    reasons: tuple[str, ...]
    before: Before | None = None


@dataclass(slots=True)
class _Line:
    """One campaign at work."""

    number: int
    campaign: Campaign
    kinds: frozenset[int]
    throttle: Throttle
    capacity: Capacity
    bucket: Bucket | None = None
    in_menu: int = 0
    entered: int = 0
    hung_up: int = 0
    asked: int = 0
    refused: int = 0
    busy_seconds: float = 0.0
    idle_seconds: float = 0.0
    level: int = 0
    turns_at: float = 0.0
    given: dict[tuple[str, int], int] = field(default_factory=dict)

    def has_left(self, way: Way, now: float) -> bool:
        """Whether the way's stock of this quarter lasts."""
        most = way.per_quarter_max
        return most is None or self.given.get((way.alternative, int(now // _QUARTER_SECONDS)), 0) < most


class Gate:
    """All campaigns of a run; their agents are one pool."""

    def __init__(self, scenario: Scenario, clock: Clock, log: Log, desk: Desk, streams: Streams) -> None:
        self._clock, self._log, self._desk = clock, log, desk
        self._kinds = scenario.kinds
        self._lines: dict[str, _Line] = {}
        for number, campaign in enumerate(scenario.campaigns):
            kinds = frozenset(n for n, kind in enumerate(self._kinds) if _is_of(kind, campaign.name))
            self._lines[campaign.name] = _Line(
                number, campaign, kinds, Throttle(campaign.throttle), Capacity(campaign.throttle, campaign.share)
            )
        self._pool = Capacity(scenario.campaigns[0].throttle, 1.0)
        self._pool_busy = self._pool_idle = 0.0
        self._able = [_able(kind, scenario, desk) for kind in self._kinds]
        self._chances: list[tuple[Draw, Draw]] = [
            (streams(f"line/{kind.name}").random, streams(f"exempt/{kind.name}").random) for kind in self._kinds
        ]
        self._citizens: dict[int, _Citizen] = {}
        self._asks = {number: _asks(kind, scenario) for number, kind in enumerate(self._kinds) if kind.door is not None}
        self._in_menu: Counter[int] = Counter()
        self._waiting_now: Counter[int] = Counter()
        self._by_name = {kind.name: number for number, kind in enumerate(self._kinds)}
        self._spare: Spare[int] = {}
        self._spare_at = -_REFRESH_SECONDS
        self._turned_at = 0.0
        clock.at(0.0, self._turn, None)

    def decide(self, call: Call) -> Admission:
        """The answer to a call at its door; written down."""
        now, line = self._clock.now, self._line(call)
        citizen = self._citizen(call)
        asking = Asking(
            citizen.line,
            citizen.reasons,
            None if citizen.line == WITHHELD else citizen.before,
            frozenset(way.alternative for way in line.campaign.ways if not self._has_room(line, way, now)),
        )
        campaign, state = line.campaign, line.throttle.valve
        is_open = campaign.is_open(now % DAY_SECONDS)
        override = None if campaign.throttles or not is_open else "open"
        valve = Valve(state.mode, state.expected_wait_seconds, is_open, override)
        policy = campaign.policy(state.mode, citizen.line)
        found = decide(policy, asking, valve, lambda put: self._take(line, call, put), now)
        citizen.before = found.before
        line.asked += 1
        line.refused += not found.is_admitted and found.rule is not Rule.CLOSED
        rule = RULES.index(found.rule)
        if found.is_admitted:
            line.in_menu += 1
            self._in_menu[call.caller.number] += 1
            self._log.add(now, What.ADMIT, call.number, rule, PUTS.index(Put(found.inputs["put"])))
        else:
            assert found.alternative is not None
            self._log.add(now, What.DEFLECT, call.number, rule, ALTERNATIVES.index(found.alternative))
        return found

    def leave_menu(self, call: Call, hangs_up: bool) -> None:
        """The menu is over."""
        line = self._line(call)
        line.in_menu -= 1
        self._in_menu[call.caller.number] -= 1
        line.entered += not hangs_up
        line.hung_up += hangs_up
        self._log.add(self._clock.now, What.HANG_UP if hangs_up else What.ENTER, call.number, -1)

    def way(self, call: Call, alternative: str) -> Way | None:
        """What the alternative is like."""
        return next((way for way in self._line(call).campaign.ways if way.alternative == alternative), None)

    def reserve(self, call: Call, way: Way) -> None:
        """One of the way's stock is gone."""
        given, key = self._line(call).given, (way.alternative, int(self._clock.now // _QUARTER_SECONDS))
        given[key] = given.get(key, 0) + 1

    def fail(self, call: Call) -> None:
        """The alternative that the citizen took came to nothing: they are exempt at once."""
        citizen = self._citizen(call)
        if citizen.before is not None:
            citizen.before = citizen.before._replace(has_failed=True)

    def _has_room(self, line: _Line, way: Way, now: float) -> bool:
        """Neither is the way's stock of this quarter gone nor, when the loop last turned, its queue full."""
        waiting = self._waiting_now[self._by_name[way.contacts]] if way.contacts is not None else 0
        return line.has_left(way, now) and (way.waiting_max is None or waiting < way.waiting_max)

    def _take(self, line: _Line, call: Call, put: Put) -> Taken:
        now, limits = self._clock.now, line.throttle.limits
        if now >= self._spare_at + _REFRESH_SECONDS:
            # As the leader writes it: an agent idle for whoever is still in the menu is not idle for another.
            self._spare, self._spare_at = self._idle_now(), now
            for kind in self._in_menu.elements():
                use_up(self._spare, kind)
        bucket = line.bucket if line.bucket is not None else full(limits, now)
        line.bucket, _, taken = take(bucket, use_up(self._spare, call.caller.number), limits, put, now)
        return taken

    def _idle_now(self) -> Spare[int]:
        """By kinds that come through a door, a channel after the other."""
        spare: Spare[int] = {}
        for channel in {asks.channel for asks in self._asks.values()}:
            of_channel = {kind: asks for kind, asks in self._asks.items() if asks.channel == channel}
            spare |= self._desk.engine.idle(channel, of_channel)
        return spare

    def _turn(self, _subject: None, _turn: int) -> None:
        """Measure, then turn the loop of each campaign whose tick it is; the first one's is the pool's."""
        now, lines = self._clock.now, list(self._lines.values())
        self._count_work(now - self._turned_at)
        self._turned_at = now
        due = [line for line in lines if line.turns_at <= now]
        for line in due:
            line.turns_at = now + line.campaign.throttle.tick_seconds
            completed = sum(self._desk.completed[kind] for kind in line.kinds)
            prior = line.campaign.share * self._present(line.kinds) / line.campaign.planned_handling_seconds
            line.capacity.measure(Work(now, completed, line.busy_seconds, line.idle_seconds), prior)
        if lines[0] in due:
            self._measure_pool(lines)
        capacities = shared_out([line.capacity.per_second for line in lines], self._pool.per_second)
        waiting = self._waiting_now = self._waiting()
        for line, capacity in zip(lines, capacities, strict=True):
            if line in due:
                backlog = Backlog(
                    sum(waiting[kind] for kind in line.kinds),
                    line.in_menu,
                    line.entered,
                    line.hung_up,
                    line.asked,
                    line.refused,
                )
                line.throttle.turn(capacity, backlog, now)
                self._note(line)
        self._clock.at(min(line.turns_at for line in lines), self._turn, None)

    def _count_work(self, seconds: float) -> None:
        """What agents did since they were last looked at, as they stand now."""
        busy, kinds = self._busy(), self._pool_kinds()
        self._pool_busy += sum(busy[kind] for kind in kinds) * seconds
        self._pool_idle += self._idle(frozenset(kinds)) * seconds
        for line in self._lines.values():
            line.busy_seconds += sum(busy[kind] for kind in line.kinds) * seconds
            line.idle_seconds += self._idle(line.kinds) * seconds

    def _measure_pool(self, lines: list[_Line]) -> None:
        kinds = self._pool_kinds()
        handling = sum(line.campaign.share * line.campaign.planned_handling_seconds for line in lines)
        prior = self._present(kinds) * sum(line.campaign.share for line in lines) / handling
        done = sum(self._desk.completed[kind] for kind in kinds)
        self._pool.measure(Work(self._clock.now, done, self._pool_busy, self._pool_idle), prior)

    def _note(self, line: _Line) -> None:
        now, number, throttle = self._clock.now, line.number, line.throttle
        level = MODES.index(throttle.mode)
        if level != line.level:
            line.level = level
            self._log.add(now, What.MODE, -1, number, level)
        self._log.add(now, What.RATE, -1, number, throttle.rate)
        self._log.add(now, What.CAPACITY, -1, number, throttle.capacity)

    def _busy(self) -> Counter[int]:
        """By kind, how many agents are busy with them."""
        return Counter(held.caller.number for person in self._desk.people for held in person.held)

    def _waiting(self) -> Counter[int]:
        return Counter(call.caller.number for call in self._desk.waiting.values())

    def _pool_kinds(self) -> list[int]:
        return [kind for line in self._lines.values() for kind in line.kinds]

    def _idle(self, kinds: frozenset[int]) -> int:
        """Agents with nothing to do who could serve one of the kinds."""
        teams = self._teams(kinds)
        return sum(
            person.is_ready and person.team_number in teams and not any(person.load.values())
            for person in self._desk.people
        )

    def _present(self, kinds: frozenset[int] | list[int]) -> int:
        return sum(self._desk.present[team] for team in self._teams(kinds))

    def _teams(self, kinds: frozenset[int] | list[int]) -> set[int]:
        return set[int]().union(*(self._able[kind] for kind in kinds))

    def _line(self, call: Call) -> _Line:
        door = call.caller.kind.door
        assert door is not None
        return self._lines[door.campaign]

    def _citizen(self, call: Call) -> _Citizen:
        first = call.first if call.first >= 0 else call.number
        if first not in self._citizens:
            door = call.caller.kind.door
            assert door is not None
            lots, exempt = self._chances[call.caller.number]
            reason = _pick(door.exempt, exempt())
            line = _pick(door.lines, lots()) or WITHHELD
            self._citizens[first] = _Citizen(line, (reason,) if reason else ())
            self._log.add(self._clock.now, What.LINE, call.number, LINES.index(line))
        return self._citizens[first]


def _is_of(kind: Kind, campaign: str) -> bool:
    door: Door | None = kind.door
    return door is not None and door.campaign == campaign


def _asks(kind: Kind, scenario: Scenario) -> ContactClass:
    """What contacts of the kind ask at their last step."""
    return ContactClass(scenario.queue_ids[kind.queue], kind.channel, tuple(step.need for step in kind.steps))


def _able(kind: Kind, scenario: Scenario, desk: Desk) -> frozenset[int]:
    """The teams who may serve the kind at its last step."""
    asks = _asks(kind, scenario)
    sample: dict[int, Person] = {person.team_number: person for person in desk.people}
    return frozenset(team for team, person in sample.items() if rules.fit(asks, person.fact()) is not None)


def _pick(shares: Mapping[str, float], lot: float) -> str | None:
    """The name that the lot falls on, if any."""
    for name, share in shares.items():
        if lot < share:
            return name
        lot -= share
    return None
