"""How agents' time went lately, by group of channels: what blend compares with their shares."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from routing import rules
from routing.types import Agent

HALF_LIFE_SECONDS = 7_200.0
CREDIT_SECONDS = 360.0
_LIVE_ALONE = "voice"


@dataclass(slots=True)
class _Past:
    """As of *at*: seconds by group, and which groups share the time from then on."""

    at: float
    groups: tuple[str, ...]
    worked: dict[str, float]


class Hours:
    """Watches what agents hold, from one look to the next; time fades by half every `HALF_LIFE_SECONDS`.

    Kept in memory alone. Whoever is seen for the first time is taken to have done lately what is looked at later: or
    all would turn to chats and letters after a first call, in the morning and whenever another dispatcher takes over.
    """

    def __init__(self) -> None:
        self._past: dict[UUID, _Past] = {}

    def seen(self, agent: Agent, now: float) -> Agent:
        """The agent as they are now, with how their time went until *now*; as they are where nobody asks for that."""
        if not rules.has_shares(agent):
            self._past.pop(agent.id, None)
            return agent
        past = self._past.get(agent.id)
        groups, worked = _groups(agent.load), _credit(agent) if past is None else _until(past, now)
        self._past[agent.id] = _Past(now, groups, worked)
        return replace(agent, worked=worked)

    def to_look_at(self, before: float) -> set[UUID]:
        """Those who hold deferred work and were last seen earlier: their time passes, and calls may be theirs again."""
        return {id for id, past in self._past.items() if past.at < before and rules.DEFERRED in past.groups}

    def forget(self, agent_id: UUID) -> None:
        """They are no longer of the pool."""
        self._past.pop(agent_id, None)


def _credit(agent: Agent) -> dict[str, float]:
    return dict.fromkeys(rules.groups_of(agent)[1:], CREDIT_SECONDS)


def _until(past: _Past, now: float) -> dict[str, float]:
    seconds = max(now - past.at, 0.0)
    fading = 0.5 ** (seconds / HALF_LIFE_SECONDS)
    worked = {group: before * fading for group, before in past.worked.items()}
    for group in past.groups:
        worked[group] = worked.get(group, 0.0) + seconds / len(past.groups)
    return worked


def _groups(load: Mapping[str, int]) -> tuple[str, ...]:
    """Those the agent works on: a call has all of them, else those held share the time."""
    held = {rules.GROUPS.get(channel, channel) for channel, count in load.items() if count > 0}
    return (_LIVE_ALONE,) if _LIVE_ALONE in held else tuple(sorted(held))
