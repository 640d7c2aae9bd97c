"""The shared counter on a real Redis: the arithmetic of the pure function, once a call, and bounded without it."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
import redis
from hypothesis import given, settings
from hypothesis import strategies as st
from redis.backoff import NoBackoff
from redis.retry import Retry

from contact.valve import SharedValve
from routing.admission import Limits, Put, Rule, full, take

LIMITS = Limits(rate=5.0, burst=10.0)


@pytest.fixture(scope="session")
def store(servers):
    found = redis.Redis.from_url(servers["redis_url"])
    yield found
    found.close()


def valve(store, pool_id=None, planned=None, processes=1, **told):
    return SharedValve(store, pool_id or uuid4(), planned or {}, processes, **told)


RATES = st.floats(0, 20)
# What may come next: the leader writes, or a call is put so many seconds later (or earlier: clocks differ).
NEXT = st.one_of(
    st.tuples(st.builds(Limits, RATES, st.floats(1, 20), RATES, RATES), st.integers(0, 3)),
    st.tuples(st.sampled_from(list(Put)), st.floats(-1, 5)),
)


class TestTheSameArithmetic:
    @settings(max_examples=150, deadline=None)
    @given(st.lists(NEXT, max_size=40), st.builds(Limits, RATES, st.floats(1, 20), RATES, RATES))
    def test_lua_is_the_pure_function(self, store, sequence, limits):
        """On any sequence of calls and snapshots, Redis answers and keeps to the last bit what the function says."""
        shared, campaign_id, now, free = valve(store), uuid4(), 1_000.0, 2
        shared.write(1, free, {campaign_id: limits}, now)
        bucket, written_at = None, now
        for number, (first, second) in enumerate(sequence):
            if isinstance(first, Limits):
                limits, free = first, second
                shared.write(1, free, {campaign_id: limits}, now)
                written_at = now
                continue
            now += second
            if now - written_at > 9:  # the leader goes on writing
                shared.write(1, free, {campaign_id: limits}, now)
                written_at = now
            bucket = full(limits, now) if bucket is None else bucket
            bucket, free, expected = take(bucket, free, limits, first, now)

            assert shared.take(campaign_id, f"call-{number}", first, now) == expected
            assert int(store.get(f"valve:{{{shared.pool_id}}}:free:")) == free


class TestOnce:
    def test_a_call_is_counted_once(self, store):
        """A webhook that is repeated gets the answer it got, and takes nothing more."""
        shared, campaign_id = valve(store), uuid4()
        shared.write(1, 1, {campaign_id: LIMITS}, 0.0)

        first = shared.take(campaign_id, "one", Put.ORDINARY, 0.0)
        again = [shared.take(campaign_id, "one", Put.ORDINARY, 0.0) for _ in range(3)]

        assert first.rule is Rule.IDLE
        assert again == [first] * 3
        assert [shared.take(campaign_id, f"other-{n}", Put.ORDINARY, 0.0).is_admitted for n in range(11)].count(
            True
        ) == 9

    def test_one_idle_agent_admits_one_caller(self, store):
        """Two campaigns share the pool's idle agents: each agent lets in one call of either."""
        shared, campaigns = valve(store), (uuid4(), uuid4())
        shut = Limits(0.0, 1.0)
        shared.write(1, 3, dict.fromkeys(campaigns, shut), 0.0)

        calls = [shared.take(campaigns[n % 2], f"call-{n}", Put.KEPT, 0.0) for n in range(10)]

        assert [call.is_admitted for call in calls] == [True] * 3 + [False] * 7

    def test_many_at_once(self, store):
        """However many processes ask at once, no more get in than the bucket holds."""
        shared, campaign_id = valve(store), uuid4()
        shared.write(1, 0, {campaign_id: Limits(0.0, 10.0)})

        with ThreadPoolExecutor(8) as threads:
            found = list(threads.map(lambda n: shared.take(campaign_id, f"call-{n}", Put.ORDINARY), range(400)))

        assert sum(one.is_admitted for one in found) == 10
        assert {one.source for one in found} == {"shared"}

    def test_an_overtaken_leader_writes_nothing(self, store):
        """Whoever leads with an older epoch is told so, and what the newer one wrote stays."""
        shared, campaign_id = valve(store), uuid4()
        assert shared.write(7, 0, {campaign_id: Limits(0.0, 1.0)}, 0.0)

        assert not shared.write(6, 100, {campaign_id: LIMITS}, 0.0)
        assert shared.write(7, 0, {campaign_id: Limits(0.0, 1.0)}, 0.0)
        assert [shared.take(campaign_id, f"call-{n}", Put.ORDINARY, 0.0).is_admitted for n in range(3)] == [
            True,
            False,
            False,
        ]


class TestWithoutTheLeader:
    def test_a_silent_leader(self, store):
        """After ten seconds without a snapshot each of two processes lets in its half of the rate, and says so."""
        seconds = [0.0]
        campaign_id, pool_id = uuid4(), uuid4()
        both = [valve(store, pool_id, {campaign_id: LIMITS}, 2, clock=lambda: seconds[0]) for _ in range(2)]
        both[0].write(1, 5, {campaign_id: LIMITS}, 0.0)
        assert both[0].take(campaign_id, "in time", Put.ORDINARY, 10.0).source == "shared"

        admitted = 0
        for tick in range(600):
            seconds[0] = tick / 10
            answers = [one.take(campaign_id, f"{tick}", Put.ORDINARY, 11.0 + seconds[0]) for one in both]
            assert {one.source for one in answers} == {"own_stale"}
            admitted += sum(one.is_admitted for one in answers)

        assert 290 <= admitted <= 310

    def test_redis_gone(self):
        """Nobody answers: the call still has its answer, the same when it is asked again, and the exempt pass."""
        nowhere = redis.Redis(port=1, socket_connect_timeout=0.2, retry=Retry(NoBackoff(), 0))
        campaign_id = uuid4()
        alone = valve(nowhere, planned={campaign_id: Limits(0.0, 10.0)}, processes=4, clock=lambda: 0.0)

        calls = [alone.take(campaign_id, f"call-{n}", Put.ORDINARY) for n in range(5)]

        assert [one.is_admitted for one in calls] == [True, True, False, False, False]
        assert alone.take(campaign_id, "call-0", Put.ORDINARY) == calls[0]
        assert alone.take(campaign_id, "exempt", Put.EXEMPT).is_admitted
        assert {one.source for one in calls} == {"own_unreachable"}

    def test_what_was_read_last_holds(self, store):
        """A process goes on with the limits it saw last, not with those planned long ago."""
        campaign_id = uuid4()
        shared = valve(store, planned={campaign_id: Limits(0.0, 1.0)}, clock=lambda: 0.0)
        shared.write(1, 0, {campaign_id: LIMITS}, 0.0)
        shared.take(campaign_id, "first", Put.ORDINARY, 0.0)

        calls = [shared.take(campaign_id, f"call-{n}", Put.ORDINARY, 60.0) for n in range(12)]

        assert sum(one.is_admitted for one in calls) == LIMITS.burst
