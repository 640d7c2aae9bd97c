"""Choose the agent for the first contact of a class, and say by which rule."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from routing.book import KnownAgent, Profile, WaitingClass
from routing.heaps import Entry
from routing.rules import ORDER_NAMES

_Candidate: TypeAlias = tuple[tuple[float, ...], Entry[tuple[float, ...], KnownAgent], Profile]


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen agent, and what `types.Why` tells of the choice."""

    agent: KnownAgent
    rank: tuple[float, ...]
    eligible_idle: int
    decided_by: str


def choose(found: WaitingClass, profiles: Iterable[Profile]) -> Choice | None:
    """The best idle agent of *profiles* for a contact of the class; None when there is none. O(profiles + log m)"""
    channel, hidden, fits = found.asks.channel, found.asks.hidden_from, found.fits
    candidates: list[_Candidate] = []
    eligible_idle = 0
    for profile in profiles:
        idle = profile.idle.get(channel)
        if idle is None or idle.head is None or profile not in fits:
            continue
        first = idle.first(hidden) if hidden else idle.head
        if first is not None:
            candidates.append((fits[profile], first, profile))
            eligible_idle += sum(known.id not in hidden for known in idle) if hidden else len(idle)
    if not candidates:
        return None
    best = min(candidates)
    fit, entry, profile = best
    decided_by = "only_one"
    if eligible_idle > 1:
        candidates.remove(best)
        following = profile.idle[channel].first(hidden | {entry[3].id})
        if following is not None:
            candidates.append((fit, following, profile))
        decided_by = _difference(best, min(candidates))
    return Choice(entry[3], (*fit, *entry[0]), eligible_idle, decided_by)


def _difference(best: _Candidate, second: _Candidate) -> str:
    """The first rule that tells the chosen agent from the runner-up."""
    ranks = zip(ORDER_NAMES, (*best[0], *best[1][0]), (*second[0], *second[1][0]), strict=True)
    return next((name for name, ours, theirs in ranks if ours != theirs), "id")
