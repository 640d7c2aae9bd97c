"""One telephone company for all, an office and its agents for each test."""

from collections.abc import Iterator

import pytest

from config.settings import Settings
from contact import jobs
from contact.local import environment
from contact.unit_of_work import Database
from tests.carrier.company import Company
from tests.people import Staff
from tests.phone.telephony import Office


@pytest.fixture(scope="session")
def company() -> Iterator[Company]:
    """The company, twenty times as fast as life."""
    running = Company()
    yield running
    printed = running.stop()
    assert running.process.returncode == 0, printed
    assert "Traceback" not in printed, printed


@pytest.fixture
def office(
    company: Company,
    settings: Settings,
    database: Database,
    engine_database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Office]:
    """The tax service; its jobs read their settings from the environment, as workers do."""
    made = Office(company, settings, database, engine_database)
    for name, value in environment(made.settings).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TWILIO_BASE_URL", company.url)
    monkeypatch.setenv("UNKNOWN_OUTCOME_SECONDS", "0")
    monkeypatch.setenv("LOOK_UP_SECONDS", "0")
    jobs._house.cache_clear()
    yield made
    company.admin("faults", rest={}, webhook={}, queue={})
    jobs.house().database.engine.dispose()
    jobs._house.cache_clear()
    made.close()


@pytest.fixture
def amelie(office: Office) -> Staff:
    """Knows income tax, speaks French and English."""
    person = Staff(office.app, "amelie@accueil.example")
    person.ready()
    return person
