"""What the units start, started by hand by their commands, as in production: a chat goes through."""

import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from config.settings import Settings
from contact import synthetic_setup
from contact.synthetic import Browser
from tests.deploy.files import ROOT, example_settings, here, unit_commands, unit_environment
from tests.figures import Figures
from tests.journeys.test_running import eventually
from tests.people import PASSWORD, TAXES
from tests.product import _free_block
from tests.sockets import Socket

STOP_SECONDS = 90


@pytest.fixture
def installation(settings: Settings, tmp_path: Path) -> Iterator[list[str]]:
    """Two web units with two processes each, two dispatchers, a relay, three workers, the synthetic citizen.

    Yields the addresses of the web units. At the end every process must leave by itself.
    """
    ports = [str(_free_block()) for _ in range(2)]
    env = example_settings() | {
        "SECRET_KEY": settings.secret_key,
        "DATABASE_URL": settings.database_url or "",
        "DATABASE_OWNER_URL": settings.database_owner_url or "",
        "DATABASE_ENGINE_URL": settings.database_engine_url or "",
        "REDIS_URL": settings.redis_url or "",
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "metrics"),
        "SYNTHETIC_URL": f"http://127.0.0.1:{ports[1]}",
        "SYNTHETIC_SECONDS": "1",
        "DRAIN_SECONDS": "0",
        "DATABASE_POOL_SIZE": "4",
        "PATH": "/usr/bin:/bin",
    }
    owner_url = "postgresql://" + env["DATABASE_OWNER_URL"].partition("://")[2]
    synthetic_setup.install(owner_url, settings.secret_key)
    wanted = [("guichet-web@", port) for port in ports] + [
        ("guichet-dispatcher@", "1"),
        ("guichet-dispatcher@", "2"),
        ("guichet-relay@", "1"),
        ("guichet-worker-calls@", "1"),
        ("guichet-worker-default@", "1"),
        ("guichet-worker-delivery@", "1"),
        ("guichet-worker-delivery@", "2"),
        ("guichet-synthetic", ""),
    ]
    commands = unit_commands()
    with ExitStack() as stack:
        log = stack.enter_context((tmp_path / "log").open("w+"))
        running = []
        for unit, instance in wanted:
            told = env | unit_environment(unit, instance)
            process = subprocess.Popen(here(commands[unit]), cwd=ROOT, env=told, stdout=log, stderr=log)
            stack.callback(_end, process)
            running.append(process)
        addresses = [f"http://127.0.0.1:{port}" for port in ports]
        for address in addresses:
            eventually(lambda address=address: _answers(f"{address}/readyz"), address)
        yield addresses
        for process in reversed(running):
            process.terminate()
        codes = {unit: process.wait(STOP_SECONDS) for (unit, _), process in zip(wanted, running, strict=True)}
        log.seek(0)
        assert codes == dict.fromkeys(codes, 0), log.read()[-4000:]


def test_a_chat_goes_through(installation: list[str]):
    """The citizen at one web unit, the agent at the other; frames cross; the synthetic citizen is answered as well."""
    first, second = installation
    citizen, agent = Browser(first), Browser(second)
    login = {"login": "amelie@accueil.example", "password": PASSWORD}
    agent.csrf = agent.ask("sign_in", "POST", "/session", login)["csrf_token"]
    heard: list[Any] = []
    socket = Socket(websocket_extra_options={"origin": example_settings()["PUBLIC_BASE_URL"]})
    socket.on("changed", heard.append)
    token = agent.ask("token", "POST", "/session/socket-token")["token"]
    socket.connect(second, auth={"token": token})
    agent.ask("ready", "PUT", "/me/state", {"state": "ready"})

    chat, words = f"/chat/{TAXES}", uuid4().hex
    citizen.ask("visitor", "POST", f"{chat}/visitor")
    topic = citizen.ask("page", "GET", chat)["topics"][0]["id"]
    citizen.ask("start", "POST", f"{chat}/conversation", {"topic_id": topic, "language": "fr", "body": words})
    offer = eventually(lambda: agent.ask("work", "GET", "/me/work")["offers"], "an offer")[0]
    ticket = agent.ask("accept", "POST", f"/offers/{offer['id']}/accept")["ticket_id"]
    socket.emit("join", {"room": f"ticket:{ticket}"})
    seen = [one["body"] for one in agent.ask("read", "GET", f"/tickets/{ticket}/messages")["items"]]
    agent.ask("reply", "POST", f"/tickets/{ticket}/messages", {"body": "bonjour"})
    told = [one["body"] for one in citizen.ask("answer", "GET", f"{chat}/messages?since=0")["items"]]
    heard.clear()
    citizen.ask("more", "POST", f"{chat}/messages", {"body": "merci"})

    assert words in seen
    assert "bonjour" in told
    eventually(lambda: any(one["room"] == f"ticket:{ticket}" for one in heard), "a frame from the other web unit")
    socket.disconnect()
    name = "guichet_synthetic_last_success_timestamp_seconds"
    eventually(lambda: _figures(first).sum(name) > 0, "the synthetic citizen is answered")
    figures = _figures(second)
    assert figures.sum("guichet_pool_led") == 1
    assert figures.sum("guichet_processes", process="dispatcher") == 2
    assert figures.sum("guichet_processes", process="worker:delivery") == 2


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _figures(address: str) -> Figures:
    with urllib.request.urlopen(f"{address}/metrics", timeout=30) as answer:
        return Figures(answer.read().decode())


def _end(process: subprocess.Popen[bytes]) -> None:
    """However the test ended, nothing of it stays; gunicorn and RQ take their own children with them."""
    if process.poll() is None:
        process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
        process.kill()
    process.wait()
