"""Logs: one form for every library, the ids on every line, nothing of what citizens wrote."""

import json
import subprocess
import sys
from typing import Any

import psycopg
import pytest

from config.tracebacks import as_text, summary
from tests.config.conftest import ROOT

# In a process of its own: logging is set up once for a whole process.
SCRIPT = """
import logging, threading, warnings
import structlog
from config.logging import bind, catch_all, clear, configure

configure("web", "INFO")
catch_all()
log = structlog.get_logger("guichet")
bind(request_id="r-1", tenant_id="t-1")
log.info("message_received", body="My husband has died", part={"phone": "+33612345678", "sizes": [{"name": "Durand"}]})
logging.getLogger("library").warning("slow after %d s", 3)
logging.getLogger("library").warning("cannot read %s of %s", "/search?q=Durand", "0198c0de-0000-7000-8000-000000000001")
logging.getLogger("library").warning("bad line: 'GET /Durand'")
logging.getLogger("twilio.http_client").info("Query Params: {'To': 'Durand'}")
log.debug("too_small")
try:
    words = "from the citizen"
    raise ValueError("duplicate\\nDETAIL:  Key (value)=(+33612345678\\n" + words + ") exists.\\nCONTEXT:  COPY")
except ValueError:
    log.exception("request_failed")
try:
    try:
        {}["Durand"]
    except KeyError as fault:
        raise RuntimeError("Durand") from fault
except RuntimeError:
    logging.getLogger("library").exception("failed")
clear()
log.info("between")
threading.Thread(target=lambda: log.info("elsewhere")).start()
warnings.warn("Durand")
thread = threading.Thread(target=lambda: int("Durand"))
thread.start()
thread.join()
raise SystemError("Durand")
"""


@pytest.fixture(scope="module")
def lines() -> list[dict[str, Any]]:
    """What the script logged; nothing is printed beside."""
    done = subprocess.run([sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert "Durand" not in done.stdout
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_line(lines: list[dict[str, Any]]):
    """Each line is JSON with its process, level, logger and time; libraries' lines have the request's ids too."""
    first = lines[:7]

    assert [line["event"] for line in first] == [
        "message_received",
        "slow after 3 s",
        "cannot read <16 characters> of 0198c0de-0000-7000-8000-000000000001",
        "bad line",
        "request_failed",
        "failed",
        "between",
    ]
    assert [line.get("request_id") for line in first] == ["r-1"] * 6 + [None]
    assert [line.get("tenant_id") for line in first] == ["t-1"] * 6 + [None]
    assert {line["process"] for line in lines} == {"web"}
    assert [line["level"] for line in first] == ["info", "warning", "warning", "warning", "error", "error", "info"]
    assert [line["logger"] for line in first] == ["guichet", *["library"] * 3, "guichet", "library", "guichet"]
    assert all(line["timestamp"].endswith("Z") for line in lines)


def test_no_citizen_in_it(lines: list[dict[str, Any]]):
    """What a citizen is or wrote shows as its length, at any depth; an exception shows its type and place only."""
    received = lines[0]
    failed, chained = (next(line for line in lines if line["event"] == event) for event in ("request_failed", "failed"))

    assert received["body"] == "<19 characters>"
    assert received["part"] == {"phone": "<12 characters>", "sizes": [{"name": "<6 characters>"}]}
    assert failed["exception"].endswith("ValueError")
    assert "from the citizen" not in failed["exception"]
    assert chained["exception"].index("KeyError") < chained["exception"].index("RuntimeError")


def test_what_nobody_caught(lines: list[dict[str, Any]]):
    """Warnings, threads and the end of a process are lines as all others."""
    warned = next(line for line in lines if line["event"] == "warning")
    uncaught = [line["fault"] for line in lines if line["event"] == "uncaught"]

    assert (warned["category"], warned["at"].partition(":")[0]) == ("UserWarning", "<string>")
    assert uncaught == ["ValueError", "SystemError"]


def test_what_a_database_refused(servers: dict[str, str]):
    """Of a database's error the rule that refused is told, not the row."""
    phone = "+33612345678"
    with psycopg.connect(servers["admin_url"]) as connection:
        connection.execute("CREATE TEMPORARY TABLE citizen (phone text CONSTRAINT one_phone PRIMARY KEY)")
        connection.execute("INSERT INTO citizen VALUES (%s)", [phone])
        with pytest.raises(psycopg.errors.UniqueViolation) as caught:
            connection.execute("INSERT INTO citizen VALUES (%s)", [phone])

    assert phone in str(caught.value)
    assert phone not in as_text(caught.value)
    told = "psycopg.errors.UniqueViolation: sqlstate=23505 table_name=citizen constraint_name=one_phone"
    assert summary(caught.value) == told
