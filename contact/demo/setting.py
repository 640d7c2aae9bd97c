"""What stands before the first ticket: administrations, campaigns, the outsourcer's people and their grants."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from contact.demo import people
from contact.demo.copying import Rows
from contact.demo.people import AgentPlan
from contact.demo.plan import AdministrationPlan, TopicPlan
from contact.domain.vocabulary import Channel, Role

TARGET_SECONDS = {Channel.VOICE: 0, Channel.CHAT: 60, Channel.SMS: 3600, Channel.EMAIL: 14400}
OFFER_SECONDS = 20
WRAP_UP_SECONDS = 60
_CAPACITY = {"voice": 1, "chat": 3, "sms": 3, "email": 3}


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as the tickets of one administration refer to it."""

    id: UUID
    queue_id: UUID
    plan: TopicPlan


@dataclass(frozen=True, slots=True)
class Worker:
    """An agent with the grant that lets them work for one campaign."""

    id: UUID
    grant_id: UUID
    plan: AgentPlan


@dataclass(frozen=True, slots=True)
class Office:
    """One administration's campaign and the ids that its tickets point at."""

    id: UUID
    plan: AdministrationPlan
    pool_id: UUID
    campaign_id: UUID
    endpoints: dict[str, UUID]
    topics: dict[str, Topic]
    wrap_up_codes: dict[str, UUID]
    needs: dict[tuple[str, str, str], UUID]
    workers: list[Worker]


def add_setting(rows: Rows, plans: tuple[AdministrationPlan, ...], password_hash: str, at: datetime) -> list[Office]:
    """Put everything aside that stands before the first ticket; one office per administration."""
    pool_id, outsourcer_id = rows.new_id(), rows.new_id()
    rows.add("pool", id=pool_id, name=people.POOL, created_at=at)
    rows.add("outsourcer", id=outsourcer_id, name=people.OUTSOURCER, created_at=at)
    crew = _Crew(rows, outsourcer_id, pool_id, password_hash, at)
    crew.account(people.OPERATOR, Role.OPERATOR)
    offices = [_add_office(rows, plan, pool_id, crew) for plan in plans]
    crew.add_supervisor(offices)
    crew.add_agents(offices)
    return offices


def _add_office(rows: Rows, plan: AdministrationPlan, pool_id: UUID, crew: "_Crew") -> Office:
    office = Office(rows.new_id(), plan, pool_id, rows.new_id(), {}, {}, {}, {}, [])
    rows.add("administration", id=office.id, slug=plan.slug, name=plan.name, hue=plan.hue, created_at=crew.at)
    accounts = [
        (crew.account(login, Role.ADMINISTRATOR, tenant_id=office.id), name) for login, name in plan.administrators
    ]
    for account_id, name in accounts:
        rows.add("administrator", id=account_id, tenant_id=office.id, name=name, created_at=crew.at)
    rows.add(
        "campaign",
        id=office.campaign_id,
        tenant_id=office.id,
        slug=plan.campaign_slug,
        name=plan.campaign,
        welcome=plan.welcome,
        languages=list(plan.languages),
        created_at=crew.at,
    )
    owned = {"tenant_id": office.id, "campaign_id": office.campaign_id, "created_at": crew.at}
    for channel, address in plan.addresses.items():
        office.endpoints[channel] = rows.new_id()
        rows.add("endpoint", id=office.endpoints[channel], channel=channel, address=address, **owned)
    _add_topics(rows, office, owned)
    for rank, (code, code_name) in enumerate(people.WRAP_UP_CODES):
        office.wrap_up_codes[code] = rows.new_id()
        rows.add("wrap_up_code", id=office.wrap_up_codes[code], code=code, name=code_name, rank=rank, **owned)
    if plan.policy is not None:
        _add_policy(rows, plan.policy(datetime.now(UTC).date()), accounts[0][0], owned)
    return office


def _add_policy(rows: Rows, document: dict[str, Any], author_id: UUID, owned: dict[str, Any]) -> None:
    """The campaign's first version, in force since it began."""
    rows.add(
        "policy_version",
        id=rows.new_id(),
        number=1,
        base_number=0,
        document=document,
        reason="Ouverture de la campagne",
        author_id=author_id,
        published_at=owned["created_at"],
        effective_at=owned["created_at"],
        **owned,
    )


def _add_topics(rows: Rows, office: Office, owned: dict[str, object]) -> None:
    queue_ids = [rows.new_id() for _ in office.plan.queues]
    for queue_id, name in zip(queue_ids, office.plan.queues, strict=True):
        rows.add(
            "queue",
            id=queue_id,
            pool_id=office.pool_id,
            name=name,
            offer_seconds=OFFER_SECONDS,
            wrap_up_seconds=WRAP_UP_SECONDS,
            target_seconds=TARGET_SECONDS,
            **owned,
        )
    for rank, plan in enumerate(office.plan.topics):
        topic = Topic(rows.new_id(), queue_ids[plan.queue], plan)
        office.topics[plan.slug] = topic
        rows.add(
            "skill",
            id=rows.new_id(),
            tenant_id=office.id,
            code=plan.skill,
            name=plan.name,
            created_at=owned["created_at"],
        )
        rows.add(
            "topic",
            id=topic.id,
            queue_id=topic.queue_id,
            slug=plan.slug,
            name=plan.name,
            steps=plan.steps,
            priority=plan.priority,
            rank=rank,
            **owned,
        )
        _add_needs(rows, office, topic, owned)


def _add_needs(rows: Rows, office: Office, topic: Topic, owned: dict[str, object]) -> None:
    """What past contacts asked for. Live ones are interned under a digest of their content, which these leave free."""
    for channel in office.plan.addresses:
        for language in office.plan.languages:
            need_id = rows.new_id()
            office.needs[topic.plan.slug, channel, language] = need_id
            rows.add(
                "need",
                id=need_id,
                tenant_id=office.id,
                queue_id=topic.queue_id,
                channel=channel,
                steps=[step | {"language": language} for step in topic.plan.steps],
                digest=hashlib.sha256(need_id.bytes).digest(),
                created_at=owned["created_at"],
            )


class _Crew:
    """Makes accounts, and the outsourcer's people with their grants."""

    def __init__(self, rows: Rows, outsourcer_id: UUID, pool_id: UUID, password_hash: str, at: datetime) -> None:
        self._rows = rows
        self._outsourcer_id = outsourcer_id
        self._pool_id = pool_id
        self._password_hash = password_hash
        self.at = at

    def account(
        self, login: str, role: Role, *, tenant_id: UUID | None = None, outsourcer_id: UUID | None = None
    ) -> UUID:
        account_id = self._rows.new_id()
        self._rows.add(
            "account",
            id=account_id,
            login=login,
            password_hash=self._password_hash,
            role=role,
            tenant_id=tenant_id,
            outsourcer_id=outsourcer_id,
            created_at=self.at,
        )
        return account_id

    def add_supervisor(self, offices: list[Office]) -> None:
        login, name = people.SUPERVISOR
        supervisor_id = self._person(login, name, Role.SUPERVISOR, ["fr", "en"])
        for office in offices:
            self._grant(supervisor_id, office)

    def add_agents(self, offices: list[Office]) -> None:
        for plan in people.AGENTS:
            agent_id = self._person(plan.login, plan.name, Role.AGENT, plan.languages)
            for skill, level in plan.skills.items():
                self._rows.add(
                    "agent_skill", outsourcer_id=self._outsourcer_id, agent_id=agent_id, skill=skill, level=level
                )
            self._rows.add(
                "presence",
                outsourcer_id=self._outsourcer_id,
                agent_id=agent_id,
                since_at=self.at,
                ready_since_at=self.at,
                **{f"limit_{channel}": most for channel, most in _CAPACITY.items()},
            )
            for office in offices:
                if office.plan.slug in plan.administrations:
                    office.workers.append(Worker(agent_id, self._grant(agent_id, office), plan))

    def _person(self, login: str, name: str, role: Role, languages: list[str]) -> UUID:
        person_id = self.account(login, role, outsourcer_id=self._outsourcer_id)
        self._rows.add(
            "agent",
            id=person_id,
            outsourcer_id=self._outsourcer_id,
            pool_id=self._pool_id,
            name=name,
            languages=languages,
            created_at=self.at,
            **{f"capacity_{channel}": most for channel, most in _CAPACITY.items()},
        )
        return person_id

    def _grant(self, account_id: UUID, office: Office) -> UUID:
        grant_id = self._rows.new_id()
        self._rows.add(
            "agent_grant",
            id=grant_id,
            outsourcer_id=self._outsourcer_id,
            account_id=account_id,
            tenant_id=office.id,
            campaign_id=office.campaign_id,
            created_at=self.at,
        )
        return grant_id
