"""Which kinds of contact are tortured: here a new one is added, as a function that makes its people."""

from collections.abc import Callable, Mapping
from pathlib import Path

from bench.torture.agents import Agent
from bench.torture.citizens import Citizen
from bench.torture.journal import Journal
from bench.torture.person import Moments, Person
from contact import demo

CITIZENS = 16
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


KINDS: Mapping[str, Making] = {"chat": chat}
