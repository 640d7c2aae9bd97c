"""What an agent can do: languages, skills with their levels, and how much at once."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contact import audit
from contact.domain.errors import Conflict, NotFound
from contact.domain.vocabulary import Channel
from contact.models import Agent, AgentSkill
from contact.models.base import LOCK
from contact.services import clock, presence


@dataclass(frozen=True, slots=True)
class Abilities:
    """An agent's abilities as they are to stand; *skills* is `{code: level 1-5}`, *capacity* is per channel."""

    languages: list[str]
    skills: dict[str, int]
    capacity: dict[str, int]
    team: str | None = None
    shares: dict[str, int] = field(default_factory=dict)


def put(session: Session, agent_id: UUID, version: int, new: Abilities) -> Agent:
    """Replace what the agent of *version* can do. A lowered capacity never drops live work.

    Raises:
        NotFound: No such agent of the present outsourcer.
        Conflict: They were changed since; facts carry the version that stands.
    """
    agent = session.get(Agent, agent_id, with_for_update=LOCK)
    held = presence.locked(session, agent_id) if agent is not None else None
    if agent is None or held is None or agent.outsourcer_id != session.info["scope"].outsourcer_id:
        raise NotFound()
    if agent.version != version:
        raise Conflict(version=agent.version)
    if changed := _put_skills(session, agent, new.skills):
        audit.record(session, "agent.skills", "agent", agent_id, skills=changed)
        agent.skills_changed_at = clock.now(session)
    agent.languages, agent.team, agent.shares = new.languages, new.team, new.shares
    for channel in Channel:
        setattr(agent, f"capacity_{channel}", new.capacity[channel])
        load = getattr(held, f"load_{channel}")
        setattr(held, f"limit_{channel}", max(load, new.capacity[channel]))
    presence.changed(session, held)
    session.flush()
    return agent


def _put_skills(session: Session, agent: Agent, skills: dict[str, int]) -> list[str]:
    """The codes that changed, sorted."""
    rows = session.execute(select(AgentSkill.skill, AgentSkill.level).where(AgentSkill.agent_id == agent.id))
    before = {row.skill: row.level for row in rows}
    changed = sorted(code for code in before.keys() | skills.keys() if before.get(code) != skills.get(code))
    if gone := [code for code in changed if code not in skills]:
        session.execute(delete(AgentSkill).where(AgentSkill.agent_id == agent.id, AgentSkill.skill.in_(gone)))
    for code in (code for code in changed if code in skills):
        values = {"outsourcer_id": agent.outsourcer_id, "agent_id": agent.id, "skill": code, "level": skills[code]}
        session.execute(
            insert(AgentSkill)
            .values(**values)
            .on_conflict_do_update(index_elements=["agent_id", "skill"], set_={"level": skills[code]})
        )
    return changed
