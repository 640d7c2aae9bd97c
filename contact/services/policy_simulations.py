"""Drafts of a policy tried on a season: asked for, run step by step, kept with the version."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from contact.domain import policy_life
from contact.domain.documents import Document
from contact.domain.errors import CannotSimulate, Conflict
from contact.models import PolicySimulation
from contact.outbox import defer
from contact.services import clock, policies
from routing.simulation.chance import Chance
from routing.simulation.profile import Profile
from routing.simulation.rehearsal import Rehearsal

SEED = 1
_OPEN = (PolicySimulation.ended_at.is_(None),)


@dataclass(frozen=True, slots=True)
class NextRun:
    """The one that is to be done, and all it is made of."""

    rehearsal: Rehearsal
    step: int
    seed: int

    def run(self) -> dict[str, Any]:
        """Seconds of a processor, and no database."""

        def streams_of(day: str) -> Any:
            def stream(name: str) -> Chance:
                return Random(f"{self.seed}/{day}/{name}")

            return stream

        return self.rehearsal.run(self.step, streams_of)


def start(
    session: Session, campaign_id: UUID, account_id: UUID, version: int, known: Profile | None
) -> PolicySimulation:
    """Try the draft that was read beside what is in force; another simulation of it, done or not, is given up.

    *known*: who calls and who answers; None where nobody does.

    Raises:
        NotFound: No such campaign, or no draft.
        Conflict: Somebody else changed the draft meanwhile; facts carry its version.
        InvalidRequest: The document has faults; facts name each place.
        CannotSimulate: There is nobody to call or to answer, or no day to do it.
    """
    campaign, draft = policies.locked_draft(session, campaign_id)
    if draft.version != version:
        raise Conflict(version=draft.version)
    policies.refuse_faults(session, campaign, draft.document)
    now = clock.now(session)
    standing = policy_life.in_force(policies.versions(session, campaign_id), now)
    inputs = {
        "standing": standing and standing.document,
        "draft": draft.document,
        "numbers": [standing.number if standing else 0, draft.number],
        "known": known,
        "today": now.astimezone(policies.zone_of(session, campaign)).date().isoformat(),
    }
    if known is None or not (steps := rehearsal_of(inputs).steps):
        raise CannotSimulate(reason="nobody" if known is None else "never_open")
    session.execute(delete(PolicySimulation).where(PolicySimulation.policy_version_id == draft.id))
    made = PolicySimulation(
        tenant_id=campaign.tenant_id,
        policy_version_id=draft.id,
        asked_by=account_id,
        digest=digest(draft.document),
        seed=SEED,
        inputs=inputs,
        steps=steps,
        parts=[],
    )
    session.add(made)
    session.flush()
    _defer(session, made.id, 0)
    return made


def digest(document: Document) -> str:
    """The same for the same document, in whatever order its fields are."""
    return sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def rehearsal_of(inputs: Mapping[str, Any]) -> Rehearsal:
    """What a simulation was asked to try."""
    before, after = inputs["numbers"]
    return Rehearsal(
        inputs["standing"], inputs["draft"], (before, after), inputs["known"], date.fromisoformat(inputs["today"])
    )


def next_run(session: Session, simulation_id: UUID, step: int) -> NextRun | None:
    """None where it was given up, has ended, or has this step done."""
    query = select(PolicySimulation).where(PolicySimulation.id == simulation_id, *_OPEN)
    row = session.scalars(query).one_or_none()
    if row is None or len(row.parts) != step:
        return None
    return NextRun(rehearsal_of(row.inputs), step, row.seed)


def keep(session: Session, simulation_id: UUID, step: int, part: Mapping[str, Any]) -> None:
    """What the step came to; the next is due, or all is done. Nothing where it was given up or has the step."""
    done = func.jsonb_array_length(PolicySimulation.parts)
    row = session.execute(
        update(PolicySimulation)
        .where(PolicySimulation.id == simulation_id, done == step, *_OPEN)
        .values(parts=PolicySimulation.parts.concat([part]))
        .returning(PolicySimulation.steps)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if row is None:
        return
    if step + 1 < row.steps:
        _defer(session, simulation_id, step + 1)
    else:
        _end(session, simulation_id)


def fail(session: Session, simulation_id: UUID) -> None:
    """A step failed too often: whoever waits for it is told."""
    _end(session, simulation_id, has_failed=True)


def _end(session: Session, simulation_id: UUID, **values: bool) -> None:
    session.execute(
        update(PolicySimulation)
        .where(PolicySimulation.id == simulation_id, *_OPEN)
        .values(ended_at=func.now(), **values)
        .execution_options(synchronize_session=False)
    )


def _defer(session: Session, simulation_id: UUID, step: int) -> None:
    defer(session, "policy.simulate", simulation_id=simulation_id, step=step)
