"""Policies of campaigns: drafted, proposed, published now or at a time, and taken back, by their administration."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session, defer

from contact.domain import policy, policy_checks, policy_default, policy_life
from contact.domain.errors import Conflict, InvalidRequest, NotFound, NothingBefore, SecondPersonNeeded
from contact.models import Administration, Campaign, PolicyVersion, Topic
from contact.models.base import LOCK
from contact.services import clock


@dataclass(frozen=True, slots=True)
class Draft:
    """What is written on version *base_number*; *version* is that of the draft it replaces, 0 for the first."""

    version: int
    base_number: int
    document: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Publication:
    """Why, and from when: `2027-05-10T08:00` by the administration's clock, None for at once."""

    version: int
    reason: str
    effective_at: str | None = None


def versions(session: Session, campaign_id: UUID) -> Sequence[PolicyVersion]:
    """All of the campaign, the draft with them, by number; a document is read where it is asked for."""
    query = select(PolicyVersion).where(PolicyVersion.campaign_id == campaign_id)
    return session.scalars(query.order_by(PolicyVersion.number).options(defer(PolicyVersion.document))).all()


def in_force(session: Session, campaign_id: UUID) -> PolicyVersion | None:
    """What holds at this moment."""
    return policy_life.in_force(versions(session, campaign_id), clock.now(session))


def is_open(session: Session, campaign: Campaign, what: str) -> bool:
    """Whether the policy in force has the phone, the relay service or the chat attended now; there is none: yes."""
    version = in_force(session, campaign.id)
    return version is None or policy.is_open(version.document, what, local(session, campaign))


def local(session: Session, campaign: Campaign) -> datetime:
    """What the administration's clock shows."""
    return clock.now(session).astimezone(zone_of(session, campaign))


def numbered(session: Session, campaign_id: UUID, number: int) -> PolicyVersion:
    """The campaign's version of that number, which there is."""
    query = select(PolicyVersion).where(PolicyVersion.campaign_id == campaign_id, PolicyVersion.number == number)
    return session.scalars(query).one()


def draft_of(session: Session, campaign_id: UUID) -> PolicyVersion | None:
    query = select(PolicyVersion).where(PolicyVersion.campaign_id == campaign_id, PolicyVersion.published_at.is_(None))
    return session.scalars(query).one_or_none()


def last_document(campaign: Campaign, found: Sequence[PolicyVersion]) -> dict[str, Any]:
    """What is published last, else what an administration begins with; as it can be edited."""
    published = policy_life.published(found)
    return published[-1].document if published else policy_default.default(campaign.languages)


def topics(session: Session, campaign_id: UUID) -> Sequence[Topic]:
    """Those that citizens may choose, in their order."""
    query = select(Topic).where(Topic.campaign_id == campaign_id, Topic.retired_at.is_(None))
    return session.scalars(query.order_by(Topic.rank, Topic.slug)).all()


def refuse_faults(session: Session, campaign: Campaign, document: dict[str, Any]) -> None:
    """
    Raises:
        InvalidRequest: facts name each place.
    """
    policy_checks.refuse_faults(document, campaign.languages, {one.slug for one in topics(session, campaign.id)})


def save(session: Session, campaign_id: UUID, author_id: UUID, new: Draft) -> PolicyVersion:
    """Keep a draft, right or wrong; what was proposed of it before is so no more.

    Raises:
        NotFound: No such campaign.
        Conflict: Somebody else changed the draft meanwhile; facts carry its version.
    """
    campaign = _locked(session, campaign_id)
    draft = draft_of(session, campaign_id)
    if (draft.version if draft else 0) != new.version:
        raise Conflict(version=draft.version if draft else 0)
    if draft is None:
        draft = PolicyVersion(
            tenant_id=campaign.tenant_id, campaign_id=campaign_id, number=_next_number(session, campaign_id)
        )
        session.add(draft)
    draft.base_number, draft.document, draft.author_id = new.base_number, new.document, author_id
    draft.reason, draft.proposed_at, draft.effective_at = "", None, None
    session.flush()
    return draft


def discard(session: Session, campaign_id: UUID, version: int) -> None:
    """Throw away the draft that was read.

    Raises:
        NotFound: No such campaign, or no draft.
        Conflict: Somebody else changed the draft meanwhile; facts carry its version.
    """
    _locked(session, campaign_id)
    draft = _draft(session, campaign_id)
    if draft.version != version:
        raise Conflict(version=draft.version)
    session.delete(draft)
    session.flush()


def publish(session: Session, campaign_id: UUID, account_id: UUID, how: Publication) -> PolicyVersion:
    """Bring the draft into force; where a second person is wanted and none has seen it, propose it.

    Raises:
        NotFound: No such campaign, or no draft.
        Conflict: The draft changed, or another version was published since it was begun; facts carry which.
        InvalidRequest: The document has faults, or the time has passed; facts name each place.
    """
    campaign = _locked(session, campaign_id)
    draft = _draft(session, campaign_id)
    found = versions(session, campaign_id)
    _refuse_stale(session, campaign, found, how.version)
    now = clock.now(session)
    draft.reason, draft.effective_at = how.reason, _moment(session, campaign, how.effective_at, now)
    if draft.author_id == account_id and _wants_second_person(draft.document, last_document(campaign, found)):
        draft.proposed_at = now
    else:
        _bring_into_force(draft, account_id, now)
    session.flush()
    return draft


def approve(session: Session, campaign_id: UUID, account_id: UUID, version: int) -> PolicyVersion:
    """Publish what somebody else proposed, with their reason and at their time, or at once when that has passed.

    Raises:
        NotFound: No such campaign, or nothing is proposed.
        SecondPersonNeeded: It is one's own.
        Conflict, InvalidRequest: as `publish`.
    """
    campaign = _locked(session, campaign_id)
    draft = _draft(session, campaign_id)
    if draft.proposed_at is None:
        raise NotFound()
    _refuse_stale(session, campaign, versions(session, campaign_id), version)
    if draft.author_id == account_id:
        raise SecondPersonNeeded()
    _bring_into_force(draft, account_id, clock.now(session))
    session.flush()
    return draft


def roll_back(session: Session, campaign_id: UUID, account_id: UUID, number: int, reason: str) -> PolicyVersion:
    """Take the version that was published last out of force or the timetable: the one before comes back at once.

    One person is enough: what comes back was published before. But where two were wanted, two are wanted still.

    Raises:
        NotFound: No such campaign.
        Conflict: Another version was published last; facts carry which.
        NothingBefore: There is none to go back to.
    """
    campaign = _locked(session, campaign_id)
    found = versions(session, campaign_id)
    _refuse_other(found, number)
    now = clock.now(session)
    before = policy_life.goes_back_to(found, now)
    if before is None:
        raise NothingBefore()
    is_for_two = _wants_second_person(before.document, last_document(campaign, found))
    restored = PolicyVersion(
        tenant_id=campaign.tenant_id,
        campaign_id=campaign_id,
        number=_next_number(session, campaign_id),
        base_number=number,
        document=before.document | {"needs_second_person": is_for_two},
        reason=reason,
        author_id=account_id,
        published_at=now,
        effective_at=now,
        restores=before.number,
        undoes=number,
    )
    session.add(restored)
    session.flush()
    return restored


def zone_of(session: Session, campaign: Campaign) -> ZoneInfo:
    """The clock that all times of a policy go by."""
    return ZoneInfo(
        session.scalars(select(Administration.time_zone).where(Administration.id == campaign.tenant_id)).one()
    )


def last_number(found: Sequence[PolicyVersion]) -> int:
    """Of the version that was published last; 0 for none."""
    published = policy_life.published(found)
    return published[-1].number if published else 0


def _bring_into_force(draft: PolicyVersion, account_id: UUID, now: datetime) -> None:
    draft.published_at = now
    draft.effective_at = max(draft.effective_at or now, now)
    draft.approver_id = account_id if account_id != draft.author_id else None


def _refuse_stale(session: Session, campaign: Campaign, found: Sequence[PolicyVersion], version: int) -> None:
    draft = next(one for one in found if one.published_at is None)
    if draft.version != version:
        raise Conflict(version=draft.version)
    _refuse_other(found, draft.base_number)
    refuse_faults(session, campaign, draft.document)


def _refuse_other(found: Sequence[PolicyVersion], number: int) -> None:
    if (last := last_number(found)) != number:
        raise Conflict(number=last)


def _wants_second_person(new: dict[str, Any], last: dict[str, Any]) -> bool:
    """By what was published last or by what is to be: to end it takes two as well."""
    return bool(new["needs_second_person"] or last["needs_second_person"])


def _moment(session: Session, campaign: Campaign, told: str | None, now: datetime) -> datetime | None:
    if told is None:
        return None
    try:
        moment = datetime.fromisoformat(told).replace(tzinfo=zone_of(session, campaign))
    except ValueError as error:
        raise InvalidRequest(fields={"effective_at": ["not_a_moment"]}) from error
    if moment <= now:
        raise InvalidRequest(fields={"effective_at": ["not_in_future"]})
    return moment


def _next_number(session: Session, campaign_id: UUID) -> int:
    query = select(func.max(PolicyVersion.number)).where(PolicyVersion.campaign_id == campaign_id)
    return (session.scalar(query) or 0) + 1


def locked_draft(session: Session, campaign_id: UUID) -> tuple[Campaign, PolicyVersion]:
    """
    Raises:
        NotFound: No such campaign, or no draft.
    """
    return _locked(session, campaign_id), _draft(session, campaign_id)


def _draft(session: Session, campaign_id: UUID) -> PolicyVersion:
    draft = draft_of(session, campaign_id)
    if draft is None:
        raise NotFound()
    return draft


def _locked(session: Session, campaign_id: UUID) -> Campaign:
    campaign = session.get(Campaign, campaign_id, with_for_update=LOCK)
    if campaign is None:
        raise NotFound()
    return campaign
