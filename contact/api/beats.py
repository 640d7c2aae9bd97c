"""Who is alive: the beats of this process's pages, gathered and told to the database once a second.

All pages answer in the same moment. A transaction for each would need a connection for each, and whoever wants to join
a room or to write would stand behind thousands of them.
"""

from collections import defaultdict
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError

from contact.domain.errors import Unavailable
from contact.scope import Scope
from contact.services import presence, visitors
from contact.unit_of_work import Database

EVERY_SECONDS = 1.0
_ACTION = "beat"
log = structlog.get_logger()
_agents: defaultdict[UUID, set[UUID]] = defaultdict(set)
_visitors: defaultdict[UUID, set[UUID]] = defaultdict(set)


def agent(outsourcer_id: UUID, agent_id: UUID) -> None:
    """The agent's page has answered."""
    _agents[outsourcer_id].add(agent_id)


def visitor(tenant_id: UUID, visitor_id: UUID) -> None:
    """The visitor's page has answered."""
    _visitors[tenant_id].add(visitor_id)


def tell(database: Database) -> None:
    """One statement for each outsourcer and each administration; what cannot be told now is told the next time."""
    for outsourcer_id in list(_agents):
        ids = _agents.pop(outsourcer_id)
        scope = Scope(action=_ACTION, outsourcer_id=outsourcer_id)
        try:
            resting = database.run(scope, lambda session, ids=ids: presence.seen(session, sorted(ids)))  # type: ignore[misc]
            for agent_id in resting:
                own = Scope(_ACTION, "account", agent_id, outsourcer_id=outsourcer_id, account_id=agent_id)
                database.run(own, lambda session, one=agent_id: presence.wake(session, one))  # type: ignore[misc]
        except (Unavailable, SQLAlchemyError) as fault:
            _agents[outsourcer_id] |= ids
            log.warning("beats_not_told", fault=type(fault).__name__)
    for tenant_id in list(_visitors):
        ids = _visitors.pop(tenant_id)
        scope = Scope(action=_ACTION, tenant_id=tenant_id)
        try:
            database.run(scope, lambda session, ids=ids: visitors.seen(session, sorted(ids)))  # type: ignore[misc]
        except (Unavailable, SQLAlchemyError) as fault:
            _visitors[tenant_id] |= ids
            log.warning("beats_not_told", fault=type(fault).__name__)
