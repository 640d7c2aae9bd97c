"""The shared counter on a real Redis: the arithmetic of the pure function, once a call, and bounded without it."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
import redis
from hypothesis import given, settings
from hypothesis import strategies as st
from redis.backoff import NoBackoff
from redis.retry import Retry

from contact.valve import SharedValve, Snapshot
from routing.admission import Limits, Mode, Put, Rule, Valve, full, take
from routing.spare import use_up

LIMITS = Limits(rate=5.0, burst=10.0)


@pytest.fixture(scope="session")
def store(servers):
    found = redis.Redis.from_url(servers["redis_url"])
    yield found
    found.close()


LINE = uuid4()


@pytest.fixture
def nowhere():
    return redis.Redis(port=1, socket_connect_timeout=0.2, retry=Retry(NoBackoff(), 0))


def valve(store, pool_id=None, processes=1, **told):
    return SharedValve(store, pool_id or uuid4(), processes, **told)


def asked(shared, campaign_id, call_id, put=Put.ORDINARY, now=None, line_id=LINE, planned=LIMITS):
    return shared.take(campaign_id, call_id, put, line_id=line_id, planned=planned, now=now)


def idle(many):
    return {frozenset({LINE}): many}


def tell(shared, epoch, spare, limits, now=None):
    """The leader's snapshot, as far as the bucket goes by it."""
    return shared.write(epoch, spare, {id: Snapshot(one) for id, one in limits.items()}, now)


RATES = st.floats(0, 20)
LINES = [uuid4() for _ in range(3)]
SPARE = st.dictionaries(st.frozensets(st.sampled_from(LINES), min_size=1), st.integers(0, 3), max_size=4)
# What may come next: the leader writes, or a call is put so many seconds later (or earlier: clocks differ).
NEXT = st.one_of(
    st.tuples(st.builds(Limits, RATES, st.floats(1, 20), RATES, RATES), SPARE),
    st.tuples(st.sampled_from(list(Put)), st.tuples(st.floats(-1, 5), st.sampled_from(LINES))),
)


class TestTheSameArithmetic:
    @settings(max_examples=150, deadline=None)
    @given(st.lists(NEXT, max_size=40), st.builds(Limits, RATES, st.floats(1, 20), RATES, RATES))
    def test_lua_is_the_pure_function(self, store, sequence, limits):
        """On any sequence of calls and snapshots, Redis answers and keeps to the last bit what the function says."""
        shared, campaign_id, now, spare = valve(store), uuid4(), 1_000.0, {frozenset(LINES): 2}
        tell(shared, 1, spare, {campaign_id: limits}, now)
        bucket, written_at, refused = None, now, Counter()
        for number, (first, second) in enumerate(sequence):
            if isinstance(first, Limits):
                limits, spare = first, dict(second)
                tell(shared, 1, spare, {campaign_id: limits}, now)
                written_at = now
                continue
            seconds, line_id = second
            now += seconds
            if now - written_at > 9:  # the leader goes on writing
                tell(shared, 1, spare, {campaign_id: limits}, now)
                written_at = now
            bucket = full(limits, now) if bucket is None else bucket
            bucket, _, expected = take(bucket, use_up(spare, line_id), limits, first, now)

            assert asked(shared, campaign_id, f"call-{number}", first, now, line_id) == expected
            refused[expected.rule] += not expected.is_admitted

        calls = sum(isinstance(first, Put) for first, _ in sequence)
        assert shared.counts([campaign_id])[campaign_id] == (calls, +refused)


class TestOnce:
    def test_a_call_is_counted_once(self, store):
        """A webhook that is repeated gets the answer it got, and takes nothing more."""
        shared, campaign_id = valve(store), uuid4()
        tell(shared, 1, idle(1), {campaign_id: LIMITS}, 0.0)

        first = asked(shared, campaign_id, "one", Put.ORDINARY, 0.0)
        again = [asked(shared, campaign_id, "one", Put.ORDINARY, 0.0) for _ in range(3)]

        assert first.rule is Rule.IDLE
        assert again == [first] * 3
        assert [asked(shared, campaign_id, f"other-{n}", Put.ORDINARY, 0.0).is_admitted for n in range(11)].count(
            True
        ) == 9

    def test_one_idle_agent_admits_one_caller(self, store):
        """Two campaigns share the pool's idle agents: each agent lets in one call of either."""
        shared, campaigns = valve(store), (uuid4(), uuid4())
        shut = Limits(0.0, 1.0)
        tell(shared, 1, idle(3), dict.fromkeys(campaigns, shut), 0.0)

        calls = [asked(shared, campaigns[n % 2], f"call-{n}", Put.KEPT, 0.0) for n in range(10)]

        assert [call.is_admitted for call in calls] == [True] * 3 + [False] * 7

    def test_an_idle_agent_is_for_whom_they_serve(self, store):
        """One who is idle and speaks another language lets nobody in whom they could not serve, whatever the order."""
        shared, campaign_id, french, english = valve(store), uuid4(), uuid4(), uuid4()
        both = frozenset({french, english})
        tell(shared, 1, {frozenset({english}): 1, both: 1}, {campaign_id: Limits(0.0, 1.0)}, 0.0)

        calls = [
            (line, asked(shared, campaign_id, f"call-{n}", Put.KEPT, 0.0, line).is_admitted)
            for n, line in enumerate((french, french, english, english, uuid4()))
        ]

        assert [is_admitted for _, is_admitted in calls] == [True, False, True, False, False]
        tell(shared, 1, {frozenset({english}): 1, both: 1}, {campaign_id: Limits(0.0, 1.0)}, 0.0)
        lines = (english, french, english)
        again = [asked(shared, campaign_id, f"again-{n}", Put.KEPT, 0.0, line) for n, line in enumerate(lines)]
        assert [one.is_admitted for one in again] == [True, True, False]

    def test_many_at_once(self, store):
        """However many processes ask at once, no more get in than the bucket holds."""
        shared, campaign_id = valve(store), uuid4()
        tell(shared, 1, {}, {campaign_id: Limits(0.0, 10.0)})

        with ThreadPoolExecutor(8) as threads:
            found = list(threads.map(lambda n: asked(shared, campaign_id, f"call-{n}", Put.ORDINARY), range(400)))

        assert sum(one.is_admitted for one in found) == 10
        assert {one.source for one in found} == {"shared"}

    def test_an_overtaken_leader_writes_nothing(self, store):
        """Whoever leads with an older epoch is told so, and what the newer one wrote stays."""
        shared, campaign_id = valve(store), uuid4()
        assert tell(shared, 7, {}, {campaign_id: Limits(0.0, 1.0)}, 0.0)

        assert not tell(shared, 6, idle(100), {campaign_id: LIMITS}, 0.0)
        assert tell(shared, 7, {}, {campaign_id: Limits(0.0, 1.0)}, 0.0)
        assert [asked(shared, campaign_id, f"call-{n}", Put.ORDINARY, 0.0).is_admitted for n in range(3)] == [
            True,
            False,
            False,
        ]

    def test_what_was_asked_and_refused_is_counted(self, store):
        """By rule, each call once however often it is asked; of a campaign that nobody called, nothing."""
        shared, campaign_id, other = valve(store), uuid4(), uuid4()
        tell(shared, 1, {}, {campaign_id: Limits(0.0, 2.0)}, 0.0)

        puts = (Put.ORDINARY, Put.KEPT, Put.ORDINARY, Put.ORDINARY, Put.EXEMPT)
        for number, put in enumerate(puts * 2):
            asked(shared, campaign_id, f"call-{number % len(puts)}", put, 0.0)

        # Two by the floor, which the bucket pays as well.
        assert shared.counts([campaign_id, other]) == {
            campaign_id: (5, {"sticky": 1, "bucket": 1}),
            other: (0, {}),
        }


class TestWhatIsTold:
    TOLD = Snapshot(LIMITS, Valve(Mode.THROTTLE, 95.5), 0.125, 40, 12)

    def test_what_is_told_is_read(self, store):
        """Mode, wait, capacity and counts, to the last bit, by every process of the pool and for its campaigns only."""
        pool_id, campaign_id, other = uuid4(), uuid4(), uuid4()
        told = {campaign_id: self.TOLD, other: Snapshot(Limits(0.1, 1.0))}
        valve(store, pool_id).write(1, idle(2), told, 2.5)
        reader = valve(store, pool_id)

        assert reader.snapshots([campaign_id, other, uuid4()], 10.0) == {
            id: one._replace(as_of=2.5) for id, one in told.items()
        }
        assert reader.state(campaign_id, 10.0) == Valve(Mode.THROTTLE, 95.5)
        assert reader.state(uuid4(), 0.0) is None
        assert valve(store).state(campaign_id, 0.0) is None

    def test_what_was_told_too_long_ago_is_not_believed(self, store, nowhere):
        """A leader that is silent for more than ten seconds tells nothing, by Redis's own clock; nor does no Redis."""
        shared, campaign_id = valve(store), uuid4()
        shared.write(1, {}, {campaign_id: self.TOLD})
        assert shared.state(campaign_id) == self.TOLD.valve
        shared.write(1, {}, {campaign_id: self.TOLD}, 0.0)

        assert shared.state(campaign_id) is None
        assert shared.state(campaign_id, 10.5) is None
        alone = valve(nowhere)
        assert (alone.state(campaign_id), alone.counts([campaign_id]), alone.kept()) == (None, None, None)

    def test_what_is_kept_for_the_next_leader(self, store):
        """It stays until its leader keeps something else; who was overtaken keeps nothing."""
        shared = valve(store)
        assert shared.kept() == ""
        shared.write(2, {}, {}, kept="two")
        shared.write(2, {}, {})
        shared.write(1, {}, {}, kept="one")

        assert shared.kept() == "two"


class TestWithoutTheLeader:
    def test_a_silent_leader(self, store):
        """After ten seconds without a snapshot each of two processes lets in its half of the rate, and says so."""
        seconds = [0.0]
        campaign_id, pool_id = uuid4(), uuid4()
        both = [valve(store, pool_id, 2, clock=lambda: seconds[0]) for _ in range(2)]
        tell(both[0], 1, idle(5), {campaign_id: LIMITS}, 0.0)
        assert asked(both[0], campaign_id, "in time", Put.ORDINARY, 10.0).source == "shared"

        admitted = 0
        for tick in range(600):
            seconds[0] = tick / 10
            answers = [
                asked(one, campaign_id, f"{tick} of {number}", Put.ORDINARY, 11.0 + seconds[0])
                for number, one in enumerate(both)
            ]
            assert {one.source for one in answers} == {"own_stale"}
            admitted += sum(one.is_admitted for one in answers)

        assert 290 <= admitted <= 310

    def test_all_processes_say_the_same(self, store):
        """A webhook repeated to another process, or after the leader is back, gets the answer that was given."""
        campaign_id, pool_id, shut = uuid4(), uuid4(), Limits(0.0, 1.0)
        one, other = (valve(store, pool_id, 2, clock=lambda: 0.0) for _ in range(2))

        calls = [asked(one, campaign_id, f"call-{n}", planned=shut) for n in range(3)]
        again = [asked(other, campaign_id, f"call-{n}", planned=shut) for n in range(3)]
        tell(one, 1, idle(9), {campaign_id: LIMITS})
        back = [asked(one, campaign_id, f"call-{n}", planned=shut) for n in range(3)]

        assert [call.is_admitted for call in calls] == [True, False, False]
        assert calls == again == back

    def test_a_campaign_nobody_told_of(self, store, nowhere):
        """Without the leader or without Redis, a campaign that began a moment ago is paced by its own plan."""
        for one in (valve(store), valve(nowhere)):
            campaign_id = uuid4()
            calls = [asked(one, campaign_id, f"call-{n}", planned=Limits(0.0, 2.0)) for n in range(3)]
            assert [call.is_admitted for call in calls] == [True, True, False]

    def test_redis_gone_for_the_leader(self, nowhere):
        """Whoever leads goes on leading: it is told that nothing was written, not that another leads."""
        assert tell(valve(nowhere), 1, idle(1), {uuid4(): LIMITS}) is None

    def test_own_answers_are_bounded(self, nowhere, monkeypatch):
        """However long Redis is gone, a process remembers no more calls than it has room for."""
        monkeypatch.setattr("contact.valve.REMEMBERED_MAX", 3)
        alone, campaign_id = valve(nowhere, clock=lambda: 0.0), uuid4()

        calls = [asked(alone, campaign_id, f"call-{n}", planned=Limits(0.0, 5.0)) for n in range(6)]

        assert [asked(alone, campaign_id, f"call-{n}").is_admitted for n in (5, 0)] == [False, False]
        assert [one.is_admitted for one in calls] == [True] * 5 + [False]

    def test_redis_gone(self, nowhere):
        """Nobody answers: the call still has its answer, the same when it is asked again, and the exempt pass."""
        campaign_id = uuid4()
        alone, planned = valve(nowhere, processes=4, clock=lambda: 0.0), Limits(0.0, 10.0)

        calls = [asked(alone, campaign_id, f"call-{n}", planned=planned) for n in range(5)]

        assert [one.is_admitted for one in calls] == [True, True, False, False, False]
        assert asked(alone, campaign_id, "call-0", Put.ORDINARY) == calls[0]
        assert asked(alone, campaign_id, "exempt", Put.EXEMPT).is_admitted
        assert {one.source for one in calls} == {"own_unreachable"}

    def test_what_was_read_last_holds(self, store):
        """A process goes on with the limits it saw last, not with those planned long ago."""
        campaign_id = uuid4()
        shared, planned = valve(store, clock=lambda: 0.0), Limits(0.0, 1.0)
        tell(shared, 1, {}, {campaign_id: LIMITS}, 0.0)
        asked(shared, campaign_id, "first", now=0.0)

        calls = [asked(shared, campaign_id, f"call-{n}", now=60.0, planned=planned) for n in range(12)]

        assert sum(one.is_admitted for one in calls) == LIMITS.burst
