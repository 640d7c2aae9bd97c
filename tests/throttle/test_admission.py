"""Admission: the precedence rule by rule, and what holds for any callers: fairness that no load may break."""

import json
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contact.domain.alternatives import LINES, USABLE
from routing.admission import (
    MODES,
    AdmissionPolicy,
    Asking,
    Before,
    Bucket,
    Limits,
    Mode,
    Put,
    Rule,
    Valve,
    decide,
    full,
    take,
)

SHUT = Limits(0.0, 1.0)
EMPTY = Bucket(0.0, 0.0, 0.0, 0.0)
REFUSED = Before(decided_at=0.0, is_admitted=False, alternative="callback", arrived_at=-5.0)
POLICY = AdmissionPolicy()


def asked(bucket=EMPTY, free=0, limits=SHUT, now=100.0):
    """A bucket as it is, for one question."""
    return lambda put: take(bucket._replace(at=now), free, limits, put, now)[2]


def answer(call=None, valve=None, ask=None, policy=POLICY, now=100.0):
    return decide(policy, call or Asking("mobile"), valve or Valve(), ask or asked(), now)


class TestPrecedence:
    """Each rule beats all that come after it."""

    @pytest.mark.parametrize(
        ("call", "valve", "bucket", "free", "expected"),
        [
            (Asking("mobile"), Valve(is_open=False, override="open"), EMPTY, 0, (True, Rule.OVERRIDE)),
            (Asking("mobile", ("need",)), Valve(override="closed"), EMPTY, 9, (False, Rule.OVERRIDE)),
            (Asking("mobile", ("need",)), Valve(is_open=False), EMPTY, 9, (False, Rule.CLOSED)),
            (Asking("mobile", before=REFUSED), Valve(Mode.ESSENTIAL_ONLY), EMPTY, 1, (True, Rule.IDLE)),
            (Asking("mobile", ("need",), REFUSED), Valve(Mode.ESSENTIAL_ONLY), EMPTY, 0, (True, Rule.EXEMPT)),
            (Asking("mobile", ("nonsense",)), Valve(), EMPTY, 0, (False, Rule.BUCKET)),
            (Asking("mobile", before=REFUSED), Valve(), Bucket(9, 9, 9, 0), 0, (False, Rule.STICKY)),
            (Asking("mobile"), Valve(Mode.ESSENTIAL_ONLY), Bucket(9, 1, 0, 0), 0, (True, Rule.FLOOR)),
            (Asking("mobile"), Valve(Mode.ESSENTIAL_ONLY), Bucket(9, 0, 0, 0), 0, (False, Rule.MODE)),
            (Asking("mobile"), Valve(Mode.THROTTLE), Bucket(0.9, 0.9, 9, 0), 0, (False, Rule.BUCKET)),
            (Asking("mobile"), Valve(expected_wait_seconds=61), Bucket(9, 0, 0, 0), 0, (False, Rule.WAIT_CAP)),
            (Asking("mobile"), Valve(expected_wait_seconds=61), Bucket(0, 0, 0, 0), 0, (False, Rule.BUCKET)),
            (Asking("mobile"), Valve(Mode.THROTTLE, 60), Bucket(9, 0, 0, 0), 0, (True, Rule.BUCKET)),
        ],
    )
    def test_rules(self, call, valve, bucket, free, expected):
        """The first rule that applies gives the answer, and says that it did."""
        found = answer(call, valve, asked(bucket, free, Limits(0.0, 10.0)), AdmissionPolicy(wait_cap_seconds=60))

        assert (found.is_admitted, found.rule) == expected

    def test_after_the_window(self):
        """Refused more than 30 minutes ago: let in while the share for those lasts, else the first arrival is kept."""
        again = Asking("mobile", before=REFUSED)

        let_in = answer(again, ask=asked(Bucket(0, 0, 1, 0), limits=Limits(0, 2), now=1_801.0), now=1_801.0)
        refused = answer(again, ask=asked(Bucket(1, 1, 0.9, 0), limits=Limits(0, 2), now=1_801.0), now=1_801.0)

        assert (let_in.is_admitted, let_in.rule) == (True, Rule.RETURNING)
        assert (refused.is_admitted, refused.rule, refused.alternative) == (False, Rule.RETURNING, "callback")
        assert refused.arrived_at == REFUSED.arrived_at

    def test_let_in_stays_let_in(self):
        """Whoever was let in and calls again inside the window is let in again."""
        before = Before(0.0, True, None, 0.0)

        assert answer(Asking("mobile", before=before)).rule is Rule.STICKY
        assert answer(Asking("mobile", before=before), now=1_801.0, ask=asked(now=1_801.0)).rule is Rule.BUCKET

    def test_explains_itself(self):
        """What is stored is JSON: the rule, and everything that was read for it."""
        told = json.loads(json.dumps(answer(Asking("fixed", before=REFUSED)).told()))

        assert (told["rule"], told["alternative"]) == ("sticky", "callback")
        assert told["inputs"]["before"]["decided_at"] == 0.0
        assert told["inputs"]["put"] == "kept"
        assert told["inputs"]["bucket"] == {"tokens": 0.0, "source": "shared"}
        assert told["inputs"].keys() >= {"policy", "line", "mode", "expected_wait_seconds", "reasons", "usable"}

    def test_offers(self):
        """Beyond `open`, those who are let in hear of alternatives too."""
        assert [answer(valve=Valve(mode)).has_offers for mode in MODES] == [False, True, True, True]

    def test_unknown_alternative(self):
        """A policy cannot offer what does not exist."""
        with pytest.raises(ValueError, match="there is no alternative fax"):
            AdmissionPolicy(alternatives=("fax",))


class TestBucket:
    @given(st.lists(st.sampled_from(list(Put)), max_size=60), st.floats(0.5, 20))
    def test_debt_has_an_end(self, puts, burst):
        """However many exempt calls pass, the debt is never more than one burst."""
        limits = Limits(0.0, burst, 0.0, 0.0)
        bucket = full(limits, 0.0)
        for put in puts:
            bucket, _, taken = take(bucket, 0, limits, put, 0.0)
            assert bucket.tokens >= -burst
            assert taken.is_admitted or put is not Put.EXEMPT

    @given(st.lists(st.floats(0, 0.2), min_size=200, max_size=400))
    def test_bound(self, gaps):
        """Ordinary calls let in are never more than rate x time + burst, floor included."""
        limits = Limits(5.0, 10.0, floor_rate=1.0)
        bucket, now, admitted = full(limits, 0.0), 0.0, 0
        for gap in gaps:
            now += gap
            bucket, _, taken = take(bucket, 0, limits, Put.ORDINARY, now)
            admitted += taken.is_admitted

        assert admitted <= 5.0 * now + 10.0 + 1e-6


CALLERS = st.lists(
    st.tuples(
        st.integers(0, 25),  # who
        st.floats(0.1, 90.0),  # seconds since the last call of anybody
        st.integers(0, 9),  # an agent is idle now: 0
        st.sampled_from(MODES),
        st.booleans(),  # the alternative came to nothing meanwhile
        st.frozensets(st.sampled_from(("callback", "chat")), max_size=2),  # out of stock
    ),
    max_size=250,
)
TRAITS = st.lists(
    st.tuples(st.sampled_from(LINES), st.sampled_from(((), (), (), ("deadline",), ("need",)))), min_size=26, max_size=26
)
OFFERED = st.permutations(list(USABLE)).flatmap(lambda order: st.integers(1, 4).map(lambda n: tuple(order[:n])))
MANY = settings(max_examples=150, deadline=None)
PACES = st.builds(Limits, st.floats(0, 0.2), st.floats(1, 10), st.floats(0, 0.05), st.floats(0, 0.05))


def lived(callers, traits, offered, limits):
    """Everybody's calls through the real decision and the real bucket: (who, call, admission, was idle)."""
    policy, now, bucket, before = AdmissionPolicy(alternatives=offered), 0.0, full(limits, 0.0), {}
    for who, gap, lot, mode, fails, gone in callers:
        now += gap
        line, reasons = traits[who]
        told = before.get(who) if line != "withheld" else None
        if told is not None and not told.is_admitted and fails:
            told = told._replace(has_failed=True)
        call, free = Asking(line, reasons, told, gone), int(lot == 0)
        state = [bucket]

        def ask(put, state=state, free=free, now=now):
            state[0], _, taken = take(state[0], free, limits, put, now)
            return taken

        found = decide(policy, call, Valve(mode), ask, now)
        bucket = state[0]
        before[who] = found.before
        yield who, call, found, free > 0


class TestFairness:
    @MANY
    @given(CALLERS, TRAITS, OFFERED, PACES)
    def test_the_exempt_pass(self, callers, traits, offered, limits):
        """Whoever has a reason, whose alternative failed, or who could use none, is let in: always."""
        for _, call, found, _ in lived(callers, traits, offered, limits):
            has_failed = call.before is not None and call.before.has_failed
            usable = [one for one in offered if call.line in USABLE[one] and one not in call.out_of_stock]
            if call.reasons or has_failed or not usable:
                assert found.is_admitted

    @MANY
    @given(CALLERS, TRAITS, OFFERED, PACES)
    def test_never_while_an_agent_is_idle(self, callers, traits, offered, limits):
        """Nobody is turned away from an idle agent."""
        assert all(found.is_admitted for _, _, found, idle in lived(callers, traits, offered, limits) if idle)

    @MANY
    @given(CALLERS, TRAITS, OFFERED, PACES)
    def test_a_usable_alternative(self, callers, traits, offered, limits):
        """Whoever is turned away can use what they are given, on the line they call from."""
        for _, call, found, _ in lived(callers, traits, offered, limits):
            assert found.is_admitted == (found.alternative is None)
            assert found.is_admitted or call.line in USABLE[found.alternative]

    @MANY
    @given(CALLERS, TRAITS, OFFERED, PACES)
    def test_the_same_answer_inside_the_window(self, callers, traits, offered, limits):
        """Calling again soon changes nothing: same answer, same alternative, same place; better only by a reason."""
        by_caller = {}
        for who, call, found, idle in lived(callers, traits, offered, limits):
            if call.line != "withheld":
                by_caller.setdefault(who, []).append((call, found, idle))
        for calls in by_caller.values():
            for (_, before, _), (_, found, idle) in pairwise(calls):
                if found.inputs["decided_at"] - before.inputs["decided_at"] > 1_800:
                    continue
                if before.is_admitted or (found.rule is Rule.STICKY and not found.is_admitted):
                    assert found.is_admitted == before.is_admitted
                    assert (found.alternative, found.is_admitted or found.arrived_at) == (
                        before.alternative,
                        found.is_admitted or before.arrived_at,
                    )
                else:
                    assert idle or found.rule is Rule.EXEMPT

    @MANY
    @given(CALLERS, TRAITS, OFFERED, PACES)
    def test_no_second_refusal(self, callers, traits, offered, limits):
        """After the window one refusal is never followed by another, but of those returning above their share."""
        for _, call, found, _ in lived(callers, traits, offered, limits):
            if call.before is None or call.before.is_admitted or found.is_admitted:
                continue
            if found.inputs["decided_at"] - call.before.decided_at > 1_800:
                assert found.rule is Rule.RETURNING
                assert found.arrived_at == call.before.arrived_at

    @settings(max_examples=30, deadline=None)
    @given(st.integers(0, 2**32), st.floats(0.02, 0.4), st.floats(0.02, 0.5), st.sampled_from(MODES))
    def test_the_floor_is_held(self, seed, exempt_per_second, capacity, mode):
        """In each hour those without a reason get their share of the capacity, whatever the exempt take."""
        chance, limits = Random(seed), Limits(capacity / 2, 10.0, floor_rate=0.2 * capacity, returning_rate=0.1)
        bucket, now, ordinary = full(limits, 0.0), 0.0, [0, 0, 0]
        while (now := now + chance.expovariate(2 * capacity + exempt_per_second)) < 3 * 3_600:
            is_exempt = chance.random() < exempt_per_second / (2 * capacity + exempt_per_second)
            call = Asking("mobile", ("need",) if is_exempt else ())
            state = [bucket]

            def ask(put, state=state, now=now):
                state[0], _, taken = take(state[0], 0, limits, put, now)
                return taken

            found = decide(POLICY, call, Valve(mode), ask, now)
            bucket = state[0]
            ordinary[int(now // 3_600)] += found.is_admitted and not is_exempt

        # But for a call not yet saved up for when the hour ends, and what was saved since the last who asked.
        assert min(ordinary) >= 0.2 * capacity * 3_600 - 2
