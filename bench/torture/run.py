"""One torture: start, let people live, kill, wait until quiet, and judge."""

import json
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.torture import facts as database
from bench.torture import happened, quiet
from bench.torture.chaos import EVERYTHING, Chaos, wake_all
from bench.torture.checks import Evidence, Violation, judge
from bench.torture.company import Company
from bench.torture.journal import lines
from bench.torture.kinds import KINDS, SCRIPTED, agents
from bench.torture.person import Moments, Person, join_all
from bench.torture.stage import Stage

PROGRESS_SECONDS = 10.0
LEAVE_SECONDS = 60.0
# Whoever lives by a script comes to its end within this.
SCRIPTS_SECONDS_MAX = 900.0
# A call that ended less than this before our look may not have been told or found yet.
SETTLE_SECONDS = 20.0
FAULTS = ("drop=0.04", "429=0.05", "500=0.03", "500-taken=0.03", "delay=0.10")


@dataclass(frozen=True, slots=True)
class Plan:
    """What one torture does; a broken variant's differs from the product's."""

    kinds: tuple[str, ...] = tuple(KINDS)
    seconds: float = 120.0
    seed: int = 1
    port: int = 8100
    deeds: Mapping[str, int] = field(default_factory=lambda: EVERYTHING)
    every_seconds: float = 2.0
    faults: tuple[str, ...] = FAULTS
    quiet_seconds: float = 240.0
    broken: str | None = None
    database: Path | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it. *folder* holds the evidence, unless all was well."""

    violations: list[Violation]
    totals: dict[str, Any]
    folder: Path


def torture(plan: Plan, say: Callable[[str], None]) -> Outcome:
    """Run *plan*; everything that was started has ended afterwards, also when a signal ends us."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = Path(tempfile.mkdtemp(prefix="guichet-torture-", dir="/tmp"))
    say(f"evidence in {folder}")
    began = time.monotonic()

    def tell(text: str) -> None:
        say(f"{time.monotonic() - began:6.0f} s  {text}")

    stage = Stage(
        folder,
        plan.port,
        plan.seed,
        faults=plan.faults,
        broken=plan.broken,
        database=plan.database,
        has_company="phone" in plan.kinds,
    )
    company = Company(stage.company_url, folder / "data") if "phone" in plan.kinds else None
    try:
        tell("the house is open")
        if company:
            company.misbehave(plan.seed)
        before = database.read(stage.admin_url)
        people, chaos, moved, after = _live(plan, stage, company, folder, tell)
        called = company.calls() if company else []
    finally:
        leftovers = stage.stop()
    sent_lines = [json.loads(line) for line in stage.ledger.read_text().splitlines()] if stage.ledger.exists() else []
    sent_lines += company.sent() if company else []
    evidence = Evidence(before, after, list(lines(folder / "journals")), sent_lines, called)
    violations = judge(evidence)
    violations += [Violation("left behind", name, f"{count} of them were still there") for name, count in moved.items()]
    violations += [Violation("left behind", one, "this process outlived the house") for one in leftovers]
    faults = [fault for person in people for fault in person.faults] + chaos.faults
    violations += [Violation("torture", "", fault) for fault in faults]
    least = happened.least(plan.seconds) | (SCRIPTED if company else {})
    violations += happened.too_little(happened.counted(evidence) | {"kills and pauses": chaos.deeds}, least)
    totals = happened.totals(evidence, violations, chaos) | {"seconds": round(plan.seconds), "seed": plan.seed}
    if violations:
        _keep(folder, evidence, violations)
    else:
        shutil.rmtree(folder)
    return Outcome(violations, totals, folder)


def _live(
    plan: Plan, stage: Stage, company: Company | None, folder: Path, tell: Callable[[str], None]
) -> tuple[list[Person], Chaos, dict[str, int], database.Facts]:
    """People come, processes are killed, it gets quiet; the last snapshot."""
    moments = Moments()
    makers = [agents, *(KINDS[kind] for kind in plan.kinds)]
    people = [one for make in makers for one in make(stage.base, folder / "journals", plan.seed, moments)]
    with (folder / "chaos.log").open("a") as log:

        def note(text: str) -> None:
            print(f"{time.time():.3f} {text}", file=log, flush=True)

        chaos = Chaos(stage, plan.seed, note, lambda: _accepted(people), plan.deeds, plan.every_seconds)
        for one in people:
            one.start()
        chaos.start()
        deadline = time.monotonic() + plan.seconds
        while time.monotonic() < deadline:
            time.sleep(min(PROGRESS_SECONDS, max(0.0, deadline - time.monotonic())))
            kills, pauses = chaos.kills.total(), chaos.pauses.total()
            tell(f"{_accepted(people)} messages accepted, {kills} kills, {pauses} pauses")
        chaos.stop()
    wake_all(stage)
    tell("no more kills; waiting until it is quiet")
    _await_scripts(people, tell)
    moments.over.set()
    if company:
        company.behave()
        time.sleep(SETTLE_SECONDS)

    def also() -> dict[str, int]:
        return _asking(people) | (company.under_way(stage.admin_url) if company else {})

    still = quiet.wait(stage.admin_url, stage.redis_url, plan.quiet_seconds, tell, also)
    after = database.read(stage.admin_url)
    moments.gone.set()
    join_all(people, LEAVE_SECONDS)
    return people, chaos, still, after


def _await_scripts(people: list[Person], tell: Callable[[str], None]) -> None:
    """Until everybody who lives by a script has come to its end."""
    deadline = time.monotonic() + SCRIPTS_SECONDS_MAX
    while time.monotonic() < deadline and (left := sum(one.left for one in people if one.is_alive())):
        tell(f"{left} calls and texts to go")
        time.sleep(PROGRESS_SECONDS)


def _accepted(people: list[Person]) -> int:
    return sum(one.accepted for one in people)


def _asking(people: list[Person]) -> dict[str, int]:
    """Words that have no answer yet."""
    count = sum(one.is_asking for one in people)
    return {"messages without an answer": count} if count else {}


def _keep(folder: Path, evidence: Evidence, violations: list[Violation]) -> None:
    """The judged rows beside the journals and the ledger, for whoever looks for the cause."""
    told = "".join(f"{one.promise}\t{one.id}\t{one.what}\n" for one in violations)
    (folder / "violations.tsv").write_text(told)
    for name, found in (("before", evidence.before), ("after", evidence.after)):
        rows = {table: [row._asdict() for row in listed] for table, listed in found.rows.items()}
        rows["versions"] = [one._asdict() for one in found.versions]
        (folder / f"{name}.json").write_text(json.dumps(rows, default=str))
