"""A torture in which nothing happened is none, and a measurement counts whom it lost."""

from math import inf

import pytest

from bench.routing_latency import percentiles
from bench.torture.checks import Violation
from bench.torture.happened import least, too_little
from bench.torture.proof import _verdict
from bench.torture.run import Outcome

BUSY = {"accepted": 40, "kills and pauses": 7, "offers": 12, "sent": 30}


def test_a_run_that_was_busy():
    """Everything happened at least once: nothing is told."""
    assert too_little(BUSY, least(120.0)) == []


@pytest.mark.parametrize("what", BUSY)
def test_nothing_of_it(what):
    """No message, no deed, no offer or nothing sent in a run of two minutes: each is told by name."""
    found = too_little(BUSY | {what: 0}, least(120.0))

    assert [(one.promise, one.id) for one in found] == [("torture", what)]


def test_a_short_run():
    """In a few seconds there may be no offer and nothing sent yet; but words and deeds there must be."""
    assert too_little({"accepted": 1, "kills and pauses": 1}, least(5.0)) == []
    assert [one.id for one in too_little({}, least(5.0))] == ["accepted", "kills and pauses"]


def test_fewer_than_by_script():
    """Of three hundred calls two hundred and ninety-nine are too few."""
    assert too_little({"calls": 300}, {"calls": 300}) == []
    assert [one.id for one in too_little({"calls": 299}, {"calls": 300})] == ["calls"]


def test_a_variant_to_which_nothing_was_done(tmp_path):
    """A broken promise is no proof when none of the variant's deeds was done: it broke for another reason."""
    broken = Violation("two leaders", "epoch-1", "decided too late")
    undone = too_little(BUSY | {"kills and pauses": 0}, least(25.0))

    assert _verdict("unfenced", Outcome([broken], {}, tmp_path))[0]
    assert not _verdict("unfenced", Outcome([broken, *undone], {}, tmp_path))[0]


def test_whoever_was_lost_waits_for_ever():
    """One in a hundred who was never offered anything is the 99th percentile; fewer are in what lies above it."""
    assert percentiles([0.01] * 1000, 0)[98] == 10.0
    assert percentiles([0.01] * 1000, 10)[98] == 10.0
    assert percentiles([0.01] * 1000, 200)[98] == inf
