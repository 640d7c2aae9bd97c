"""The one world that all these tests share: nothing they are refused may change it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from contact.web import create_app
from tests.conftest import fresh_database, product_settings
from tests.isolation.world import World, built


@contextmanager
def new_world(servers: dict[str, str], data_folder: Path) -> Iterator[World]:
    """Real commits, and so few connections that each request gets the last one's."""
    with fresh_database(servers) as name:
        settings = replace(
            product_settings(servers, name, data_folder), database_pool_size=2, refusals_recorded_max=100_000
        )
        app = create_app(settings, async_mode="threading")
        with built(app, settings) as made:
            yield made
        app.extensions["guichet"].database.engine.dispose()


@pytest.fixture(scope="session")
def world(servers: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Made once a worker."""
    with new_world(servers, tmp_path_factory.mktemp("world")) as made:
        yield made
