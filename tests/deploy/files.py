"""The deployment files, read: which commands they start, with which settings."""

import re
import shlex
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "config" / "deploy"
UNITS = DEPLOY / "systemd"
HOME = "/opt/guichet"
PROGRAM = [f"{HOME}/.venv/bin/python", "app.py"]


def unit_commands() -> dict[str, list[str]]:
    """By unit, the words after `app.py`."""
    found = {}
    for path in sorted(UNITS.glob("*.service")):
        words = shlex.split(re.findall(r"^ExecStart=(.+)$", path.read_text(), re.M)[0])
        assert words[:2] == PROGRAM, path.name
        found[path.stem] = words[2:]
    return found


def unit_environment(unit: str, instance: str) -> dict[str, str]:
    """What the unit itself sets, for one instance of it."""
    told = re.findall(r"^Environment=(\w+)=(.*)$", (UNITS / f"{unit}.service").read_text(), re.M)
    return {name: value.replace("%i", instance) for name, value in told}


def container_commands() -> dict[str, list[str]]:
    """By service of ours, the words after the image's entry point."""
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    return {name: one["command"].split() for name, one in services.items() if one["image"] == "guichet"}


def example_settings() -> dict[str, str]:
    """The example of the settings' file."""
    lines = (DEPLOY / "guichet.env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def here(words: list[str]) -> list[str]:
    """The command of a unit, in this checkout."""
    return [sys.executable, str(ROOT / "app.py"), *words]
