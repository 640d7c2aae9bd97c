"""Fills an empty, migrated database with the demo, and says who may sign in and where citizens may write."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import NamedTuple

import psycopg
from sqlalchemy.engine import make_url

from contact.demo import people
from contact.demo.city import CITY
from contact.demo.copying import Ids, Rows, without_row_security
from contact.demo.employment import EMPLOYMENT
from contact.demo.history import History
from contact.demo.setting import add_setting
from contact.demo.taxes import TAXES
from contact.domain.errors import DomainError
from contact.domain.vocabulary import Role
from contact.services.sign_in import hash_password

PLANS = (TAXES, EMPLOYMENT, CITY)
_DAYS = 60
_RECENT_DAYS = 10
_OPENS_HOUR, _OPEN_HOURS = 7, 10
_BATCH_TICKETS = 2_000
_SAY_EVERY_TICKETS = 20_000


class DemoExists(DomainError):
    """The database is not empty: the demo is loaded once, into a database of its own."""

    code = "demo_exists"

    def __str__(self) -> str:
        return "demo_exists: this database already holds an administration; load the demo into an empty one"


class Login(NamedTuple):
    """An account of the demo; *what* says in a few words who that is."""

    login: str
    password: str
    role: str
    name: str
    what: str


class Chat(NamedTuple):
    """A chat that citizens can open."""

    address: str
    name: str


class Demo(NamedTuple):
    """What a person needs to try the demo."""

    logins: list[Login]
    chats: list[Chat]


def load(owner_url: str, *, seed: int = 1, tickets: int = 300, say: Callable[[str], object] = print) -> Demo:
    """Fill the empty database with the demo in one transaction, as its owner; *tickets* past matters over 60 days.

    The same seed gives the same people, stories and ids; times count back from today. Memory does not grow with
    *tickets*: rows are copied in batches. *owner_url* in libpq's or SQLAlchemy's form.

    Raises:
        DemoExists: There is an administration already.
    """
    random = Random(seed)
    now = datetime.now(UTC)
    url = make_url(owner_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as connection:
        with without_row_security(connection):
            if connection.execute("SELECT 1 FROM administration LIMIT 1").fetchone():
                raise DemoExists()
            rows = Rows(connection, Ids(random), now)
            offices = add_setting(rows, PLANS, hash_password(people.PASSWORD), now - timedelta(days=_DAYS + 30))
            histories = [History(rows, random, office, now) for office in offices]
            _add_tickets(rows, random, histories, tickets, now, say)
        connection.execute("ANALYZE")
    say(f"demo loaded: {len(PLANS)} administrations, {len(people.AGENTS)} agents, {tickets:,} tickets")
    return describe()


def describe() -> Demo:
    """The accounts and chats that `load` makes."""
    agents = [Login(plan.login, people.PASSWORD, Role.AGENT, plan.name, _about(plan)) for plan in people.AGENTS]
    supervisor = Login(people.SUPERVISOR[0], people.PASSWORD, Role.SUPERVISOR, people.SUPERVISOR[1], people.OUTSOURCER)
    administrators = [
        Login(login, people.PASSWORD, Role.ADMINISTRATOR, name, plan.name)
        for plan in PLANS
        for login, name in plan.administrators
    ]
    operator = Login(people.OPERATOR, people.PASSWORD, Role.OPERATOR, "Opérateur", "Plateforme")
    chats = [Chat(plan.addresses["chat"], f"{plan.name} : {plan.campaign['fr']}") for plan in PLANS]
    return Demo([*agents, supervisor, *administrators, operator], chats)


def _add_tickets(
    rows: Rows, random: Random, histories: list[History], tickets: int, now: datetime, say: Callable[[str], object]
) -> None:
    """Spread the tickets evenly over the days before today, in opening hours, in the order of time."""
    first_day = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=_DAYS)
    for number in range(tickets):
        day, hour = divmod((number + random.random()) * _DAYS / tickets, 1)
        at = first_day + timedelta(days=day, hours=_OPENS_HOUR + hour * _OPEN_HOURS)
        # By the day, not by the hour: a load at another time of day must tell the same stories.
        random.choice(histories).add_ticket(at, is_recent=day >= _DAYS - _RECENT_DAYS)
        if (number + 1) % _BATCH_TICKETS == 0:
            rows.flush()
        if (number + 1) % _SAY_EVERY_TICKETS == 0:
            say(f"{number + 1:,} of {tickets:,} tickets")
    rows.flush()


def _about(plan: people.AgentPlan) -> str:
    """Such as `income-tax 4, tax-credit 2; fr, en; impots-valmont`."""
    skills = ", ".join(f"{skill} {level}" for skill, level in plan.skills.items())
    return f"{skills}; {', '.join(plan.languages)}; {', '.join(plan.administrations)}"
