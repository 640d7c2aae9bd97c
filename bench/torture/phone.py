"""Calls while everything dies: what the telephone company's own list says is held, call by call, against the rows."""

import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg
import requests
from psycopg.rows import namedtuple_row

from bench.torture import happened, quiet
from bench.torture.callers import Caller, Operator
from bench.torture.chaos import Chaos, wake_all
from bench.torture.checks import Violation
from bench.torture.journal import Journal
from bench.torture.person import Moments, Person, join_all
from bench.torture.run import LEAVE_SECONDS, PROGRESS_SECONDS, Outcome, Plan
from bench.torture.stage import Stage
from contact import demo

CALLERS, CALLS_EACH = 50, 6
SPEED = 12
# All calls are made, however long it takes, within this.
CALLS_SECONDS_MAX = 900.0
# The company misbehaves towards us and to us.
FAULTS = {"seed": 1, "webhook": {"duplicate": 0.05, "reorder": 0.05}, "rest": {"drop": 0.02}}
DEEDS: Mapping[str, int] = {
    "kill web-worker": 10,
    "kill web": 2,
    "kill dispatcher": 5,
    "kill relay": 5,
    "kill calls": 5,
    "kill calls-horse": 8,
    "kill default": 2,
    "kill redis": 2,
    "kill backend": 3,
    "kill postmaster": 1,
    "pause web-worker": 3,
    "pause dispatcher": 3,
    "pause relay": 2,
}
# A call that ended less than this before our look may not have been told or found yet.
SETTLE_SECONDS = 20.0
_ROWS = """SELECT c.id, c.provider_id, c.direction, c.stage, c.state, c.outcome, c.attempt, c.ticket_id,
    i.ticket_id AS talk_ticket_id, (SELECT count(*) FROM contact o WHERE o.interaction_id = c.interaction_id
        AND o.state IN ('waiting', 'offered', 'assigned')) AS live
    FROM call c LEFT JOIN interaction i ON i.id = c.interaction_id"""


def torture(plan: Plan, say: Callable[[str], None]) -> Outcome:
    """300 calls by script, processes killed; then each call is in one ticket, and nothing is left on a line."""
    folder = Path(tempfile.mkdtemp(prefix="guichet-torture-", dir="/tmp"))
    say(f"evidence in {folder}")
    began = time.monotonic()

    def tell(text: str) -> None:
        say(f"{time.monotonic() - began:6.0f} s  {text}")

    stage = Stage(folder, plan.port, plan.seed, faults=(), has_company=True)
    try:
        tell("the house is open")
        people, chaos, still, ledger, rows = _live(plan, stage, folder, tell)
    finally:
        leftovers = stage.stop()
    violations = [*check(ledger, rows)]
    violations += [Violation("left behind", name, f"{count} of them were still there") for name, count in still.items()]
    violations += [Violation("left behind", one, "this process outlived the house") for one in leftovers]
    violations += [Violation("torture", "", fault) for one in people for fault in one.faults]
    violations += [Violation("torture", "", fault) for fault in chaos.faults]
    done = {"calls": len(came(ledger)), "kills and pauses": chaos.kills.total() + chaos.pauses.total()}
    violations += happened.too_little(done, {"calls": CALLERS * CALLS_EACH, "kills and pauses": 1})
    outcomes = Counter(row.outcome or row.stage for row in rows)
    totals = {
        "calls at the company": len(ledger),
        "rows": len(rows),
        **dict(sorted(outcomes.items())),
        "tickets": len({row.ticket_id for row in rows if row.ticket_id}),
        "violations": len(violations),
        "kills": chaos.kills.total(),
        "pauses": chaos.pauses.total(),
        "seed": plan.seed,
    }
    if violations:
        (folder / "violations.tsv").write_text("".join(f"{one.promise}\t{one.id}\t{one.what}\n" for one in violations))
    else:
        shutil.rmtree(folder)
    return Outcome(violations, totals, folder)


def _live(
    plan: Plan, stage: Stage, folder: Path, tell: Callable[[str], None]
) -> tuple[list[Person], Chaos, dict[str, int], list[dict[str, Any]], list[Any]]:
    """People call, processes are killed, it gets quiet: the company's calls and our rows."""
    _admin(stage, "clock", {"speed": SPEED})
    _admin(stage, "faults", FAULTS)
    moments = Moments()
    callers = _callers(stage, folder, plan, moments)
    people: list[Person] = [*callers, *_operators(stage, folder, plan, moments)]
    with (folder / "chaos.log").open("a") as log:

        def note(text: str) -> None:
            print(f"{time.time():.3f} {text}", file=log, flush=True)

        chaos = Chaos(stage, plan.seed, note, lambda: sum(one.accepted for one in callers), DEEDS, plan.every_seconds)
        for one in people:
            one.start()
        chaos.start()
        _await_calls(callers, chaos, plan.seconds, tell)
        chaos.stop()
        wake_all(stage)
        tell("no more kills; the last calls end")
        _await_calls(callers, chaos, CALLS_SECONDS_MAX, tell)
    _admin(stage, "faults", {"webhook": {}, "rest": {}})
    moments.over.set()
    time.sleep(SETTLE_SECONDS)
    still = quiet.wait(stage.admin_url, stage.redis_url, plan.quiet_seconds, tell, lambda: _on_the_line(stage))
    ledger = requests.get(f"{stage.company_url}/carrier/admin/call", timeout=60).json()
    with psycopg.connect(stage.admin_url, row_factory=namedtuple_row) as connection:
        rows = connection.execute(_ROWS).fetchall()
    moments.gone.set()
    join_all(people, LEAVE_SECONDS)
    return people, chaos, still, ledger, rows


def _await_calls(callers: list[Caller], chaos: Chaos, seconds: float, tell: Callable[[str], None]) -> None:
    """Until all calls are over, or for *seconds*."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and any(one.is_alive() for one in callers):
        time.sleep(PROGRESS_SECONDS)
        over, of = sum(one.accepted for one in callers), CALLERS * CALLS_EACH
        tell(f"{over} of {of} calls over, {chaos.kills.total()} kills, {chaos.pauses.total()} pauses")


def came(ledger: list[dict[str, Any]]) -> set[str]:
    """The calls that citizens made, by the company's list."""
    return {one["sid"] for one in ledger if one["direction"] == "inbound" and not one["from_"].startswith("client:")}


def check(ledger: list[dict[str, Any]], rows: list[Any]) -> Iterator[Violation]:
    """Exact conservation: every call that came in is one row in one ticket, and no row is of a call that never was."""
    known = came(ledger)
    kept = Counter(row.provider_id for row in rows if row.direction == "inbound")
    yield from (Violation("lost", sid, "the company had this call, and we have no row") for sid in known - set(kept))
    yield from (Violation("invented", sid, "no such call at the company") for sid in set(kept) - known)
    yield from (Violation("twice", sid, f"{count} rows of one call") for sid, count in kept.items() if count > 1)
    for row in rows:
        if row.direction == "inbound" and row.stage != "ended":
            yield Violation("unfinished", str(row.id), f"still {row.stage}, the line {row.state}")
        if row.outcome not in (None, "left_menu") and row.ticket_id is None:
            yield Violation("no ticket", str(row.id), f"{row.outcome}, and nobody will ever know")
        if row.ticket_id != row.talk_ticket_id:
            yield Violation("two tickets", str(row.id), f"{row.ticket_id} and {row.talk_ticket_id}")
        if row.stage == "ended" and row.live:
            yield Violation("dead line", str(row.id), "its contact still waits or is served")
    dialled = [one for one in ledger if one["direction"].startswith("outbound")]
    wanted = sum(row.attempt for row in rows)
    if len(dialled) > wanted:
        yield Violation("dialled twice", "", f"{len(dialled)} legs for {wanted} attempts")


def _callers(stage: Stage, folder: Path, plan: Plan, moments: Moments) -> list[Caller]:
    with psycopg.connect(stage.admin_url) as connection:
        found = connection.execute(
            "SELECT address FROM endpoint WHERE channel = 'voice' AND account_id IS NOT NULL ORDER BY address"
        ).fetchall()
    made = []
    for number in range(CALLERS):
        name = f"caller-{number:02}"
        one = Caller(name, stage.base, plan.seed, Journal(folder / "journals" / f"{name}.jsonl"), moments)
        one.company, one.numbers = stage.company_url, [address for (address,) in found]
        one.turn, one.calls = number, CALLS_EACH
        made.append(one)
    return made


def _operators(stage: Stage, folder: Path, plan: Plan, moments: Moments) -> list[Operator]:
    made = []
    for login in demo.describe().logins:
        if login.role == "agent":
            name = f"agent-{login.login.partition('@')[0]}"
            one = Operator(name, stage.base, plan.seed, Journal(folder / "journals" / f"{name}.jsonl"), moments)
            one.login, one.password, one.company = login.login, login.password, stage.company_url
            made.append(one)
    return made


def _on_the_line(stage: Stage) -> dict[str, int]:
    """What the company still has under way."""
    try:
        state = requests.get(f"{stage.company_url}/carrier/admin/state", timeout=20).json()
    except requests.RequestException:
        return {"a company that answers": 1}
    found = {"live legs": state["live_calls"], "requests of the company": state["webhooks_under_way"]}
    return {name: count for name, count in found.items() if count}


def _admin(stage: Stage, what: str, told: dict[str, Any]) -> None:
    requests.put(f"{stage.company_url}/carrier/admin/{what}", json=told, timeout=30).raise_for_status()
