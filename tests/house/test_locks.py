"""Lock files: exact versions and hashes, and no word of where a machine fetched them."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-node.lock", "web/package-lock.json")
ADDRESS = re.compile(r"://|\bfile:|(?<![\w*+.)\]-])/\w|[A-Za-z]:\\|~/")


@pytest.mark.parametrize("name", LOCKS)
def test_no_addresses(name: str):
    """No URL, file: or absolute path: a lock is the same wherever it was made."""
    lines = (ROOT / name).read_text().splitlines()

    told = [line for line in lines if "integrity" not in line and ADDRESS.search(line)]

    assert told == []


@pytest.mark.parametrize("name", [name for name in LOCKS if name.startswith("requirements")])
def test_every_package_is_exact(name: str):
    """Each Python package has one version and at least one hash."""
    packages = re.split(r"\n(?=\S)", (ROOT / name).read_text().strip())

    assert packages
    assert [one for one in packages if not re.match(r"[\w.-]+==\S+.*\\\n(\s+--hash=sha256:[0-9a-f]{64})", one)] == []


def test_every_npm_package_has_its_integrity():
    """Each npm package has its digest, and none a `funding` or `resolved` key, which hold addresses."""
    packages = json.loads((ROOT / "web/package-lock.json").read_text())["packages"]

    installed = {name: found for name, found in packages.items() if name.startswith("node_modules/")}
    assert installed
    assert [name for name, found in installed.items() if not found.get("integrity", "").startswith("sha512-")] == []
    assert [name for name, found in packages.items() if {"funding", "resolved"} & found.keys()] == []
