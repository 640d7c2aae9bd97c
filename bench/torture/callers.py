"""Citizens with telephones, and agents who answer them in their browsers: scripted by chance, at the company's door."""

from typing import Any

import requests

from bench.torture.agents import Agent
from bench.torture.person import Person

NUMBERS_FROM = 612_000_000
LISTEN_SECONDS = 60.0
TALK_SECONDS = (1.0, 4.0)
# What callers do: hang up in the menu, or while they wait; the others stay until somebody talks to them.
LEAVE_MENU, LEAVE_QUEUE = 0.06, 0.25


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


class Caller(Person):
    """Calls again and again, from a number of their own each time."""

    company: str
    numbers: list[str]
    turn: int
    calls: int

    def live(self) -> None:
        for call in range(self.calls):
            self.moments.gone.wait(self.random.uniform(0.0, 4.0))
            if self.moments.gone.is_set():
                return
            self._call(f"+33{NUMBERS_FROM + self.turn * 1000 + call}")
            self.accepted += 1

    def _call(self, number: str) -> None:
        phone = Telephone(self.company, number)
        phone.events(0)
        drawn = self.random.random()
        told = phone.do("call", to=self.random.choice(self.numbers))
        self.journal.write("called", number=number, call=told.get("call"))
        if not self._until(phone, "tapez") or drawn < LEAVE_MENU:
            phone.do("hangup")
            return
        phone.do("press", digits=self.random.choice("1120"))
        if self._until(phone, "file") and drawn < LEAVE_MENU + LEAVE_QUEUE:
            self.wait(0.2, 3.0)
            phone.do("hangup")
            return
        # Whoever talks is heard as speech; then it is soon over.
        if self._until(phone, "", kind="speech"):
            self.wait(*TALK_SECONDS)
        phone.do("hangup")
        phone.http.close()

    def _until(self, phone: Telephone, words: str, kind: str = "") -> bool:
        """Listen until something is heard; False when the line ends, or after a long time."""
        for _ in range(int(LISTEN_SECONDS / 2)):
            for event in phone.events():
                if event["type"] == "ended":
                    return False
                if event["type"] == "heard" and words in event["text"] and kind in ("", event["kind"]):
                    return True
            if self.moments.gone.is_set():
                return False
        return False


class Operator(Agent):
    """An agent who answers calls: dials in once accepted, says something now and then, ends what the citizen left."""

    company: str
    browser: Telephone | None = None
    held: str = ""

    def turn(self) -> None:
        """Look at the work; calls only."""
        if not self.headers and not self._sign_in():
            return
        self._keep_socket()
        work = self._tell("GET", "/me/work")
        if work is None:
            return
        if work["presence"]["state"] != "ready":
            self._tell("PUT", "/me/state", {"state": "ready"})
        for offer in work["offers"]:
            self._answer(offer)
        for assignment in work["assignments"]:
            self._see_to(assignment)

    def _answer(self, offer: dict[str, Any]) -> None:
        if self.random.random() < 0.9:
            self._tell("POST", f"/offers/{offer['id']}/accept")
        else:
            self._tell("POST", f"/offers/{offer['id']}/decline")

    def _see_to(self, assignment: dict[str, Any]) -> None:
        """Dial in, talk, wrap up; sometimes lose the browser, or hang up first."""
        if assignment["state"] == "wrapping":
            self._finish(f"/assignments/{assignment['id']}")
            return
        call, drawn = assignment.get("call"), self.random.random()
        if call is None:
            self._finish(f"/assignments/{assignment['id']}")
        elif self.held != assignment["id"] or drawn < 0.03:
            self._dial_in(assignment)
        elif drawn < 0.06 and self.browser is not None:
            self.browser.do("hangup")
            self.held = ""
        elif drawn < 0.16:
            self._tell("POST", f"/interactions/{assignment['interaction_id']}/call/hang-up")
        elif self.browser is not None and not self.browser.do("say", text="Bonjour, que puis-je pour vous ?"):
            # The leg has ended, and the work has not: dial in again.
            self.held = ""

    def _dial_in(self, assignment: dict[str, Any]) -> None:
        wish = {"tab": self.name, "take": True, "interaction_id": assignment["interaction_id"]}
        given = self._tell("POST", "/softphone/token", wish)
        if given is None:
            return
        self.browser = Telephone(self.company, token=given["token"])
        self.browser.events(0)
        self.browser.do("connect", params={"interaction": assignment["interaction_id"]})
        self.held = assignment["id"]
