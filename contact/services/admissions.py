"""The throttle's answer to a call at the end of its menu: the facts it is made of, and the row that keeps it.

Nobody holds a transaction open while the bucket is asked. So what is not answered yet is a `Question` that leaves the
transaction as an exception (`Unanswered`): whoever runs it asks outside, hands the answer over, and runs it again.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contact.domain import phones, policy
from contact.domain.deflection import LIVE_WAYS
from contact.domain.menu import Ending, Ends
from contact.domain.policy import Interval
from contact.domain.vocabulary import Channel, PresenceState
from contact.models import Admission, AgentGrant, Call, Campaign, PolicyVersion, Presence, Queue, Topic
from contact.services import call_menu, callers_before, clock, policies, queueing, valve_overrides
from routing import admission
from routing.admission import Ask, Asking, Limits, Valve
from routing.policy import admission_of, throttle_of
from routing.throttle import PLANNED_HANDLING_SECONDS

_ANSWERED = "admission"
_QUARTER_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Question:
    """A call that nobody answered yet, with all that decides but the bucket.

    *line_id* is what an idle agent must be able to serve; None: nothing of the kind has ever waited.
    """

    call_id: UUID
    campaign_id: UUID
    pool_id: UUID
    line_id: UUID | None
    planned: Limits
    asking: Asking
    number: int
    document: dict[str, Any]
    is_open: bool
    override: str | None
    at: float

    def answer(self, valve: Valve | None, ask: Ask) -> admission.Admission:
        """Decide; *ask* is the bucket. *valve* is None where nobody tells of the campaign's state."""
        known = replace(valve or Valve(), is_open=self.is_open, override=self.override)
        told = admission_of(self.document, self.number, known.mode, self.asking.line)
        ways = tuple(one for one in told.alternatives if one in LIVE_WAYS)
        return admission.decide(replace(told, alternatives=ways), self.asking, known, ask, self.at)


class Unanswered(Exception):
    """The transaction cannot go on before the *question* is answered; nothing of it is kept."""

    def __init__(self, question: Question) -> None:
        super().__init__("unanswered")
        self.question = question


def answered(session: Session, call_id: UUID, answer: admission.Admission) -> None:
    """Give the running transaction the answer to a question that an earlier one asked."""
    session.info.setdefault(_ANSWERED, {})[call_id] = answer


def decide(session: Session, call: Call, ending: Ending) -> Admission | None:
    """Keep the answer to the locked call, whose menu is over; None where no policy is in force: all are let in.

    Raises:
        Unanswered: It has to be asked first.
    """
    assert ending.topic_id is not None
    campaign = call_menu.of_call(session, call)
    version = policies.in_force(session, campaign.id)
    if version is None:
        return None
    found = session.info.get(_ANSWERED, {}).get(call.id)
    if found is None:
        raise Unanswered(_question(session, call, ending, campaign, version))
    kept = Admission(
        tenant_id=call.tenant_id,
        call_id=call.id,
        campaign_id=campaign.id,
        topic_id=ending.topic_id,
        policy_number=found.inputs["policy"],
        rule=found.rule,
        is_admitted=found.is_admitted,
        offered=[] if found.is_admitted else _offered(found),
        arrived_at=datetime.fromtimestamp(found.arrived_at, UTC),
        decided_at=datetime.fromtimestamp(found.inputs["decided_at"], UTC),
        inputs=found.told(),
    )
    session.add(kept)
    session.flush()
    return kept


def of_call(session: Session, call: Call) -> Admission | None:
    """What the call was answered."""
    return session.scalar(select(Admission).where(Admission.call_id == call.id))


def took(session: Session, call: Call, way: str) -> None:
    """A caller who was not let in has chosen; who was let in has not."""
    kept = of_call(session, call)
    if kept is not None and not kept.is_admitted:
        kept.taken = way


def _offered(found: admission.Admission) -> list[str]:
    """The alternative that is theirs, then what else their line can use."""
    return list(dict.fromkeys([str(found.alternative), *found.inputs["usable"]]))


def _question(session: Session, call: Call, ending: Ending, campaign: Campaign, version: PolicyVersion) -> Question:
    topic = session.get_one(Topic, ending.topic_id)
    document, local = version.document, policies.local(session, campaign)
    asking = Asking(
        phones.line_of(call.number, document["territory"]),
        _reasons(session, call, ending, topic, document),
        callers_before.before(session, call, campaign.id),
        _out_of_stock(session, campaign, document, local),
    )
    return Question(
        call_id=call.id,
        campaign_id=campaign.id,
        pool_id=session.get_one(Queue, topic.queue_id).pool_id,
        line_id=queueing.need_of(session, topic, call.language, Channel.VOICE),
        planned=_planned(session, campaign, document, local),
        asking=asking,
        number=version.number,
        document=document,
        is_open=policy.is_open(document, Channel.VOICE, local),
        override=valve_overrides.override_of(session, campaign.id),
        at=clock.now(session).timestamp(),
    )


def _reasons(session: Session, call: Call, ending: Ending, topic: Topic, document: dict[str, Any]) -> tuple[str, ...]:
    """Why the caller is exempt, by the codes of the throttle."""
    found = [admission.RESCUE] if ending.kind is Ends.EMERGENCY else []
    if topic.slug in document["exemptions"]["safety_topics"]:
        found.append("safety")
    if callers_before.returns_our_call(session, call, topic.campaign_id):
        found.append("returns_our_call")
    return tuple(found)


def _out_of_stock(session: Session, campaign: Campaign, document: dict[str, Any], local: datetime) -> frozenset[str]:
    """No more calls back are promised than can be made in this quarter of an hour, and none while none are made."""
    told = document["callbacks"]
    now = Interval(local.strftime("%H:%M"), local.strftime("%H:%M"))
    openings = [one for one in told["openings"] if one["day"] == local.weekday()]
    quarter = local - timedelta(seconds=local.timestamp() % _QUARTER_SECONDS)
    promised = session.execute(
        select(func.count()).where(
            Admission.campaign_id == campaign.id,
            Admission.is_admitted.is_(False),
            Admission.decided_at >= quarter,
            Admission.taken == "callback",
        )
    ).scalar_one()
    is_made = policy.covers(policy.in_order(openings), [now])
    return frozenset() if is_made and promised < told["per_quarter"] else frozenset({"callback"})


def _planned(session: Session, campaign: Campaign, document: dict[str, Any], local: datetime) -> Limits:
    """The pace while nobody measures: whoever is at work, at the planned length of a call."""
    pace = throttle_of(document, local.date())
    at_work = session.execute(
        select(func.count())
        .select_from(AgentGrant)
        .join(Presence, Presence.agent_id == AgentGrant.account_id)
        .where(
            AgentGrant.campaign_id == campaign.id,
            AgentGrant.revoked_at.is_(None),
            Presence.state != PresenceState.OFFLINE,
        )
    ).scalar_one()
    capacity = at_work / PLANNED_HANDLING_SECONDS
    return Limits(capacity, pace.burst, pace.floor_share * capacity, pace.returning_share * capacity)
