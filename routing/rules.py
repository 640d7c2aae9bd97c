"""Who may serve whom, and who is chosen: one small function per rule, listed by name at the end.

A predicate returns None when it holds, else why it fails. An order returns a number, smaller is chosen first.
"""

from collections.abc import Callable, Mapping
from typing import TypeVar

from routing.types import Agent, ContactClass, Failing, Need

# A channel may be offered only while the agent holds nothing on these: a voice call is alone among the live channels
# and nothing begins during it; a channel not named may begin at any time but during a voice call. Deferred work (sms,
# email) blocks nothing: a live contact interrupts it.
BLOCKED_BY: Mapping[str, frozenset[str]] = {"voice": frozenset({"voice", "chat"})}
_BLOCKS_ALL = frozenset({"voice"})
_LEVELS_OVER = 4  # from level 1 to level 5
_Asked = TypeVar("_Asked")


def takes_channel(need: Need, agent: Agent) -> Failing | None:
    """The agent works on this channel at all."""
    return None if agent.capacity.get(need.channel, 0) > 0 else Failing("channel_off", {"channel": need.channel})


def speaks(need: Need, agent: Agent) -> Failing | None:
    """The agent speaks the language asked for; None asks for none."""
    if need.language is None or need.language in agent.languages:
        return None
    return Failing("language", {"asked": need.language, "spoken": list(agent.languages)})


def has_skills(need: Need, agent: Agent) -> Failing | None:
    """Every skill asked for, at least at its level."""
    levels = dict(agent.skills)
    for skill, level in need.skills:
        if levels.get(skill, 0) < level:
            return Failing("skill", {"skill": skill, "asked": level, "level": levels.get(skill, 0)})
    return None


def serves_queue(asks: ContactClass, agent: Agent) -> Failing | None:
    """The agent has been given the contact's queue."""
    return None if asks.queue_id in agent.queues else Failing("queue", {"queue_id": str(asks.queue_id)})


def meets_a_need(asks: ContactClass, agent: Agent) -> Failing | None:
    """The agent passes every need rule for at least one step reached; else what fails for the latest, the widest."""
    failing = None
    for need in asks.needs:
        failing = _first_failing(NEED_RULES, need, agent)
        if failing is None:
            return None
    return failing


def not_declined(asks: ContactClass, agent: Agent) -> Failing | None:
    """The agent has not declined it lately while a colleague may still take it."""
    return Failing("declined", {}) if agent.id in asks.hidden_from else None


def is_ready(_channel: str, agent: Agent) -> Failing | None:
    """The agent takes work."""
    return None if agent.is_ready else Failing("not_ready", {"state": agent.state})


def has_room(channel: str, agent: Agent) -> Failing | None:
    """Below capacity on the channel, and nothing held that excludes it."""
    load, capacity = agent.load.get(channel, 0), agent.capacity.get(channel, 0)
    if load >= capacity:
        return Failing("no_room", {"channel": channel, "load": load, "capacity": capacity})
    for other in BLOCKED_BY.get(channel, _BLOCKS_ALL):
        if agent.load.get(other, 0) > 0:
            return Failing("busy_elsewhere", {"channel": channel, "blocked_by": other})
    return None


def skill_surplus(need: Need, agent: Agent) -> float:
    """Keep experts free: 0.0 for exactly enough skill, 1.0 for four levels too many, asked for or not."""
    return (sum(level for _, level in agent.skills) - sum(level for _, level in need.skills)) / _LEVELS_OVER


def missed_offers(_channel: str, agent: Agent) -> float:
    """After an unanswered offer, a colleague first: the citizen should not wait for the same absence twice."""
    return agent.missed


def channel_load(channel: str, agent: Agent) -> float:
    """Share simultaneous contacts out evenly."""
    return agent.load.get(channel, 0)


def ready_since(_channel: str, agent: Agent) -> float:
    """The longest ready first."""
    return agent.ready_since


NEED_RULES = (takes_channel, speaks, has_skills)
"""What one step asks of an agent."""

PROFILE_RULES = (serves_queue, meets_a_need)
"""What all agents of a profile answer alike, so that it is asked once per class and profile."""

AGENT_RULES = (not_declined,)
"""What an agent answers for themself."""

MOMENT_RULES = (is_ready, has_room)
"""What changes with every contact held, whatever the class."""

FIT_ORDER = (skill_surplus,)
"""Which profile is preferred for a need, most important first."""

AGENT_ORDER = (missed_offers, channel_load, ready_since)
"""Which agent of a profile is preferred, most important first; the id breaks ties."""

ORDER_NAMES = tuple(rule.__name__ for rule in (*FIT_ORDER, *AGENT_ORDER))


def fit(asks: ContactClass, agent: Agent) -> tuple[float, ...] | None:
    """How well the agent's profile suits the class, smaller is better; None when it may not serve it."""
    if _first_failing(PROFILE_RULES, asks, agent) is not None:
        return None
    met = (need for need in asks.needs if _first_failing(NEED_RULES, need, agent) is None)
    return min(tuple(rule(need, agent) for rule in FIT_ORDER) for need in met)


def is_idle(channel: str, agent: Agent) -> bool:
    """The agent can take one more contact on the channel at this moment."""
    return _first_failing(MOMENT_RULES, channel, agent) is None


def turn(channel: str, agent: Agent) -> tuple[float, ...]:
    """The agent's place among those of the same profile, smaller is chosen first."""
    return tuple([rule(channel, agent) for rule in AGENT_ORDER])


def failing(asks: ContactClass, agent: Agent) -> Failing | None:
    """The first rule that keeps the agent from contacts of the class; None when eligible at this moment."""
    return (
        _first_failing(PROFILE_RULES, asks, agent)
        or _first_failing(AGENT_RULES, asks, agent)
        or _first_failing(MOMENT_RULES, asks.channel, agent)
    )


def _first_failing(
    rules: tuple[Callable[[_Asked, Agent], Failing | None], ...], asked: _Asked, agent: Agent
) -> Failing | None:
    for rule in rules:
        answer = rule(asked, agent)
        if answer is not None:
            return answer
    return None
