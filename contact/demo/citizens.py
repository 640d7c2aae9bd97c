"""The demo's citizens and how they are reached; some of them come back, on the same channel or another."""

import unicodedata
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from uuid import UUID

from contact.demo import people
from contact.demo.copying import Rows
from contact.domain.vocabulary import Channel, ContactPointKind

_COMES_BACK = 0.2
_REMEMBERED = 200
_PHONES = 10_000
_KINDS = {
    Channel.CHAT: ContactPointKind.VISITOR,
    Channel.SMS: ContactPointKind.PHONE,
    Channel.EMAIL: ContactPointKind.EMAIL,
}


@dataclass(slots=True)
class Citizen:
    """A person with the contact points they have used: `{channel: id}`."""

    id: UUID
    name: str
    language: str
    points: dict[str, UUID] = field(default_factory=dict)


class Citizens:
    """The citizens of one administration. It remembers the latest ones, and who holds which phone; no more."""

    def __init__(self, rows: Rows, random: Random, tenant_id: UUID) -> None:
        self._rows = rows
        self._random = random
        self._tenant_id = tenant_id
        self._latest: deque[Citizen] = deque(maxlen=_REMEMBERED)
        self._by_phone: dict[int, Citizen] = {}
        self._made = 0

    def somebody(self, channel: Channel, language: str, at: datetime) -> Citizen:
        """Who writes on *channel* at that time: a new citizen, or one who was here before."""
        if self._latest and self._random.random() < _COMES_BACK:
            citizen = self._random.choice(self._latest)
            if citizen.language == language and (channel in citizen.points or channel is not Channel.SMS):
                self._reach(citizen, channel, at)
                return citizen
        if channel is Channel.SMS:
            return self._phone_holder(language, at)
        return self._new(channel, language, at)

    def _phone_holder(self, language: str, at: datetime) -> Citizen:
        """Mobile numbers kept for fiction (ARCEP: 06 39 98) are few: when one comes up again, so does its holder."""
        number = self._random.randrange(_PHONES)
        if number not in self._by_phone:
            self._by_phone[number] = self._new(Channel.SMS, language, at, value=f"+3363998{number:04}")
        return self._by_phone[number]

    def _new(self, channel: Channel, language: str, at: datetime, value: str | None = None) -> Citizen:
        self._made += 1
        name = f"{self._random.choice(people.FIRST_NAMES)} {self._random.choice(people.SURNAMES)}"
        citizen = Citizen(self._rows.new_id(), name, language)
        self._rows.add("citizen", id=citizen.id, tenant_id=self._tenant_id, name=name, language=language, created_at=at)
        self._reach(citizen, channel, at, value)
        self._latest.append(citizen)
        return citizen

    def _reach(self, citizen: Citizen, channel: Channel, at: datetime, value: str | None = None) -> None:
        """Give the citizen a contact point on *channel*, unless they have one."""
        if channel in citizen.points:
            return
        point_id = self._rows.new_id()
        citizen.points[channel] = point_id
        self._rows.add(
            "contact_point",
            id=point_id,
            tenant_id=self._tenant_id,
            kind=_KINDS[channel],
            value=value or (self._email(citizen) if channel is Channel.EMAIL else str(self._rows.new_id())),
            created_at=at,
        )
        self._rows.add(
            "citizen_contact_point",
            id=self._rows.new_id(),
            tenant_id=self._tenant_id,
            citizen_id=citizen.id,
            contact_point_id=point_id,
            created_at=at,
        )

    def _email(self, citizen: Citizen) -> str:
        plain = unicodedata.normalize("NFKD", citizen.name).encode("ascii", "ignore").decode().lower()
        self._made += 1
        return f"{plain.replace(' ', '.')}.{self._made}@example.org"
