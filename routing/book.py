"""The classes contacts wait in and the profiles agents share, each made once and matched with the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from routing import rules
from routing.heaps import LazyHeap
from routing.types import Agent, Contact, ContactClass

_ProfileKey: TypeAlias = tuple[tuple[tuple[str, int], ...], frozenset[str], frozenset[UUID], frozenset[str]]
_KEPT = 256  # a class or profile now empty is soon used again


@dataclass(slots=True, eq=False)
class KnownAgent:
    """An agent's facts, and the profile they have."""

    id: UUID
    agent: Agent
    profile: Profile


@dataclass(slots=True, eq=False)
class KnownContact:
    """A contact's facts, until when its decliners may not have it, and the class it waits in; None while offered."""

    id: UUID
    contact: Contact
    hidden_until: float
    waits_in: WaitingClass | None = None


class Profile:
    """Agents who answer every profile rule alike.

    `idle` holds, per channel, those who can take one more now, by turn; `classes`, per channel, all they may serve.
    """

    __slots__ = ("agent", "classes", "idle", "members")

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self.members = 0
        self.idle: dict[str, LazyHeap[tuple[float, ...], KnownAgent]] = {
            channel: LazyHeap() for channel, capacity in agent.capacity.items() if capacity > 0
        }
        self.classes: dict[str, list[WaitingClass]] = {channel: [] for channel in self.idle}


class WaitingClass:
    """Contacts that ask the same, by key; `fits` gives each profile that may serve them, and how well."""

    __slots__ = ("asks", "fits", "waiting")

    def __init__(self, asks: ContactClass) -> None:
        self.asks = asks
        self.waiting: LazyHeap[float, KnownContact] = LazyHeap()
        self.fits: dict[Profile, tuple[float, ...]] = {}


class Book:
    """Interns classes and profiles, and forgets the empty ones now and then."""

    def __init__(self) -> None:
        self.classes: dict[ContactClass, WaitingClass] = {}
        self.profiles: dict[_ProfileKey, Profile] = {}
        self._sweep_above = _KEPT

    def class_of(self, asks: ContactClass) -> WaitingClass:
        """The class asking this, made and matched with every profile the first time. O(profiles) then."""
        found = self.classes.get(asks)
        if found is None:
            found = self.classes[asks] = WaitingClass(asks)
            for profile in self.profiles.values():
                _introduce(found, profile)
        return found

    def profile_of(self, agent: Agent) -> Profile:
        """The profile of such agents, made and matched with every class the first time. O(classes) then."""
        channels = frozenset(channel for channel, capacity in agent.capacity.items() if capacity > 0)
        key = (agent.skills, frozenset(agent.languages), agent.queues, channels)
        found = self.profiles.get(key)
        if found is None:
            found = self.profiles[key] = Profile(agent)
            for waiting_class in self.classes.values():
                _introduce(waiting_class, found)
        return found

    def sweep(self) -> None:
        """Forget empty classes and profiles once they may outnumber the others. Invalidates those the caller holds."""
        if len(self.classes) + len(self.profiles) <= self._sweep_above:
            return
        self.classes = {asks: found for asks, found in self.classes.items() if len(found.waiting) > 0}
        self.profiles = {key: found for key, found in self.profiles.items() if found.members > 0}
        profiles = set(self.profiles.values())
        for profile in profiles:
            profile.classes = {channel: [] for channel in profile.idle}
        for found in self.classes.values():
            found.fits = {profile: fit for profile, fit in found.fits.items() if profile in profiles}
            for profile in found.fits:
                profile.classes[found.asks.channel].append(found)
        self._sweep_above = 2 * (len(self.classes) + len(self.profiles)) + _KEPT


def _introduce(waiting_class: WaitingClass, profile: Profile) -> None:
    fit = rules.fit(waiting_class.asks, profile.agent)
    if fit is not None:
        waiting_class.fits[profile] = fit
        profile.classes[waiting_class.asks.channel].append(waiting_class)
