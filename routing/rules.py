"""Who may serve whom, and who is chosen: one small function per rule, listed by name at the end.

A predicate returns None when it holds, else why it fails. An order returns a number, smaller is chosen first.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TypeVar

from routing.types import DELAYED, HELD, RESERVED, Agent, ContactClass, Failing, Need

# A channel may be offered only while the agent holds nothing on these: a voice call is alone among the live channels
# and nothing begins during it; a channel not named may begin at any time but during a voice call. Deferred work (sms,
# email) blocks nothing: a live contact interrupts it.
BLOCKED_BY: Mapping[str, frozenset[str]] = {"voice": frozenset({"voice", "chat"})}
_BLOCKS_ALL = frozenset({"voice"})
GROUPS: Mapping[str, str] = {"voice": "voice", "chat": "chat", "sms": "deferred", "email": "deferred"}
"""Channels that are blended as one, in the order in which an agent's next work is looked for."""
DEFERRED = "deferred"
SPARED_SHARE = 0.1
"""Of an agent's time, for each group they take that is looked at after another: so that nothing waits for ever."""

_GROUP_TURNS = {group: turn for turn, group in enumerate(dict.fromkeys(GROUPS.values()))}
_CHANNELS = {group: tuple(channel for channel, its in GROUPS.items() if its == group) for group in _GROUP_TURNS}
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


def serves_queue(asks: ContactClass, need: Need, agent: Agent) -> Failing | None:
    """The agent has been given the contact's queue, or the other one to which this step overflows."""
    queue_id = need.queue_id or asks.queue_id
    return None if queue_id in agent.queues else Failing("queue", {"queue_id": str(queue_id)})


def meets_a_need(asks: ContactClass, agent: Agent) -> Failing | None:
    """The agent passes every need rule for at least one step reached; else what fails for the latest, the widest."""
    failing = None
    for need in asks.needs:
        failing = serves_queue(asks, need, agent) or _first_failing(NEED_RULES, need, agent)
        if failing is None:
            return None
    return failing


def delay_is_over(asks: ContactClass, agent: Agent) -> Failing | None:
    """The agent's group need not let others go first any more."""
    return Failing("delayed", {"group": agent.group}) if (DELAYED, agent.group) in asks.curtains else None


def within_contract(asks: ContactClass, agent: Agent) -> Failing | None:
    """Reserved for no outsourcer, or for the agent's own."""
    for kind, who in asks.curtains:
        if kind == RESERVED and who != agent.outsourcer_id:
            return Failing("reserved", {"outsourcer_id": str(who)})
    return None


def not_held(asks: ContactClass, agent: Agent) -> Failing | None:
    """Held for nobody, or for this very agent."""
    for kind, who in asks.curtains:
        if kind == HELD and who != agent.id:
            return Failing("held", {"agent_id": str(who)})
    return None


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
    return Failing("at_letters", {"channel": channel}) if is_at_letters(channel, agent) else None


def skill_surplus(need: Need, agent: Agent) -> float:
    """Keep experts free: 0.0 for exactly enough skill, 1.0 for four levels too many, asked for or not."""
    return (sum(level for _, level in agent.skills) - sum(level for _, level in need.skills)) / _LEVELS_OVER


def over_share(channel: str, agent: Agent) -> float:
    """1.0 when the channel's group has had more than its share of the agent's time lately: other work comes first.

    -1.0 when it has had less than is left to it, and comes first itself: every group but the first is owed
    `SPARED_SHARE`, or what it may have at most, where that is less. So nobody waits for the last call, however late.
    """
    if not agent.worked:
        return 0.0
    group = GROUPS.get(channel, channel)
    if _has_had_its_own(group, agent):
        return 1.0
    return -1.0 if _is_owed(group, agent) else 0.0


def most_willing(channel: str) -> tuple[float, ...]:
    """What `blend` says at best of the channel."""
    return (-1.0 if group_turn(channel) else 0.0,)


def is_at_letters(channel: str, agent: Agent) -> bool:
    """Live work that has had its share does not interrupt the deferred work in hand: or that would never be done."""
    group = GROUPS.get(channel, channel)
    if not agent.worked or group == DEFERRED:
        return False
    holds = any(count > 0 and GROUPS.get(other) == DEFERRED for other, count in agent.load.items())
    return holds and (_has_had_its_own(group, agent) or _is_owed(DEFERRED, agent))


def groups_of(agent: Agent) -> tuple[str, ...]:
    """The groups of channels that the agent takes, in their turn."""
    return tuple([group for group in _GROUP_TURNS if _takes(group, agent)])


def has_shares(agent: Agent) -> bool:
    """How the agent's time went matters: shares were set, or several groups compete for it."""
    return bool(agent.shares) or len(groups_of(agent)) > 1


def has_time(group: str, agent: Agent) -> bool:
    """Unless set to have none: then they take of the group only what finds them idle."""
    return agent.shares.get(group, 1.0) > 0


def _has_had_its_own(group: str, agent: Agent) -> bool:
    share = agent.shares.get(group)
    return share is not None and agent.worked.get(group, 0.0) > share * sum(agent.worked.values())


def _is_owed(group: str, agent: Agent) -> bool:
    """The group has had less than what is left to it, of an agent who takes it."""
    left = min(SPARED_SHARE, agent.shares.get(group, 1.0)) if _GROUP_TURNS.get(group) else 0.0
    return left > 0 and agent.worked.get(group, 0.0) < left * sum(agent.worked.values()) and _takes(group, agent)


def _takes(group: str, agent: Agent) -> bool:
    return any(agent.capacity.get(channel, 0) > 0 for channel in _CHANNELS[group])


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

PROFILE_RULES = (meets_a_need, delay_is_over, within_contract)
"""What all agents of a profile answer alike, so that it is asked once per class and profile."""

AGENT_RULES = (not_held, not_declined)
"""What an agent answers for themself."""

MOMENT_RULES = (is_ready, has_room)
"""What changes with every contact held, whatever the class."""

FIT_ORDER = (skill_surplus,)
"""Which profile is preferred for a need, most important first."""

BLEND_ORDER = (over_share,)
"""Which group of channels an agent looks at first, and which agent a contact of it: before all other orders."""

AGENT_ORDER = (missed_offers, channel_load, ready_since)
"""Which agent of a profile is preferred, most important first; the id breaks ties."""

_STANDING = (*BLEND_ORDER, *AGENT_ORDER)
BLENDS = len(BLEND_ORDER)
ORDER_NAMES = tuple(rule.__name__ for rule in (*BLEND_ORDER, *FIT_ORDER, *AGENT_ORDER))


def fit(asks: ContactClass, agent: Agent) -> tuple[float, ...] | None:
    """How well the agent's profile suits the class, smaller is better; None when it may not serve it."""
    if _first_failing(PROFILE_RULES, asks, agent) is not None:
        return None
    met = [
        need
        for need in asks.needs
        if serves_queue(asks, need, agent) is None and _first_failing(NEED_RULES, need, agent) is None
    ]
    return min(tuple(rule(need, agent) for rule in FIT_ORDER) for need in met)


def open_channels(agent: Agent, channels: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the agent's *channels* on which all of `MOMENT_RULES` hold; without the account of why not.

    Asked three times a decision: most agents hold nothing, or a call that leaves no channel.
    """
    if not agent.is_ready:
        return ()
    load, capacity = agent.load, agent.capacity
    held = tuple([channel for channel, count in load.items() if count > 0])
    rest = _not_blocked(held, channels)
    if not held or not rest:
        return rest
    found = [one for one in rest if load.get(one, 0) < capacity[one]]
    return tuple([one for one in found if not is_at_letters(one, agent)] if agent.worked else found)


@lru_cache(maxsize=1024)
def _not_blocked(held: tuple[str, ...], channels: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(one for one in channels if BLOCKED_BY.get(one, _BLOCKS_ALL).isdisjoint(held))


def group_turn(channel: str) -> int:
    """When the channel's group is looked at, unless it is over its share: voice, then chat, then what may wait."""
    return _GROUP_TURNS.get(GROUPS.get(channel, channel), len(_GROUP_TURNS))


def is_in_front(other: str, channel: str) -> bool:
    """Whether one who waits on the *other* channel, and came before, has an agent sooner than one on *channel*.

    A letter is not in front of a call, which is looked at first; nor a chat of a letter, which an agent takes as well.
    """
    blocks = other == channel or other in BLOCKED_BY.get(channel, _BLOCKS_ALL)
    return blocks and group_turn(other) <= group_turn(channel)


def blend(channel: str, agent: Agent) -> tuple[float, ...]:
    """How willing the agent is to look at the channel's group, smaller is asked first."""
    return tuple([rule(channel, agent) for rule in BLEND_ORDER])


def standing(channel: str, agent: Agent) -> tuple[float, ...]:
    """The agent's place among those of the same profile, smaller is chosen first."""
    return tuple([rule(channel, agent) for rule in _STANDING])


def rank(fit: tuple[float, ...], standing: tuple[float, ...]) -> tuple[float, ...]:
    """The agent's place among all idle ones, in the order of `ORDER_NAMES`."""
    return (*standing[:BLENDS], *fit, *standing[BLENDS:])


def orders(channel: str, fit: tuple[float, ...], agent: Agent) -> dict[str, float]:
    """What each order says of the agent, by name."""
    return dict(zip(ORDER_NAMES, rank(fit, standing(channel, agent)), strict=True))


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
