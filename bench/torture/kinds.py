"""Which kinds of contact are tortured: here a new one is added, as a function that makes its people."""

from collections.abc import Callable, Mapping
from pathlib import Path

from bench.torture.agents import Agent
from bench.torture.citizens import Citizen
from bench.torture.journal import Journal
from bench.torture.person import Moments, Person
from bench.torture.texters import Texter
from contact import demo

CITIZENS = 16
TEXTERS = 24
# Of the demo's three administrations.
NUMBERS = ("36101", "36102", "36103")
Making = Callable[[str, Path, int, Moments], list[Person]]


def agents(base: str, folder: Path, seed: int, moments: Moments) -> list[Person]:
    """Every agent of the demo; they serve whatever channel there is."""
    people: list[Person] = []
    for login in demo.describe().logins:
        if login.role == "agent":
            name = f"agent-{login.login.partition('@')[0]}"
            one = Agent(name, base, seed, Journal(folder / f"{name}.jsonl"), moments)
            one.login, one.password = login.login, login.password
            people.append(one)
    return people


def chat(base: str, folder: Path, seed: int, moments: Moments) -> list[Person]:
    """Citizens in the web chats of every administration."""
    addresses = [one.address for one in demo.describe().chats]
    people: list[Person] = []
    for number in range(1, CITIZENS + 1):
        name = f"citizen-{number:02}"
        one = Citizen(name, base, seed, Journal(folder / f"{name}.jsonl"), moments)
        one.addresses = addresses
        people.append(one)
    return people


def text(base: str, folder: Path, seed: int, moments: Moments) -> list[Person]:
    """Citizens with telephones, at the company that is at the third port of the house."""
    port = int(base.rpartition(":")[2])
    people: list[Person] = []
    for number in range(1, TEXTERS + 1):
        name = f"texter-{number:02}"
        one = Texter(name, base, seed, Journal(folder / f"{name}.jsonl"), moments)
        one.number, one.numbers = f"+336123400{number:02}", list(NUMBERS)
        one.company = f"http://127.0.0.1:{port + 3}"
        people.append(one)
    return people


KINDS: Mapping[str, Making] = {"chat": chat, "text": text}
