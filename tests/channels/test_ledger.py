"""The console adapter against its ledger process: what comes of each fault that one may ask for."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import ThreadingHTTPServer
from pathlib import Path
from uuid import UUID

import pytest

from channels.ledger import Ledger
from channels.ledger_faults import FAULTS, Faults, read_shares
from channels.ledger_process import Book, Handler
from contact.domain.outgoing import Outgoing

MESSAGE = Outgoing(
    "attempt-1", "sms", "+33100000000", "+33600000000", "Bonjour", "fr", datetime(2026, 1, 1, tzinfo=UTC), UUID(int=1)
)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    found = Book(tmp_path / "ledger.jsonl")
    yield found
    found.file.close()


@pytest.fixture
def adapter(book: Book) -> Iterator[Ledger]:
    """An adapter whose ledger runs in this process; `Handler.faults` may be set."""
    handler = type("Own", (Handler,), {"book": book, "faults": Faults()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    found = Ledger(f"http://127.0.0.1:{server.server_port}")
    found.handler = handler
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_delayed_message_is_taken(adapter: Ledger):
    """A slow carrier is no fault of its own."""
    adapter.handler.faults = Faults((("delay", 1.0),), delay_seconds=0.01)

    assert [adapter.send(MESSAGE)] == adapter.look_up(MESSAGE)


def test_no_fault_unasked(adapter: Ledger):
    """Without being asked for, none happens."""
    assert all(Faults().of(f"attempt-{number}") is None for number in range(100))
    assert [adapter.send(MESSAGE)] == adapter.look_up(MESSAGE)


def test_the_seed_decides():
    """The same seed gives each attempt the same fault; shares are kept about."""
    shares = (("drop", 0.3), ("429", 0.3))
    told = [Faults(shares, seed=1).of(f"attempt-{number}") for number in range(1000)]
    assert told == [Faults(shares, seed=1).of(f"attempt-{number}") for number in range(1000)]
    assert told != [Faults(shares, seed=2).of(f"attempt-{number}") for number in range(1000)]
    assert set(told) == {"drop", "429", None}


@pytest.mark.parametrize("told", [("drop=2",), ("flood=0.1",), ("drop=0.6", "429=0.6"), ("drop=x",), ("drop",)])
def test_wrong_faults_are_refused(told: tuple[str, ...]):
    """An unknown fault or a share that is none is said, not ignored."""
    with pytest.raises(ValueError, match=r"share|fault|float"):
        read_shares(told)


def test_all_faults_can_be_asked_for():
    """Every fault there is can be named on the command line."""
    assert [fault for fault, _ in read_shares([f"{fault}=0.1" for fault in FAULTS])] == list(FAULTS)


def test_a_line_cut_short_is_forgotten(tmp_path: Path):
    """A kill in the middle of a line, never answered for, spoils neither what stands before nor what comes after."""
    path = tmp_path / "ledger.jsonl"
    whole = json.dumps({"id": "L1", "attempt": "a-1"})
    path.write_text(f'{whole}\n{{"id": "L2", "att')

    book = Book(path)
    book.write({"attempt": "a-3"})
    book.file.close()

    assert [json.loads(line)["attempt"] for line in path.read_text().splitlines()] == ["a-1", "a-3"]
