"""What happened, counted. A run in which nothing happens breaks no promise, and proves none."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from bench.torture.chaos import Chaos
from bench.torture.checks import Evidence, Violation, calls, sent

# In a run this long some offer was made and some reply has left, whatever was killed.
BUSY_SECONDS = 20.0


def too_little(done: Mapping[str, int], least: Mapping[str, int]) -> list[Violation]:
    """Of what is *done* less than the *least* it takes; of a kind that was not counted nothing was done."""
    return [
        Violation("torture", what, f"{done.get(what, 0)} of at least {count}: the run proves nothing")
        for what, count in least.items()
        if done.get(what, 0) < count
    ]


def least(seconds: float) -> dict[str, int]:
    """What a run of so many *seconds* must have seen. Of a broken variant the deeds are those that reveal it."""
    always = {"accepted": 1, "kills and pauses": 1}
    return always | {"offers": 1, "sent": 1} if seconds >= BUSY_SECONDS else always


def counted(evidence: Evidence) -> dict[str, int]:
    """How much of what a run is for was done."""
    kinds = {line["key"]: line["kind"] for line in evidence.journal if line["what"] == "intent"}
    accepted = [kinds[line["key"]] for line in evidence.journal if line["what"] == "accepted"]
    return {
        "accepted": len(accepted),
        "offers": len(evidence.new("offers")),
        "sent": len(evidence.ledger),
        "texts": accepted.count("text"),
        "calls": len(calls.came(evidence.calls)),
    }


def totals(evidence: Evidence, violations: list[Violation], chaos: Chaos) -> dict[str, Any]:
    """The last line: what was accepted, and what became of it."""
    by_promise, done = Counter(one.promise for one in violations), counted(evidence)
    outcomes = Counter(row.outcome or row.stage for row in evidence.new("calls"))
    return {
        "accepted": done["accepted"],
        "refused": sum(line["what"] == "refused" for line in evidence.journal),
        "lost": by_promise["lost"],
        "twice": by_promise["twice"],
        "invented": by_promise["invented"],
        "sent": done["sent"],
        "unsent": by_promise["unsent"],
        "sent twice": by_promise["sent twice"],
        "outcome unknown": len(sent.unknown(evidence)),
        "failed": sum(row.state == "failed" for row in sent.outgoing(evidence)),
        **({"texts": done["texts"], "calls": f"{done['calls']} ({_named(outcomes)})"} if done["calls"] else {}),
        "tickets": len(evidence.new("tickets")),
        "offers": done["offers"],
        "audit rows": len(evidence.after.audits) - len(evidence.before.audits),
        "violations": len(violations),
        "kills": f"{chaos.kills.total()} ({_named(chaos.kills)})",
        "pauses": f"{chaos.pauses.total()} ({_named(chaos.pauses)})",
    }


def _named(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
