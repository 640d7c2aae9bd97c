"""One company for all tests, a customer for each; what left and came is judged by Twilio's own descriptions."""

from collections.abc import Iterator

import pytest

from tests.carrier.company import Company, Customer
from tests.carrier.judge import DESCRIPTIONS, judge


@pytest.fixture(scope="session")
def company() -> Iterator[Company]:
    """The company, twenty times as fast as life."""
    running = Company()
    yield running
    printed = running.stop()
    assert running.process.returncode == 0, printed
    assert "Traceback" not in printed, printed
    assert "never" not in printed, printed


@pytest.fixture
def customer(company: Company) -> Iterator[Customer]:
    """A customer; afterwards every request of the company must have been genuine, every answer in Twilio's shape."""
    made = Customer(company)
    yield made
    made.site.close()
    assert [one.path for one in made.site.asked if not one.is_genuine] == []
    if DESCRIPTIONS.exists():
        for seen in made.http.seen:
            judge(*seen)
