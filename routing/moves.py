"""How a contact keeps its place when it changes hands, channels or comes back: the arrival stays, the rest is new."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from routing.types import HELD, Contact, Curtain, Place, Step


@dataclass(frozen=True, slots=True)
class StoredPlace:
    """A place in the order that somebody once had: it may be taken up until *expires_at*, once."""

    id: UUID
    topic: str
    arrived_at: float
    expires_at: float
    is_used: bool = False

    def shared(self) -> Place:
        """What the contacts that share it tell the engine."""
        return Place(self.id, self.is_used)


def place_for(places: Iterable[StoredPlace], topic: str, now: float) -> StoredPlace | None:
    """The oldest place of this person that still stands for the topic; None when they begin anew.

    The link in a text message, the chat and the callback on one matter find the same, and so does a caller who hung
    up and returns. Whoever takes it counts from its arrival: `Contact.enqueued_at`.
    """
    standing = [one for one in places if one.topic == topic and not one.is_used and now < one.expires_at]
    return min(standing, key=lambda one: (one.arrived_at, one.id), default=None)


def transferred(
    contact: Contact,
    now: float,
    *,
    queue_id: UUID | None = None,
    steps: tuple[Step, ...] | None = None,
    to_agent: UUID | None = None,
    hold_seconds: float = 60.0,
) -> Contact:
    """The contact as it waits after a transfer to a queue, to other skills (*steps*) or to an agent.

    Its arrival and key stay, so steps it is old enough for are reached at once. Whom it was held or reserved for, and
    who declined it, is forgotten. An agent has *hold_seconds* from now to themselves.
    """
    held: tuple[Curtain, ...] = ()
    if to_agent is not None:
        held = (Curtain(HELD, to_agent, now - contact.enqueued_at + hold_seconds),)
    return replace(
        contact,
        queue_id=contact.queue_id if queue_id is None else queue_id,
        steps=contact.steps if steps is None else steps,
        declined_by=frozenset(),
        offer=None,
        curtains=held,
    )
