"""What a simulation is told of campaigns: their policy, the door their calls come through, the ways they offer."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from contact.domain.alternatives import LINES, MOBILE
from routing.admission import AdmissionPolicy, Mode
from routing.simulation.chance import Distribution
from routing.throttle import ThrottlePolicy


@dataclass(frozen=True, slots=True)
class Way:
    """An alternative: *taken_share* of those it is offered take it, *failing_share* of these in vain.

    It comes back *after* so long as one of *contacts*, in the place of the call (None: it loads nobody here).
    *per_quarter_max* is its stock for every 15 minutes; it is offered while fewer than *waiting_max* of its contacts
    wait. When it failed, the citizen calls again after so long.
    """

    alternative: str
    contacts: str | None = None
    taken_share: float = 1.0
    failing_share: float = 0.0
    after: Distribution = field(default_factory=lambda: Distribution("deterministic", 0.0))
    per_quarter_max: int | None = None
    waiting_max: int | None = None


@dataclass(frozen=True, slots=True)
class Campaign:
    """One line's policy, and by contract its *share* of the pool.

    *openings* are from and to, in seconds of the day; the line is closed else. *planned_handling_seconds* gives the
    capacity before enough is measured. *by_mode* is what the policy says for a mode and a kind of line, in place of
    *admission*. Where it does not *throttle*, everybody is let in while it is open.
    """

    name: str
    planned_handling_seconds: float
    share: float = 1.0
    openings: tuple[tuple[float, float], ...] = ((0.0, 86_400.0),)
    throttle: ThrottlePolicy = field(default_factory=ThrottlePolicy)
    admission: AdmissionPolicy = field(default_factory=AdmissionPolicy)
    ways: tuple[Way, ...] = ()
    by_mode: Mapping[tuple[Mode, str], AdmissionPolicy] = field(default_factory=dict)
    throttles: bool = True

    def __post_init__(self) -> None:
        if self.planned_handling_seconds <= 0 or not 0 < self.share <= 1:
            raise ValueError(f"{self.name}: planned handling is above 0 s, and the share of the pool from 0 to 1")
        policies = self.by_mode.values() or (self.admission,)
        offered = {one for policy in policies for one in policy.alternatives}
        if missing := offered ^ {way.alternative for way in self.ways}:
            raise ValueError(f"{self.name}: ways and alternatives differ by {', '.join(sorted(missing))}")

    def is_open(self, at: float) -> bool:
        """At this second of the day."""
        return any(opens <= at < closes for opens, closes in self.openings)

    def policy(self, mode: Mode, line: str) -> AdmissionPolicy:
        """What decides of a call on this kind of line in this mode."""
        return self.by_mode.get((mode, line), self.admission)


@dataclass(frozen=True, slots=True)
class Door:
    """How calls of a kind come in: *menu* seconds lie between decision and queue, *hang_up_share* leave in them.

    *lines* are shares by kind of line; *exempt* shares by reason.
    """

    campaign: str
    menu: Distribution | None = None
    hang_up_share: float = 0.0
    lines: Mapping[str, float] = field(default_factory=lambda: {MOBILE: 1.0})
    exempt: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if unknown := set(self.lines) - set(LINES):
            raise ValueError(f"there is no line {', '.join(sorted(unknown))}; there are {', '.join(LINES)}")
        if abs(sum(self.lines.values()) - 1) > 1e-6 or sum(self.exempt.values()) > 1:
            raise ValueError("shares of lines add up to 1, those of exemptions to no more")
