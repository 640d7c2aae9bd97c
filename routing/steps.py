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
    """Per step, the needs of all steps reached, without those that a wider one covers."""
    classes = []
    needs: tuple[Need, ...] = ()
    for step in steps:
        if not any(_covers(need, step.need) for need in needs):
            needs = (*(need for need in needs if not _covers(step.need, need)), step.need)
        classes.append(ContactClass(queue_id, channel, needs))
    return tuple(classes)


def _covers(wide: Need, narrow: Need) -> bool:
    """Whoever meets *narrow* meets *wide*."""
    levels = dict(narrow.skills)
    return (
        wide.channel == narrow.channel
        and wide.language in (None, narrow.language)
        and all(levels.get(skill, 0) >= level for skill, level in wide.skills)
    )
