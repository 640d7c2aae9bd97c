"""Past tickets of one administration: who wrote, who answered, how it went; nothing of it waits for anybody."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from contact.demo import talk
from contact.demo.citizens import Citizen, Citizens
from contact.demo.copying import Rows
from contact.demo.numbering import TicketNumbers
from contact.demo.plan import Story
from contact.demo.setting import OFFER_SECONDS, TARGET_SECONDS, Office, Topic, Worker
from contact.demo.talk import Line
from contact.domain.vocabulary import (
    AssignmentState,
    Channel,
    ContactState,
    InteractionState,
    MessageKind,
    OfferState,
    TicketState,
)
from contact.services.matters import SUBJECT_CHARACTERS
from contact.services.queueing import key_at

_CHANNELS = {Channel.CHAT: 45, Channel.SMS: 25, Channel.EMAIL: 30}
# How likely each state is: of the last days' tickets many are still open, of the older ones nearly none.
_RECENT = {
    TicketState.NEW: 4,
    TicketState.OPEN: 26,
    TicketState.WAITING_CITIZEN: 22,
    TicketState.WAITING_THIRD_PARTY: 10,
    TicketState.RESOLVED: 34,
    TicketState.CLOSED: 2,
    TicketState.MERGED: 2,
}
_OLDER = {
    TicketState.NEW: 2,
    TicketState.OPEN: 2,
    TicketState.WAITING_CITIZEN: 4,
    TicketState.WAITING_THIRD_PARTY: 3,
    TicketState.RESOLVED: 27,
    TicketState.CLOSED: 60,
    TicketState.MERGED: 2,
}
_CODES = {
    TicketState.WAITING_CITIZEN: "document_awaited",
    TicketState.WAITING_THIRD_PARTY: "transferred",
    TicketState.OPEN: "callback_agreed",
    TicketState.MERGED: "other",
}
_ENDED = (TicketState.RESOLVED, TicketState.CLOSED)
_REFUSED_FIRST = 0.12
_SILENT = 0.5


@dataclass(frozen=True, slots=True)
class _Matter:
    """One ticket about to be written down."""

    id: UUID
    interaction_id: UUID
    story: Story
    topic: Topic
    channel: Channel
    state: TicketState
    citizen: Citizen
    lines: list[Line]

    @property
    def owned(self) -> dict[str, Any]:
        return {"ticket_id": self.id, "interaction_id": self.interaction_id, "channel": self.channel}


class History:
    """Writes the tickets of one office, one after another."""

    def __init__(self, rows: Rows, random: Random, office: Office, now: datetime) -> None:
        self._rows = rows
        self._random = random
        self._office = office
        self._now = now
        self._citizens = Citizens(rows, random, office.id)
        self._numbers = TicketNumbers(random)

    def add_ticket(self, at: datetime, *, is_recent: bool) -> None:
        """One matter that began at that time, with its conversation and the work it was."""
        story = self._random.choice(self._office.plan.stories)
        state = self._draw(_RECENT if is_recent else _OLDER)
        # Nobody took a new ticket: only a chat that its citizen left too soon can be one when nothing waits.
        channel = Channel.CHAT if state is TicketState.NEW else self._draw(_CHANNELS)
        citizen = self._citizens.somebody(channel, story.language, at)
        worker = None if state is TicketState.NEW else self._worker(story)
        scene = talk.Scene(
            self._office.plan, story, channel, state, citizen.name, worker.plan.name if worker else None, at
        )
        lines = talk.tell(self._random, scene, self._now)
        topic = self._office.topics[story.topic]
        matter = _Matter(self._rows.new_id(), self._rows.new_id(), story, topic, channel, state, citizen, lines)
        self._add_matter(matter, worker)
        self._add_messages(matter, worker)
        if worker is None:
            self._add_contact(matter, at, matter.lines[-1].at, ContactState.ABANDONED)
        else:
            self._add_work(matter, worker)

    def _worker(self, story: Story) -> Worker:
        """Somebody who speaks the language, and knows the subject where there is such a person."""
        skill = self._office.topics[story.topic].plan.skill
        speakers = [one for one in self._office.workers if story.language in one.plan.languages]
        able = [one for one in speakers if skill in one.plan.skills]
        return self._random.choice(able or speakers)

    def _add_matter(self, matter: _Matter, worker: Worker | None) -> None:
        began_at, last_at = matter.lines[0].at, matter.lines[-1].at
        is_email = matter.channel is Channel.EMAIL
        first_words = " ".join(matter.lines[0].body.split())[:SUBJECT_CHARACTERS]
        self._rows.add(
            "ticket",
            id=matter.id,
            tenant_id=self._office.id,
            campaign_id=self._office.campaign_id,
            topic_id=matter.topic.id,
            citizen_id=matter.citizen.id,
            number=self._numbers.new(),
            subject=matter.story.subject if is_email else first_words,
            state=matter.state,
            priority=matter.topic.plan.priority,
            language=matter.story.language,
            channel=matter.channel,
            owner_id=worker.id if worker else None,
            last_seq=len(matter.lines),
            created_at=began_at,
            updated_at=last_at,
            closed_at=last_at if matter.state in _ENDED else None,
        )
        state = _interaction_state(matter)
        self._rows.add(
            "interaction",
            id=matter.interaction_id,
            tenant_id=self._office.id,
            ticket_id=matter.id,
            endpoint_id=self._office.endpoints[matter.channel],
            contact_point_id=matter.citizen.points[matter.channel],
            channel=matter.channel,
            state=state,
            ended_at=last_at if state is InteractionState.ENDED else None,
            citizen_read_seq=len(matter.lines) if matter.channel is Channel.CHAT else 0,
            agent_read_seq=len(matter.lines) if worker else 0,
            created_at=began_at,
        )

    def _add_messages(self, matter: _Matter, worker: Worker | None) -> None:
        for seq, line in enumerate(matter.lines, start=1):
            is_note = line.kind is MessageKind.NOTE
            self._rows.add(
                "message",
                id=self._rows.new_id(),
                tenant_id=self._office.id,
                ticket_id=matter.id,
                interaction_id=None if is_note else matter.interaction_id,
                seq=seq,
                kind=line.kind,
                code=line.code,
                body=line.body,
                language=matter.story.language,
                author_id=worker.id if worker and line.is_by_agent else None,
                state=line.state,
                created_at=line.at,
            )

    def _add_contact(self, matter: _Matter, at: datetime, ended_at: datetime, state: ContactState) -> UUID:
        contact_id = self._rows.new_id()
        target_seconds = TARGET_SECONDS[matter.channel]
        priority = matter.topic.plan.priority
        self._rows.add(
            "contact",
            id=contact_id,
            tenant_id=self._office.id,
            pool_id=self._office.pool_id,
            queue_id=matter.topic.queue_id,
            need_id=self._office.needs[matter.topic.plan.slug, matter.channel, matter.story.language],
            state=state,
            enqueued_at=at,
            priority=priority,
            target_seconds=target_seconds,
            key_at=key_at(at, target_seconds, priority),
            created_at=at,
            ended_at=ended_at,
            **matter.owned,
        )
        return contact_id

    def _add_work(self, matter: _Matter, worker: Worker) -> None:
        """The contact, its offers and the assignment, from the citizen's first words to the last ones said."""
        began_at, ended_at = matter.lines[0].at, matter.lines[-1].at
        contact_id = self._add_contact(matter, began_at, ended_at, ContactState.DONE)
        taken_at = talk.taken_at(matter.lines)
        is_paused = talk.is_paused(matter.channel, matter.state)
        if self._random.random() < _REFUSED_FIRST:
            self._add_refusal(matter, contact_id, worker, taken_at)
        offered_at = taken_at - min(timedelta(seconds=6), (taken_at - began_at) / 3)
        offer_id = self._add_offer(matter, contact_id, worker, offered_at, taken_at, OfferState.ACCEPTED)
        self._rows.add(
            "assignment",
            id=self._rows.new_id(),
            tenant_id=self._office.id,
            contact_id=contact_id,
            offer_id=offer_id,
            agent_id=worker.id,
            grant_id=worker.grant_id,
            pool_id=self._office.pool_id,
            state=AssignmentState.DONE,
            started_at=taken_at,
            created_at=taken_at,
            ended_at=ended_at,
            # A pause ends the work without a code.
            wrap_up_code_id=None if is_paused else self._office.wrap_up_codes[_CODES.get(matter.state, "answered")],
            **matter.owned,
        )

    def _add_refusal(self, matter: _Matter, contact_id: UUID, worker: Worker, taken_at: datetime) -> None:
        """Another agent was asked first, and said no or nothing."""
        language, began_at = matter.story.language, matter.lines[0].at
        others = [one for one in self._office.workers if one.id != worker.id and language in one.plan.languages]
        if not others:
            return
        is_silent = self._random.random() < _SILENT and taken_at - began_at > timedelta(seconds=2 * OFFER_SECONDS)
        state = OfferState.TIMED_OUT if is_silent else OfferState.DECLINED
        seconds = OFFER_SECONDS if is_silent else OFFER_SECONDS / 4
        decided_at = min(began_at + timedelta(seconds=seconds), taken_at)
        self._add_offer(matter, contact_id, self._random.choice(others), began_at, decided_at, state)

    def _add_offer(
        self,
        matter: _Matter,
        contact_id: UUID,
        worker: Worker,
        offered_at: datetime,
        decided_at: datetime,
        state: OfferState,
    ) -> UUID:
        offer_id = self._rows.new_id()
        self._rows.add(
            "offer",
            id=offer_id,
            tenant_id=self._office.id,
            contact_id=contact_id,
            agent_id=worker.id,
            grant_id=worker.grant_id,
            pool_id=self._office.pool_id,
            ticket_id=matter.id,
            channel=matter.channel,
            state=state,
            offered_at=offered_at,
            expires_at=offered_at + timedelta(seconds=OFFER_SECONDS),
            decided_at=decided_at,
            created_at=offered_at,
        )
        return offer_id

    def _draw(self, weights: dict[Any, int]) -> Any:
        return self._random.choices(list(weights), list(weights.values()))[0]


def _interaction_state(matter: _Matter) -> InteractionState:
    if talk.is_paused(matter.channel, matter.state):
        return InteractionState.PAUSED
    return InteractionState.OPEN if talk.is_going_on(matter.channel, matter.state) else InteractionState.ENDED
