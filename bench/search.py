"""Inbox and search at a million tickets (LONG=1: ten million too), as the API asks for them, behind row security."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from random import Random
from statistics import median, quantiles
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy import text

from bench import search_data, waiting
from bench.report import check, is_long, note, progress
from bench.words import vocabulary
from config.logging import configure
from config.settings import Settings
from contact import demo
from contact.domain.vocabulary import TicketState
from contact.queries.shapes import Reader
from contact.queries.tickets import Filter, ticket_rows
from contact.queries.wallboard import granted_campaigns
from contact.scope import Scope
from contact.unit_of_work import Database, connect
from contact.web import create_app

TICKETS, MANY = 1_000_000, 10_000_000
ROUNDS = 3  # of each question the median counts: the machine may be shared
LIMIT_MS = 50
INBOX, NEWEST = "inbox", "search, the newest of rare and common words"
ONE_WORD = (
    "a word of half the tickets",
    "a frequent word",
    "a word of one in a hundred",
    "a word of one in a thousand",
    "a rare word",
)
MOST = 51  # a page, and one more that tells whether there is another


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody who asks: in each administration where they have a grant, a transaction each, as the API does."""

    database: Database
    backend_pid: int
    account_id: UUID
    outsourcer_id: UUID
    granted: Mapping[UUID, tuple[UUID, ...]]

    def page(self, wanted: Filter) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        for tenant_id, campaigns in self.granted.items():
            reader = Reader(self.account_id, "fr", campaigns)
            scope = Scope("bench", "account", self.account_id, tenant_id, self.outsourcer_id, self.account_id)
            rows += self.database.run(scope, lambda session, reader=reader: ticket_rows(session, reader, wanted))  # type: ignore[misc]
        return sorted(rows, key=lambda row: row["place"], reverse=True)[:MOST]


def inbox(agent: Agent, random: Random) -> Iterator[tuple[str, Filter]]:
    """What an agent lists, by kind."""
    everything = [id for campaigns in agent.granted.values() for id in campaigns]
    newest = agent.page(Filter(most=MOST))[0]["place"]
    for _ in range(4):
        campaign_id = random.choice(everything)
        yield "queues", Filter(most=MOST)
        yield "a campaign", Filter(campaign_id=campaign_id, most=MOST)
        yield "a deep page", Filter(before=_earlier(newest, random), most=MOST)
        yield "a deep page of a state", Filter(state="resolved", before=_earlier(newest, random), most=MOST)
        yield "mine", Filter("mine", most=MOST)
        yield "mine, of a campaign", Filter("mine", campaign_id=campaign_id, most=MOST)
        yield "mine, a deep page", Filter("mine", before=_earlier(newest, random), most=MOST)
    for state in TicketState:
        yield "a state", Filter(state=state, most=MOST)
        yield "mine, of a state", Filter("mine", state, most=MOST)


def search(agent: Agent, random: Random) -> Iterator[tuple[str, Filter]]:
    """What an agent looks for, by kind; the word of rank n in the vocabulary is said in proportion to 1/n."""
    known = vocabulary(search_data.WORDS)
    newest = agent.page(Filter(most=MOST))[0]
    ranks = ((1, 4), (5, 50), (50, 500), (500, 5_000), (5_000, search_data.WORDS))
    for kind, (low, high) in zip(ONE_WORD, ranks, strict=True):
        for _ in range(8):
            word = known[int(low * (high / low) ** random.random()) - 1]
            yield kind, Filter(words=word, most=MOST)
            yield f"{kind}, a deep page", Filter(words=word, before=_earlier(newest["place"], random), most=MOST)
    for _ in range(8):
        words = [known[int(2_000 ** random.random()) - 1] for _ in range(3)]
        yield "three words", Filter(words=" ".join(words), most=MOST)
        yield "a frequent word not beside another", Filter(words=f"{words[0]} -{words[1]}", most=MOST)
        yield "a frequent name", Filter(words=random.choice(("martin", "bernard", "petit", "zoe martin")), most=MOST)
        yield "a rare name", Filter(words=known[random.randrange(200, 4_000)], most=MOST)
        yield "a name and a word", Filter(words=f"martin {words[0]}", most=MOST)
        yield "a reference", Filter(words=f"ref{random.randrange(TICKETS // 100) * 100}", most=MOST)
        yield "nothing", Filter(words=f"introuvable{random.randrange(100)}", most=MOST)
    yield "a number", Filter(words=newest["number"], most=MOST)


def times(
    agents: list[Agent], kinds: Callable[[Agent, Random], Iterator[tuple[str, Filter]]], what: str
) -> list[tuple[str, float]]:
    """Each question's kind and milliseconds, of all agents; prints the middle and the slow ones of each kind."""
    asked = [(kind, agent, wanted) for agent in agents for kind, wanted in kinds(agent, Random(5))]
    by_clock, alone = [], []
    for number in range(ROUNDS):
        taken = [waiting.milliseconds(partial(agent.page, wanted), agent.backend_pid) for _, agent, wanted in asked]
        by_clock.append([clock for clock, _ in taken])
        alone.append([least for _, least in taken])
        progress(what, number + 1, ROUNDS)
    found = [median(one) for one in zip(*alone, strict=True)]
    clock = _p95([median(one) for one in zip(*by_clock, strict=True)])
    note(f"by the clock, other programs included: p95 {clock:.1f} ms")
    by_kind: dict[str, list[float]] = {}
    for (kind, _, _), milliseconds in zip(asked, found, strict=True):
        by_kind.setdefault(kind, []).append(milliseconds)
    for kind, some in by_kind.items():
        note(f"{kind:<44} median {median(some):7.1f} ms, slowest {max(some):7.1f} ms, of {len(some)}")
    return [(kind, milliseconds) for (kind, _, _), milliseconds in zip(asked, found, strict=True)]


@contextmanager
def agents(url: str) -> Iterator[list[Agent]]:
    """The one who sees every campaign, and the one who sees a two-hundredth of the tickets."""
    database = connect(url, pool_size=1)
    try:
        yield [_agent(database, login) for login in (search_data.AGENT, search_data.PARTIAL_AGENT)]
    finally:
        database.engine.dispose()


def _agent(database: Database, login: str) -> Agent:
    with database.reading(Scope("bench")) as session:
        found = session.execute(text("SELECT * FROM account_by_login(:login)"), {"login": login}).one()
    scope = Scope("bench", account_id=found.account_id, outsourcer_id=found.outsourcer_id)
    granted = database.run(scope, lambda session: granted_campaigns(session, found.account_id))
    pid = database.run(scope, lambda session: session.execute(text("SELECT pg_backend_pid()")).scalar_one())
    return Agent(database, pid, found.account_id, found.outsourcer_id, granted)


def _earlier(place: tuple[Any, UUID], random: Random) -> tuple[Any, UUID]:
    return place[0] - random.random() * (place[0] - place[0].replace(year=place[0].year - 2)), place[1]


def _p95(taken: list[float]) -> float:
    return quantiles(taken, n=20)[18]


def _over_http(url: str) -> None:
    """The same through the whole web application: sign-in, schemas, JSON."""
    configure("bench", "WARNING")
    app = create_app(
        replace(Settings(), database_url=url, database_pool_size=1, secret_key="-" * 32), async_mode="threading"
    )
    database: Database = app.extensions["guichet"].database
    client: FlaskClient = app.test_client()
    login = {"login": search_data.AGENT, "password": demo.describe().logins[0].password}
    assert client.post("/api/v1/session", json=login).status_code == 200
    with database.reading(Scope("bench")) as session:
        pid = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
    for what, path in (("inbox", ""), ("a frequent word", "?q=dossier"), ("a rare word", "?q=introuvable")):
        asked = [waiting.milliseconds(partial(client.get, f"/api/v1/tickets{path}"), pid) for _ in range(20)]
        note(f"the whole request, {what:<25} median {median(alone for _, alone in asked):7.1f} ms")
    database.engine.dispose()


def main() -> None:
    """A million; with LONG=1 ten million as well, against it."""
    with search_data.server() as server:
        slow: dict[int, dict[str, float]] = {}
        for tickets in (TICKETS, MANY) if is_long() else (TICKETS,):
            name = search_data.database(server, tickets)
            url = "postgresql+psycopg://" + server.url(name, "app_rw").partition("://")[2]
            with agents(url) as asking:
                note(f"{tickets:,} tickets")
                listed, found = times(asking, inbox, "inbox"), times(asking, search, "search")
                slow[tickets] = {
                    INBOX: _p95([taken for _, taken in listed]),
                    NEWEST: _p95([taken for kind, taken in found if kind in ONE_WORD]),
                    "search of every kind": _p95([taken for _, taken in found]),
                }
            _over_http(url)
        for what, taken in slow[TICKETS].items():
            check(f"{what} at {TICKETS:,} tickets, p95", taken, f"<= {LIMIT_MS}", "ms")
        if MANY in slow:
            for what in (INBOX, NEWEST):
                ratio = slow[MANY][what] / slow[TICKETS][what]
                check(f"{what} at {MANY:,} against {TICKETS:,}, p95", ratio, "<= 2", "x")
            # Several words cost by the rarest of them: no bound was set for that.
            note(f"search of every kind at {MANY:,}, p95 {slow[MANY]['search of every kind']:,.1f} ms")


if __name__ == "__main__":
    main()
