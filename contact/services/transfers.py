"""Pass a conversation on: to another topic, a colleague, whoever has a skill. The citizen keeps their place.

Locks in the order of `offers`.
"""

from dataclasses import dataclass
from math import ceil
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contact.domain.call_flow import Happened
from contact.domain.errors import InvalidRequest, NotYours
from contact.domain.rooms import conversation_room
from contact.domain.vocabulary import AssignmentState, Channel, ContactState
from contact.models import Agent, AgentGrant, AgentSkill, Assignment, Contact, Interaction, Queue, Skill, Ticket, Topic
from contact.outbox import announce
from contact.services import assignments, clock, lines, messages, queueing, replies
from routing import rules
from routing import types as engine

# For so long a colleague who was asked for, or a skill, is waited for; then the topic's own steps hold again.
HOLD_SECONDS = 120
# Skill transfers relax on round ages: what they ask is kept once for many, not once for each contact.
_ROUND_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Target:
    """Where to: exactly one of topic, agent and skill. *note* is for whoever takes over."""

    topic_id: UUID | None = None
    agent_id: UUID | None = None
    skill: str | None = None
    level: int = 1
    note: str | None = None


def transfer(session: Session, assignment_id: UUID, agent_id: UUID, to: Target) -> Assignment:
    """Give the conversation away: it waits again under its arrival, and the agent's room is free.

    Asked again for the same assignment, nothing changes: the work is over.

    Raises:
        NotFound: No such work of this agent.
        NotYours: It is over, or in wrap-up.
        InvalidRequest: There is no such topic, colleague or skill to give it to.
    """
    assignment, contact, ticket = assignments.own(session, assignment_id, agent_id)
    if assignment.state == AssignmentState.WRAPPING:
        raise NotYours()
    # Who was preferred before is dropped: somebody has decided anew.
    contact.curtains = None
    if to.topic_id is not None:
        _to_topic(session, contact, ticket, to.topic_id)
    elif to.agent_id is not None:
        _to_agent(session, contact, ticket, to.agent_id)
    elif to.skill is not None:
        _to_skill(session, contact, ticket, to.skill, to.level)
    contact.state = ContactState.WAITING
    # Nor is it offered back at once to whoever gave it away.
    contact.declined_by = sorted({*contact.declined_by, agent_id} - {to.agent_id})
    interaction = session.get_one(Interaction, assignment.interaction_id)
    if to.note:
        replies.note(session, ticket.id, agent_id, to.note, f"transfer-{assignment_id}")
    messages.say(session, interaction, "transferred", ticket.language, author_id=agent_id)
    if interaction.channel == Channel.VOICE:
        lines.on(session, interaction.id, Happened.AGENT_LEFT)
    assignments.close(session, assignment, AssignmentState.DONE)
    announce(session, conversation_room(interaction.id), "conversation", interaction.id)
    return assignment


def _to_topic(session: Session, contact: Contact, ticket: Ticket, topic_id: UUID) -> None:
    topic = session.get(Topic, topic_id)
    if topic is None or topic.campaign_id != ticket.campaign_id or topic.retired_at is not None:
        raise InvalidRequest(fields={"topic_id": ["unknown_topic"]})
    ticket.topic_id = topic.id
    queueing.reorder(session, contact, ticket)


def _to_agent(session: Session, contact: Contact, ticket: Ticket, agent_id: UUID) -> None:
    """Held for them while they are ready, even if busy; then for whoever the topic's last step asks for."""
    colleague = session.scalar(
        select(Agent)
        .join(AgentGrant, AgentGrant.account_id == Agent.id)
        .where(
            Agent.id == agent_id,
            Agent.pool_id == contact.pool_id,
            AgentGrant.campaign_id == ticket.campaign_id,
            AgentGrant.revoked_at.is_(None),
        )
    )
    if colleague is None:
        raise InvalidRequest(fields={"agent_id": ["unknown_agent"]})
    step = _step_of(session, contact, ticket, colleague)
    if step is None:
        raise InvalidRequest(fields={"agent_id": ["unknown_agent"]})
    queueing.reorder(session, contact, ticket, [step])
    until_seconds = ceil(_age_seconds(session, contact)) + HOLD_SECONDS
    contact.curtains = [queueing.held_for(agent_id, until_seconds), *(contact.curtains or [])]


def _step_of(session: Session, contact: Contact, ticket: Ticket, colleague: Agent) -> dict[str, Any] | None:
    """What the colleague is asked: the topic's last step, if that lets them in, else nothing: a person was chosen.

    Who is of another team is asked as one of its queue. None when they serve no queue of the campaign on this channel.
    """
    topic = session.get_one(Topic, ticket.topic_id)
    anybody: dict[str, Any] = {"after_seconds": 0, "skills": {}, "language": False}
    known = _known(session, ticket, colleague)
    queue_ids = [topic.queue_id, *sorted(known.queues - {topic.queue_id})]
    for step in (topic.steps[-1] | {"after_seconds": 0}, anybody):
        language = ticket.language if step["language"] else None
        need = engine.Need(contact.channel, language, tuple(sorted(step["skills"].items())))
        for queue_id in queue_ids:
            if rules.fit(engine.ContactClass(queue_id, contact.channel, (need,)), known) is not None:
                return step if queue_id == topic.queue_id else step | {"queue_id": str(queue_id)}
    return None


def _known(session: Session, ticket: Ticket, colleague: Agent) -> engine.Agent:
    """The colleague as the engine's rules see them, whatever they hold at this moment."""
    rows = session.execute(select(AgentSkill.skill, AgentSkill.level).where(AgentSkill.agent_id == colleague.id))
    queues = session.scalars(select(Queue).where(Queue.campaign_id == ticket.campaign_id))
    return engine.Agent(
        id=colleague.id,
        is_ready=True,
        ready_since=0.0,
        skills=tuple(sorted((row.skill, row.level) for row in rows)),
        languages=tuple(colleague.languages),
        queues=frozenset(one.id for one in queues if not one.teams or colleague.team in one.teams),
        load={},
        capacity={channel: getattr(colleague, f"capacity_{channel}") for channel in Channel},
    )


def _to_skill(session: Session, contact: Contact, ticket: Ticket, skill: str, level: int) -> None:
    """Whoever has the skill; later whoever the topic's last step asks for, the contact being older than the others."""
    if session.scalar(select(Skill.id).where(Skill.code == skill)) is None:
        raise InvalidRequest(fields={"skill": [f"unknown_skill|{skill}"]})
    topic = session.get_one(Topic, ticket.topic_id)
    relaxes_at = ceil((_age_seconds(session, contact) + HOLD_SECONDS) / _ROUND_SECONDS) * _ROUND_SECONDS
    asked = {"after_seconds": 0, "skills": {skill: level}, "language": True}
    queueing.reorder(session, contact, ticket, [asked, topic.steps[-1] | {"after_seconds": relaxes_at}])


def _age_seconds(session: Session, contact: Contact) -> float:
    return (clock.now(session) - contact.enqueued_at).total_seconds()
