"""Which kinds of contact are tortured: here a new one is added, as a function that makes its people."""

from collections.abc import Callable, Mapping
from pathlib import Path

from bench.torture.agents import Agent
from bench.torture.callers import Caller
from bench.torture.citizens import Citizen
from bench.torture.journal import Journal
from bench.torture.person import Moments, Person
from bench.torture.texters import Texter
from contact import demo
from contact.telephone_setup import VOICE_NUMBERS

CITIZENS = 16
TEXTERS, TEXTS_EACH = 25, 41
CALLERS, CALLS_EACH = 50, 6
SCRIPTED = {"calls": CALLERS * CALLS_EACH, "texts": TEXTERS * TEXTS_EACH}
# Of the demo's three administrations.
TEXTED = ("36101", "36102", "36103")
CALLED = tuple(VOICE_NUMBERS.format(number) for number in (1, 2, 3))
Making = Callable[[str, Path, int, Moments], list[Person]]


def agents(base: str, folder: Path, seed: int, moments: Moments) -> list[Person]:
    """Every agent of the demo; they serve whatever channel there is."""
    people: list[Person] = []
    for login in demo.describe().logins:
        if login.role == "agent":
            name = f"agent-{login.login.partition('@')[0]}"
            one = Agent(name, base, seed, Journal(folder / f"{name}.jsonl"), moments)
            one.login, one.password, one.company = login.login, login.password, company(base)
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


def phone(base: str, folder: Path, seed: int, moments: Moments) -> list[Person]:
    """Citizens with telephones: 300 calls and more than 1,000 texts, however long it takes."""
    people: list[Person] = []
    for turn in range(TEXTERS):
        name = f"texter-{turn:02}"
        texter = Texter(name, base, seed, Journal(folder / f"{name}.jsonl"), moments)
        texter.number, texter.numbers, texter.left = f"+336123400{turn:02}", list(TEXTED), TEXTS_EACH
        texter.company = company(base)
        people.append(texter)
    for turn in range(CALLERS):
        name = f"caller-{turn:02}"
        caller = Caller(name, base, seed, Journal(folder / f"{name}.jsonl"), moments)
        caller.turn, caller.numbers, caller.left = turn, list(CALLED), CALLS_EACH
        caller.company = company(base)
        people.append(caller)
    return people


def company(base: str) -> str:
    """The telephone company's address: the third port after the house's."""
    return f"http://127.0.0.1:{int(base.rpartition(':')[2]) + 3}"


KINDS: Mapping[str, Making] = {"chat": chat, "phone": phone}
