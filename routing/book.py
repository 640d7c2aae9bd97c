"""The classes contacts wait in and the profiles agents share, each made once and matched with the others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias
from uuid import UUID

from routing import rules
from routing.heaps import Entry, LazyHeap
from routing.steps import Stage, held, stages
from routing.types import Agent, Contact, ContactClass, Curtain, OpenOffer, Step

_ProfileKey: TypeAlias = tuple[object, ...]
_PlanKey: TypeAlias = tuple[UUID, str, tuple[Step, ...], tuple[Curtain, ...]]
Order: TypeAlias = tuple[float, ...]
_KEPT = 256  # a class or profile now empty is soon used again
_PLANS_MAX = 4096


@dataclass(slots=True, eq=False)
class KnownAgent:
    """An agent's facts, and the profile they have.

    `open` are the channels on which they can take one more, `seats` their entries in the idle heaps, by channel, and
    `own` the classes of contacts held for them alone.
    """

    id: UUID
    agent: Agent
    profile: Profile
    open: tuple[str, ...] = ()
    seats: dict[str, Entry[Order, KnownAgent]] = field(default_factory=dict)
    own: list[WaitingClass] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class KnownContact:
    """A contact's facts, its open offer, until when its decliners may not have it, the class it waits in, its timer.

    `contact.offer` is only what was told last; `offer` is what holds. `waiting` and `timer` are its entries in the
    heaps `waits_in` and `timed_by`.
    """

    id: UUID
    contact: Contact
    key: float
    hidden_until: float
    offer: OpenOffer | None = None
    waits_in: WaitingClass | None = None
    waiting: Entry[float, KnownContact] | None = None
    timed_by: Timers | None = None
    timer: Entry[float, KnownContact] | None = None

    def wait_in(self, found: WaitingClass | None) -> bool:
        """Move to the class, under the present key; False when it is there already, or None."""
        if self.waiting is not None:
            if self.waits_in is found and self.waiting[0] == self.key:
                return False
            entry, self.waiting = self.waiting, None
            if self.waits_in is not None:
                self.waits_in.drop(entry)
        self.waits_in = found
        if found is None:
            return False
        self.waiting = found.push(self, self.key)
        return True

    def wake_at(self, due_at: float | None, timers: Timers) -> None:
        """Have one timer, among *timers* and at *due_at*, or none."""
        if self.timer is not None:
            if self.timed_by is timers and self.timer[0] == due_at:
                return
            entry, self.timer = self.timer, None
            if self.timed_by is not None:
                self.timed_by.drop(entry)
        if due_at is not None:
            self.timed_by = timers
            self.timer = timers.push(self, due_at)


class Timers(LazyHeap[float, KnownContact]):
    """Contacts by when something is due."""

    __slots__ = ()

    def _is_live(self, entry: Entry[float, KnownContact]) -> bool:
        return entry[3].timer is entry


class Idle(LazyHeap[Order, KnownAgent]):
    """Agents of one profile who can take one more on the channel, by their turn."""

    __slots__ = ("channel",)

    def __init__(self, channel: str) -> None:
        super().__init__()
        self.channel = channel

    def _is_live(self, entry: Entry[Order, KnownAgent]) -> bool:
        return entry[3].seats.get(self.channel) is entry


class Profile:
    """Agents who answer every profile rule alike.

    `idle` holds, per channel, those who can take one more now, by turn; `classes`, per channel, all they may serve;
    `without_time`, per group of channels, how many of the `ready` were set to have no time for it.
    """

    __slots__ = ("agent", "channels", "classes", "idle", "members", "ready", "without_time")

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self.members = 0
        self.ready = 0
        self.without_time: dict[str, int] = {}
        self.channels = tuple(channel for channel, capacity in agent.capacity.items() if capacity > 0)
        self.idle = {channel: Idle(channel) for channel in self.channels}
        self.classes: dict[str, list[WaitingClass]] = {channel: [] for channel in self.channels}

    def count_ready(self, agent: Agent, change: int) -> None:
        """Count an agent of the profile in, with 1, or out, with -1, if they are ready."""
        if agent.is_ready:
            self.ready += change
            for group in agent.shares:
                if not rules.has_time(group, agent):
                    self.without_time[group] = self.without_time.get(group, 0) + change


class WaitingClass(LazyHeap[float, KnownContact]):
    """Contacts that ask the same, by key; `fits` gives each profile that may serve them, and how well.

    `owner` is the one agent for whom they are held, if they are.
    """

    __slots__ = ("asks", "fits", "group_turn", "hidden_from", "most_willing", "owner")

    def __init__(self, asks: ContactClass, owner: KnownAgent | None) -> None:
        super().__init__()
        self.asks = asks
        self.hidden_from = asks.hidden_from
        self.owner = owner
        self.group_turn = rules.group_turn(asks.channel)
        self.most_willing = rules.most_willing(asks.channel)
        self.fits: dict[Profile, Order] = {}

    def _is_live(self, entry: Entry[float, KnownContact]) -> bool:
        return entry[3].waiting is entry


class Planned:
    """A stage of all contacts with the same steps and curtains, and its class."""

    __slots__ = ("after_seconds", "found", "held_for")

    def __init__(self, stage: Stage, found: WaitingClass) -> None:
        self.after_seconds = stage.after_seconds
        self.held_for = stage.held_for
        self.found = found


class Book:
    """Interns classes, profiles and plans, and forgets the empty ones now and then."""

    def __init__(self) -> None:
        self.classes: dict[ContactClass, WaitingClass] = {}
        self.profiles: dict[_ProfileKey, Profile] = {}
        self._plans: dict[_PlanKey, tuple[Planned, ...]] = {}
        self._sweep_above = _KEPT
        self.is_full = False

    def plan_of(self, contact: Contact) -> tuple[Planned, ...]:
        """The contact's stages with their classes."""
        key = (contact.queue_id, contact.channel, contact.steps, contact.curtains)
        plan = self._plans.get(key)
        if plan is None:
            plan = tuple(Planned(stage, self.class_of(stage.asks)) for stage in stages(contact))
            self._plans[key] = plan
            self._grow()
        return plan

    def class_of(self, asks: ContactClass) -> WaitingClass:
        """The class asking this, made and matched with every profile the first time. O(profiles) then."""
        found = self.classes.get(asks)
        if found is None:
            found = self.classes[asks] = WaitingClass(asks, None)
            self._grow()
            for profile in self.profiles.values():
                _introduce(found, profile)
        return found

    def class_held(self, asks: ContactClass, owner: KnownAgent) -> WaitingClass:
        """The class asking this of one agent alone: nobody else ever looks at it."""
        asks = held(asks, owner.id)
        found = self.classes.get(asks)
        if found is None:
            found = self.classes[asks] = WaitingClass(asks, owner)
            self._grow()
            fit = rules.fit(asks, owner.agent)
            if fit is not None:
                found.fits[owner.profile] = fit
            owner.own.append(found)
        return found

    def disown(self, owner: KnownAgent) -> None:
        """Forget the classes held for an agent who leaves; the contacts in them are to be placed anew."""
        for found in owner.own:
            del self.classes[found.asks]
        owner.own.clear()

    def profile_of(self, agent: Agent) -> Profile:
        """The profile of such agents, made and matched with every class the first time. O(classes) then."""
        channels = frozenset(channel for channel, capacity in agent.capacity.items() if capacity > 0)
        languages = frozenset(agent.languages)
        key = (agent.skills, languages, agent.queues, channels, agent.group, agent.outsourcer_id, agent.traits)
        found = self.profiles.get(key)
        if found is None:
            found = self.profiles[key] = Profile(agent)
            self._grow()
            for waiting_class in self.classes.values():
                if waiting_class.owner is None:
                    _introduce(waiting_class, found)
        return found

    def _grow(self) -> None:
        self.is_full = len(self.classes) + len(self.profiles) > self._sweep_above or len(self._plans) > _PLANS_MAX

    def sweep(self) -> None:
        """Forget empty classes and profiles: they may outnumber the others. Invalidates those the caller holds."""
        self.is_full = False
        self._plans.clear()
        for owner in {found.owner for found in self.classes.values() if found.owner is not None}:
            owner.own = [found for found in owner.own if len(found) > 0]
        self.classes = {asks: found for asks, found in self.classes.items() if len(found) > 0}
        self.profiles = {key: found for key, found in self.profiles.items() if found.members > 0}
        profiles = set(self.profiles.values())
        for profile in profiles:
            profile.classes = {channel: [] for channel in profile.channels}
        for found in self.classes.values():
            found.fits = {profile: fit for profile, fit in found.fits.items() if profile in profiles}
            if found.owner is None:
                for profile in found.fits:
                    profile.classes[found.asks.channel].append(found)
        self._sweep_above = 2 * (len(self.classes) + len(self.profiles)) + _KEPT


def _introduce(waiting_class: WaitingClass, profile: Profile) -> None:
    fit = rules.fit(waiting_class.asks, profile.agent)
    if fit is not None:
        waiting_class.fits[profile] = fit
        profile.classes[waiting_class.asks.channel].append(waiting_class)
