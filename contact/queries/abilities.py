"""What the people of an outsourcer can do, and what the skills are called by whom they serve."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contact.domain.vocabulary import Channel
from contact.models import Administration, Agent, AgentSkill, Presence, Skill
from contact.queries.shapes import Reader, in_language


def people(session: Session, agent_id: UUID | None = None) -> list[dict[str, Any]]:
    """The present outsourcer's agents (supervisors have no presence); only *agent_id* when given."""
    query = select(Agent).join(Presence, Presence.agent_id == Agent.id).order_by(Agent.name)
    if agent_id is not None:
        query = query.where(Agent.id == agent_id)
    agents = session.scalars(query).all()
    skills: dict[UUID, dict[str, int]] = defaultdict(dict)
    for row in session.execute(
        select(AgentSkill.agent_id, AgentSkill.skill, AgentSkill.level)
        .where(AgentSkill.agent_id.in_([agent.id for agent in agents]))
        .order_by(AgentSkill.skill)
    ):
        skills[row.agent_id][row.skill] = row.level
    return [
        {
            "id": agent.id,
            "name": agent.name,
            "version": agent.version,
            "languages": agent.languages,
            "skills": skills[agent.id],
            "team": agent.team,
            "shares": agent.shares,
            "capacity": {channel: getattr(agent, f"capacity_{channel}") for channel in Channel},
        }
        for agent in agents
    ]


def skills(session: Session, reader: Reader) -> list[dict[str, Any]]:
    """The skills of the present administration, by its own names."""
    rows = session.execute(
        select(Skill.code, Skill.name, Administration.name.label("administration"))
        .join(Administration, Administration.id == Skill.tenant_id)
        .order_by(Skill.code)
    )
    return [
        {"code": row.code, "name": in_language(row.name, reader.language), "administrations": [row.administration]}
        for row in rows
    ]


def of_outsourcer(session: Session, named: list[dict[str, Any]]) -> dict[str, Any]:
    """Everybody with their levels; *named* are the skills of each administration, one row a code comes back."""
    agents = people(session)
    found: dict[str, dict[str, Any]] = {}
    for one in named:
        same = found.setdefault(one["code"], {"code": one["code"], "name": one["name"], "administrations": []})
        same["administrations"] += one["administrations"]
    for code in sorted({code for agent in agents for code in agent["skills"]}):
        found.setdefault(code, {"code": code, "name": code, "administrations": []})
    return {"skills": sorted(found.values(), key=lambda one: str(one["code"])), "agents": agents}
