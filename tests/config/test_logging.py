"""Logs: one form for every library, the ids on every line, nothing of what citizens wrote."""

import json
import subprocess
import sys

from tests.config.conftest import ROOT

# In a process of its own: logging is set up once for a whole process.
SCRIPT = """
import logging, threading
import structlog
from config.logging import bind, clear, configure

configure("web", "INFO")
log = structlog.get_logger("guichet")
bind(request_id="r-1", tenant_id="t-1")
log.info("message_received", body="My husband has died", part={"phone": "+33612345678", "sizes": [{"name": "Durand"}]})
logging.getLogger("library").warning("slow after %d s", 3)
log.debug("too_small")
try:
    words = "from the citizen"
    raise ValueError("duplicate\\nDETAIL:  Key (value)=(+33612345678\\n" + words + ") exists.\\nCONTEXT:  COPY")
except ValueError:
    log.exception("request_failed")
clear()
log.info("between")
threading.Thread(target=lambda: log.info("elsewhere")).start()
"""


def _lines() -> list[dict]:
    done = subprocess.run([sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_line():
    """Each line is JSON with its process, level, logger and time; libraries' lines have the request's ids too."""
    lines = _lines()

    assert [line["event"] for line in lines] == [
        "message_received",
        "slow after 3 s",
        "request_failed",
        "between",
        "elsewhere",
    ]
    assert [line.get("request_id") for line in lines] == ["r-1", "r-1", "r-1", None, None]
    assert [line.get("tenant_id") for line in lines] == ["t-1", "t-1", "t-1", None, None]
    assert {line["process"] for line in lines} == {"web"}
    assert [line["level"] for line in lines] == ["info", "warning", "error", "info", "info"]
    assert [line["logger"] for line in lines] == ["guichet", "library", "guichet", "guichet", "guichet"]
    assert all(line["timestamp"].endswith("Z") for line in lines)


def test_no_citizen_in_it():
    """What a citizen is or wrote shows as its length, at any depth; a traceback has neither variables nor rows."""
    received, _, failed, *_ = _lines()

    assert received["body"] == "<19 characters>"
    assert received["part"] == {"phone": "<12 characters>", "sizes": [{"name": "<6 characters>"}]}
    assert failed["exception"].endswith("ValueError: duplicate\nDETAIL: <hidden>\nCONTEXT:  COPY")
    assert "from the citizen" not in failed["exception"]
