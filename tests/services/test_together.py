"""What is asked while work is under way is done at once, next, with an answer for each; the journey is by the API."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from flask import Flask

from contact.api.limits import VISITOR_COOKIE
from contact.domain.errors import Unavailable
from contact.together import AT_ONCE_MAX, Together
from tests.people import CITY, Citizen, idempotent
from tests.races import until_blocked

STEP_SECONDS = 20.0


class Work:
    """Doubles what it is given, and notes it; the first time it waits for `go_on`."""

    def __init__(self) -> None:
        self.served: list[list[int]] = []
        self.has_begun = threading.Event()
        self.go_on = threading.Event()
        self.faults: dict[int, Exception] = {}

    def __call__(self, asked: list[int]) -> list[int | None]:
        self.served.append(asked)
        self.has_begun.set()
        assert self.go_on.wait(STEP_SECONDS)
        for one in asked:
            if one in self.faults:
                raise self.faults[one]
        return [2 * one if one else None for one in asked]


@pytest.fixture
def threads():
    with ThreadPoolExecutor(AT_ONCE_MAX + 10) as found:
        yield found


def in_one_moment(
    threads: ThreadPoolExecutor, work: Work, asked: list[int], together: Together[int, int] | None = None
) -> list[Future[Any]]:
    """Each asks once the one before waits; then the work that keeps them waiting goes on."""
    together = together or Together()
    futures = [threads.submit(together.ask, "line", asked[0], work)]
    assert work.has_begun.wait(STEP_SECONDS)
    for number, one in enumerate(asked[1:], start=1):
        futures.append(threads.submit(together.ask, "line", one, work))
        eventually(lambda number=number: len(together._waiting["line"]) == number)
    work.go_on.set()
    return futures


def test_each_has_their_own_answer(threads: ThreadPoolExecutor):
    """The first is served alone and at once, those who come meanwhile together, in the order they came."""
    work = Work()
    futures = in_one_moment(threads, work, [1, 2, 3, 0, 5])

    assert [one.result(STEP_SECONDS) for one in futures] == [2, 4, 6, None, 10]
    assert work.served == [[1], [2, 3, 0, 5]]


def test_a_moment_has_its_measure(threads: ThreadPoolExecutor):
    """Never more at once than the bound; the others come next."""
    work = Work()
    asked = list(range(1, AT_ONCE_MAX + 4))
    futures = in_one_moment(threads, work, asked)

    assert [one.result(STEP_SECONDS) for one in futures] == [2 * one for one in asked]
    assert [len(one) for one in work.served] == [1, AT_ONCE_MAX, 2]


def test_a_fault_is_of_its_moment_alone(threads: ThreadPoolExecutor):
    """Who was in it is told to go alone; who came before, waits behind or comes later is served, in that line."""
    work, together = Work(), Together[int, int]()
    work.faults[3] = ValueError()
    asked = list(range(1, AT_ONCE_MAX + 4))
    first, *others = in_one_moment(threads, work, asked, together)

    assert first.result(STEP_SECONDS) == 2
    assert [one.result(STEP_SECONDS) for one in others] == [None] * AT_ONCE_MAX + [2 * one for one in asked[-2:]]
    assert together.ask("line", 40, work) == 80


def test_nobody_waits_behind_what_is_not_there(threads: ThreadPoolExecutor):
    """Nobody to ask is told to all who wait then, at once: not after a vain try for each moment of them.

    Who came before is served, and who comes later, in the same line.
    """
    work, together = Work(), Together[int, int]()
    work.faults[3] = Unavailable()
    first, *others = in_one_moment(threads, work, list(range(1, AT_ONCE_MAX + 4)), together)

    assert first.result(STEP_SECONDS) == 2
    assert {type(one.exception(STEP_SECONDS)) for one in others} == {Unavailable}
    assert [len(one) for one in work.served] == [1, AT_ONCE_MAX]
    assert together.ask("line", 40, work) == 80


def test_lines_do_not_wait_for_each_other(threads: ThreadPoolExecutor):
    """Whoever stands in another line is served while the work of this one takes its time."""
    together: Together[int, int] = Together()
    slow, quick = Work(), Work()
    quick.go_on.set()
    waits = threads.submit(together.ask, "slow", 1, slow)
    assert slow.has_begun.wait(STEP_SECONDS)

    assert together.ask("quick", 2, quick) == 4
    assert not waits.done()

    slow.go_on.set()
    assert waits.result(STEP_SECONDS) == 2
    assert not together._waiting


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + STEP_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.005)


POISON = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF NEW.body = 'poison' THEN RAISE EXCEPTION 'no'; END IF; RETURN NEW; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON message FOR EACH ROW EXECUTE FUNCTION refuse();
"""


def test_one_moment_of_two_administrations(app: Flask, servers: dict[str, str], database_name: str):
    """Two chats, all at once, with one message that the database refuses and one that comes twice: to each their own.

    The refused one is told so, alone; the repeated one is answered twice with the same message; each conversation holds
    its own words, once.
    """
    people = [Citizen(app), Citizen(app), Citizen(app), Citizen(app, CITY), Citizen(app, CITY)]
    for one in people:
        one.start("bonjour")
    # The first of each chat is served alone: behind them the others gather.
    said = [(0, "a", "the-words-a"), (3, "b", "the-words-b"), (1, "c", "the-words-c"), (2, "poison", "the-words-d")]
    said += [(1, "e", "the-words-e"), (1, "e", "the-words-e"), (4, "f", "the-words-f"), (4, "g", "the-words-g")]
    waiting = app.extensions["guichet"].chats._waiting

    with ThreadPoolExecutor(len(said)) as threads, psycopg.connect(servers["admin_url"], dbname=database_name) as root:
        root.execute(POISON)
        root.commit()
        root.execute("LOCK TABLE audit IN EXCLUSIVE MODE")
        answers = []
        for place, body, key in said:
            answers.append(threads.submit(say, app, people[place], body, key))
            eventually(lambda: sum(1 + len(line) for line in waiting.values()) == len(answers))
        until_blocked(root)
        root.rollback()
        answers = [one.result(STEP_SECONDS) for one in answers]

    assert [one.status_code for one in answers] == [201, 201, 201, 500, 201, 201, 201, 201]
    assert answers[4].get_json() == answers[5].get_json()
    # Who went alone after all went beside the others.
    assert [sorted(one["body"] for one in person.messages()[1:]) for person in people] == [
        ["a"],
        ["c", "e"],
        [],
        ["b"],
        ["f", "g"],
    ]


def say(app: Flask, person: Citizen, body: str, key: str) -> Any:
    """By a client of its own: one client is not for two threads."""
    cookie = person.client.get_cookie(VISITOR_COOKIE, path=person.base)
    assert cookie is not None
    headers = idempotent(key) | {"Cookie": f"{VISITOR_COOKIE}={cookie.value}"}
    return app.test_client(use_cookies=False).post(f"{person.base}/messages", json={"body": body}, headers=headers)
