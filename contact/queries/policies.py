"""A campaign's policy as it is edited: what stands, what is drafted, what was, and what each changes in words."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contact.domain import policy_checks, policy_default, policy_life, policy_words
from contact.domain.errors import NotFound
from contact.domain.policy_life import PolicyState
from contact.models import Administrator, Campaign, PolicyVersion, Topic
from contact.queries.published import campaign_of
from contact.queries.shapes import Named, in_language
from contact.services import clock, policies


def whole_policy(session: Session, campaign_id: UUID, language: str) -> dict[str, Any]:
    """What was published last, the draft if there is one, and what an editor may choose from.

    Raises:
        NotFound: No such campaign.
    """
    campaign = campaign_of(session, campaign_id)
    found = _Versions(session, campaign)
    published = policy_life.published(found.rows)
    draft = next((one for one in found.rows if one.published_at is None), None)
    in_force = policy_life.in_force(found.rows, found.now)
    return {
        "number": policies.last_number(found.rows),
        "document": policies.last_document(campaign, found.rows),
        "published": found.told(published[-1]) if published else None,
        "in_force": found.told(in_force) if in_force else None,
        "draft": found.told(draft) | {"document": draft.document, "version": draft.version} if draft else None,
        "changes": found.changes(draft, language) if draft else [],
        "can_go_back": policy_life.goes_back_to(found.rows, found.now) is not None,
        "languages": campaign.languages,
        "time_zone": str(policies.zone_of(session, campaign)),
        "topics": [{"slug": one.slug, "name": in_language(one.name, language)} for one in found.topics],
    }


def changes(session: Session, campaign_id: UUID, document: dict[str, Any], language: str) -> list[str]:
    """What a correct document would change of what was published last.

    Raises:
        NotFound: No such campaign.
        InvalidRequest: It is not correct; facts name each place.
    """
    campaign = campaign_of(session, campaign_id)
    policies.refuse_faults(session, campaign, document)
    last = policies.last_document(campaign, policies.versions(session, campaign_id))
    return policy_words.differences(last, document, language)


def listed(session: Session, campaign_id: UUID) -> list[dict[str, Any]]:
    """Every version, newest first.

    Raises:
        NotFound: No such campaign.
    """
    found = _Versions(session, campaign_of(session, campaign_id))
    return [found.told(one) for one in reversed(found.rows)]


def one_version(session: Session, campaign_id: UUID, number: int, language: str) -> dict[str, Any]:
    """A version with its document and what it changed of the one it was written on.

    Raises:
        NotFound: No such campaign or version.
    """
    found = _Versions(session, campaign_of(session, campaign_id))
    for one in found.rows:
        if one.number == number:
            return found.told(one) | {"document": one.document, "changes": found.changes(one, language)}
    raise NotFound()


class _Versions:
    """Those of a campaign, read once; its topics as well, where they are asked for."""

    def __init__(self, session: Session, campaign: Campaign) -> None:
        self._session, self._campaign = session, campaign
        self.rows = policies.versions(session, campaign.id)
        self.now = clock.now(session)
        self._names = _names(session, self.rows)

    @cached_property
    def _states(self) -> dict[int, PolicyState]:
        return policy_life.states(self.rows, self.now)

    @cached_property
    def topics(self) -> Sequence[Topic]:
        return policies.topics(self._session, self._campaign.id)

    def told(self, one: PolicyVersion) -> dict[str, Any]:
        return {
            "number": one.number,
            "base_number": one.base_number,
            "state": self._state(one),
            "reason": one.reason,
            "author": Named(one.author_id, self._names.get(one.author_id, "")),
            "approver": one.approver_id and Named(one.approver_id, self._names.get(one.approver_id, "")),
            "proposed_at": one.proposed_at,
            "published_at": one.published_at,
            "effective_at": one.effective_at,
            "restores": one.restores,
        }

    def changes(self, one: PolicyVersion, language: str) -> list[str]:
        base = next((other for other in self.rows if other.number == one.base_number), None)
        before = base.document if base else policy_default.default(self._campaign.languages)
        return policy_words.differences(before, one.document, language)

    def _state(self, one: PolicyVersion) -> PolicyState:
        if one.published_at is not None:
            return self._states[one.number]
        if one.proposed_at is not None:
            return PolicyState.PROPOSED
        topics = {topic.slug for topic in self.topics}
        has_faults = policy_checks.faults(one.document, self._campaign.languages, topics)
        return PolicyState.DRAFT if has_faults else PolicyState.CHECKED


def _names(session: Session, rows: Iterable[PolicyVersion]) -> dict[UUID, str]:
    ids = {id for one in rows for id in (one.author_id, one.approver_id) if id is not None}
    return dict(session.execute(select(Administrator.id, Administrator.name).where(Administrator.id.in_(ids))).all())
