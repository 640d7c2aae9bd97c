"""The audit trail writes itself: each flushed change of a versioned row leaves one row, in the same transaction."""

from typing import Any
from uuid import UUID

from sqlalchemy import inspect
from sqlalchemy.orm import Session

from contact.models import Audit
from contact.models.base import Versioned
from contact.scope import Scope


def record_changes(session: Session, _context: Any, _instances: Any) -> None:
    """A `before_flush` listener: one audit row per new version, naming the fields that changed, not their content.

    A row that is deleted leaves one without a version.
    """
    scope: Scope = session.info["scope"]
    rows = [_row(scope, entity, 1, _set_columns(entity)) for entity in session.new if isinstance(entity, Versioned)]
    for entity in session.dirty:
        if isinstance(entity, Versioned) and session.is_modified(entity):
            rows.append(_row(scope, entity, entity.version + 1, _changed_columns(entity)))
    rows += [_row(scope, entity, None, []) for entity in session.deleted if isinstance(entity, Versioned)]
    session.add_all(rows)


def record(session: Session, action: str, entity: str, entity_id: UUID, **facts: Any) -> None:
    """Record what is no change of a row: a sign-in, a refusal. *facts* are ids and words of our own."""
    scope: Scope = session.info["scope"]
    session.add(
        Audit(
            tenant_id=scope.tenant_id,
            outsourcer_id=scope.outsourcer_id,
            actor_kind=scope.actor_kind,
            actor_id=scope.actor_id,
            action=action,
            entity=entity,
            entity_id=entity_id,
            facts=facts,
            request_id=scope.request_id,
        )
    )


def _row(scope: Scope, entity: Any, version: int | None, changed: list[str]) -> Audit:
    return Audit(
        tenant_id=getattr(entity, "tenant_id", None),
        outsourcer_id=None if hasattr(entity, "tenant_id") else entity.outsourcer_id,
        actor_kind=scope.actor_kind,
        actor_id=scope.actor_id,
        action=scope.action,
        entity=entity.__tablename__,
        entity_id=_key(entity),
        version=version,
        changed=changed,
        request_id=scope.request_id,
    )


def _key(entity: Any) -> UUID:
    """The row's id. Defaults are filled at flush, which is too late for the audit row: fill it now."""
    column = "id" if hasattr(entity, "id") else "agent_id"
    if getattr(entity, column) is None:
        setattr(entity, column, inspect(entity).mapper.columns[column].default.arg(None))
    found: UUID = getattr(entity, column)
    return found


def _set_columns(entity: Any) -> list[str]:
    state = inspect(entity)
    return sorted(name for name in state.mapper.columns.keys() if state.dict.get(name) is not None)  # noqa: SIM118


def _changed_columns(entity: Any) -> list[str]:
    state = inspect(entity)
    return sorted(name for name in state.mapper.columns.keys() if state.attrs[name].history.has_changes())  # noqa: SIM118
