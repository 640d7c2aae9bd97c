"""Telephones at the company's door: a citizen's, and the one in an agent's browser."""

from collections.abc import Callable
from random import Random
from typing import Any

import requests

Tell = Callable[..., Any]


class Telephone:
    """One line at the company: a phone, or with a token a browser. Its events are read once."""

    def __init__(self, company: str, number: str = "", token: str = "") -> None:
        self.path = f"{company}/carrier/client" if token else f"{company}/carrier/phones/{number}"
        self.query = {"token": token} if token else {}
        self.http = requests.Session()
        self.seen = 0

    def do(self, wish: str, **facts: Any) -> dict[str, Any]:
        """Do something; what cannot be done (any more) gives nothing."""
        answer = self.http.post(self.path, params=self.query, json={"do": wish, **facts}, timeout=20)
        return answer.json() if answer.ok else {}

    def events(self, wait: int = 2) -> list[dict[str, Any]]:
        """What happened since the last time."""
        query: dict[str, str | int] = {**self.query, "since": self.seen, "wait": wait}
        answer = self.http.get(f"{self.path}/events", params=query, timeout=20)
        found: list[dict[str, Any]] = answer.json()["events"] if answer.ok else []
        self.seen = max([self.seen, *(one["seq"] for one in found)])
        return found


class Headset:
    """An agent's browser telephone: dials in once a call was accepted, says something now and then, ends what is left.

    *tell* asks the console for something: the JSON of a good answer, or None.
    """

    def __init__(self, company: str, tab: str, random: Random, tell: Tell) -> None:
        self.company, self.tab = company, tab
        self._random, self._tell = random, tell
        self._line: Telephone | None = None
        self._held = ""

    def see_to(self, assignment: dict[str, Any]) -> bool:
        """Dial in and talk; sometimes lose the browser, or hang up first. False when there is no line (any more)."""
        if assignment["state"] == "wrapping" or assignment.get("call") is None:
            return False
        drawn = self._random.random()
        if self._held != assignment["id"] or drawn < 0.03:
            self._dial_in(assignment)
        elif drawn < 0.06 and self._line is not None:
            self._line.do("hangup")
            self._held = ""
        elif drawn < 0.16:
            self._tell("POST", f"/interactions/{assignment['interaction_id']}/call/hang-up")
        elif self._line is not None and not self._line.do("say", text="Bonjour, que puis-je pour vous ?"):
            # The leg has ended, and the work has not: dial in again.
            self._held = ""
        return True

    def _dial_in(self, assignment: dict[str, Any]) -> None:
        wish = {"tab": self.tab, "take": True, "interaction_id": assignment["interaction_id"]}
        given = self._tell("POST", "/softphone/token", wish)
        if given is None:
            return
        self._line = Telephone(self.company, token=given["token"])
        self._line.events(0)
        self._line.do("connect", params={"interaction": assignment["interaction_id"]})
        self._held = assignment["id"]
