"""Units of work under overload."""

import pytest
from prometheus_client import REGISTRY

from config.settings import Settings
from contact.domain.errors import Unavailable
from contact.scope import Scope
from contact.unit_of_work import connect


def test_who_found_no_connection_is_told_at_once(settings: Settings):
    """One wait for a connection, not four: those who come meanwhile would find the line ever longer."""
    database = connect(settings.database_url or "", pool_size=1, pool_timeout_seconds=0.2)
    retried = REGISTRY.get_sample_value("guichet_units_retried_total")
    with database.engine.connect(), pytest.raises(Unavailable):
        database.run(Scope(action="test"), lambda session: session.connection())

    assert REGISTRY.get_sample_value("guichet_units_retried_total") == retried
    database.engine.dispose()
