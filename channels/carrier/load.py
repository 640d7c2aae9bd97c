"""Scripted people: many callers and texters at once, each through the same steps, and a report of what came of them."""

import argparse
import asyncio
import json
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

HELP = """Steps, a JSON list; times are real seconds:
  ["call", "+33184880001"]        dial (only first)
  ["wait", "bienvenue", 30]       until something heard contains this text, at most so long
  ["press", "1"], ["say", "ma déclaration"], ["sleep", 2], ["hangup"]
  ["until_end", 600]              until the call ends
  ["text", "+33937000001", "Bonjour {n}"]   send an SMS; {n} is the person's index
  ["wait_text", "reçu", 30]       until an SMS that contains this arrives"""
NUMBERS_FROM = 600_000_000


class Gave(Exception):
    """A step did not come to its end."""


@dataclass
class Person:
    """One phone and its script."""

    base: str
    number: str
    index: int
    session: aiohttp.ClientSession
    seen: int = 0
    heard: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    is_over: bool = False
    status: str = ""
    call: str = ""

    async def command(self, **told: Any) -> dict[str, Any]:
        """Do something at the phone."""
        async with self.session.post(f"{self.base}/carrier/phones/{self.number}", json=told) as answer:
            found: dict[str, Any] = await answer.json()
            if answer.status != 200:
                raise Gave(found.get("code", str(answer.status)))
            return found

    async def follow(self) -> None:
        """Take the events that have come."""
        url = f"{self.base}/carrier/phones/{self.number}/events"
        async with self.session.get(url, params={"since": str(self.seen), "wait": "5"}) as answer:
            for event in (await answer.json())["events"]:
                self.seen = event["seq"]
                if event["type"] == "heard":
                    self.heard.append(event["text"])
                elif event["type"] == "sms" and event["way"] == "in":
                    self.texts.append(event["body"])
                elif event["type"] == "ended" and event["call"] in ("", self.call):
                    self.is_over, self.status = True, event["status"]

    async def wait(self, found: list[str], wanted: str, seconds: float) -> None:
        """Until one of *found* contains *wanted*; what was heard before that is then used up."""
        deadline = time.monotonic() + seconds
        while True:
            for position, text in enumerate(found):
                if wanted.casefold() in text.casefold():
                    del found[: position + 1]
                    return
            if self.is_over and found is self.heard:
                raise Gave(f"ended {self.status} before «{wanted}»")
            if time.monotonic() > deadline:
                raise Gave(f"not within {seconds} s: «{wanted}»")
            await self.follow()

    async def run(self, steps: list[list[Any]]) -> str:
        """Each step in turn; "done", or why not."""
        try:
            for name, *given in steps:
                await self.step(name, given)
        except Gave as fault:
            return str(fault)
        except (aiohttp.ClientError, TimeoutError) as fault:
            return type(fault).__name__
        finally:
            if self.call and not self.is_over:
                await asyncio.gather(self.command(do="hangup"), return_exceptions=True)
        return "done"

    async def step(self, name: str, given: list[Any]) -> None:
        """One step."""
        if name == "call":
            self.call = (await self.command(do="call", to=given[0]))["call"] or ""
        elif name == "wait":
            await self.wait(self.heard, given[0], given[1])
        elif name == "wait_text":
            await self.wait(self.texts, given[0], given[1])
        elif name == "press":
            await self.command(do="press", digits=given[0])
        elif name == "say":
            await self.command(do="say", text=given[0])
        elif name == "text":
            await self.command(do="text", to=given[0], body=given[1].replace("{n}", str(self.index)))
        elif name == "hangup":
            await self.command(do="hangup")
        elif name == "sleep":
            await asyncio.sleep(given[0])
        elif name == "until_end":
            await self._until_end(given[0])
        else:
            raise Gave(f"no such step: {name}")

    async def _until_end(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not self.is_over:
            if time.monotonic() > deadline:
                raise Gave(f"not ended within {seconds} s")
            await self.follow()


async def run(base: str, people: int, steps: list[list[Any]], spread: float, seed: int, first: int) -> dict[str, Any]:
    """Let *people* start within *spread* seconds; how they fared."""
    chance = random.Random(seed)
    connector = aiohttp.TCPConnector(limit=0)
    outcomes: Counter[str] = Counter()
    began = time.monotonic()
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=60)) as session:

        async def one(index: int, delay: float) -> None:
            await asyncio.sleep(delay)
            person = Person(base.rstrip("/"), f"+33{first + index}", index, session)
            outcomes[await person.run(steps)] += 1

        ones = [asyncio.create_task(one(index, chance.random() * spread)) for index in range(people)]
        while (pending := [task for task in ones if not task.done()]) and sys.stderr.isatty():
            print(f"\r{people - len(pending)} of {people}", end="", file=sys.stderr, flush=True)
            await asyncio.wait(pending, timeout=1)
        await asyncio.gather(*ones)
    return {"people": people, "seconds": round(time.monotonic() - began, 2), "outcomes": dict(outcomes)}


def main(arguments: list[str]) -> None:
    """`python -m channels.carrier load`."""
    made = argparse.ArgumentParser(
        "channels.carrier load",
        description=f"{__doc__}\n\n{HELP}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--url", required=True, help="the telephone company")
    made.add_argument("--people", type=int, default=10)
    made.add_argument("--steps", required=True, help="the JSON of the steps, or @FILE")
    made.add_argument("--spread", type=float, default=1.0, help="everybody starts within so many seconds (%(default)s)")
    made.add_argument("--seed", type=int, default=1)
    made.add_argument("--first", type=int, default=NUMBERS_FROM, help="the first phone is +33 and this (%(default)s)")
    told = made.parse_args(arguments)
    text = Path(told.steps[1:]).read_text(encoding="utf-8") if told.steps.startswith("@") else told.steps
    try:
        steps = json.loads(text)
        if not isinstance(steps, list) or not all(isinstance(step, list) and step for step in steps):
            raise ValueError("steps are a list of lists")
    except ValueError as fault:
        made.error(str(fault))
    report = asyncio.run(run(told.url, told.people, steps, told.spread, told.seed, told.first))
    print(json.dumps(report, ensure_ascii=False))
    sys.exit(0 if report["outcomes"] == {"done": told.people} else 1)
