"""<Dial>: to phones, browsers, the one who waits longest in a queue, or a conference."""

import asyncio
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

from channels.carrier.conferences import attend
from channels.carrier.legs import Bridge, Leg
from channels.carrier.places import is_dialable
from channels.carrier.recordings import Recorder
from channels.carrier.records import Call, new_sid
from channels.carrier.twiml import Script, Source

NOUNS_MAX = 10
TIMEOUT_SECONDS = 30.0
TIME_LIMIT_SECONDS = 14_400.0
EVENTS = {"initiated", "ringing", "answered", "completed"}


class Child:
    """A leg that a <Dial> makes: answered, perhaps told something first, then ready to be bridged."""

    def __init__(self, script: Script, leg: Leg, noun: Element) -> None:
        self.script = script
        self.leg = leg
        self.noun = noun
        self.ready = asyncio.Event()
        self.released = asyncio.Event()

    async def be_called(self) -> None:
        """The noun's document, then whatever is said across, until released, redirected or gone."""
        try:
            if self.noun.get("url"):
                source = Source(urljoin(self.script.url, self.noun.get("url", "")), self.noun.get("method", "POST"))
                await Script(self.script.switch, self.leg, self.script.verbs).run(source)
            self.ready.set()
            await self.released.wait()
        finally:
            self.released.set()

    async def ring(self, seconds: float) -> bool:
        """Was it answered?"""
        return await self.script.switch.ring(self.leg, seconds)


async def dial(script: Script, element: Element) -> Source | None:
    """<Dial>."""
    nouns = list(element)
    if not nouns:
        nouns = [Element("Number")]
        nouns[0].text = element.text
    if nouns[0].tag == "Conference":
        return await attend(script, element, nouns[0])
    if nouns[0].tag == "Queue":
        return await _dial_queue(script, element, nouns[0])
    return await _dial_people(script, element, nouns[:NOUNS_MAX])


async def _dial_people(script: Script, element: Element, nouns: list[Element]) -> Source | None:
    switch = script.switch
    children = [child for noun in nouns if (child := _child(script, element, noun)) is not None]
    if not children:
        return script.action(element, {"DialCallStatus": "failed"})
    script.leg.hear("tone", "ringing")
    winner: Child | None = None
    bridge: Bridge | None = None
    recorder: Recorder | None = None
    began = switch.clock.seconds()
    try:
        winner = await _first(children, float(element.get("timeout") or TIMEOUT_SECONDS))
        if winner is not None:
            switch.start(switch.drive(winner.leg, winner.be_called))
            if await _is_ready(winner):
                switch.answer(script.leg)
                began = switch.clock.seconds()
                bridge = Bridge(script.leg, winner.leg, ends_on_star=element.get("hangupOnStar") == "true")
                recorder = _recorder(script, element, winner)
                await _together(script, element, winner, bridge)
    except asyncio.CancelledError:
        _close(script, children, bridge, recorder)
        if script.leg.is_over:
            script.tell_action(element, _dialled(script, children, winner, bridge, recorder, began))
        raise
    _close(script, children, bridge, recorder)
    return script.action(element, _dialled(script, children, winner, bridge, recorder, began))


def _child(script: Script, element: Element, noun: Element) -> Child | None:
    """A leg to one noun; None for an address or a caller id that is none."""
    switch, call = script.switch, script.leg.call
    to = (noun.text or noun.findtext("Identity") or "").strip()
    if noun.tag == "Client":
        to = f"client:{to}"
    to = to.replace(" ", "")
    shown = element.get("callerId") or call.from_
    is_own = switch.world.number(shown, call.account_sid) is not None or shown in script.leg.account.caller_ids
    if noun.tag == "Number" and not is_own and shown != call.from_:
        switch.debug(script.leg, 13214)
        return None
    if not is_dialable(to) or (noun.tag == "Number" and shown.startswith("client:")):
        switch.debug(script.leg, 13224)
        return None
    parameters = {one.get("name", ""): one.get("value", "") for one in noun.iter("Parameter")}
    child = Call(new_sid("CA"), call.account_sid, "outbound-dial", to, shown, parent_call_sid=call.sid)
    child.parameters = parameters
    if noun.get("statusCallback"):
        child.callback_url = urljoin(script.url, noun.get("statusCallback", ""))
        child.callback_method = noun.get("statusCallbackMethod", "POST")
        child.callback_events = [one for one in noun.get("statusCallbackEvent", "completed").split() if one in EVENTS]
    return Child(script, switch.leg(child), noun)


async def _first(children: list[Child], seconds: float) -> Child | None:
    """Ring all; the first that answers, the others cancelled."""
    rings = {asyncio.create_task(child.ring(seconds)): child for child in children}
    winner = None
    pending = set(rings)
    try:
        while pending and winner is None:
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            winner = next((rings[one] for one in done if one.result()), None)
    finally:
        for one in pending:
            one.cancel()
    for child in children:
        if child is not winner:
            child.script.switch.end(child.leg, "canceled")
    return winner


async def _is_ready(winner: Child) -> bool:
    """Wait for the noun's own document; the called one may hang up meanwhile."""
    waits = [asyncio.create_task(one.wait()) for one in (winner.ready, winner.leg.over, winner.released)]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waits:
            one.cancel()
    return winner.ready.is_set() and not winner.released.is_set()


async def _together(script: Script, element: Element, winner: Child, bridge: Bridge) -> None:
    """Until either is gone or redirected, `*` is pressed, or it has lasted too long."""
    waits = [asyncio.create_task(one.wait()) for one in (winner.released, bridge.over)]
    limit = float(element.get("timeLimit") or TIME_LIMIT_SECONDS)
    try:
        await asyncio.wait(waits, timeout=limit / script.switch.clock.speed, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waits:
            one.cancel()


def _close(script: Script, children: list[Child], bridge: Bridge | None, recorder: Recorder | None) -> None:
    """The dialled legs end, unless one was redirected elsewhere."""
    if bridge is not None:
        bridge.end()
    if recorder is not None:
        recorder.finish()
    for child in children:
        if not child.leg.is_over and not (child.released.is_set() and child.ready.is_set()):
            script.switch.end(child.leg)
        child.released.set()


def _recorder(script: Script, element: Element, winner: Child) -> Recorder | None:
    if element.get("record", "do-not-record") in ("do-not-record", "false"):
        return None
    channels = 2 if "dual" in element.get("record", "") else 1
    recorder = Recorder(script.switch, script.leg.account, "DialVerb", call_sid=script.leg.call.sid, channels=channels)
    if element.get("recordingStatusCallback"):
        recorder.tells(urljoin(script.url, element.get("recordingStatusCallback", "")), element)
    recorder.start()
    for leg in (script.leg, winner.leg):
        leg.recorders.append(recorder)
    return recorder


def _dialled(
    script: Script,
    children: list[Child],
    winner: Child | None,
    bridge: Bridge | None,
    recorder: Recorder | None,
    began: float,
) -> dict[str, str]:
    """What `action` is told."""
    child = winner or children[-1]
    ended = [one.leg.call.status for one in children]
    status = (
        "completed" if winner else next((one for one in ("busy", "no-answer", "canceled") if one in ended), "failed")
    )
    told = {"DialCallSid": child.leg.call.sid, "DialCallStatus": status, "DialBridged": str(bridge is not None).lower()}
    if winner is not None:
        told["DialCallDuration"] = str(round(script.switch.clock.seconds() - began))
    if recorder is not None and recorder.recording.status == "completed":
        told["RecordingUrl"] = recorder.url
    return told


async def _dial_queue(script: Script, element: Element, noun: Element) -> Source | None:
    """<Dial><Queue>: the first who waits."""
    switch, leg = script.switch, script.leg
    queue = switch.queues.open(leg.account.sid, (noun.text or "").strip())
    first = None
    if noun.get("url"):
        first = Source(urljoin(script.url, noun.get("url", "")), noun.get("method", "POST"))
    limit = element.get("timeout")
    taking = switch.queues.take(queue, leg, first)
    try:
        member = await switch.clock.within(float(limit), taking) if limit else await taking
    except TimeoutError:
        return script.action(element, {"DialCallStatus": "no-answer"})
    began = switch.clock.seconds()
    await asyncio.wait({member.bridge})
    if member.bridge.cancelled():
        return script.action(element, {"DialCallStatus": "failed"})
    bridge = member.bridge.result()

    def told() -> dict[str, str]:
        seconds = str(round(switch.clock.seconds() - began))
        return {"DialCallStatus": "answered", "DialCallSid": member.leg.call.sid, "DialCallDuration": seconds}

    try:
        await bridge.over.wait()
    except asyncio.CancelledError:
        if leg.is_over:
            script.tell_action(element, told())
        raise
    finally:
        bridge.end()
    return script.action(element, told())
