"""Turns a story into the messages of one ticket: as far as its state says, in the manner of its channel, over time."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from contact.demo import people
from contact.demo.plan import AdministrationPlan, Story
from contact.domain.vocabulary import Channel, MessageKind, MessageState, TicketState

_PAUSE_SECONDS = {Channel.CHAT: (15, 110), Channel.SMS: (120, 2_400), Channel.EMAIL: (1_200, 28_000)}
_SENT = {Channel.CHAT: MessageState.SENT, Channel.SMS: MessageState.DELIVERED, Channel.EMAIL: MessageState.SENT}
_GREETINGS = {"fr": ("", "Bonjour. ", "Bonjour ! "), "en": ("", "Hello. ", "Hi! ")}
_ANSWERS = {"fr": "Bonjour {citizen}, {agent} à votre écoute. ", "en": "Hello {citizen}, this is {agent}. "}
_LETTERS = {
    "fr": "Bonjour,\n\n{body}\n\nCordialement,\n{signature}",
    "en": "Hello,\n\n{body}\n\nKind regards,\n{signature}",
}
_SAME_MATTER = {
    "fr": "Même demande que dans un autre ticket, où la réponse est donnée.",
    "en": "Same request as in another ticket, answered there.",
}
_NOTED = 0.4
_LEFT_BY_CITIZEN = 0.5
# Nothing may lie in the future: what would is drawn together to end this long ago.
_SETTLED = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Scene:
    """Who talks about what, where, and how it stands. `agent_name` is None when nobody answered."""

    plan: AdministrationPlan
    story: Story
    channel: Channel
    state: TicketState
    citizen_name: str
    agent_name: str | None
    began_at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """One message of the ticket; system lines have a code instead of a body."""

    kind: MessageKind
    at: datetime
    body: str = ""
    code: str | None = None
    state: MessageState | None = None
    is_by_agent: bool = False


def tell(random: Random, scene: Scene, now: datetime) -> list[Line]:
    """The ticket's messages in order; the first is the citizen's, at the time the scene began."""
    moments = _Moments(random, scene)
    facts = _facts(random, scene.story.language)
    lines: list[Line] = []
    for place, text in enumerate(_told(random, scene)):
        body = _in_manner(random, scene, place, text.format(**facts))
        if place % 2:
            lines.append(Line(MessageKind.AGENT, moments.next(), body, state=_SENT[scene.channel], is_by_agent=True))
        else:
            lines.append(Line(MessageKind.CITIZEN, moments.next(), body, state=MessageState.RECEIVED))
        if place == 0 and scene.agent_name:
            lines.append(Line(MessageKind.SYSTEM, moments.soon(), code="agent_joined", is_by_agent=True))
    lines += _closing(random, scene, moments)
    return _before(lines, now - _SETTLED)


def taken_at(lines: list[Line]) -> datetime:
    """When the agent came."""
    return next(line.at for line in lines if line.code == "agent_joined")


def is_paused(channel: Channel, state: TicketState) -> bool:
    """The citizen fell silent in a chat and may come back to it."""
    return channel is Channel.CHAT and state is TicketState.WAITING_CITIZEN


def is_going_on(channel: Channel, state: TicketState) -> bool:
    """The thread is open: it takes the next message of either side."""
    return channel is not Channel.CHAT and state is TicketState.OPEN


class _Moments:
    """The clock of one conversation."""

    def __init__(self, random: Random, scene: Scene) -> None:
        self._random = random
        self._between = _PAUSE_SECONDS[scene.channel]
        self._next_at = scene.began_at

    def next(self) -> datetime:
        at = self._next_at
        self._next_at += timedelta(seconds=self._random.uniform(*self._between))
        return at

    def soon(self) -> datetime:
        """Between what was said last and what is said next."""
        at = self._next_at
        self._next_at += timedelta(seconds=self._random.uniform(4, 14))
        return at


def _told(random: Random, scene: Scene) -> tuple[str, ...]:
    """How much of the story was told by the time the ticket is in its state."""
    lines = scene.story.lines
    match scene.state:
        case TicketState.NEW:
            return lines[:1]
        case TicketState.OPEN:
            return lines[: random.randrange(1, len(lines) + 1, 2)]
        case TicketState.WAITING_CITIZEN | TicketState.MERGED:
            return lines[:2]
        case TicketState.WAITING_THIRD_PARTY:
            return lines[: len(lines) // 2 * 2]
    return lines


def _closing(random: Random, scene: Scene, moments: _Moments) -> list[Line]:
    """Notes, and how the conversation came to its end."""
    lines: list[Line] = []
    note = _note(random, scene)
    if note:
        lines.append(Line(MessageKind.NOTE, moments.soon(), note, is_by_agent=True))
    is_left = scene.channel is Channel.CHAT and random.random() < _LEFT_BY_CITIZEN
    if is_paused(scene.channel, scene.state):
        lines.append(Line(MessageKind.SYSTEM, moments.next(), code="still_there"))
        lines.append(Line(MessageKind.SYSTEM, moments.next(), code="paused_silent"))
    elif is_left or scene.agent_name is None:
        lines.append(Line(MessageKind.SYSTEM, moments.next(), code="citizen_ended"))
    elif not is_going_on(scene.channel, scene.state):
        lines.append(Line(MessageKind.SYSTEM, moments.next(), code="ended", is_by_agent=True))
    return lines


def _note(random: Random, scene: Scene) -> str | None:
    if scene.state is TicketState.WAITING_THIRD_PARTY:
        return scene.story.outside
    if scene.state is TicketState.MERGED:
        return _SAME_MATTER[scene.story.language]
    is_over = scene.state in (TicketState.RESOLVED, TicketState.CLOSED)
    return scene.story.note if is_over and random.random() < _NOTED else None


def _in_manner(random: Random, scene: Scene, place: int, text: str) -> str:
    """An email is a letter; elsewhere the first words of each side greet."""
    language = scene.story.language
    if scene.channel is Channel.EMAIL:
        signature = f"{scene.agent_name}\n{scene.plan.signature[language]}" if place % 2 else scene.citizen_name
        return _LETTERS[language].format(body=text, signature=signature)
    if place == 0:
        return random.choice(_GREETINGS[language]) + text
    if place == 1 and scene.agent_name:
        names = {"citizen": scene.citizen_name.split()[0], "agent": scene.agent_name.split()[0]}
        return _ANSWERS[language].format(**names) + text
    return text


def _facts(random: Random, language: str) -> dict[str, str]:
    """What fills the gaps of a story."""
    street = random.choice(people.STREETS)
    return {
        "amount": str(random.randrange(120, 980)),
        "day": random.choice(people.DAYS[language]),
        "street": f"{random.randrange(1, 90)} {street}",
        "child": random.choice(people.CHILDREN),
    }


def _before(lines: list[Line], latest_at: datetime) -> list[Line]:
    began_at, ended_at = lines[0].at, lines[-1].at
    if ended_at <= latest_at:
        return lines
    share = (latest_at - began_at) / (ended_at - began_at)
    return [replace(line, at=began_at + (line.at - began_at) * share) for line in lines]
