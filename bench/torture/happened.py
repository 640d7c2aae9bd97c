"""A run in which nothing happens breaks no promise, and proves none: what must have been done, and was not."""

from collections.abc import Mapping

from bench.torture.checks import Violation

# In a run this long some offer was made and some reply has left, whatever was killed.
BUSY_SECONDS = 20.0


def too_little(done: Mapping[str, int], least: Mapping[str, int]) -> list[Violation]:
    """Of what is *done* less than the *least* it takes; of a kind that was not counted nothing was done."""
    return [
        Violation("torture", what, f"{done.get(what, 0)} of at least {count}: the run proves nothing")
        for what, count in least.items()
        if done.get(what, 0) < count
    ]


def least(seconds: float) -> dict[str, int]:
    """What a run of so many *seconds* must have seen. Of a broken variant the deeds are those that reveal it."""
    always = {"accepted": 1, "kills and pauses": 1}
    return always | {"offers": 1, "sent": 1} if seconds >= BUSY_SECONDS else always
