"""How many agents a promise takes, by interval and skill, and how many fewer if everybody knew everything."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

from routing.erlang import Performance, Queue, Target, agents_needed, performance, service_level


@dataclass(frozen=True, slots=True)
class Demand:
    """What is expected of one skill in one interval; *interval* is its label, told back."""

    interval: str
    skill: str
    queue: Queue


@dataclass(frozen=True, slots=True)
class Staffing:
    """The agents one demand takes: *agents* at work, *rostered* with those who are paused, ill or in training."""

    demand: Demand
    agents: int
    rostered: int
    performance: Performance
    service_level: float


def staff(demands: Iterable[Demand], target: Target, shrinkage: float = 0.0) -> list[Staffing]:
    """The fewest agents who keep *target*, each skill on its own, in the order given.

    *shrinkage* is the share of rostered time not spent at work (breaks, illness, training), from 0 to below 1.

    Raises:
        ValueError: a shrinkage outside of that.
    """
    if not 0 <= shrinkage < 1:
        raise ValueError(f"shrinkage must be from 0 to below 1, not {shrinkage}")
    return [_staffing(demand, target, shrinkage) for demand in demands]


def pooled(demands: Iterable[Demand], skill: str = "*") -> list[Demand]:
    """One demand an interval, as if every agent had every skill: what sharing all skills could save at most.

    Handling and patience are means over the calls; patience only where every skill of the interval has one.
    """
    by_interval = defaultdict(list)
    for demand in demands:
        by_interval[demand.interval].append(demand.queue)
    return [Demand(interval, skill, _merged(queues)) for interval, queues in by_interval.items()]


def _merged(queues: list[Queue]) -> Queue:
    per_hour = sum(queue.per_hour for queue in queues)
    # Without calls every weight is alike: the figures then only say what they would be.
    weights = [(queue.per_hour / per_hour) if per_hour else 1 / len(queues) for queue in queues]
    handle = sum(weight * queue.handle_seconds for weight, queue in zip(weights, queues, strict=True))
    patience = [queue.patience_seconds for queue in queues if queue.patience_seconds is not None]
    if len(patience) < len(queues):
        return Queue(per_hour, handle)
    return Queue(per_hour, handle, sum(weight * mean for weight, mean in zip(weights, patience, strict=True)))


def _staffing(demand: Demand, target: Target, shrinkage: float) -> Staffing:
    agents = agents_needed(demand.queue, target)
    return Staffing(
        demand,
        agents,
        # Rounded first: 8 / (1 - 0.2) is a little more than 10.
        ceil(round(agents / (1 - shrinkage), 9)),
        performance(demand.queue, agents),
        service_level(demand.queue, agents, target.within_seconds) if demand.queue.per_hour else 1.0,
    )
