"""Queues: <Enqueue> and <Leave>, whom <Dial><Queue> takes, and the nine ways out."""

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

from channels.carrier.legs import Bridge, Leg
from channels.carrier.records import Queue, new_sid
from channels.carrier.twiml import HangUp, Left, Script, Source, Verb
from channels.carrier.webhooks import WebhookFailed

if TYPE_CHECKING:
    from channels.carrier.switch import Switch

NAME_MAX = 64
MUSIC_SECONDS = 30.0


class Member:
    """One who waits, and the bridge that somebody offers."""

    def __init__(self, leg: Leg, queue: Queue, since: float, date: float) -> None:
        self.leg = leg
        self.queue = queue
        self.since = since
        self.date_enqueued = date
        self.taken: asyncio.Future[tuple[Leg, Source | None]] = asyncio.get_running_loop().create_future()
        self.bridge: asyncio.Future[Bridge] = asyncio.get_running_loop().create_future()
        self.waited_seconds = 0


class Queues:
    """Who waits where."""

    def __init__(self, switch: "Switch") -> None:
        self.switch = switch
        self.members: dict[str, list[Member]] = {}
        self.changed = asyncio.Event()

    def open(self, account_sid: str, name: str, max_size: int = 1000) -> Queue:
        """The queue of that name, made if need be."""
        found: Queue | None = self.switch.world.named(Queue, account_sid, name)
        if found is None:
            now = self.switch.clock.now()
            found = self.switch.world.save(Queue(new_sid("QU"), account_sid, name, max_size, now, now))
        return found

    def waiting(self, queue: Queue) -> list[Member]:
        """Its members, first come first."""
        return self.members.setdefault(queue.sid, [])

    def waited(self, member: Member) -> int:
        """Seconds so far."""
        return round(self.switch.clock.seconds() - member.since)

    def average(self, queue: Queue) -> int:
        """How long those who wait have waited."""
        waits = [self.waited(one) for one in self.waiting(queue)]
        return round(sum(waits) / len(waits)) if waits else 0

    def params(self, member: Member) -> dict[str, str]:
        """What a waitUrl is told."""
        waiting = self.waiting(member.queue)
        return {
            "QueueSid": member.queue.sid,
            "QueuePosition": str(waiting.index(member) + 1 if member in waiting else 0),
            "QueueTime": str(self.waited(member)),
            "AvgQueueTime": str(self.average(member.queue)),
            "CurrentQueueSize": str(len(waiting)),
            "MaxQueueSize": str(member.queue.max_size),
        }

    def add(self, leg: Leg, queue: Queue) -> Member:
        """The leg waits from now on."""
        member = Member(leg, queue, self.switch.clock.seconds(), self.switch.clock.now())
        self.waiting(queue).append(member)
        self.changed.set()
        return member

    def remove(self, member: Member) -> None:
        """The leg waits no more."""
        if member in self.waiting(member.queue):
            self.waiting(member.queue).remove(member)
            member.waited_seconds = self.waited(member)

    async def take(self, queue: Queue, dequeuer: Leg, first: Source | None) -> Member:
        """Take the first who waits, and wait for one if there is none."""
        while not self.waiting(queue):
            self.changed.clear()
            await self.changed.wait()
        member = self.waiting(queue)[0]
        self.remove(member)
        member.taken.set_result((dequeuer, first))
        return member


async def enqueue(script: Script, element: Element) -> Source | None:
    """<Enqueue>: wait until taken, redirected, gone, or out by <Leave>."""
    switch, leg = script.switch, script.leg
    name = (element.text or "").strip()
    if len(name) > NAME_MAX:
        return script.action(element, {"QueueResult": "error"})
    if "system_error" in switch.world.faults.draw("queue"):
        return script.action(element, {"QueueResult": "system-error"})
    queue = switch.queues.open(leg.account.sid, name)
    if len(switch.queues.waiting(queue)) >= int(element.get("maxQueueSize") or queue.max_size):
        return script.action(element, {"QueueResult": "queue-full"})
    member = switch.queues.add(leg, queue)
    try:
        result = await _wait(script, element, member)
    except asyncio.CancelledError:
        switch.queues.remove(member)
        script.tell_action(element, _result(member, _cut_short(member)))
        raise
    except HangUp:
        switch.queues.remove(member)
        switch.end(leg)
        script.tell_action(element, _result(member, "hangup"))
        raise
    return script.action(element, _result(member, result))


def _result(member: Member, result: str) -> dict[str, str]:
    return {"QueueResult": result, "QueueSid": member.queue.sid, "QueueTime": str(member.waited_seconds)}


def _cut_short(member: Member) -> str:
    """Why a call left before its <Enqueue> was over."""
    if member.bridge.done() and not member.bridge.cancelled():
        return "bridged" if member.leg.is_over else "redirected-from-bridged"
    if member.taken.done() and not member.taken.cancelled():
        return "bridging-in-process"
    return "hangup" if member.leg.is_over else "redirected"


async def _wait(script: Script, element: Element, member: Member) -> str:
    """Music until something happens; the queue result."""
    queues = script.switch.queues
    music = asyncio.create_task(_music(script, element, member))
    try:
        waits: set[asyncio.Future[Any]] = {music, member.taken}
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        if not member.taken.done():
            queues.remove(member)
            try:
                music.result()
            except Left:
                return "leave"
            except WebhookFailed:
                return "error"
    finally:
        music.cancel()
        await asyncio.gather(music, return_exceptions=True)
    return await _bridge(script, member)


async def _bridge(script: Script, member: Member) -> str:
    """What the taker wants said first, then the two together until one is gone."""
    dequeuer, first = member.taken.result()
    told = {"QueueSid": member.queue.sid, "QueueTime": str(member.waited_seconds), "DequeingCallSid": dequeuer.call.sid}
    try:
        if first is not None:
            await Script(script.switch, member.leg, script.verbs, lambda: told).run(first)
        if dequeuer.is_over:
            return "error"
        bridge = Bridge(dequeuer, member.leg)
        member.bridge.set_result(bridge)
        try:
            await bridge.over.wait()
        finally:
            bridge.end()
        return "bridged"
    finally:
        # The taker waits for this bridge, or for the word that there will be none.
        member.bridge.cancel()


async def _music(script: Script, element: Element, member: Member) -> None:
    """The waitUrl's document again and again; without one, the company's own music."""
    queues, clock = script.switch.queues, script.switch.clock
    url = element.get("waitUrl")
    waiting = Script(script.switch, script.leg, _wait_verbs(script), lambda: queues.params(member))
    source = Source(urljoin(script.url, url or ""), element.get("waitUrlMethod", "POST"))
    while True:
        began = clock.seconds()
        if url is None:
            script.leg.hear("play", "music")
        if url:
            await waiting.run(source)
        # A document that takes no time would be asked for without end.
        shortest = 1.0 if url else MUSIC_SECONDS
        await clock.sleep(shortest - (clock.seconds() - began))


def _wait_verbs(script: Script) -> dict[str, Verb]:
    names = ("Play", "Say", "Pause", "Hangup", "Redirect", "Leave", "Gather")
    return {name: script.switch.verbs[name] for name in names}
