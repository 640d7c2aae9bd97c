"""The engine in memory: decisions per second against its bare heap work, growth with the queue, and a rebuild.

In processor time: pure code, on a machine that may be shared.
"""

import gc
import sys
from collections.abc import Callable
from dataclasses import replace
from heapq import heappop, heappush
from random import Random
from statistics import median, quantiles
from time import process_time
from typing import TypeAlias
from uuid import UUID

from bench.report import check, note
from routing.engine import Engine
from routing.types import Agent, Contact, Key, Need, Offer, Step

WAITING = 100_000
AGENTS = 1_000
PROFILES = 10
DECISIONS = 4_000
ROUNDS = 7  # taken in turn, and the median of their ratios: the machine may be shared
ORDERED = 250
HOUR_SECONDS = 3_600.0
OFFER_SECONDS = 20.0
QUEUE = UUID(int=1)
TOPICS = [f"topic-{number}" for number in range(10)]
KINDS = [(topic, level, language) for level in (3, 4, 2, 1) for language in ("fr", "en", None) for topic in TOPICS]

Turn: TypeAlias = Callable[[int, int, Contact], None]
"""The contact arrives in the class of that index, the agent of that number is free and takes the oldest."""


class Arrivals:
    """Contacts of *classes* classes, each a little younger than the one before, with one step to come."""

    def __init__(self, classes: int) -> None:
        self._random = Random(1)
        self._steps = [
            (Step(0.0, Need("voice", language, ((topic, level),))), Step(HOUR_SECONDS, Need("voice", language)))
            for topic, level, language in KINDS[:classes]
        ]
        self._count = 0

    def next(self) -> tuple[int, Contact]:
        """The class's index and the contact."""
        self._count += 1
        index = self._random.randrange(len(self._steps))
        id = UUID(int=self._random.getrandbits(128))
        return index, Contact(id, QUEUE, "voice", self._steps[index], self._count / 100)


def agents(load: dict[str, int]) -> list[Agent]:
    """*AGENTS* people of *PROFILES* profiles, each able to serve every class."""
    people = []
    for number in range(AGENTS):
        skills = tuple((topic, 5 if index < number % PROFILES else 4) for index, topic in enumerate(TOPICS))
        id = UUID(int=10**6 + number)
        capacity = {"voice": 1, "chat": 3, "sms": 3, "email": 3}
        people.append(Agent(id, True, 0.0, skills, ("fr", "en"), frozenset({QUEUE}), load, capacity))
    return people


def engine_turn(waiting: int, arrivals: Arrivals) -> Turn:
    """Everybody is busy and *waiting* contacts wait; in each turn the offer made is accepted."""
    engine, idle, busy = Engine(), agents({}), agents({"voice": 1})
    for agent in busy:
        engine.put_agent(agent)
    for _ in range(waiting):
        engine.put_contact(arrivals.next()[1], 0.0)
    engine.decide(0.0)

    def turn(number: int, _index: int, contact: Contact) -> None:
        now = contact.enqueued_at
        engine.put_contact(contact, now)
        engine.put_agent(idle[number])
        (offer,) = engine.decide(now)
        if isinstance(offer, Offer):
            engine.remove_contact(offer.contact_id)
            engine.put_agent(busy[number])

    return turn


def bare_turn(waiting: int, arrivals: Arrivals) -> Turn:
    """The same turns by heaps alone: push the contact into its class's heap, take the smallest head of the classes.

    With what any queue needs that people may leave and that acts by itself: who is still there, and a heap of timers
    for steps and offers. No rules, no facts of agents, no other agents, no account of why.
    """
    people = [agent.id for agent in agents({})]
    heaps: list[list[Key]] = [[] for _ in KINDS]
    timers: list[Key] = []
    live: dict[UUID, float] = {}
    held: dict[UUID, UUID] = {}

    def arrive(index: int, contact: Contact) -> None:
        due_at = live[contact.id] = contact.enqueued_at + HOUR_SECONDS
        heappush(timers, (due_at, contact.id))
        heappush(heaps[index], contact.key)

    for _ in range(waiting):
        arrive(*arrivals.next())
    served = [heap for heap in heaps if heap]

    def turn(number: int, index: int, contact: Contact) -> None:
        arrive(index, contact)
        id = _take(served)
        while id not in live:
            id = _take(served)
        due_at = live[id] = contact.enqueued_at + OFFER_SECONDS
        heappush(timers, (due_at, id))
        held[people[number]] = id
        del live[id]
        while live.get(timers[0][1]) != timers[0][0]:
            heappop(timers)

    return turn


def barest_turn(waiting: int, arrivals: Arrivals) -> Turn:
    """Push, smallest head, pop: nobody leaves, nothing is ever due. Told beside the others, for those who wonder."""
    heaps: list[list[Key]] = [[] for _ in KINDS]
    for _ in range(waiting):
        index, contact = arrivals.next()
        heappush(heaps[index], contact.key)
    served = [heap for heap in heaps if heap]

    def turn(_number: int, index: int, contact: Contact) -> None:
        heappush(heaps[index], contact.key)
        _take(served)

    return turn


def _take(heaps: list[list[Key]]) -> UUID:
    """The smallest head of *heaps*."""
    best: list[Key] | None = None
    for heap in heaps:
        if heap and (best is None or heap[0] < best[0]):
            best = heap
    assert best is not None
    return heappop(best)[1]


def seconds(turn: Turn, arrivals: Arrivals) -> list[float]:
    """How long each of *DECISIONS* turns takes."""
    taken = []
    for number in range(DECISIONS):
        index, contact = arrivals.next()
        began = process_time()
        turn(number % AGENTS, index, contact)
        taken.append(process_time() - began)
    return taken


def _whole(turn: Turn, arrivals: Arrivals) -> float:
    """How long *DECISIONS* turns take together: no clock is read between them."""
    coming = [arrivals.next() for _ in range(DECISIONS)]
    began = process_time()
    for number, (index, contact) in enumerate(coming):
        turn(number % AGENTS, index, contact)
    return process_time() - began


def throughput(classes: int) -> bool:
    """Decisions per second, as a share of what the bare heap work alone allows."""
    kinds = [(make, Arrivals(classes)) for make in (bare_turn, barest_turn, engine_turn)]
    turns = [(make(WAITING, arrivals), arrivals) for make, arrivals in kinds]
    gc.freeze()
    rounds = [[_whole(turn, arrivals) for turn, arrivals in turns] for _ in range(ROUNDS)]
    bare, barest, ours = (DECISIONS / median(side) for side in zip(*rounds, strict=True))
    note(f"bare {bare:,.0f}/s, engine {ours:,.0f}/s (without timers and leaving, {barest:,.0f}/s)")
    share = median(bare_seconds / our_seconds for bare_seconds, _, our_seconds in rounds)
    return check(f"decisions, {classes} eligible classes, of bare", share, ">= 0.3", "x")


def growth() -> bool:
    """The 99th percentile of a turn at full length against a queue of a thousand."""
    few, many = Arrivals(100), Arrivals(100)
    short, long = engine_turn(1_000, few), engine_turn(WAITING, many)
    gc.freeze()
    rounds = [(_p99(seconds(short, few)), _p99(seconds(long, many))) for _ in range(ROUNDS)]
    return check(
        "p99 of a decision, 100,000 waiting against 1,000", median(large / small for small, large in rounds), "<= 1.5"
    )


def rebuild() -> bool:
    """From facts in hand to an engine that has decided."""
    arrivals, people, engine = Arrivals(100), agents({"voice": 1}), Engine()
    contacts = [arrivals.next()[1] for _ in range(WAITING)]
    gc.freeze()
    began = process_time()
    for agent in people:
        engine.put_agent(agent)
    for contact in contacts:
        engine.put_contact(contact, 0.0)
    engine.decide(0.0)
    return check("rebuild, 100,000 waiting", process_time() - began, "<= 1.0", "s")


def _p99(taken: list[float]) -> float:
    return quantiles(taken, n=100)[98]


def order() -> bool:
    """A point of priority is a minute: one of priority 5 that comes now, against one of none that is older than that.

    Five minutes and a second, or less a second; of classes at random, in either order of arrival in memory.
    """
    arrivals, wrong, pairs = Arrivals(100), 0, 0
    now = 10 * HOUR_SECONDS
    (agent, *_), busy = agents({}), agents({"voice": 1})[0]
    for _ in range(ORDERED):
        for age_seconds, is_older_first in ((301.0, True), (299.0, False)):
            older = replace(arrivals.next()[1], enqueued_at=now - age_seconds)
            younger = replace(arrivals.next()[1], enqueued_at=now, priority=5)
            for first, second in ((older, younger), (younger, older)):
                engine = Engine()
                engine.put_agent(busy)
                engine.put_contact(first, now)
                engine.put_contact(second, now)
                engine.put_agent(agent)
                ((offer, *_), pairs) = engine.decide(now), pairs + 1
                wanted = older if is_older_first else younger
                wrong += not (isinstance(offer, Offer) and offer.contact_id == wanted.id)
    note(f"{pairs:,} pairs of classes")
    return check("order: priority 5 against 301 and 299 s of age, wrong", wrong, "<= 0")


def main() -> int:
    """0 when every bound holds."""
    return 0 if all([throughput(10), throughput(100), growth(), rebuild(), order()]) else 1


if __name__ == "__main__":
    sys.exit(main())
