"""How what a contact asks relaxes with its age; the pool of eligible agents only grows."""

from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from routing.types import HELD, Contact, ContactClass, Curtain, Need, Step


class Stage(NamedTuple):
    """What a contact asks from an age on, apart from who has declined it.

    *asks* is held for nobody; *held_for* names the agent for whom it is, should they be there.
    """

    after_seconds: float
    asks: ContactClass
    held_for: UUID | None


def step_now(contact: Contact, now: float) -> int:
    """The index of the latest step reached."""
    index = 0
    for number, step in enumerate(contact.steps):
        if contact.enqueued_at + step.after_seconds <= now:
            index = number
    return index


def next_step_at(contact: Contact, now: float) -> float | None:
    """When the next step begins; None at the last."""
    for step in contact.steps:
        # The same sum as in step_now: a difference of times may round the other way, and its timer never come true.
        begins_at = contact.enqueued_at + step.after_seconds
        if begins_at > now:
            return begins_at
    return None


def class_at(contact: Contact, step: int) -> ContactClass:
    """What the contact asks at *step*, hidden from nobody."""
    return ContactClass(contact.queue_id, contact.channel, _needs(contact.steps)[step])


def class_now(contact: Contact, now: float) -> ContactClass:
    """What the contact asks at *now*, held if it may be; who declined it does not count."""
    reached = [one for one in stages(contact) if contact.enqueued_at + one.after_seconds <= now]
    stage = reached[-1] if reached else stages(contact)[0]
    return stage.asks if stage.held_for is None else held(stage.asks, stage.held_for)


def stages(contact: Contact) -> tuple[Stage, ...]:
    """All that the contact will ask, by age; it changes where a step begins and where a curtain is lifted."""
    return _stages(contact.queue_id, contact.channel, contact.steps, contact.curtains)


def held(asks: ContactClass, agent_id: UUID) -> ContactClass:
    """The class of contacts that ask the same and are held for one agent."""
    return asks._replace(curtains=(*asks.curtains, (HELD, agent_id)))


def reached_by(needs: tuple[Need, ...], need: Need) -> tuple[Need, ...]:
    """The needs of one more step: whoever fits an earlier, stricter one best is still preferred."""
    return needs if need in needs else (*needs, need)


@lru_cache(maxsize=4096)
def _needs(steps: tuple[Step, ...]) -> tuple[tuple[Need, ...], ...]:
    """Per step, the needs of all steps reached."""
    found: list[tuple[Need, ...]] = []
    for step in steps:
        found.append(reached_by(found[-1] if found else (), step.need))
    return tuple(found)


@lru_cache(maxsize=4096)
def _stages(queue_id: UUID, channel: str, steps: tuple[Step, ...], curtains: tuple[Curtain, ...]) -> tuple[Stage, ...]:
    begins = {step.after_seconds for step in steps[1:]} | {curtain.until_seconds for curtain in curtains}
    found = []
    for age in sorted({0.0, *(age for age in begins if age > 0)}):
        reached = sum(step.after_seconds <= age for step in steps)
        up = [curtain for curtain in curtains if curtain.until_seconds > age]
        hiding = {(kind, who) for kind, who, _ in up if kind != HELD}
        asks = ContactClass(
            queue_id,
            channel,
            _needs(steps)[max(reached - 1, 0)],
            curtains=tuple(sorted(hiding, key=lambda one: (one[0], str(one[1])))),
        )
        holders = [who for kind, who, _ in up if kind == HELD and isinstance(who, UUID)]
        found.append(Stage(age, asks, holders[0] if holders else None))
    return tuple(found)
