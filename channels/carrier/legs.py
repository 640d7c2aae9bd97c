"""Legs: a call while it is alive, what its phone hears, and who hears what is said into it."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from channels.carrier.lines import Line
from channels.carrier.places import place
from channels.carrier.records import Account, Call
from channels.carrier.twiml import Source

if TYPE_CHECKING:
    from channels.carrier.recordings import Recorder

# What a leg runs: documents, or a part of somebody else's.
Program = Source | Callable[[], Coroutine[Any, Any, None]]
Inputs = asyncio.Queue[tuple[str, str]]
OVER = {"completed", "busy", "no-answer", "failed", "canceled"}


class Room(Protocol):
    """Where a leg talks with others."""

    def said(self, leg: "Leg", text: str) -> None:
        """*leg* says *text*."""

    def pressed(self, leg: "Leg", digits: str) -> None:
        """*leg* presses keys."""


class Leg:
    """A live call. *line* is the phone or browser at its other end, *far* that one's address."""

    def __init__(self, call: Call, account: Account, line: Line) -> None:
        self.call = call
        self.account = account
        self.line = line
        self.far = line.address
        self.answered = asyncio.Event()
        self.over = asyncio.Event()
        self.pick_up: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.room: Room | None = None
        self.recorders: list[Recorder] = []
        self.script: asyncio.Task[None] | None = None
        self.next: Program | None = None
        self.answered_at = 0.0
        self.is_muted = False
        self._inputs: Inputs | None = None

    @property
    def is_over(self) -> bool:
        """The call has ended."""
        return self.call.status in OVER

    def hear(self, kind: str, text: str, **facts: Any) -> None:
        """The phone hears: `say`, `play`, `tone`, or the `speech` or `digits` of somebody."""
        self.line.tell("heard", call=self.call.sid, kind=kind, text=text, **facts)

    def say(self, text: str) -> None:
        """The person at the phone speaks; who has muted the microphone is heard by nobody."""
        if self.is_muted:
            return
        self.line.tell("said", call=self.call.sid, text=text)
        for recorder in self.recorders:
            recorder.add(self, text)
        if self._inputs is not None:
            self._inputs.put_nowait(("speech", text))
        elif self.room is not None:
            self.room.said(self, text)

    def press(self, digits: str) -> None:
        """The person presses keys; those that nobody listens to are lost, as on a real line."""
        self.line.tell("pressed", call=self.call.sid, text=digits)
        if self._inputs is not None:
            for digit in digits:
                self._inputs.put_nowait(("digit", digit))
        elif self.room is not None:
            self.room.pressed(self, digits)

    @contextmanager
    def listening(self) -> Iterator[Inputs]:
        """While inside, keys and words come here."""
        self._inputs = Inputs()
        try:
            yield self._inputs
        finally:
            self._inputs = None


class Bridge:
    """Two legs that hear each other until one is gone. *on_star* hangs the second up at `*`."""

    def __init__(self, first: Leg, second: Leg, *, ends_on_star: bool = False) -> None:
        self.legs = (first, second)
        self.over = asyncio.Event()
        self.ends_on_star = ends_on_star
        for leg in self.legs:
            leg.room = self

    def said(self, leg: Leg, text: str) -> None:
        """The other hears it."""
        self._other(leg).hear("speech", text, by=leg.far)

    def pressed(self, leg: Leg, digits: str) -> None:
        """The other hears the tones."""
        self._other(leg).hear("digits", digits, by=leg.far)
        if self.ends_on_star and "*" in digits and leg is self.legs[0]:
            self.end()

    def _other(self, leg: Leg) -> Leg:
        return self.legs[1] if leg is self.legs[0] else self.legs[0]

    def end(self) -> None:
        """Both are alone again."""
        for leg in self.legs:
            if leg.room is self:
                leg.room = None
        self.over.set()


def voice_params(call: Call) -> dict[str, str]:
    """The parameters of every request about a call."""
    told = {
        "AccountSid": call.account_sid,
        "ApiVersion": "2010-04-01",
        "CallSid": call.sid,
        "CallStatus": call.status,
        "Called": call.to,
        "Caller": call.from_,
        "Direction": call.direction,
        "From": call.from_,
        "To": call.to,
    }
    for prefix, address in (("Called", call.to), ("Caller", call.from_), ("From", call.from_), ("To", call.to)):
        told |= place(prefix, address)
    if call.parent_call_sid:
        told["ParentCallSid"] = call.parent_call_sid
    if call.application_sid:
        told["ApplicationSid"] = call.application_sid
    if call.answered_by:
        told["AnsweredBy"] = call.answered_by
    if call.direction == "inbound" and call.status == "ringing" and not call.from_.startswith("client:"):
        told["CallToken"] = f'{{"parentCallInfoToken":"{call.sid}","identityHeaderTokens":[]}}'
    if call.direction == "inbound" and call.from_.startswith("+33"):
        told["StirVerstat"] = "TN-Validation-Passed-A"
    return {**call.parameters, **told}
