"""The facts the engine is told, and the decisions and accounts it gives back; times are POSIX seconds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

Key: TypeAlias = tuple[float, UUID]
"""A contact's place in the order: smaller first, the id breaks ties."""

OFFLINE = "offline"
RESTING = "resting"
_SECONDS_PER_PRIORITY = 60


class Need(NamedTuple):
    """What one step asks of an agent: *skills* are (skill, level 1-5), sorted; *language* None is any.

    *queue_id* names another queue whose agents are asked (overflow); None is the contact's own. *traits* are (name,
    value) facts of the contact that no rule here reads: what a new order compares with `Agent.traits`.
    """

    channel: str
    language: str | None
    skills: tuple[tuple[str, int], ...] = ()
    queue_id: UUID | None = None
    traits: tuple[tuple[str, str], ...] = ()

    def told(self) -> dict[str, Any]:
        """As it is stored with an offer."""
        asked: dict[str, object] = {
            "channel": self.channel,
            "language": self.language,
            "skills": [list(one) for one in self.skills],
        }
        return asked if self.queue_id is None else {**asked, "queue_id": str(self.queue_id)}


class Step(NamedTuple):
    """From this age on, agents who meet *need* are eligible too."""

    after_seconds: float
    need: Need


HELD, DELAYED, RESERVED = "held", "delayed", "reserved"


class Curtain(NamedTuple):
    """What hides a contact from some agents until its age is *until_seconds*; a curtain never comes back.

    `held`: only the agent *who* may have it, even if busy, while they are ready and have not declined it (preferred
    agent, affinity, transfer to an agent). `delayed`: agents of the group *who* may not have it yet. `reserved`: only
    agents of the outsourcer *who* may have it, by contract; the age is its spill timer.
    """

    kind: str
    who: UUID | str
    until_seconds: float


class Place(NamedTuple):
    """Contacts on several channels that share one place in the order: the first to be served uses it up."""

    id: UUID
    is_used: bool = False


class OpenOffer(NamedTuple):
    """A contact proposed to one agent. *id* is None until `Engine.name_offer` tells it, or the contact is put again."""

    id: UUID | None
    contact_id: UUID
    agent_id: UUID
    offered_at: float
    expires_at: float


# Contact and Agent are never changed once made. They are not `frozen`: that makes them five times slower to make, and
# an agent is made anew for every offer, a contact for every row read.
@dataclass(slots=True)
class Contact:
    """One thing waiting for a person; with an *offer* it is offered, not waiting.

    *steps* are sorted by age, the first at 0, all on the contact's channel. Steps and curtains count from
    *enqueued_at*, the one clock.
    """

    id: UUID
    queue_id: UUID
    channel: str
    steps: tuple[Step, ...]
    enqueued_at: float
    priority: int = 0
    target_seconds: float = 0.0
    declined_by: frozenset[UUID] = frozenset()
    offer: OpenOffer | None = None
    curtains: tuple[Curtain, ...] = ()
    place: Place | None = None

    @property
    def order(self) -> float:
        """Fixed on arrival, never re-scored: one point of priority is worth one minute of age."""
        return self.enqueued_at + self.target_seconds - _SECONDS_PER_PRIORITY * self.priority

    @property
    def key(self) -> Key:
        """The place in the order: the id breaks ties."""
        return (self.order, self.id)

    def with_offer(self, offer: OpenOffer | None) -> "Contact":
        """The same contact, offered; waiting again with None."""
        return replace(self, offer=offer)


@dataclass(slots=True)
class Agent:
    """A person who answers. *load* and *capacity* are per channel; open offers count as load.

    *missed* is how many offers in a row went unanswered or came to nothing; *state* is told back in explanations, and
    `offline` is not signed in. *shares* say how much of their time each group of channels may have at most
    (`rules.GROUPS`), *worked* what it had lately, in seconds.
    """

    id: UUID
    is_ready: bool
    ready_since: float
    skills: tuple[tuple[str, int], ...]
    languages: tuple[str, ...]
    queues: frozenset[UUID]
    load: Mapping[str, int]
    capacity: Mapping[str, int]
    missed: int = 0
    state: str = "ready"
    group: str | None = None
    outsourcer_id: UUID | None = None
    shares: Mapping[str, float] = field(default_factory=dict)
    worked: Mapping[str, float] = field(default_factory=dict)
    traits: tuple[tuple[str, str], ...] = ()

    @property
    def is_signed_in(self) -> bool:
        """Here, if perhaps busy, paused or resting."""
        return self.state != OFFLINE

    def holding(self, channel: str, change: int, missed: int = 0) -> "Agent":
        """The same agent with *change* more contacts held on the channel, and *missed* more offers unanswered."""
        # Written out: this runs for every decision, and dataclasses.replace is four times slower.
        return Agent(
            self.id,
            self.is_ready,
            self.ready_since,
            self.skills,
            self.languages,
            self.queues,
            {**self.load, channel: max(self.load.get(channel, 0) + change, 0)},
            self.capacity,
            self.missed + missed,
            self.state,
            self.group,
            self.outsourcer_id,
            self.shares,
            self.worked,
            self.traits,
        )


class ContactClass(NamedTuple):
    """All that decides who may serve a waiting contact now: contacts of one class differ by their key only.

    *needs* are those of the steps reached, an agent who meets any one of them is eligible. *hidden_from* are agents
    who may not have it for now, *curtains* are (kind, who) of those not yet lifted: whatever hides a contact is part
    of its class, never a test on the head of a queue.
    """

    queue_id: UUID
    channel: str
    needs: tuple[Need, ...]
    hidden_from: frozenset[UUID] = frozenset()
    curtains: tuple[tuple[str, UUID | str], ...] = ()


class Failing(NamedTuple):
    """The rule that keeps an agent from a contact: a stable *code* and the facts it compared, fit for JSON."""

    code: str
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Why:
    """Why this contact went to this agent; `told` is fit for JSON, and is stored with the offer.

    *needs* are those of the steps reached, as dictionaries. *rank* gives the number of every order in `rules`, by
    name; *decided_by* names the one that set the agent apart from the runner-up, `id` when all were equal, `only_one`
    when nobody else was idle.
    """

    step: int
    needs: list[dict[str, Any]]
    waited_seconds: float
    rank: Mapping[str, float]
    eligible_idle: int
    decided_by: str

    def told(self) -> dict[str, Any]:
        """By name. dataclasses.asdict would copy all of it, for every offer."""
        return {name: getattr(self, name) for name in self.__slots__}


class Choice(NamedTuple):
    """What an offer was made of: the facts as they were. *orders* is `rules.orders`, which says how they compared."""

    contact: Contact
    agent: Agent
    asks: ContactClass
    fit: tuple[float, ...]
    eligible_idle: int
    decided_by: str
    orders: Callable[[str, tuple[float, ...], Agent], dict[str, float]]


class Offer(NamedTuple):
    """Propose the contact to the agent until *expires_at*."""

    contact_id: UUID
    agent_id: UUID
    offered_at: float
    expires_at: float
    choice: Choice

    @property
    def why(self) -> Why:
        """The account of the choice; made when asked for, because it takes longer than the decision."""
        choice, contact = self.choice, self.choice.contact
        reached = sum(contact.enqueued_at + step.after_seconds <= self.offered_at for step in contact.steps)
        return Why(
            step=max(reached - 1, 0),
            needs=[need.told() for need in choice.asks.needs],
            waited_seconds=self.offered_at - contact.enqueued_at,
            rank=choice.orders(contact.channel, choice.fit, choice.agent),
            eligible_idle=choice.eligible_idle,
            decided_by=choice.decided_by,
        )


class Expire(NamedTuple):
    """The open offer went unanswered: the contact waits again under its key.

    *offer_id* is None for an offer whose stored id was never told; a contact has at most one open offer.
    """

    offer_id: UUID | None
    contact_id: UUID
    agent_id: UUID


class Rest(NamedTuple):
    """The agent leaves `ready`: too many offers in a row went unanswered."""

    agent_id: UUID


class Rescind(NamedTuple):
    """The contact waits no more: another of the same place was served."""

    contact_id: UUID
    place_id: UUID


Decision: TypeAlias = Offer | Expire | Rest | Rescind


@dataclass(frozen=True, slots=True)
class EnginePolicy:
    """The engine's limits; *offer_seconds* is per queue, *offer_seconds_default* for the others."""

    offer_seconds: Mapping[UUID, float] = field(default_factory=dict)
    offer_seconds_default: float = 20.0
    missed_offers_max: int = 2
    declined_again_seconds: float = 30.0
