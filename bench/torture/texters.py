"""Citizens with telephones: each texts the administrations from a number of their own, and keeps a journal."""

import json
from pathlib import Path
from typing import Any

import psycopg
import requests

from bench.torture.citizens import WORDS
from bench.torture.person import ANSWER_SECONDS, Person

# What the telephone company does to requests in both directions (`python -m channels.carrier --help`).
FAULTS = {
    "delay_seconds": 1,
    "webhook": {"duplicate": 0.05, "reorder": 0.05},
    "rest": {"drop": 0.02, "error_429": 0.05, "error_500": 0.02, "late_500": 0.02},
}


class Texter(Person):
    """Somebody who texts one of the *numbers* now and then; the telephone company takes it, or says that it did not."""

    number: str
    numbers: list[str]
    company: str

    def live(self) -> None:
        self.http.trust_env = False
        while not self.moments.over.is_set():
            self.text(self.random.choice(self.numbers))
            self.wait(0.3, 2.5)
        self.moments.gone.wait()

    def text(self, to: str) -> None:
        """Written down, sent, and the company's answer written down: from here on it must not be lost."""
        key = self.new_key()
        body = f"{self.random.choice(WORDS)} [{key}]"
        self.journal.write("intent", kind="text", key=key, body=body, twin=False, number=self.number)
        try:
            answer = self.http.post(
                f"{self.company}/carrier/phones/{self.number}",
                json={"do": "text", "to": to, "body": body},
                timeout=ANSWER_SECONDS,
            )
        except requests.RequestException:
            return
        if answer.ok:
            self.journal.write("accepted", key=key, id=None, seq=None, sid=answer.json()["sid"])
            self.accepted += 1


def misbehave(company_url: str, seed: int) -> None:
    """From here on the company does to requests what networks do."""
    told: dict[str, Any] = {"seed": seed, **FAULTS}
    requests.put(f"{company_url}/carrier/admin/faults", json=told, timeout=30).raise_for_status()


def under_way(people: list[Person], admin_url: str) -> dict[str, int]:
    """Texts that the company has and the house has not: its list will tell of them."""
    texted = sum(one.accepted for one in people if isinstance(one, Texter))
    if not texted:
        return {}
    taken = "SELECT count(*) FROM message WHERE kind = 'citizen' AND provider = 'twilio'"
    try:
        with psycopg.connect(admin_url, connect_timeout=3) as connection:
            row: Any = connection.execute(taken).fetchone()
    except psycopg.Error:
        return {"a server that answers": 1}
    return {"texts that the house has not": texted - row[0]} if texted > row[0] else {}


def company_lines(folder: Path) -> list[dict[str, str]]:
    """What the company's own ledger says that it took from us, as the console adapter's ledger would say it."""
    path = folder / "carrier" / "ledger.jsonl"
    found: dict[str, dict[str, str]] = {}
    for line in path.read_text().splitlines() if path.exists() else ():
        told = json.loads(line)
        if told["kind"] == "message" and told["direction"] == "outbound-api" and told["sid"] not in found:
            attempt = told["status_callback"].partition("#")[0].rpartition("/")[2]
            facts = {"id": told["sid"], "attempt": attempt, "channel": "sms"}
            found[told["sid"]] = {**facts, "to": told["to"], "body": told["body"]}
    return list(found.values())
