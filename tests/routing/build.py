"""Facts for the tests, with the defaults of a small French counter."""

from uuid import UUID

from routing.types import Agent, Contact, Curtain, Need, OpenOffer, Place, Step

QUEUE = UUID(int=1)
OTHER_QUEUE = UUID(int=2)
CAPACITY = {"voice": 1, "chat": 3, "sms": 3, "email": 3}


def need(*, channel: str = "voice", language: str | None = "fr", **skills: int) -> Need:
    """What one step asks, skills by name."""
    return Need(channel, language, tuple(sorted(skills.items())))


def contact(
    number: int,
    *needs: Need,
    at: float = 0.0,
    channel: str = "voice",
    every_seconds: float = 60.0,
    queue: UUID = QUEUE,
    priority: int = 0,
    target_seconds: float = 0.0,
    declined_by: frozenset[UUID] = frozenset(),
    offer: OpenOffer | None = None,
    curtains: tuple[Curtain, ...] = (),
    place: Place | None = None,
) -> Contact:
    """A contact whose steps begin *every_seconds*; without needs it asks for French alone."""
    asked = needs or (need(channel=channel),)
    steps = tuple(Step(index * every_seconds, each) for index, each in enumerate(asked))
    id = UUID(int=10_000 + number)
    return Contact(id, queue, channel, steps, at, priority, target_seconds, declined_by, offer, curtains, place)


def agent(
    number: int,
    *,
    is_ready: bool = True,
    ready_since: float = 0.0,
    languages: tuple[str, ...] = ("fr",),
    queues: frozenset[UUID] = frozenset({QUEUE}),
    load: dict[str, int] | None = None,
    capacity: dict[str, int] | None = None,
    missed: int = 0,
    state: str = "ready",
    group: str | None = None,
    outsourcer: UUID | None = None,
    shares: dict[str, float] | None = None,
    worked: dict[str, float] | None = None,
    **skills: int,
) -> Agent:
    """A ready agent with nothing in hand, skills by name."""
    return Agent(
        id=UUID(int=100 + number),
        is_ready=is_ready,
        ready_since=ready_since,
        skills=tuple(sorted(skills.items())),
        languages=languages,
        queues=queues,
        load=load or {},
        capacity=CAPACITY if capacity is None else capacity,
        missed=missed,
        state=state,
        group=group,
        outsourcer_id=outsourcer,
        shares=shares or {},
        worked=worked or {},
    )
