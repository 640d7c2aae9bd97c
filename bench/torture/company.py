"""The telephone company of the tortured house: how it misbehaves, and what it knows when all is over."""

import json
from pathlib import Path
from typing import Any

import psycopg
import requests

# Its day is shorter, so that calls end and are called back soon.
SPEED = 5
# What it does to requests in both directions (`python -m channels.carrier --help`).
FAULTS = {
    "delay_seconds": 1,
    "webhook": {"duplicate": 0.05, "reorder": 0.05},
    "rest": {"drop": 0.02, "error_429": 0.05, "error_500": 0.02, "late_500": 0.02},
}
TEXTS = "SELECT count(*) FROM message WHERE kind = 'citizen' AND provider = 'twilio'"


class Company:
    """One company, reached where the house says, with its data in the house's *folder*."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self._ledger = folder / "carrier" / "ledger.jsonl"

    def misbehave(self, seed: int) -> None:
        """From here on it does to requests what networks do."""
        self._tell("clock", {"speed": SPEED})
        self._tell("faults", {"seed": seed, **FAULTS})

    def behave(self) -> None:
        self._tell("faults", {"webhook": {}, "rest": {}})

    def under_way(self, admin_url: str) -> dict[str, int]:
        """What it has, and the house has not yet: lines, requests, and texts that its list will tell of."""
        try:
            state = requests.get(f"{self.url}/carrier/admin/state", timeout=20).json()
            with psycopg.connect(admin_url, connect_timeout=3) as connection:
                row: Any = connection.execute(TEXTS).fetchone()
        except (requests.RequestException, psycopg.Error):
            return {"a company and a server that answer": 1}
        texted = len({line["sid"] for line in self._messages() if line["direction"] == "inbound"})
        found = {
            "live legs": state["live_calls"],
            "requests of the company": state["webhooks_under_way"],
            "texts that the house has not": texted - row[0],
        }
        return {name: count for name, count in found.items() if count > 0}

    def calls(self) -> list[dict[str, Any]]:
        """Its list of all calls."""
        found: list[dict[str, Any]] = requests.get(f"{self.url}/carrier/admin/call", timeout=60).json()
        return found

    def sent(self) -> list[dict[str, str]]:
        """What it took from us, as the console adapter's ledger would say it."""
        found: dict[str, dict[str, str]] = {}
        for line in self._messages():
            if line["direction"] == "outbound-api" and line["sid"] not in found:
                attempt = line["status_callback"].partition("#")[0].rpartition("/")[2]
                facts = {"id": line["sid"], "attempt": attempt, "channel": "sms"}
                found[line["sid"]] = {**facts, "to": line["to"], "body": line["body"]}
        return list(found.values())

    def _messages(self) -> list[dict[str, Any]]:
        told = [json.loads(line) for line in self._ledger.read_text().splitlines()] if self._ledger.exists() else []
        return [line for line in told if line["kind"] == "message"]

    def _tell(self, what: str, told: dict[str, Any]) -> None:
        requests.put(f"{self.url}/carrier/admin/{what}", json=told, timeout=30).raise_for_status()
