"""Voice admission's shared counter: one Lua call on Redis a phone call, the arithmetic of `routing.admission.take`.

The leader of a pool writes every second what fills each bucket and who is idle; web processes take. Redis may be gone,
or the leader silent: then each process lets in its part of the rate from a bucket of its own, and its answer says so.
"""

import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Mapping
from typing import NamedTuple
from uuid import UUID

import redis

from routing.admission import Bucket, Limits, Put, Rule, Taken, full, take
from routing.spare import Spare, in_order

STALE_SECONDS = 10.0
REMEMBERED_SECONDS = 600
REMEMBERED_MAX = 50_000  # a process's own answers, when Redis is gone for long
# Numbers go in and out as text with 17 digits, which is every bit of a double: Lua's own would keep 14.
_TAKE = """
local now = tonumber(ARGV[2])
if not now then
  local told = redis.call('TIME')
  now = tonumber(told[1]) + tonumber(told[2]) / 1000000
end
local answered = redis.call('GET', KEYS[4])
if answered then return {answered} end
local snapshot = redis.call('HMGET', KEYS[1], 'rate', 'burst', 'floor_rate', 'returning_rate', 'as_of')
local rate, burst, as_of = tonumber(snapshot[1]), tonumber(snapshot[2]), tonumber(snapshot[5])
if not as_of or now - as_of > tonumber(ARGV[3]) then return {} end
local kept = redis.call('HMGET', KEYS[2], 'tokens', 'floor', 'returning', 'at')
local tokens, floor, returning, at = tonumber(kept[1]), tonumber(kept[2]), tonumber(kept[3]), tonumber(kept[4])
if not at then tokens, floor, returning, at = burst, burst, burst, now end
local idle
for number in string.gmatch(redis.call('HGET', KEYS[3], ARGV[5]) or '', '%d+') do
  if not idle and tonumber(redis.call('HGET', KEYS[3], number)) > 0 then idle = number end
end
now = math.max(now, at)
local passed = now - at
tokens = math.min(burst, tokens + rate * passed)
floor = math.min(burst, floor + tonumber(snapshot[3]) * passed)
returning = math.min(burst, returning + tonumber(snapshot[4]) * passed)

local put, admitted, rule = ARGV[1], false, ''
if idle then admitted, rule = true, 'idle'
elseif put == 'exempt' then admitted, rule = true, 'exempt'
elseif put == 'returning' then admitted, rule = returning >= 1, 'returning'
elseif put == 'kept' then rule = 'sticky'
elseif floor >= 1 then admitted, rule = true, 'floor'
elseif put == 'essential' then rule = 'mode'
elseif tokens < 1 then rule = 'bucket'
elseif put == 'capped' then rule = 'wait_cap'
else admitted, rule = true, 'bucket' end

if admitted then
  local lowest = -burst
  if rule == 'idle' or rule == 'bucket' then lowest = 0 end
  tokens = math.min(tokens, math.max(tokens - 1, lowest))
  if put ~= 'exempt' and put ~= 'returning' then floor = math.max(floor - 1, 0) end
  if rule == 'returning' then returning = returning - 1 end
  if rule == 'idle' then redis.call('HINCRBY', KEYS[3], idle, -1) end
end
local function told(number) return string.format('%.17g', number) end
redis.call('HSET', KEYS[2], 'tokens', told(tokens), 'floor', told(floor), 'returning', told(returning), 'at', told(now))
redis.call('EXPIRE', KEYS[2], 86400)
local answer = (admitted and '1' or '0') .. ' ' .. rule .. ' ' .. told(tokens) .. ' shared'
redis.call('SET', KEYS[4], answer, 'EX', ARGV[4])
return {answer, snapshot[1], snapshot[2], snapshot[3], snapshot[4]}
"""
# What a process said by itself while the leader was silent: whoever said it first, all say the same.
_KEEP = """
local answered = redis.call('GET', KEYS[1])
if not answered then redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2]) end
return answered or ARGV[1]
"""
# A leader that was overtaken writes nothing: its epoch is older than the one that is kept. Of who is idle: by number,
# how many may serve the same; by line, the numbers that may serve it, in the order in which they are used up.
_WRITE = """
local now = tonumber(ARGV[2])
if not now then
  local told = redis.call('TIME')
  now = tonumber(told[1]) + tonumber(told[2]) / 1000000
end
if tonumber(redis.call('GET', KEYS[1]) or '0') > tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1])
redis.call('DEL', KEYS[2])
for n = 3, #KEYS do
  local first = 3 + (n - 3) * 4
  redis.call('HSET', KEYS[n], 'rate', ARGV[first], 'burst', ARGV[first + 1], 'floor_rate', ARGV[first + 2],
    'returning_rate', ARGV[first + 3], 'as_of', string.format('%.17g', now), 'epoch', ARGV[1])
end
for n = 3 + (#KEYS - 2) * 4, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[n], ARGV[n + 1]) end
return 1
"""


class Keys(NamedTuple):
    """Where a pool's counters are: the braces keep them on one node of a cluster."""

    pool_id: UUID

    def of(self, name: str, id: object = "") -> str:
        """The key of one of them."""
        return f"valve:{{{self.pool_id}}}:{name}:{id}"


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
        self._take = store.register_script(_TAKE)
        self._keep = store.register_script(_KEEP)
        self._write = store.register_script(_WRITE)
        self._limits: dict[UUID, Limits] = {}
        self._processes = processes
        self._clock = clock
        self._own: dict[UUID, Bucket] = {}
        self._own_answers: OrderedDict[str, tuple[float, Taken]] = OrderedDict()

    def write(
        self, epoch: int, spare: Spare[UUID], limits: Mapping[UUID, Limits], now: float | None = None
    ) -> bool | None:
        """The leader's snapshot: what fills each bucket, and the idle agents nobody was let in for yet.

        False: another leads by now. None: Redis is gone, and the processes pace themselves.
        """
        keys = [self._keys.of("epoch"), self._keys.of("spare")] + [self._keys.of("snapshot", id) for id in limits]
        told = [_told(number) for one in limits.values() for number in one]
        try:
            return bool(self._write(keys=keys, args=[epoch, _moment(now), *told, *_idle(spare)]))
        except redis.RedisError:
            return None

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
    """Who is idle, as `_TAKE` reads it: names and values in turn."""
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
    """The answer as `_TAKE` and `_kept` write it."""
    is_admitted, rule, tokens, source = (answer.decode() if isinstance(answer, bytes) else answer).split()
    return Taken(is_admitted == "1", Rule(rule), float(tokens), source)


def _told(number: float) -> str:
    return f"{number:.17g}"


def _moment(now: float | None) -> str:
    return "" if now is None else _told(now)
