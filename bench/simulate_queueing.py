"""The simulator against what is known: Erlang C and A, pooling, the identity, and another simulator on the same model.

The same engine that runs live decides every call. By default 8 x 40 k calls with three times the tolerance; LONG=1 runs
8 x 370 k with the design's.
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from statistics import fmean, stdev
from time import process_time
from typing import Any

import ciw

from bench.report import check, is_long, note, progress
from contact.simulator import files
from routing.erlang import Queue as ErlangQueue
from routing.erlang import performance, service_level
from routing.simulate import simulate
from routing.simulation.intervals import student
from routing.simulation.results import results
from routing.simulation.scenario import Scenario

RUNS = 8
CALLS_LONG, CALLS_SHORT = 370_000, 40_000
CIW_CALLS_LONG, CIW_CALLS_SHORT = 100_000, 20_000
TOLERANCE = 3.0  # times the design's, for short runs
WARM_UP = 0.1


def runs(name: str, calls: int, count: int = RUNS) -> list[dict[str, Any]]:
    """The figures for all calls of so many runs, each with its own seed; a tenth of each is left out."""
    scenario = files.load(name).lasting(calls=calls)
    scenario = replace(scenario, warm_up_seconds=WARM_UP * scenario.seconds, announces=False)
    found = []
    for seed in range(1, count + 1):
        found.append(results(simulate(scenario, files.streams(seed)))["all"])
        progress(name, seed, count)
    return found


def within(label: str, found: list[dict[str, Any]], name: str, known: float, tolerance: float, unit: str = "") -> None:
    """The mean over the runs against the known value, with the tolerance for this length."""
    tolerance *= 1.0 if is_long() else TOLERANCE
    values = [one[name]["value"] for one in found]
    mean, half_width = _sure(values)
    note(f"{label}: {mean:.4f} ± {half_width:.4f}, known {known:.4f}")
    check(f"{label}, off by", abs(mean - known), f"<= {tolerance:.4g}", unit)


def erlang_c(calls: int) -> None:
    """25 agents, 240 calls an hour, 300 s, nobody gives up."""
    found, queue = runs("erlang-c", calls), ErlangQueue(240, 300)
    known = performance(queue, 25)
    within("Erlang C: share that waits", found, "wait_share", known.wait_share, 0.02)
    within("Erlang C: mean wait", found, "mean_wait_seconds", known.mean_wait_seconds, 2.0, "s")
    within("Erlang C: within 20 s", found, "service_level", service_level(queue, 25, 20), 0.015)


def erlang_a(calls: int) -> None:
    """20 agents, 360 calls an hour, 240 s, patience 120 s; and the identity of abandonment and wait."""
    found, known = runs("erlang-a", calls), performance(ErlangQueue(360, 240, 120), 20)
    within("Erlang A: share giving up", found, "abandon_share", known.abandon_share, 0.006)
    within("Erlang A: mean wait of all", found, "mean_wait_seconds", known.mean_wait_seconds, 0.7, "s")
    within("Erlang A: share that waits", found, "wait_share", known.wait_share, 0.012)
    lost = fmean(one["abandon_share"]["value"] for one in found)
    waited = fmean(one["mean_wait_seconds"]["value"] for one in found) / 120
    bound = 0.02 if is_long() else 0.02 * TOLERANCE
    check("identity: share giving up over wait / patience, off by", abs(lost / waited - 1), f"<= {bound:.4g}")


def pooling(calls: int) -> None:
    """Wallace and Whitt: six classes, 90 agents who know one class, two or all."""
    for name, known, tolerance in (("pooling-one", 7.22, 0.35), ("pooling-all", 0.69, 0.08)):
        found = runs(name, calls)
        minutes = [{"wait": {"value": one["mean_wait_seconds"]["value"] / 60}} for one in found]
        within(f"{name}: mean wait", minutes, "wait", known, tolerance, "min")
    mean, half_width = _sure([one["mean_wait_seconds"]["value"] / 60 for one in runs("pooling-two", calls)])
    note(f"pooling-two: {mean:.3f} ± {half_width:.3f} min")
    check("pooling-two: mean wait", mean, "<= 1.0" if is_long() else "<= 1.2", "min")


def beside_ciw(calls: int) -> None:
    """The same M/M/n+M model here and in ciw, in turn: the same answers, and our time as a share of its."""
    ours, theirs, our_seconds, their_seconds = [], [], 0.0, 0.0
    scenario = replace(files.load("erlang-a").lasting(calls=calls), announces=False)
    scenario = replace(scenario, warm_up_seconds=WARM_UP * scenario.seconds)
    for seed in range(1, RUNS + 1):
        began = process_time()
        log = simulate(scenario, files.streams(seed))
        our_seconds += process_time() - began
        figures = results(log)["all"]
        ours.append((figures["abandon_share"]["value"], figures["mean_wait_seconds"]["value"]))
        began = process_time()
        records = _ciw(scenario, seed)
        their_seconds += process_time() - began
        theirs.append(_ciw_figures(records, scenario))
        progress("beside ciw", seed, RUNS)
    for index, name in enumerate(("share giving up", "mean wait of all, s")):
        (here, half_here), (there, half_there) = (_sure([one[index] for one in side]) for side in (ours, theirs))
        note(f"{name}: ours {here:.4f} ± {half_here:.4f}, ciw {there:.4f} ± {half_there:.4f}")
        check(f"ciw, {name}: apart, of both half widths", abs(here - there) / (half_here + half_there), "<= 1.0", "x")
    total = RUNS * calls
    note(f"ours {total / our_seconds:,.0f} calls/s with the live engine, ciw {total / their_seconds:,.0f} calls/s")
    # ciw moves its own lists; ours asks the engine that runs live about every call, and writes everything down.
    check("our time, of ciw's", our_seconds / their_seconds, "<= 2.0", "x")


def _ciw(scenario: Scenario, seed: int) -> list[Any]:
    """All records of a run of the scenario's first kind, which is exponential throughout."""
    (kind,), (team,) = scenario.kinds, scenario.teams
    assert kind.patience is not None
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=kind.arrivals.rates[0].amount)],
        service_distributions=[ciw.dists.Exponential(rate=1 / kind.handling.mean)],
        reneging_time_distributions=[ciw.dists.Exponential(rate=1 / kind.patience.mean)],
        number_of_servers=[team.count],
    )
    ciw.seed(seed)
    run = ciw.Simulation(network)
    run.simulate_until_max_time(scenario.seconds)
    return list(run.get_all_records())


def _ciw_figures(records: list[Any], scenario: Scenario) -> tuple[float, float]:
    seen = [one for one in records if one.arrival_date >= scenario.warm_up_seconds]
    lost = sum(one.record_type == "renege" for one in seen)
    return lost / len(seen), fmean(one.waiting_time for one in seen)


def _sure(values: list[float]) -> tuple[float, float]:
    """Mean and half width of the 95 % interval over independent runs."""
    return fmean(values), student(len(values) - 1) * stdev(values) / len(values) ** 0.5


def main() -> int:
    """Run every row; the exit code is the frame's."""
    calls = CALLS_LONG if is_long() else CALLS_SHORT
    rows: list[Callable[[int], None]] = [erlang_c, erlang_a, pooling]
    for row in rows:
        row(calls)
    beside_ciw(CIW_CALLS_LONG if is_long() else CIW_CALLS_SHORT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
