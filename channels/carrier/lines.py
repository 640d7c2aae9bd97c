"""Lines: what happens at each phone and each registered browser, as numbered events that anybody there can follow."""

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any

from channels.carrier.records import Message
from channels.carrier.world import World

if TYPE_CHECKING:
    from channels.carrier.legs import Leg

EVENTS_MAX = 2_000
# A browser that asks for events at least this often can be rung.
REGISTERED_SECONDS = 30.0


class Line:
    """One phone (`+33…`) or browser (`client:name`)."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.events: deque[dict[str, Any]] = deque(maxlen=EVENTS_MAX)
        self.legs: dict[str, Leg] = {}
        self.sockets = 0
        self.may_be_rung = True
        self.last_asked = float("-inf")
        self.sequence = 0
        self._waiting: list[asyncio.Future[None]] = []

    def tell(self, name: str, **facts: Any) -> None:
        """Add an event."""
        self.sequence += 1
        self.events.append({"seq": self.sequence, "type": name, **facts})
        for one in self._waiting:
            if not one.done():
                one.set_result(None)
        self._waiting.clear()

    async def since(self, sequence: int, seconds: float) -> list[dict[str, Any]]:
        """The events after *sequence*; waits up to *seconds* (the machine's) for one."""
        self.last_asked = asyncio.get_running_loop().time()
        if sequence > self.sequence:
            # Counted before a restart of the company.
            sequence = 0
        if not self.sequence > sequence and seconds > 0:
            changed = asyncio.get_running_loop().create_future()
            self._waiting.append(changed)
            await asyncio.wait({changed}, timeout=seconds)
            self.last_asked = asyncio.get_running_loop().time()
        return [one for one in self.events if one["seq"] > sequence]

    @property
    def is_registered(self) -> bool:
        """Somebody who may be rung follows what happens here."""
        return self.may_be_rung and (
            self.sockets > 0 or asyncio.get_running_loop().time() - self.last_asked < REGISTERED_SECONDS
        )


class Lines:
    """Every line, made when it is first asked for, with the texts that the ledger remembers."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._lines: dict[str, Line] = {}

    def at(self, address: str, account_sid: str = "") -> Line:
        """The line of *address*; browsers are known to one account only."""
        key = f"{account_sid}/{address}" if address.startswith("client:") else address
        if key not in self._lines:
            self._lines[key] = line = Line(address)
            for message in self.world.all(Message):
                self._tell(line, message)
        return self._lines[key]

    def text(self, message: Message) -> None:
        """*message* arrives at, or leaves, the phones it concerns."""
        for address in {message.to, message.from_ or ""}:
            if address in self._lines:
                self._tell(self._lines[address], message)

    def _tell(self, line: Line, message: Message) -> None:
        is_sent = message.direction == "inbound"
        other = message.to if is_sent else message.from_
        if line.address == (message.from_ if is_sent else message.to):
            way = "out" if is_sent else "in"
            media = [
                f"/2010-04-01/Accounts/{message.account_sid}/Messages/{message.sid}/Media/{one}"
                for one in message.media
            ]
            line.tell(
                "sms", sid=message.sid, way=way, other=other, body=message.body, media=media, at=message.date_created
            )
