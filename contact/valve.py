"""Voice admission's shared counter: one Lua call on Redis a phone call, the arithmetic of `routing.admission.take`.

The leader of a pool writes its campaigns' snapshots every second; web processes take. Redis may be gone, or the leader
silent: then each process lets in its part of the rate from a bucket of its own, and its answer says so.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import NamedTuple
from uuid import UUID

import redis

from routing.admission import Bucket, Limits, Put, Rule, Taken, full, take

STALE_SECONDS = 10.0
REMEMBERED_SECONDS = 600
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
local free = tonumber(redis.call('GET', KEYS[3]) or '0')
now = math.max(now, at)
local passed = now - at
tokens = math.min(burst, tokens + rate * passed)
floor = math.min(burst, floor + tonumber(snapshot[3]) * passed)
returning = math.min(burst, returning + tonumber(snapshot[4]) * passed)

local put, admitted, rule = ARGV[1], false, ''
if free > 0 then admitted, rule = true, 'idle'
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
  if rule == 'idle' then redis.call('DECR', KEYS[3]) end
end
local function told(number) return string.format('%.17g', number) end
redis.call('HSET', KEYS[2], 'tokens', told(tokens), 'floor', told(floor), 'returning', told(returning), 'at', told(now))
redis.call('EXPIRE', KEYS[2], 86400)
local answer = (admitted and '1' or '0') .. ' ' .. rule .. ' ' .. told(tokens)
redis.call('SET', KEYS[4], answer, 'EX', ARGV[4])
return {answer, snapshot[1], snapshot[2], snapshot[3], snapshot[4]}
"""
# A leader that was overtaken writes nothing: its epoch is older than the one that is kept.
_WRITE = """
local now = tonumber(ARGV[3])
if not now then
  local told = redis.call('TIME')
  now = tonumber(told[1]) + tonumber(told[2]) / 1000000
end
if tonumber(redis.call('GET', KEYS[1]) or '0') > tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1])
redis.call('SET', KEYS[2], ARGV[2])
for n = 3, #KEYS do
  local first = 4 + (n - 3) * 4
  redis.call('HSET', KEYS[n], 'rate', ARGV[first], 'burst', ARGV[first + 1], 'floor_rate', ARGV[first + 2],
    'returning_rate', ARGV[first + 3], 'as_of', string.format('%.17g', now), 'epoch', ARGV[1])
end
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

    *planned* is each campaign's limits for as long as none was read, *processes* how many share them when Redis is
    gone. *store* should have a short timeout: a caller waits for the answer.
    """

    def __init__(
        self,
        store: redis.Redis,
        pool_id: UUID,
        planned: Mapping[UUID, Limits],
        processes: int,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.pool_id = pool_id
        self._keys = Keys(pool_id)
        self._store = store
        self._take = store.register_script(_TAKE)
        self._write = store.register_script(_WRITE)
        self._limits = dict(planned)
        self._processes = processes
        self._clock = clock
        self._own: dict[UUID, Bucket] = {}
        self._own_answers: OrderedDict[str, tuple[float, Taken]] = OrderedDict()

    def write(self, epoch: int, free: int, limits: Mapping[UUID, Limits], now: float | None = None) -> bool:
        """The leader's snapshot: *free* idle agents, and what fills each bucket. False: another leads by now."""
        keys = [self._keys.of("epoch"), self._keys.of("free")] + [self._keys.of("snapshot", id) for id in limits]
        told = [_told(number) for one in limits.values() for number in one]
        return bool(self._write(keys=keys, args=[epoch, free, _moment(now), *told]))

    def take(self, campaign_id: UUID, call_id: str, put: Put, now: float | None = None) -> Taken:
        """The bucket's answer to a call: the same for ten minutes, however often it is asked.

        *now* is for tests; live, Redis tells the time, the same for all processes.
        """
        if (before := self._answered(call_id)) is not None:
            return before
        keys = self._keys
        of = [
            keys.of("snapshot", campaign_id),
            keys.of("bucket", campaign_id),
            keys.of("free"),
            keys.of("call", call_id),
        ]
        try:
            answer = self._take(keys=of, args=[put.value, _moment(now), STALE_SECONDS, REMEMBERED_SECONDS])
        except redis.RedisError:
            return self._take_own(campaign_id, call_id, put, "own_unreachable")
        if not answer:
            return self._take_own(campaign_id, call_id, put, "own_stale")
        if len(answer) > 1:
            # Kept for when Redis is gone.
            self._limits[campaign_id] = Limits(*(float(one) for one in answer[1:]))
        told = (answer[0].decode() if isinstance(answer[0], bytes) else str(answer[0])).split()
        return Taken(told[0] == "1", Rule(told[1]), float(told[2]))

    def _take_own(self, campaign_id: UUID, call_id: str, put: Put, source: str) -> Taken:
        now, limits = self._clock(), self._limits[campaign_id].part(self._processes)
        bucket = self._own.get(campaign_id) or full(limits, now)
        # Nobody tells of idle agents now.
        self._own[campaign_id], _, taken = take(bucket, 0, limits, put, now)
        taken = taken._replace(source=source)
        self._own_answers[call_id] = (now, taken)
        return taken

    def _answered(self, call_id: str) -> Taken | None:
        """What this process said of the call by itself."""
        oldest = self._clock() - REMEMBERED_SECONDS
        while self._own_answers and next(iter(self._own_answers.values()))[0] < oldest:
            self._own_answers.popitem(last=False)
        found = self._own_answers.get(call_id)
        return None if found is None else found[1]


def _told(number: float) -> str:
    return f"{number:.17g}"


def _moment(now: float | None) -> str:
    return "" if now is None else _told(now)
