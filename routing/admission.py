"""Voice admission: who is let in now, by which rule and from which facts, and the bucket that paces it.

The precedence, whole and in order: `Rule`. The first rule that applies gives the answer. From `idle` on it is the
bucket's, in `take`: one step, so that of a thousand calls at once exactly as many get in as there is room for.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple, TypeAlias

from contact.domain.alternatives import ALTERNATIVES, USABLE

# Somebody may be in danger: exempt whatever the policy says.
RESCUE = "rescue"


class Rule(StrEnum):
    """What gave the answer, in the order asked."""

    OVERRIDE = "override"  # a supervisor's hand
    CLOSED = "closed"  # hours and holidays, never load
    IDLE = "idle"  # an eligible agent has nothing to do
    EXEMPT = "exempt"
    RETURNING = "returning"  # refused once on this matter: passes like an exemption, up to a share
    STICKY = "sticky"  # called again inside the window: the same answer
    FLOOR = "floor"  # the share kept for whoever has no exemption
    MODE = "mode"
    BUCKET = "bucket"
    WAIT_CAP = "wait_cap"


class Mode(StrEnum):
    """What people are told is going on; the bucket paces calls in each of them."""

    OPEN = "open"
    ADVISE = "advise"  # all are offered alternatives
    THROTTLE = "throttle"  # some have to take one
    ESSENTIAL_ONLY = "essential_only"  # all but the exempt and the floor


MODES = tuple(Mode)


class Put(StrEnum):
    """How a call is put to the bucket: what is known of it before the bucket is asked."""

    EXEMPT = "exempt"
    RETURNING = "returning"
    KEPT = "kept"  # refused already, inside the window
    ESSENTIAL = "essential"  # the mode refuses it, but for the floor
    CAPPED = "capped"  # the wait is longer than may be promised
    ORDINARY = "ordinary"


class Bucket(NamedTuple):
    """One campaign's counters as they were at *at*. *floor* and *returning* are what is left of the two shares."""

    tokens: float
    floor: float
    returning: float
    at: float


class Limits(NamedTuple):
    """What fills the bucket, in calls a second; none of the three holds more than *burst*."""

    rate: float
    burst: float
    floor_rate: float = 0.0
    returning_rate: float = 0.0

    def part(self, processes: int) -> "Limits":
        """One process's share, when each keeps a bucket of its own; a burst below one call would let nobody in."""
        return Limits(
            self.rate / processes,
            max(self.burst / processes, 1.0),
            self.floor_rate / processes,
            self.returning_rate / processes,
        )


class Taken(NamedTuple):
    """The bucket's answer. *source* is whose bucket: `shared`, or this process's own because Redis was silent."""

    is_admitted: bool
    rule: Rule
    tokens: float
    source: str = "shared"


def full(limits: Limits, now: float) -> Bucket:
    """The bucket of a campaign that begins."""
    return Bucket(limits.burst, limits.burst, limits.burst, now)


def take(bucket: Bucket, free: int, limits: Limits, put: Put, now: float) -> tuple[Bucket, int, Taken]:
    """Ask for one call to be let in; *free* is how many idle agents may serve it and have nobody let in for them yet.

    An exempt call always passes and debits down to -burst, no further: a wave of them closes the line for others for
    2 burst / rate seconds at most. An idle agent's call never debits below zero. `contact/valve.py` does the very same
    in Lua: change both, a test compares them.
    """
    now = max(now, bucket.at)
    passed = now - bucket.at
    tokens = min(limits.burst, bucket.tokens + limits.rate * passed)
    floor = min(limits.burst, bucket.floor + limits.floor_rate * passed)
    returning = min(limits.burst, bucket.returning + limits.returning_rate * passed)
    is_admitted, rule = _answer(put, free, tokens, floor, returning)
    if is_admitted:
        lowest = 0.0 if rule in (Rule.IDLE, Rule.BUCKET) else -limits.burst
        tokens = min(tokens, max(tokens - 1, lowest))
        if put not in (Put.EXEMPT, Put.RETURNING):
            floor = max(floor - 1, 0.0)
        if rule is Rule.RETURNING:
            returning -= 1
        if rule is Rule.IDLE:
            free -= 1
    return Bucket(tokens, floor, returning, now), free, Taken(is_admitted, rule, tokens)


def _answer(put: Put, free: int, tokens: float, floor: float, returning: float) -> tuple[bool, Rule]:
    if free > 0:
        return True, Rule.IDLE
    if put is Put.EXEMPT:
        return True, Rule.EXEMPT
    if put is Put.RETURNING:
        return returning >= 1, Rule.RETURNING
    if put is Put.KEPT:
        return False, Rule.STICKY
    if floor >= 1:
        return True, Rule.FLOOR
    if put is Put.ESSENTIAL:
        return False, Rule.MODE
    if tokens < 1:
        return False, Rule.BUCKET
    return (False, Rule.WAIT_CAP) if put is Put.CAPPED else (True, Rule.BUCKET)


@dataclass(frozen=True, slots=True)
class AdmissionPolicy:
    """What an administration decides of one campaign's calls. *alternatives* are in the order they are offered.

    Raises:
        ValueError: an alternative that does not exist.
    """

    version: int = 0
    alternatives: tuple[str, ...] = ("callback", "sms_link", "chat", "voicemail")
    exemptions: frozenset[str] = frozenset({"deadline", "promise_broken", "need", "safety", "returns_our_call"})
    sticky_seconds: float = 1_800.0
    wait_cap_seconds: float | None = None

    def __post_init__(self) -> None:
        if unknown := set(self.alternatives) - set(ALTERNATIVES):
            raise ValueError(
                f"there is no alternative {', '.join(sorted(unknown))}; there are {', '.join(ALTERNATIVES)}"
            )


class Before(NamedTuple):
    """The last answer on the same unresolved matter; *arrived_at* is when its place in the order began."""

    decided_at: float
    is_admitted: bool
    alternative: str | None
    arrived_at: float
    has_failed: bool = False


@dataclass(frozen=True, slots=True)
class Asking:
    """One call at the end of its menu. *reasons* are exemption codes; *out_of_stock* alternatives are not offered.

    A withheld number is known to nobody: it has no *before*.
    """

    line: str
    reasons: tuple[str, ...] = ()
    before: Before | None = None
    out_of_stock: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Valve:
    """A campaign's state as it was last written; *override* is `open` or `closed` by a supervisor's hand."""

    mode: Mode = Mode.OPEN
    expected_wait_seconds: float = 0.0
    is_open: bool = True
    override: str | None = None


Ask: TypeAlias = Callable[[Put], Taken]
"""The bucket: asked once, and only when its answer decides."""


@dataclass(frozen=True, slots=True)
class Admission:
    """The answer, its rule and all it was made of.

    A refused caller has an *alternative*, with the place of *arrived_at*; `has_offers`: whoever is let in hears of
    alternatives too.
    """

    is_admitted: bool
    rule: Rule
    arrived_at: float
    alternative: str | None = None
    has_offers: bool = False
    inputs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def before(self) -> Before:
        """What a next call on this matter will be told of this one."""
        return Before(self.inputs["decided_at"], self.is_admitted, self.alternative, self.arrived_at)

    def told(self) -> dict[str, Any]:
        """Fit for JSON: what is stored, and explained."""
        return {**asdict(self), "rule": self.rule.value}


def decide(policy: AdmissionPolicy, call: Asking, valve: Valve, ask: Ask, now: float) -> Admission:
    """Let the call in, or give it an alternative that its line can use."""
    before, usable = call.before, _usable(policy, call)
    reasons = _reasons(policy, call, usable)
    put, sticks = _put(policy, call, valve, reasons, now)
    taken: Taken | None = None
    if valve.override is not None:
        is_admitted, rule = valve.override == "open", Rule.OVERRIDE
        taken = ask(Put.EXEMPT) if is_admitted else None
    elif not valve.is_open:
        is_admitted, rule = False, Rule.CLOSED
    else:
        taken = ask(put)
        is_admitted, rule = taken.is_admitted, Rule.STICKY if sticks and taken.rule is Rule.EXEMPT else taken.rule
    return Admission(
        is_admitted,
        rule,
        arrived_at=before.arrived_at if before is not None and not before.is_admitted else now,
        # Closed, everybody can at least leave a message.
        alternative=None if is_admitted else _kept(before, call.line) or next(iter(usable), "voicemail"),
        has_offers=valve.mode is not Mode.OPEN,
        inputs={
            "policy": policy.version,
            "decided_at": now,
            "line": call.line,
            "reasons": list(reasons),
            "put": put.value,
            "before": None if before is None else before._asdict(),
            "usable": list(usable),
            "mode": valve.mode.value,
            "expected_wait_seconds": valve.expected_wait_seconds,
            "override": valve.override,
            "is_open": valve.is_open,
            "bucket": None if taken is None else {"tokens": taken.tokens, "source": taken.source},
        },
    )


def _put(policy: AdmissionPolicy, call: Asking, valve: Valve, reasons: tuple[str, ...], now: float) -> tuple[Put, bool]:
    """How the call is put to the bucket, and whether it passes for having passed before."""
    before = call.before
    if reasons:
        return Put.EXEMPT, False
    if before is not None and now - before.decided_at <= policy.sticky_seconds:
        return (Put.EXEMPT, True) if before.is_admitted else (Put.KEPT, False)
    if before is not None and not before.is_admitted:
        return Put.RETURNING, False
    if valve.mode is Mode.ESSENTIAL_ONLY:
        return Put.ESSENTIAL, False
    cap = policy.wait_cap_seconds
    return (Put.CAPPED if cap is not None and valve.expected_wait_seconds > cap else Put.ORDINARY), False


def _usable(policy: AdmissionPolicy, call: Asking) -> tuple[str, ...]:
    return tuple(one for one in policy.alternatives if call.line in USABLE[one] and one not in call.out_of_stock)


def _reasons(policy: AdmissionPolicy, call: Asking, usable: tuple[str, ...]) -> tuple[str, ...]:
    """Why the call is exempt. Danger, a failed alternative, and none at all exempt whatever the policy says."""
    found = [reason for reason in call.reasons if reason in policy.exemptions or reason == RESCUE]
    if call.before is not None and call.before.has_failed:
        found.append("alternative_failed")
    if not usable:
        found.append("no_alternative")
    return tuple(found)


def _kept(before: Before | None, line: str) -> str | None:
    """The alternative of the last answer, if this line can use it too; what it holds does not run out for it."""
    if before is None or before.is_admitted or before.alternative is None:
        return None
    return before.alternative if line in USABLE[before.alternative] else None
