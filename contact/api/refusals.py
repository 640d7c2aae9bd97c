"""What an account was refused is recorded: somebody who tries doors is seen by their own side.

The row belongs to the outsourcer or the administration of whoever asked, never to the owner of the thing they asked
for: it must not tell that the thing exists. Whoever is not signed in leaves a line in the log only.
"""

import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import structlog
from flask import g, request

from contact import audit
from contact.api.context import house, identity, request_id
from contact.domain.errors import DomainError, Forbidden, NotFound
from contact.scope import Scope

# The names by which requests name a thing, in their path, query or body.
NAMED = {
    "recording_id": "recording",
    "attachment_id": "attachment",
    "ticket_id": "ticket",
    "offer_id": "offer",
    "assignment_id": "assignment",
    "campaign_id": "campaign",
    "grant_id": "agent_grant",
    "agent_id": "agent",
    "account_id": "carrier_account",
    "interaction_id": "interaction",
    "override_id": "valve_override",
}
WINDOW_SECONDS = 60.0
_ACCOUNTS_MAX = 10_000
log = structlog.get_logger()
# Per account: since when we count, and how many. In this process only: a bound on rows, not on what may be asked.
_counts: OrderedDict[UUID, tuple[float, int]] = OrderedDict()


def record_request(error: DomainError) -> None:
    """Record that the request of a signed-in account was refused with *error*."""
    if not isinstance(error, Forbidden | NotFound):
        return
    me = identity()
    if me is None:
        return
    scope = Scope(
        action=str(request.endpoint),
        actor_kind="account",
        actor_id=me.account_id,
        account_id=me.account_id,
        outsourcer_id=me.outsourcer_id,
        tenant_id=me.tenant_id,
        request_id=request_id(),
    )
    record(scope, error.code, _thing())


def record(scope: Scope, code: str, thing: tuple[str, UUID] | None) -> None:
    """One row about *thing* (entity and id), else about the account, in a transaction of its own: the refused one is
    gone. A fault here changes no answer."""
    if scope.account_id is None:
        return
    unrecorded = _count(scope.account_id, time.monotonic())
    if unrecorded is None:
        log.warning("refusal_unrecorded", account_id=str(scope.account_id), code=code, why="too_many")
        return
    entity, entity_id = thing or ("account", scope.account_id)
    facts: dict[str, Any] = {"code": code} | ({"unrecorded_before": unrecorded} if unrecorded else {})
    try:
        house().database.run(scope, lambda session: audit.record(session, scope.action, entity, entity_id, **facts))
    except Exception as fault:
        log.warning("refusal_unrecorded", account_id=str(scope.account_id), code=code, why=type(fault).__name__)


def _count(account_id: UUID, now: float) -> int | None:
    """How many of the account's refusals were left out before this one, which is to be recorded; None: leave it out."""
    most = house().settings.refusals_recorded_max
    since, count = _counts.pop(account_id, (now, 0))
    left_out = 0
    if now - since >= WINDOW_SECONDS:
        since, count, left_out = now, 0, max(0, count - most)
    _counts[account_id] = (since, count + 1)
    while len(_counts) > _ACCOUNTS_MAX:
        _counts.popitem(last=False)
    return left_out if count < most else None


def _thing() -> tuple[str, UUID] | None:
    body = g.get("body")
    sources: tuple[Mapping[str, object], ...] = (
        request.view_args or {},
        request.args,
        body if isinstance(body, dict) else {},
    )
    for source in sources:
        for name, entity in NAMED.items():
            if name in source and (found := _id(source[name])):
                return entity, found
    return None


def _id(value: object) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None
