"""The wiring table is complete, and the locks name no place."""

import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from config.settings import Settings
from config.topics import QUEUES, TOPICS
from contact import relay, synthetic
from contact.local import processes
from contact.services import carrier_events, lines, replies, silence, text_choices

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize("topic", TOPICS.values(), ids=TOPICS)
def test_every_topic_has_its_job(topic):
    """A row that is handed on finds a function to run."""
    module, _, name = topic.job.rpartition(".")

    assert callable(getattr(importlib.import_module(module), name))


def test_every_deferred_topic_is_wired_and_every_wired_one_deferred():
    """No service defers what nobody would do, and nobody waits for what is never deferred."""
    sources = "\n".join(path.read_text() for path in (ROOT / "contact").rglob("*.py"))
    written = re.findall(r'defer\(\s*(?:session,\s*)?"([^"]+)"|"topic": "([^"]+)"', sources)
    named = (
        {one for pair in written for one in pair if one}
        | set(replies.DELIVER.values())
        | {silence.TOPIC, carrier_events.TOPIC, text_choices.TOPIC, lines.DIAL, lines.STEER, relay.CATCH_UP}
        | set(synthetic.ECHOES)
    )

    assert named == set(TOPICS)


def test_a_work_horse_finds_everything_imported():
    """What a job needs of the telephone company's client is there before the worker forks."""
    program = (
        "import sys; from contact.worker import prepare; prepare(); before = set(sys.modules);"
        " from twilio.rest import Client; client = Client('AC1', 'token'); client.calls; client.messages;"
        " print(*set(sys.modules) - before)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.split() == []


def test_nothing_stands_before_replies():
    """Their queue holds what leaves, and the synthetic citizen's echo, which measures it."""
    there = {name for name, topic in TOPICS.items() if topic.queue == "delivery" and not topic.leaves}

    assert there == {"synthetic.delivery"}


def test_every_queue_has_a_worker():
    """Each queue is some process's only one."""
    started = [process.argv[-1] for process in processes(Settings(), door=3) if "worker" in process.argv]

    assert sorted(set(started)) == list(QUEUES)


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock", "requirements-node.lock"])
def test_python_locks_name_no_place(name: str):
    """A lock says what and which digest, never where from."""
    assert not re.search(r"://|file:|(?<!\w)/[a-z]+/", (ROOT / name).read_text())


def test_npm_lock_names_no_place():
    """The same for the pages' packages."""
    lock = json.loads((ROOT / "web" / "package-lock.json").read_text())

    for name, package in lock["packages"].items():
        assert not {"resolved", "funding"} & set(package), name
    assert "://" not in json.dumps(lock)
