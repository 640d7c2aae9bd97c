"""The voice throttle on the peak of the design, in the simulator; and its shared counter under a storm of calls.

By default 5 paired seeds and 20 s of storm; LONG=1 runs the design's 20 and 60 s.
"""

import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any
from uuid import UUID

import redis

from bench.report import check, is_long, note, progress
from config.embedded import EmbeddedRedis
from contact.simulator import files
from contact.valve import SharedValve, Snapshot
from routing.admission import Limits, Put
from routing.simulate import simulate
from routing.simulation.chance import Distribution
from routing.simulation.results import results
from routing.simulation.scenario import Kind, Redial, Scenario

SEEDS_LONG, SEEDS_SHORT = 20, 5
ABANDON_MAX, SERVED_MIN, FIRST_MIN, CHANGES_MAX = 0.09, 0.98, 0.8, 6
SHARES = (0.2, 0.5, 0.8)
# Even over the stretch, every second of it.
WITHIN_TEN = Distribution("empirical", values=tuple(float(second) for second in range(600)))
LATER = Distribution("empirical", values=tuple(float(second) for second in range(31 * 60, 60 * 60)))
POOL, CAMPAIGN, EXEMPT_CAMPAIGN = UUID(int=1), UUID(int=2), UUID(int=3)
RATE, BURST, ATTEMPTS_PER_SECOND = 5.0, 10.0, 1_500
STORM_SECONDS_LONG, STORM_SECONDS_SHORT = 60, 20
EXEMPT_EVERY = 50
LIMITS = {CAMPAIGN: Limits(RATE, BURST), EXEMPT_CAMPAIGN: Limits(RATE, BURST)}


def told(scenario: Scenario, label: str) -> list[dict[str, Any]]:
    """The results of one run for each seed."""
    count, found = SEEDS_LONG if is_long() else SEEDS_SHORT, []
    for seed in range(1, count + 1):
        found.append(results(simulate(scenario, files.streams(seed))))
        progress(label, seed, count)
    return found


def campaigns(found: list[dict[str, Any]], key: str) -> list[float]:
    """The figure of every campaign, each the mean over the seeds."""
    return [
        fmean(len(one[key]) if key == "modes" else one[key] for one in of_one)
        for of_one in zip(*(run["admission"] for run in found), strict=True)
    ]


def each(scenario: Scenario, change: Callable[[Kind], Kind]) -> Scenario:
    """The same with every kind of contact changed."""
    return replace(scenario, kinds=tuple(change(kind) for kind in scenario.kinds))


def unthrottled(scenario: Scenario) -> Scenario:
    """Everybody is let in."""
    return replace(each(scenario, lambda kind: replace(kind, door=None)), campaigns=())


def longer(scenario: Scenario, factor: float) -> Scenario:
    """Every call takes *factor* times as long; the plan of the prior knows it."""
    slower = each(scenario, lambda kind: replace(kind, handling=kind.handling.scaled(factor)))
    return prior(slower, 1 / factor)


def prior(scenario: Scenario, factor: float) -> Scenario:
    """The capacity assumed at opening is *factor* times what it was."""
    planned = tuple(
        replace(one, planned_handling_seconds=one.planned_handling_seconds / factor) for one in scenario.campaigns
    )
    return replace(scenario, campaigns=planned)


def redialling(scenario: Scenario, share: float, after: Distribution) -> Scenario:
    """Of the deflected, this share calls again."""
    return each(scenario, lambda kind: replace(kind, redial=Redial(share, after, deflected_only=True)))


def peak(scenario: Scenario) -> None:
    """Twice the calls that 100 agents can take, for three of six hours; also with long calls, or a wrong prior."""
    for long in (1.0, 1.5):
        slow = longer(scenario, long)
        without = told(unthrottled(slow), f"handling x {long:g}, without a throttle")
        lost = fmean(run["all"]["abandon_share"]["value"] for run in without)
        note(f"handling x {long:g}, without a throttle: {lost:.1%} give up")
        for wrong in (1.0, 0.75, 1.25):
            label = f"peak, handling x {long:g}, prior x {wrong:g}"
            found = told(prior(slow, wrong), label)
            served = fmean(
                run["all"]["answered"] / free["all"]["answered"] for run, free in zip(found, without, strict=True)
            )
            check(f"{label}: mode changes", campaigns(found, "modes")[0], f"<= {CHANGES_MAX}")
            check(f"{label}: admitted giving up", campaigns(found, "abandon_share")[0], f"<= {ABANDON_MAX}")
            check(f"{label}: served, of without", served, f">= {SERVED_MIN}", "x")


def redials(scenario: Scenario) -> None:
    """Those who were deflected call again, soon or after the sticky window: who calls first is not crowded out."""
    calm = campaigns(told(scenario, "peak, no redials"), "first_admitted_share")[0]
    note(f"first-time callers let in without redials: {calm:.1%}")
    for when, after in (("within 10 min", WITHIN_TEN), ("at 31-60 min", LATER)):
        for share in SHARES:
            label = f"redials {share:g} {when}"
            found = told(redialling(scenario, share, after), label)
            first = campaigns(found, "first_admitted_share")[0]
            check(f"{label}: admitted giving up", campaigns(found, "abandon_share")[0], f"<= {ABANDON_MAX}")
            check(f"{label}: first-time let in, of without", first / calm, f">= {FIRST_MIN}", "x")


def two_campaigns(scenario: Scenario) -> None:
    """Two campaigns in peak, half of the pool each by contract."""
    (kind,), (campaign,) = scenario.kinds, scenario.campaigns
    assert kind.door is not None
    halves = [
        (
            replace(kind, name=name, arrivals=kind.arrivals.scaled(0.5), door=replace(kind.door, campaign=name)),
            replace(campaign, name=name, share=0.5),
        )
        for name in ("first", "second")
    ]
    both = replace(scenario, kinds=tuple(one for one, _ in halves), campaigns=tuple(one for _, one in halves))
    for name, share in zip(("first", "second"), campaigns(told(both, "two campaigns"), "abandon_share"), strict=True):
        check(f"two campaigns on one pool, {name}: admitted giving up", share, f"<= {ABANDON_MAX}")


def _attempts(url: str, worker: int, per_second: float, seconds: float, start: Any, answers: Any) -> None:
    """One process of the storm: calls at an even pace; whatever it cannot keep up with is late, not left out."""
    store = redis.Redis.from_url(url)
    valve = SharedValve(store, POOL, 1)
    ordinary, exempt, exempt_asked, own = 0, 0, 0, 0
    start.wait(60)
    began = time.monotonic()
    count = int(per_second * seconds)
    for number in range(count):
        ahead = began + number / per_second - time.monotonic()
        if ahead > 0.002:
            time.sleep(ahead)
        put = Put.EXEMPT if number % EXEMPT_EVERY == 0 else Put.ORDINARY
        campaign_id = EXEMPT_CAMPAIGN if put is Put.EXEMPT else CAMPAIGN
        taken = valve.take(campaign_id, f"{worker}-{number}", put, line_id=campaign_id, planned=LIMITS[campaign_id])
        own += taken.source != "shared"
        if put is Put.EXEMPT:
            exempt_asked += 1
            exempt += taken.is_admitted
        else:
            ordinary += taken.is_admitted
    answers.put((count, ordinary, exempt, exempt_asked, own, began, time.monotonic()))
    store.close()


def storm(url: str, processes: int) -> None:
    """1,500 calls a second, and nobody idle; one in fifty is exempt, on a line apart, where their debt hurts nobody."""
    seconds = STORM_SECONDS_LONG if is_long() else STORM_SECONDS_SHORT
    store = redis.Redis.from_url(url)
    store.flushdb()
    leader, snapshots = SharedValve(store, POOL, 1), {id: Snapshot(one) for id, one in LIMITS.items()}
    spawn = multiprocessing.get_context("spawn")
    start, answers = spawn.Barrier(processes), spawn.Queue()
    leader.write(1, {}, snapshots)
    pace = ATTEMPTS_PER_SECOND / processes
    running = [
        spawn.Process(target=_attempts, args=(url, number, pace, seconds, start, answers))
        for number in range(processes)
    ]
    for process in running:
        process.start()
    while any(process.is_alive() for process in running) and answers.qsize() < processes:
        leader.write(1, {}, snapshots)
        time.sleep(1.0)
    found = [answers.get(timeout=10) for _ in running]
    for process in running:
        process.join(10)
    asked, ordinary, exempt, exempt_asked, own = (sum(one[column] for one in found) for column in range(5))
    # From the first call of any process to the last of any: one clock for all of the machine.
    took = max(one[6] for one in found) - min(one[5] for one in found)
    store.close()
    note(f"{asked:,} calls in {took:.1f} s ({asked / took:,.0f}/s), {own} answered without Redis")
    label = f"take(), {processes} process{'es' if processes > 1 else ''}"
    # Whoever keeps pace has `seconds`; a machine that is slower has had more of them.
    check(f"{label}: let in, of rate x time + burst", ordinary / (RATE * max(took, seconds) + BURST), "<= 1", "x")
    check(f"{label}: the same, not far below", ordinary / (RATE * seconds + BURST), ">= 0.95", "x")
    check(f"{label}: exempt let in", exempt / exempt_asked, ">= 1", "x")


def main() -> int:
    """Run every row; the exit code is the frame's."""
    scenario = files.load("peak")
    peak(scenario)
    redials(scenario)
    two_campaigns(scenario)
    with tempfile.TemporaryDirectory(prefix="guichet-bench-") as folder:
        server = EmbeddedRedis(Path(folder) / "redis")
        server.start()
        try:
            for processes in (1, 8):
                storm(server.url, processes)
        finally:
            server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
