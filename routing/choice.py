"""Choose the agent for the first contact of a class, and say by which rule."""

from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from routing import rules
from routing.book import KnownAgent, Order, Profile, WaitingClass
from routing.heaps import Entry

_Candidate: TypeAlias = tuple[Order, Entry[Order, KnownAgent], Profile]


class Chosen(NamedTuple):
    """The agent, and what `types.Choice` tells of the choice."""

    agent: KnownAgent
    willing: Order
    eligible_idle: int
    decided_by: str


def choose(found: WaitingClass, profiles: Iterable[Profile]) -> Chosen | None:
    """The best idle agent of *profiles* for a contact of the class; None when there is none. O(profiles + log m)"""
    if found.owner is not None:
        return choose_owner(found, found.owner)
    channel, hidden, fits = found.asks.channel, found.asks.hidden_from, found.fits
    candidates: list[_Candidate] = []
    eligible_idle = 0
    for profile in profiles:
        idle = profile.idle.get(channel)
        if idle is None or idle.head is None or profile not in fits:
            continue
        first = idle.first(hidden) if hidden else idle.head
        if first is not None:
            candidates.append((rules.rank(fits[profile], first[0]), first, profile))
            eligible_idle += sum(known.id not in hidden for known in idle) if hidden else len(idle)
    if not candidates:
        return None
    best = min(candidates)
    rank, entry, profile = best
    decided_by = "only_one"
    if eligible_idle > 1:
        candidates.remove(best)
        following = profile.idle[channel].first(hidden | {entry[1]})
        if following is not None:
            candidates.append((rules.rank(fits[profile], following[0]), following, profile))
        decided_by = _difference(best, min(candidates))
    return Chosen(entry[3], rank[: rules.BLENDS], eligible_idle, decided_by)


def choose_owner(found: WaitingClass, owner: KnownAgent) -> Chosen | None:
    """The one agent for whom the class is held, if they can take it now."""
    channel, agent = found.asks.channel, owner.agent
    if owner.profile not in found.fits or agent.id in found.asks.hidden_from or channel not in owner.open:
        return None
    return Chosen(owner, rules.blend(channel, agent), 1, "only_one")


def _difference(best: _Candidate, second: _Candidate) -> str:
    """The first rule that tells the chosen agent from the runner-up."""
    ranks = zip(rules.ORDER_NAMES, best[0], second[0], strict=True)
    return next((name for name, ours, theirs in ranks if ours != theirs), "id")
