"""How what a contact asks relaxes with its age; the pool of eligible agents only grows."""

from functools import lru_cache
from uuid import UUID

from routing.types import Contact, ContactClass, Need, Step


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
    return _classes(contact.queue_id, contact.channel, contact.steps)[step]


@lru_cache(maxsize=4096)
def _classes(queue_id: UUID, channel: str, steps: tuple[Step, ...]) -> tuple[ContactClass, ...]:
    """Per step, the needs of all steps reached: whoever fits an earlier, stricter one best is still preferred."""
    classes = []
    needs: tuple[Need, ...] = ()
    for step in steps:
        if step.need not in needs:
            needs = (*needs, step.need)
        classes.append(ContactClass(queue_id, channel, needs))
    return tuple(classes)
