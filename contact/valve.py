"""Voice admission's shared counter: one Lua call on Redis a phone call, the arithmetic of `routing.admission.take`.

The leader of a pool writes every second what fills each bucket and who is idle; web processes take. Redis may be gone,
or the leader silent: then each process lets in its part of the rate from a bucket of its own, and its answer says so.
"""

import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from contact import valve_scripts
from routing.admission import Bucket, Limits, Mode, Put, Rule, Taken, Valve, full, take
from routing.spare import Spare, in_order

STALE_SECONDS = 10.0
TIMEOUT_SECONDS = 0.2
REMEMBERED_SECONDS = 600
REMEMBERED_MAX = 50_000  # a process's own answers, when Redis is gone for long
_LIMITS, _REFUSED = ("rate", "burst", "floor_rate", "returning_rate"), "refused:"


class Snapshot(NamedTuple):
    """A campaign as its pool's leader told of it last: what fills the bucket, and what people are told.

    *capacity* is in calls a second; *asked* and *refused* are those of the last `ThrottlePolicy.window_seconds`.
    *as_of* is when it was told, by Redis's clock; what is not told yet has none.
    """

    limits: Limits
    valve: Valve = Valve()
    capacity: float = 0.0
    asked: int = 0
    refused: int = 0
    as_of: float = 0.0

    def written(self) -> list[str | int]:
        """Names and values in turn, as they are kept."""
        told: list[str | int] = []
        for pair in zip(_LIMITS, map(_told, self.limits), strict=True):
            told += pair
        of_valve = ["mode", self.valve.mode.value, "wait", _told(self.valve.expected_wait_seconds)]
        return [*told, *of_valve, "capacity", _told(self.capacity), "asked", self.asked, "refused", self.refused]


class Counts(NamedTuple):
    """How many calls the bucket was asked for so far, and by which rule it refused how many."""

    asked: int
    refused: Mapping[str, int]


class Keys(NamedTuple):
    """Where a pool's counters are: the braces keep them on one node of a cluster."""

    pool_id: UUID

    def of(self, name: str, id: object = "") -> str:
        """The key of one of them."""
        return f"valve:{{{self.pool_id}}}:{name}:{id}"


def reach(redis_url: str, pool_id: UUID, processes: int) -> "SharedValve":
    """A process's end of the pool's valve, over a connection that keeps nobody waiting."""
    times = {"socket_timeout": TIMEOUT_SECONDS, "socket_connect_timeout": TIMEOUT_SECONDS}
    return SharedValve(redis.Redis.from_url(redis_url, retry=Retry(NoBackoff(), 0), **times), pool_id, processes)


class SharedValve:
    """One pool's valve, as a web process or the pool's leader holds it.

    *processes* is how many share the rate when Redis is gone. *store* should have a short timeout: a caller waits for
    the answer.
    """

    def __init__(
        self, store: redis.Redis, pool_id: UUID, processes: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.pool_id = pool_id
        self._keys = Keys(pool_id)
        self._store = store
        self._take = store.register_script(valve_scripts.TAKE)
        self._keep = store.register_script(valve_scripts.KEEP)
        self._write = store.register_script(valve_scripts.WRITE)
        self._limits: dict[UUID, Limits] = {}
        self._processes = processes
        self._clock = clock
        self._own: dict[UUID, Bucket] = {}
        self._own_answers: OrderedDict[str, tuple[float, Taken]] = OrderedDict()

    def write(
        self,
        epoch: int,
        spare: Spare[UUID],
        snapshots: Mapping[UUID, Snapshot],
        now: float | None = None,
        kept: str = "",
    ) -> bool | None:
        """What the leader tells: of each campaign, and of the idle agents nobody was let in for yet.

        *kept* is what whoever leads next goes on from; what was kept before stays where it is empty. False: another
        leads by now. None: Redis is gone, and the processes pace themselves.
        """
        names = [self._keys.of("epoch"), self._keys.of("spare"), self._keys.of("kept")]
        told = [one.written() for one in snapshots.values()]
        head: list[str | int] = [epoch, _moment(now), len(told[0]) if told else 0, kept]
        try:
            return bool(
                self._write(
                    keys=names + [self._keys.of("snapshot", id) for id in snapshots],
                    args=[*head, *(word for one in told for word in one), *_idle(spare)],
                )
            )
        except redis.RedisError:
            return None

    def kept(self) -> str | None:
        """What the last leader kept, `""` for nothing; None: Redis is gone."""
        try:
            return _text(self._store.get(self._keys.of("kept")) or b"")
        except redis.RedisError:
            return None

    def counts(self, campaign_ids: Iterable[UUID]) -> dict[UUID, Counts] | None:
        """What each bucket was asked for since it was made; None: Redis is gone."""
        found = self._hashes("bucket", campaign_ids)
        if found is None:
            return None
        return {
            id: Counts(
                int(told.get("asked", 0)),
                {name.removeprefix(_REFUSED): int(told[name]) for name in told if name.startswith(_REFUSED)},
            )
            for id, (_, told) in found.items()
        }

    def state(self, campaign_id: UUID, now: float | None = None) -> Valve | None:
        """What a decision reads of the campaign; None: nobody told of it for too long, or Redis is gone."""
        found = self.snapshots([campaign_id], now).get(campaign_id)
        return found and found.valve

    def snapshots(self, campaign_ids: Iterable[UUID], now: float | None = None) -> dict[UUID, Snapshot]:
        """What was told of the campaigns; without those that nobody told of for too long."""
        found = self._hashes("snapshot", campaign_ids) or {}
        return {
            id: Snapshot(
                Limits(*(float(told[name]) for name in _LIMITS)),
                Valve(Mode(told["mode"]), float(told["wait"])),
                float(told["capacity"]),
                int(told["asked"]),
                int(told["refused"]),
                float(told["as_of"]),
            )
            for id, (present, told) in found.items()
            if told and (present if now is None else now) - float(told["as_of"]) <= STALE_SECONDS
        }

    def _hashes(self, name: str, campaign_ids: Iterable[UUID]) -> dict[UUID, tuple[float, dict[str, str]]] | None:
        """Of each campaign, what is kept under the name, and the time by Redis's clock."""
        ids = list(campaign_ids)
        try:
            with self._store.pipeline(transaction=False) as asked:
                asked.time()
                for id in ids:
                    asked.hgetall(self._keys.of(name, id))
                (seconds, micros), *hashes = asked.execute()
        except redis.RedisError:
            return None
        now = seconds + micros / 1e6
        return {
            id: (now, {_text(key): _text(value) for key, value in told.items()})
            for id, told in zip(ids, hashes, strict=True)
        }

    def take(
        self,
        campaign_id: UUID,
        call_id: str,
        put: Put,
        *,
        line_id: UUID,
        planned: Limits,
        now: float | None = None,
    ) -> Taken:
        """The bucket's answer to a call: the same for ten minutes, however often it is asked.

        *line_id* is what decides who may serve the call, of those that `write` told in *spare*. *planned* holds while
        no snapshot of the campaign was read. *now* is for tests; live, Redis tells the time, the same for all.
        """
        if (before := self._answered(call_id)) is not None:
            return before
        keys, call = self._keys, self._keys.of("call", call_id)
        of = [keys.of("snapshot", campaign_id), keys.of("bucket", campaign_id), keys.of("spare"), call]
        own = self._limits.get(campaign_id, planned)
        try:
            answer = self._take(
                keys=of, args=[put.value, _moment(now), STALE_SECONDS, REMEMBERED_SECONDS, str(line_id)]
            )
        except redis.RedisError:
            return self._remember(call_id, self._take_own(campaign_id, own, put, "own_unreachable"))
        if not answer:
            taken = self._take_own(campaign_id, own, put, "own_stale")
            try:
                return _read(self._keep(keys=[call], args=[_kept(taken), REMEMBERED_SECONDS]))
            except redis.RedisError:
                return self._remember(call_id, taken)
        if len(answer) > 1:
            # Kept for when Redis is gone.
            self._limits[campaign_id] = Limits(*(float(one) for one in answer[1:]))
        return _read(answer[0])

    def _take_own(self, campaign_id: UUID, limits: Limits, put: Put, source: str) -> Taken:
        now, part = self._clock(), limits.part(self._processes)
        bucket = self._own.get(campaign_id) or full(part, now)
        # Nobody tells of idle agents now.
        self._own[campaign_id], _, taken = take(bucket, 0, part, put, now)
        return taken._replace(source=source)

    def _remember(self, call_id: str, taken: Taken) -> Taken:
        self._own_answers[call_id] = (self._clock(), taken)
        return taken

    def _answered(self, call_id: str) -> Taken | None:
        """What this process said of the call by itself; no other could be told."""
        oldest = self._clock() - REMEMBERED_SECONDS
        while self._own_answers and (
            len(self._own_answers) > REMEMBERED_MAX or next(iter(self._own_answers.values()))[0] < oldest
        ):
            self._own_answers.popitem(last=False)
        found = self._own_answers.get(call_id)
        return None if found is None else found[1]


def _idle(spare: Spare[UUID]) -> list[str | int]:
    """Who is idle, as `valve_scripts.TAKE` reads it: names and values in turn."""
    told: list[str | int] = []
    of_line: defaultdict[UUID, list[str]] = defaultdict(list)
    for number, lines in enumerate(one for one in in_order(spare) if spare[one] > 0):
        told += [number, spare[lines]]
        for line_id in lines:
            of_line[line_id].append(str(number))
    for line_id, numbers in of_line.items():
        told += [str(line_id), " ".join(numbers)]
    return told


def _kept(taken: Taken) -> str:
    return f"{int(taken.is_admitted)} {taken.rule.value} {_told(taken.tokens)} {taken.source}"


def _read(answer: bytes | str) -> Taken:
    """The answer as `valve_scripts.TAKE` and `_kept` write it."""
    is_admitted, rule, tokens, source = _text(answer).split()
    return Taken(is_admitted == "1", Rule(rule), float(tokens), source)


def _text(told: bytes | str) -> str:
    return told.decode() if isinstance(told, bytes) else told


def _told(number: float) -> str:
    return f"{number:.17g}"


def _moment(now: float | None) -> str:
    return "" if now is None else _told(now)
