"""The switch: makes legs, rings phones, runs what a call is to run, and tells of every change of its status."""

import asyncio
import logging
from collections.abc import Coroutine
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from channels.carrier.legs import OVER, Leg, Program, voice_params
from channels.carrier.lines import Line, Lines
from channels.carrier.records import Account, Application, Call, Endpoint, Number, Subscriber, new_sid
from channels.carrier.twiml import SORRY, HangUp, Left, Script, Source
from channels.carrier.webhooks import WebhookFailed, Webhooks
from channels.carrier.world import World

if TYPE_CHECKING:
    from channels.carrier.conferences import Conferences
    from channels.carrier.messages import Messages
    from channels.carrier.queues import Queues
    from channels.carrier.recordings import Recorder
    from channels.carrier.twiml import Verb

log = logging.getLogger("carrier")
EVENTS = {"initiated": "initiated", "ringing": "ringing", "in-progress": "answered", **dict.fromkeys(OVER, "completed")}
MACHINE_SECONDS = 3.0


class Switch:
    """Every live leg, and the means of the company around them."""

    def __init__(
        self, world: World, webhooks: Webhooks, lines: Lines, messages: "Messages", verbs: "dict[str, Verb]"
    ) -> None:
        self.world = world
        self.clock = world.clock
        self.webhooks = webhooks
        self.lines = lines
        self.messages = messages
        self.verbs = verbs
        self.legs: dict[str, Leg] = {}
        self.recorders: dict[str, Recorder] = {}
        self.queues: Queues
        self.conferences: Conferences
        self._tasks: set[asyncio.Task[None]] = set()
        self._next_create: dict[str, float] = {}

    def start(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Let *work* run by itself."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        """Stop, as a power cut would."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def voice_params(self, leg: Leg) -> dict[str, str]:
        """What every request about this call says."""
        return voice_params(leg.call)

    def debug(self, leg: Leg, code: int) -> None:
        """A line as in Twilio's debugger."""
        self.world.ledger.note("debugger", at=self.clock.now(), account=leg.account.sid, call=leg.call.sid, code=code)

    # Legs

    def leg(self, call: Call) -> Leg:
        """Begin *call*."""
        account = self.world.account(call.account_sid)
        call.date_created = self.clock.now()
        leg = Leg(call, account, self._line(call))
        self.legs[call.sid] = leg
        self._keep(leg)
        return leg

    def _line(self, call: Call) -> Line:
        return self.lines.at(call.from_ if call.direction == "inbound" else call.to, call.account_sid)

    def call_in(self, caller: str, number: Number, shown: str) -> Leg:
        """A phone calls a customer's number, showing *shown*."""
        call = Call(new_sid("CA"), number.account_sid, "inbound", number.phone_number, shown, "ringing")
        call.phone_number_sid = number.sid
        endpoint = self.world.endpoint(number, "voice")
        self._callback(call, number.status_callback, number.status_callback_method)
        return self._arrive(call, caller, endpoint)

    def call_from_client(self, client: str, application: Application, params: dict[str, str]) -> Leg:
        """A browser connects: its application says what happens."""
        call = Call(new_sid("CA"), application.account_sid, "inbound", params.get("To", ""), client, "ringing")
        call.application_sid, call.parameters = application.sid, params
        self._callback(call, application.status_callback, application.status_callback_method)
        return self._arrive(call, client, application)

    def _callback(self, call: Call, url: str | None, method: str) -> None:
        call.callback_url, call.callback_method = url, method

    def _arrive(self, call: Call, caller: str, endpoint: Endpoint) -> Leg:
        call.fallback_url, call.fallback_method = endpoint.voice_fallback_url, endpoint.voice_fallback_method
        leg = self.leg(call)
        leg.line, leg.far = self.lines.at(caller, call.account_sid), caller
        leg.line.legs[call.sid] = leg
        leg.line.tell("dialing", call=call.sid, other=call.to)
        source = Source(endpoint.voice_url or "", endpoint.voice_method)
        self.start(self.drive(leg, source))
        return leg

    def call_out(self, call: Call, source: Source, seconds: float) -> Leg:
        """A call made by REST: queued until its second comes (one a second), then rung, then *source*."""
        leg = self.leg(call)
        self.start(self._call_out(leg, source, seconds))
        return leg

    async def _call_out(self, leg: Leg, source: Source, seconds: float) -> None:
        rate = leg.account.calls_per_second
        now = self.clock.seconds()
        begin = max(now, self._next_create.get(leg.account.sid, now))
        self._next_create[leg.account.sid] = begin + 1 / rate
        if begin > now:
            await self.clock.sleep(begin - now)
        leg.call.queue_time = round((begin - now) * 1000)
        if not leg.is_over and await self.ring(leg, seconds):
            await self.drive(leg, source)

    async def ring(self, leg: Leg, seconds: float) -> bool:
        """Ring the phone of an outgoing leg; was it answered? If not, it is over."""
        self.advance(leg, "initiated")
        phone = self.world.get(Subscriber, leg.far)
        manner = phone.ring if phone else "person"
        is_busy = bool(leg.line.legs) and not leg.far.startswith("client:")
        if manner == "failed":
            self.end(leg, "failed")
        elif manner == "busy" or is_busy:
            self.end(leg, "busy")
        elif leg.far.startswith("client:") and not leg.line.is_registered:
            self.end(leg, "no-answer")
        if leg.is_over:
            return False
        self.advance(leg, "ringing")
        leg.line.legs[leg.call.sid] = leg
        leg.line.tell("ringing", call=leg.call.sid, other=leg.call.from_, parameters=leg.call.parameters)
        if manner in ("answer", "machine"):
            asyncio.get_running_loop().call_later(MACHINE_SECONDS / self.clock.speed, answer_by_itself, leg, manner)
        try:
            # Both ways out, so that a call that was cancelled stops ringing.
            outcome = await self.clock.within(seconds, asyncio.shield(leg.pick_up))
        except TimeoutError:
            outcome = "no-answer"
        if leg.is_over:
            return False
        if outcome in OVER:
            self.end(leg, outcome)
            return False
        if leg.call.answered_by is not None:
            leg.call.answered_by = "machine_start" if outcome == "machine" else "human"
        self.answer(leg)
        return True

    def answer(self, leg: Leg) -> None:
        """The call is in progress from now on."""
        if leg.call.status in ("ringing", "initiated", "queued"):
            leg.call.start_time = self.clock.now()
            leg.answered_at = self.clock.seconds()
            self.advance(leg, "in-progress")
            leg.line.tell("answered", call=leg.call.sid)
            leg.answered.set()

    def redirect(self, leg: Leg, source: Program) -> None:
        """Whatever the call does, it does *source* now."""
        leg.next = source
        if leg.script is not None:
            leg.script.cancel()

    def end(self, leg: Leg, status: str = "completed") -> None:
        """The call is over."""
        if leg.is_over:
            return
        call = leg.call
        if status == "completed" and call.status in ("queued", "initiated", "ringing"):
            status = "canceled" if call.direction != "inbound" else "no-answer"
        call.end_time = self.clock.now()
        call.duration = round(self.clock.seconds() - leg.answered_at) if call.start_time else 0
        self.legs.pop(call.sid, None)
        leg.line.legs.pop(call.sid, None)
        self.advance(leg, status)
        leg.line.tell("ended", call=call.sid, status=status)
        leg.over.set()
        if not leg.pick_up.done():
            leg.pick_up.set_result(status)
        if leg.script is not None:
            leg.script.cancel()

    async def drive(self, leg: Leg, program: Program) -> None:
        """Run *program*, then whatever the call is redirected to, until nothing is left; then hang up."""
        leg.next = program
        status = "completed"
        while leg.next is not None and not leg.is_over:
            program, leg.next = leg.next, None
            run = Script(self, leg, self.verbs).run(program) if isinstance(program, Source) else program()
            leg.script = asyncio.create_task(run)
            await asyncio.wait({leg.script})
            if leg.script.cancelled():
                continue
            fault = leg.script.exception()
            if isinstance(fault, HangUp):
                status = fault.status
            elif fault is not None and not isinstance(fault, Left):
                if not isinstance(fault, WebhookFailed | ValueError):
                    log.error("call %s", leg.call.sid, exc_info=fault)
                self.answer(leg)
                leg.hear("say", SORRY, language="en-US")
        self.end(leg, status)

    # What is told

    def advance(self, leg: Leg, status: str) -> None:
        """The new status, and the word of it where it is asked for."""
        leg.call.status = status
        self._keep(leg)
        event = EVENTS[status]
        call = leg.call
        if not call.callback_url or event not in call.callback_events:
            return
        told = {
            **voice_params(call),
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(call.sequence),
            "Timestamp": formatdate(self.clock.now()),
        }
        if event == "completed":
            seconds = call.duration or 0
            told |= {"CallDuration": str(seconds), "Duration": str(-(-seconds // 60))}
        call.sequence += 1
        self.webhooks.tell(leg.account, call.callback_url, told, call.callback_method, order=call.sid)

    def _keep(self, leg: Leg) -> None:
        leg.call.date_updated = self.clock.now()
        self.world.save(leg.call)

    def end_lost(self, call: Call) -> None:
        """A restart has cut this call: it ends, and its customer is told so."""
        account: Account = self.world.account(call.account_sid)
        was_answered = call.start_time is not None
        call.end_time = self.clock.now()
        call.duration = round(call.end_time - call.start_time) if call.start_time else 0
        leg = Leg(call, account, self._line(call))
        self.advance(leg, "completed" if was_answered else "failed")


def answer_by_itself(leg: Leg, manner: str) -> None:
    """A phone that answers without a person."""
    if not leg.pick_up.done():
        leg.pick_up.set_result(manner)
