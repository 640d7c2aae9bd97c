"""The facts the engine is told, and the decisions and accounts it gives back; times are POSIX seconds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias
from uuid import UUID

Key: TypeAlias = tuple[float, UUID]
"""A contact's place in the order: smaller first, the id breaks ties."""

OFFLINE = "offline"
RESTING = "resting"
_SECONDS_PER_PRIORITY = 60


@dataclass(frozen=True, slots=True)
class Need:
    """What one step asks of an agent: *skills* are (skill, level 1-5), sorted; *language* None is any."""

    channel: str
    language: str | None
    skills: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """From this age on, agents who meet *need* are eligible too."""

    after_seconds: float
    need: Need


@dataclass(frozen=True, slots=True)
class OpenOffer:
    """A contact proposed to one agent. *id* is None until the caller restates the contact with the stored one."""

    id: UUID | None
    contact_id: UUID
    agent_id: UUID
    offered_at: float
    expires_at: float


@dataclass(frozen=True, slots=True)
class Contact:
    """One thing waiting for a person; with an *offer* it is offered, not waiting.

    *steps* are sorted by age, the first at 0, all on the contact's channel.
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

    @property
    def key(self) -> Key:
        """Fixed on arrival, never re-scored: one point of priority is worth one minute of age."""
        return (self.enqueued_at + self.target_seconds - _SECONDS_PER_PRIORITY * self.priority, self.id)

    def with_offer(self, offer: OpenOffer | None) -> "Contact":
        """The same contact, offered; waiting again with None."""
        # Written out: this and `Agent.holding` run for every decision, and dataclasses.replace is four times slower.
        return Contact(
            self.id,
            self.queue_id,
            self.channel,
            self.steps,
            self.enqueued_at,
            self.priority,
            self.target_seconds,
            self.declined_by,
            offer,
        )


@dataclass(frozen=True, slots=True)
class Agent:
    """A person who answers. *load* and *capacity* are per channel; open offers count as load.

    *missed* is how many offers in a row went unanswered; *state* is told back in explanations, and `offline` is not
    signed in.
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

    @property
    def is_signed_in(self) -> bool:
        """Here, if perhaps busy, paused or resting."""
        return self.state != OFFLINE

    def holding(self, channel: str, change: int) -> "Agent":
        """The same agent with *change* more contacts held on the channel."""
        return Agent(
            self.id,
            self.is_ready,
            self.ready_since,
            self.skills,
            self.languages,
            self.queues,
            {**self.load, channel: max(self.load.get(channel, 0) + change, 0)},
            self.capacity,
            self.missed,
            self.state,
        )


@dataclass(frozen=True, slots=True)
class ContactClass:
    """All that decides who may serve a waiting contact now: contacts of one class differ by their key only.

    *needs* are those of the steps reached, an agent who meets any one of them is eligible. *hidden_from* are agents
    who may not have it for now: whatever hides a contact is part of its class, never a test on the head of a queue.
    """

    queue_id: UUID
    channel: str
    needs: tuple[Need, ...]
    hidden_from: frozenset[UUID] = frozenset()
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.queue_id, self.channel, self.needs, self.hidden_from)))

    def __hash__(self) -> int:
        return self._hash  # looked up at every move of every contact


class Failing(NamedTuple):
    """The rule that keeps an agent from a contact: a stable *code* and the facts it compared, fit for JSON."""

    code: str
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Why:
    """Why this contact went to this agent: `dataclasses.asdict` of it is fit for JSON, and is stored with the offer.

    *rank* gives the number of every order in `rules`, by name; *decided_by* names the one that set the agent apart
    from the runner-up, `id` when all were equal, `only_one` when nobody else was idle.
    """

    step: int
    needs: tuple[Need, ...]
    waited_seconds: float
    rank: Mapping[str, float]
    eligible_idle: int
    decided_by: str


@dataclass(frozen=True, slots=True)
class Offer:
    """Propose the contact to the agent until *expires_at*."""

    contact_id: UUID
    agent_id: UUID
    offered_at: float
    expires_at: float
    why: Why


@dataclass(frozen=True, slots=True)
class Expire:
    """The open offer went unanswered: the contact waits again under its key.

    *offer_id* is None for an offer whose stored id was never told; a contact has at most one open offer.
    """

    offer_id: UUID | None
    contact_id: UUID
    agent_id: UUID


@dataclass(frozen=True, slots=True)
class Rest:
    """The agent leaves `ready`."""

    agent_id: UUID
    reason: str = "missed_offers"


Decision: TypeAlias = Offer | Expire | Rest


@dataclass(frozen=True, slots=True)
class EnginePolicy:
    """The engine's limits; *offer_seconds* is per queue, *offer_seconds_default* for the others."""

    offer_seconds: Mapping[UUID, float] = field(default_factory=dict)
    offer_seconds_default: float = 20.0
    missed_offers_max: int = 2
    declined_again_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class Explanation:
    """Where a contact stands. *step* counts from 0; *position* from 1, None while offered.

    *agents* holds every agent told to the engine with the rule that fails, None for eligible at this moment.
    """

    contact_id: UUID
    key: float
    asks: ContactClass
    step: int
    steps: int
    next_step_at: float | None
    position: int | None
    offered_to: UUID | None
    agents: tuple[tuple[UUID, Failing | None], ...]


@dataclass(frozen=True, slots=True)
class Unserved:
    """Waiting contacts of one class that no signed-in agent could serve, even at their last step."""

    asks: ContactClass
    contact_ids: tuple[UUID, ...]
    oldest_waited_seconds: float


@dataclass(frozen=True, slots=True)
class Stats:
    """Sizes, for metrics."""

    waiting: int
    offered: int
    classes: int
    profiles: int
    agents: int
    agents_ready: int
