"""Filters, search, cursors and counts with hostile input: nothing breaks, and nobody else's rows show."""

import base64
from typing import Any
from urllib.parse import quote

import pytest

from tests.isolation.routes import CLOSED, FIELDS, ROUTES, STRANGERS, Route, entitled, may, send
from tests.isolation.world import NAME, SECRET, World

ASKED = [(route, name) for route in ROUTES for name in route.query]
STRINGS = (
    "",
    "'",
    "' OR 1=1 --",
    "'; DROP TABLE ticket; --",
    "\\",
    "%",
    "_",
    "%%%_%",
    "\\%",
    "a & b",
    "a | !b",
    "a <-> b",
    "!",
    "-",
    "--",
    "-kanarivogel",
    "(((((",
    "a:*",
    ":*",
    "a:ABCD",
    '"',
    '"a OR "b',
    "or or or",
    "OR",
    "*",
    "$1",
    "%(words)s",
    ":words",
    "{0}{words}",
    "x" * 200,
    "x" * 3_000,
    "x " * 100,
    "-x " * 66,
    "é" * 200,
    "\x00",
    "a\x00b",
    "\r\nSet-Cookie: a=b",
    "\ufeff\u200b\u200d\u2060",
    "\u202eabc\u202c",
    "\U0001f600",
    "٣",
    "１",
    "1e400",
    "-1",
    "0",
    "101",
    "1.5",
    "true",
    "NaN",
    "9" * 30,
    "9" * 5_000,
    "-" + "9" * 30,
    "0x10",
    "1_0",
    " 1 ",
    "null",
    "[]",
    "${jndi:x}",
    "{{7*7}}",
    SECRET,
    f'"{SECRET}"',
    NAME,
)
# Percent-encoded as they are: no decoder of ours makes them.
RAW = ("%ED%A0%80", "%FF%FE", "%C0%AF", "%", "%zz", "%u0041", "a&q=b", "a;b")
TIMES = (
    "9999-12-31T23:59:59.999999+00:00",
    "9999-12-31T23:59:59-23:59",
    "0001-01-01T00:00:00+00:00",
    "0001-01-01T00:00:00+23:59",
    "2026-01-01T00:00:00",
    "2026-01-01",
    "-infinity",
    "infinity",
    "2026-13-01T00:00:00+00:00",
    "now",
)


def forged(world: World) -> list[str]:
    """Cursors that we never gave: another administration's row, times at the end of time, and noise."""
    row = world.things["ticket_id"]
    times = [base64.urlsafe_b64encode(f"{at}|{row}".encode()).decode() for at in TIMES]
    halves = ["", "|", "2026-01-01T00:00:00+00:00|", f"|{row}", f"2026-01-01T00:00:00+00:00|{row}|x", "\x00|\x00"]
    noise = [base64.urlsafe_b64encode(one.encode()).decode() for one in halves]
    return [*times, *noise, row, "====", "A", "AAAA", "/+/+", base64.b64encode(b"\xff" * 60).decode(), "é" * 10]


@pytest.mark.parametrize(("route", "name"), ASKED, ids=[f"{route}?{name}" for route, name in ASKED])
def test_hostile_questions(world: World, route: Route, name: str):
    """For each parameter of each query: an answer below 500, and for strangers not a byte of the city."""
    given = (*STRINGS, *(forged(world) if name == "cursor" else ()), *world.things.values())
    values = [*map(quote, given), *RAW]
    required = [f"{one}={(FIELDS | world.things)[one]}" for one in route.required_query if one != name]
    stranger = next(who for who in STRANGERS if may(who, route)) if route in CLOSED else "citizen elsewhere"
    secrets = world.secrets(stranger) if route in CLOSED else {SECRET}
    for value in values:
        query = "&".join([*required, f"{name}={value}"])
        for who in (stranger, entitled(route)):
            answer = send(world, who, route, query_string=query)
            told = f"{answer.headers}{answer.get_data(as_text=True)}"
            assert answer.status_code < 500, (query, told)
            assert who != stranger or [one for one in secrets if one in told] == [], query


@pytest.mark.parametrize("who", [who for who in STRANGERS if "agent" in who or "supervisor" in who])
def test_a_search_tells_neither_rows_nor_counts(world: World, who: str):
    """By words, names, numbers: the empty list, as for what nobody ever said."""
    numbers = world.ask("SELECT number FROM ticket WHERE tenant_id = %(it)s LIMIT 3", it=world.tenant_id)
    nothing = world.person(who).get("/tickets?q=xyzzyxyzzy")

    for words in (SECRET, f"{SECRET} un", *(one["number"] for one in numbers)):
        assert world.person(who).get(f"/tickets?q={words}") == nothing


def test_a_forged_cursor_pages_through_ones_own(world: World):
    """With another administration's ticket in it a cursor is only a place in one's own list."""
    zoe = world.person("agent of another outsourcer")
    every = {one["id"] for one in zoe.get("/tickets?limit=100")["items"]}
    told = base64.urlsafe_b64encode(f"9999-12-31T00:00:00+00:00|{world.things['ticket_id']}".encode()).decode()

    paged = {one["id"] for one in zoe.get(f"/tickets?limit=100&cursor={told}")["items"]}

    assert paged == every


def test_a_strangers_board_counts_nothing_of_the_city(world: World):
    """Wallboard and work of those who serve others: no queue, no person, no number moves with the city's work."""
    yves, zoe = world.person("supervisor of another outsourcer"), world.person("agent of another outsourcer")

    def figures() -> list[Any]:
        board, work = yves.get("/wallboard"), zoe.get("/me/work")
        return [board["queues"], board["agents"], work["offers"], work["assignments"]]

    before = figures()
    moved = world.ask(
        "UPDATE contact SET state = CASE state WHEN 'assigned' THEN 'waiting' ELSE state END"
        " WHERE tenant_id = %(it)s RETURNING id",
        it=world.tenant_id,
    )
    after = figures()
    world.ask(
        "UPDATE contact SET state = 'assigned' WHERE tenant_id = %(it)s AND state = 'waiting' RETURNING id",
        it=world.tenant_id,
    )

    assert moved
    assert after == before


@pytest.mark.parametrize("route", [one for one in ROUTES if one.rule.startswith("/api/")], ids=str)
def test_nothing_is_cached_or_conditional(world: World, route: Route):
    """No ETag, no Last-Modified, no 304: an answer tells no second reader that something is there or has changed."""
    for condition in (
        {},
        {"If-None-Match": "*"},
        {"If-Modified-Since": "Fri, 31 Dec 9999 23:59:59 GMT"},
        {"If-Match": "x"},
    ):
        answer = send(world, "agent elsewhere", route, headers=condition)
        if route.endpoint == "accounts.close_session":
            world.forget("agent elsewhere")
        assert answer.status_code not in (304, 412, 206)
        assert {"ETag", "Last-Modified", "Content-Range"} & set(answer.headers.keys()) == set()
        assert answer.headers["Cache-Control"] == "no-store"
