"""On whose behalf a transaction runs: one administration, one outsourcer, one account at most."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from config.logging import bind

_SET = text(
    "SELECT set_config('app.tenant', :tenant, true), set_config('app.outsourcer', :outsourcer, true),"
    " set_config('app.account', :account, true)"
)


@dataclass(frozen=True, slots=True)
class Scope:
    """What row security and the audit trail need to know. `action` is the word the audit rows of this unit carry."""

    action: str
    actor_kind: str = "system"
    actor_id: UUID | None = None
    tenant_id: UUID | None = None
    outsourcer_id: UUID | None = None
    account_id: UUID | None = None
    request_id: str | None = None


def enter(
    session: Session, *, tenant_id: UUID | None = None, outsourcer_id: UUID | None = None, is_told: bool = False
) -> None:
    """Give the running transaction its administration or outsourcer, once it is known.

    *is_told*: the statement that found it has set it in the database as well.

    Raises:
        ValueError: it has another one already: a transaction never changes sides.
    """
    scope: Scope = session.info["scope"]
    for before, after in ((scope.tenant_id, tenant_id), (scope.outsourcer_id, outsourcer_id)):
        if before and after and before != after:
            raise ValueError("a transaction has one administration and one outsourcer")
    session.info["scope"] = replace(
        scope, tenant_id=tenant_id or scope.tenant_id, outsourcer_id=outsourcer_id or scope.outsourcer_id
    )
    if not is_told:
        tell_database(session, None, session.connection())
    elif tenant_id:
        bind(tenant_id=str(tenant_id))


def act_as(session: Session, actor_kind: str, actor_id: UUID) -> None:
    """Name the actor of the running transaction, once they are recognised."""
    session.info["scope"] = replace(session.info["scope"], actor_kind=actor_kind, actor_id=actor_id)


def tell_database(session: Session, _transaction: Any, connection: Any) -> None:
    """Set what the row-security policies read; an `after_begin` listener, so that no transaction begins without.

    Log lines from here on tell the administration too.
    """
    scope: Scope = session.info["scope"]
    if scope.tenant_id:
        bind(tenant_id=str(scope.tenant_id))
    values = {"tenant": scope.tenant_id, "outsourcer": scope.outsourcer_id, "account": scope.account_id}
    # What is set ends with its transaction: a new one that is nobody's has nothing to unset.
    if any(values.values()):
        connection.execute(_SET, {name: str(value) if value else "" for name, value in values.items()})
