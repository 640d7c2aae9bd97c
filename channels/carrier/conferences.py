"""Conferences: who is in, who hears whom, and each event with its number."""

import asyncio
import contextlib
from email.utils import formatdate
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

from channels.carrier.legs import Leg
from channels.carrier.recordings import Recorder
from channels.carrier.records import Account, Conference, new_sid
from channels.carrier.seats import ENDED, ENDS, GROUPS, HUNG_UP, KICKED, MODERATED, NOT_ADDED, UPDATED, Seat
from channels.carrier.twiml import FLOW, PLAIN, Script, Source
from channels.carrier.webhooks import WebhookFailed

if TYPE_CHECKING:
    from channels.carrier.switch import Switch

PARTICIPANTS_MAX = 250
MUSIC = {**PLAIN, "Redirect": FLOW["Redirect"]}


class Hall:
    """A conference while it lasts."""

    def __init__(self, switch: "Switch", conference: Conference, account: Account) -> None:
        self.switch = switch
        self.conference = conference
        self.account = account
        self.seats: dict[str, Seat] = {}
        # Those that REST is calling, who are not in yet.
        self.called: dict[str, Seat] = {}
        self.recorder: Recorder | None = None

    def said(self, leg: Leg, text: str) -> None:
        """The others hear it; a coach is heard by one alone."""
        seat = self.seats[leg.call.sid]
        if seat.muted or seat.hold or self.conference.status != "in-progress":
            return
        self.tell("participant-speech-start", seat)
        if self.recorder is not None and seat.coach is None:
            self.recorder.add(leg, text)
        for other in self.seats.values():
            if other is not seat and not other.hold and seat.coach in (None, other.leg.call.sid):
                other.leg.hear("speech", text, by=leg.far)
        self.tell("participant-speech-stop", seat)

    def pressed(self, leg: Leg, digits: str) -> None:
        """The others hear the tones."""
        for other in self.seats.values():
            if other.leg is not leg and not other.hold:
                other.leg.hear("digits", digits, by=leg.far)

    def join(self, seat: Seat) -> None:
        """Come in; with the second, if one of them may start it, it begins."""
        leg = seat.leg
        self.called.pop(leg.call.sid, None)
        self.seats[leg.call.sid] = seat
        leg.room = self
        self.tell("participant-join", seat)
        if self.conference.status == "init" and len(self.seats) > 1 and any(one.starts for one in self.seats.values()):
            self._begin()
        elif self.conference.status == "in-progress" and seat.beeps in ("true", "onEnter"):
            self._beep(seat)

    def _begin(self) -> None:
        self._status("in-progress")
        for seat in self.seats.values():
            self.stop_music(seat)
        self.tell("conference-start")
        if self.recorder is not None:
            self.recorder.start()

    def _beep(self, but: Seat) -> None:
        for seat in self.seats.values():
            if seat is not but and not seat.hold:
                seat.leg.hear("tone", "beep")

    def _status(self, status: str) -> None:
        self.conference.status, self.conference.date_updated = status, self.switch.clock.now()
        self.switch.world.save(self.conference)

    def play(self, seat: Seat, url: str | None, method: str) -> None:
        """Music for one who waits or is on hold: a document, or the company's own; silence where *url* is empty."""
        self.stop_music(seat)
        if url is None:
            seat.leg.hear("play", "music")
        elif url:
            seat.music = asyncio.create_task(self._play(seat, Source(url, method)))

    async def _play(self, seat: Seat, source: Source) -> None:
        with contextlib.suppress(WebhookFailed):
            await Script(self.switch, seat.leg, MUSIC).run(source)
            return
        if self.conference.status == "init" and not seat.left.done():
            seat.left.set_result("failed")

    def stop_music(self, seat: Seat) -> None:
        """Silence."""
        if seat.music is not None:
            seat.music.cancel()
            seat.music = None

    def leave(self, seat: Seat, reason: str) -> None:
        """Go; the conference may end with it. A leg that was never answered leaves too."""
        self.stop_music(seat)
        was_in = self.seats.pop(seat.leg.call.sid, None) is not None
        self.called.pop(seat.leg.call.sid, None)
        if seat.leg.room is self:
            seat.leg.room = None
        why = UPDATED if reason == KICKED else reason
        status = seat.leg.call.status
        self.tell("participant-leave", seat, {"ReasonParticipantLeft": why, "ParticipantCallStatus": status})
        if self.conference.status == "completed" or not was_in:
            if not self.seats and not self.called:
                self.end("last-participant-left", seat)
            return
        how = "kicked" if reason == KICKED else "left"
        if seat.ends:
            self.end(f"participant-with-end-conference-on-exit-{how}", seat)
        elif not self.seats and not self.called:
            self.end(f"last-participant-{how}", seat)
        elif self.conference.status == "in-progress" and seat.beeps in ("true", "onExit"):
            self._beep(seat)

    def end(self, why: str, by: Seat | None = None) -> None:
        """Everybody leaves."""
        if self.conference.status == "completed":
            return
        self.conference.reason_conference_ended = why
        self.conference.call_sid_ending_conference = by.leg.call.sid if by else None
        self._status("completed")
        for called in list(self.called.values()):
            self.switch.end(called.leg, "canceled")
        for seat in list(self.seats.values()):
            self.leave(seat, ENDED if by is None else MODERATED)
            if not seat.left.done():
                seat.left.set_result("ended")
        if self.recorder is not None:
            self.recorder.finish()
        told = {"ReasonConferenceEnded": why, "Reason": ENDS[why]}
        if by is not None:
            told |= {"CallSidEndingConference": by.leg.call.sid}
            told |= {"ParticipantLabelEndingConference": by.label} if by.label else {}
        self.tell("conference-end", None, told)
        self.switch.conferences.halls.pop(self.conference.sid, None)

    def tell(self, event: str, seat: Seat | None = None, more: dict[str, str] | None = None) -> None:
        """An event, to who asked for its group when the first participant came."""
        conference = self.conference
        if conference.callback_url is None or GROUPS[event] not in conference.callback_events:
            return
        conference.sequence += 1
        told = {
            "ConferenceSid": conference.sid,
            "FriendlyName": conference.friendly_name,
            "AccountSid": conference.account_sid,
            "SequenceNumber": str(conference.sequence),
            "Timestamp": formatdate(self.switch.clock.now()),
            "StatusCallbackEvent": event,
        }
        told |= seat.params() if seat is not None else {}
        self.switch.webhooks.tell(
            self.account, conference.callback_url, {**told, **(more or {})}, conference.callback_method, conference.sid
        )

    def mute(self, seat: Seat, muted: bool) -> None:
        """Heard no more, or again."""
        if seat.muted != muted:
            seat.muted = muted
            self.tell("participant-mute" if muted else "participant-unmute", seat)

    def hold(self, seat: Seat, hold: bool, url: str | None, method: str) -> None:
        """Music instead of the others, or the others again."""
        if seat.hold == hold:
            return
        seat.hold = hold
        if hold:
            self.play(seat, url, method)
        else:
            self.stop_music(seat)
        self.tell("participant-hold" if hold else "participant-unhold", seat)

    def modify(self, seat: Seat, **attributes: Any) -> None:
        """Set `ends` or `coach`."""
        for name, value in attributes.items():
            setattr(seat, name, value)
        self.tell("participant-modify", seat)

    async def watch(self, seat: Seat) -> None:
        """One who is called may never come."""
        await seat.leg.over.wait()
        if seat.leg.call.sid in self.called:
            self.leave(seat, NOT_ADDED)

    async def announce(self, seats: list[Seat], url: str, method: str) -> None:
        """Fetch a document once, and let these hear it."""
        if not seats:
            return
        reader = Script(self.switch, seats[0].leg, MUSIC)
        with contextlib.suppress(WebhookFailed):
            document = await reader.fetch(Source(url, method))
            heard = [Script(self.switch, seat.leg, MUSIC).play_all(document, reader.url) for seat in seats]
            await asyncio.gather(*heard)
            self.tell("announcement-end", seats[0] if len(seats) == 1 else None, {"AnnounceUrl": url})


class Conferences:
    """Those that are not over."""

    def __init__(self, switch: "Switch") -> None:
        self.switch = switch
        self.halls: dict[str, Hall] = {}

    def open(self, account: Account, name: str, noun: Element, base: str) -> Hall:
        """The conference of that name; whoever makes it sets what it tells, and where."""
        found: Conference | None = self.switch.world.named(Conference, account.sid, name)
        if found is not None:
            return self.halls[found.sid]
        now = self.switch.clock.now()
        conference = Conference(new_sid("CF"), account.sid, name, date_created=now, date_updated=now)
        if noun.get("statusCallback"):
            conference.callback_url = urljoin(base, noun.get("statusCallback", ""))
            conference.callback_method = noun.get("statusCallbackMethod", "POST")
            conference.callback_events = noun.get("statusCallbackEvent", "start end").replace(",", " ").split()
        hall = self.halls[conference.sid] = Hall(self.switch, self.switch.world.save(conference), account)
        if noun.get("record") == "record-from-start":
            hall.recorder = Recorder(self.switch, account, "Conference", conference_sid=conference.sid)
            if noun.get("recordingStatusCallback"):
                hall.recorder.tells(urljoin(base, noun.get("recordingStatusCallback", "")), noun)
        return hall


async def attend(script: Script, element: Element, noun: Element) -> Source | None:
    """<Dial><Conference>: be there until it ends, or one is taken out."""
    switch, leg = script.switch, script.leg
    began = switch.clock.seconds()
    hall = switch.conferences.open(leg.account, (noun.text or "").strip(), noun, script.url)
    seat = Seat(leg, noun, switch.clock.now())
    label_taken = seat.label and seat.label in {one.label for one in hall.seats.values()}
    if label_taken or len(hall.seats) >= int(noun.get("maxParticipants") or PARTICIPANTS_MAX):
        switch.debug(leg, 16025)
        return None
    switch.answer(leg)
    hall.join(seat)
    if hall.conference.status == "init":
        url = noun.get("waitUrl")
        hall.play(seat, url and urljoin(script.url, url), noun.get("waitMethod", "POST"))

    def told() -> dict[str, str]:
        return {"DialCallStatus": "answered", "DialCallDuration": str(round(switch.clock.seconds() - began))}

    try:
        reason = await seat.left
    except asyncio.CancelledError:
        hall.leave(seat, HUNG_UP if leg.is_over else UPDATED)
        if leg.is_over:
            script.tell_action(element, told())
        raise
    if seat.leg.call.sid in hall.seats:
        hall.leave(seat, reason if reason == KICKED else UPDATED)
    return script.action(element, told() if reason != "failed" else {"DialCallStatus": "failed"})
