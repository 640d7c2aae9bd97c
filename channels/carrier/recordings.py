"""Recordings: what was said, as text, and a sound of the same length with the text inside."""

import struct
from email.utils import formatdate
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from channels.carrier.records import Account, Recording, new_sid

if TYPE_CHECKING:
    from channels.carrier.legs import Leg
    from channels.carrier.switch import Switch

SAMPLES_A_SECOND = 8_000
SECONDS_A_LINE = 2
SECONDS_KEPT = 120


class Recorder:
    """One recording under way."""

    def __init__(
        self,
        switch: "Switch",
        account: Account,
        source: str,
        call_sid: str | None = None,
        conference_sid: str | None = None,
        channels: int = 1,
    ) -> None:
        self.switch = switch
        self.account = account
        now = switch.clock.now()
        self.recording = Recording(
            new_sid("RE"), account.sid, source, call_sid, conference_sid, "in-progress", channels,
            start_time=now, date_created=now, date_updated=now,
        )  # fmt: skip
        self.callback: tuple[str, str] | None = None
        self.events: list[str] = ["completed"]
        self.is_paused = False
        self._since = switch.clock.seconds()

    def tells(self, url: str, element: Element) -> None:
        """Where to tell of its states; *element* has the method and the events."""
        self.callback = (url, element.get("recordingStatusCallbackMethod", "POST"))
        self.events = element.get("recordingStatusCallbackEvent", "completed").replace(",", " ").split()

    def start(self) -> None:
        """Begin."""
        self.switch.world.save(self.recording)
        self.switch.recorders[self.recording.sid] = self
        self._tell()

    def add(self, leg: "Leg", text: str) -> None:
        """Somebody says *text*."""
        if not self.is_paused and self.recording.status == "in-progress":
            self.recording.lines.append(f"{leg.far}: {text}")

    def finish(self) -> Recording:
        """Stop: `completed`, or `absent` when nothing was said."""
        recording = self.recording
        if self.switch.recorders.pop(recording.sid, None) is None:
            return recording
        seconds = round(self.switch.clock.seconds() - self._since)
        recording.duration = max(seconds, 1) if recording.lines else 0
        recording.status = "completed" if recording.lines else "absent"
        recording.date_updated = self.switch.clock.now()
        self.switch.world.save(recording)
        self._tell()
        return recording

    def params(self) -> dict[str, str]:
        """What an `action` is told."""
        recording = self.recording
        return {
            "RecordingUrl": self.url,
            "RecordingSid": recording.sid,
            "RecordingDuration": str(recording.duration or 0),
        }

    @property
    def url(self) -> str:
        """Where the sound is, for who has the account's password."""
        base = self.switch.world.public_url
        return f"{base}/2010-04-01/Accounts/{self.recording.account_sid}/Recordings/{self.recording.sid}"

    def _tell(self) -> None:
        if self.callback is None or self.recording.status not in self.events:
            return
        recording = self.recording
        told = {
            "AccountSid": recording.account_sid,
            "RecordingSid": recording.sid,
            "RecordingUrl": self.url,
            "RecordingStatus": recording.status,
            "RecordingChannels": str(recording.channels),
            "RecordingStartTime": formatdate(recording.start_time),
            "RecordingSource": recording.source,
            "RecordingTrack": "both",
            "ErrorCode": "0",
        }
        if recording.duration is not None:
            told["RecordingDuration"] = str(recording.duration)
        about = {"CallSid": recording.call_sid, "ConferenceSid": recording.conference_sid}
        told |= {name: sid for name, sid in about.items() if sid}
        self.switch.webhooks.tell(self.account, self.callback[0], told, self.callback[1], order=recording.sid)

    def tell_transcription(self, url: str, leg: "Leg") -> None:
        """The words, as Twilio's transcription of a voicemail brings them."""
        call, sid = leg.call, new_sid("TR")
        told = {
            "TranscriptionSid": sid,
            "TranscriptionText": words(self.recording),
            "TranscriptionStatus": "completed",
            "TranscriptionUrl": f"{self.url}/Transcriptions/{sid}",
            "TranscriptionType": "fast",
            "RecordingSid": self.recording.sid,
            "RecordingUrl": self.url,
            "CallSid": call.sid,
            "CallStatus": call.status,
            "AccountSid": call.account_sid,
            "From": call.from_,
            "To": call.to,
            "ApiVersion": "2010-04-01",
            "Direction": call.direction,
        }
        self.switch.webhooks.tell(self.account, url, told, order=self.recording.sid)


def words(recording: Recording) -> str:
    """What was said, without who said it."""
    return " ".join(line.partition(": ")[2] for line in recording.lines)


def sound(recording: Recording) -> bytes:
    """A WAV file of the recording's length: silence, with the words in its comment."""
    samples = b"\x80" * (SAMPLES_A_SECOND * min(recording.duration or 1, SECONDS_KEPT))
    comment = "\n".join(recording.lines).encode() + b"\0"
    comment += b"\0" * (len(comment) % 2)
    info = b"INFOICMT" + struct.pack("<I", len(comment)) + comment
    shape = struct.pack("<HHIIHH", 1, 1, SAMPLES_A_SECOND, SAMPLES_A_SECOND, 1, 8)
    chunks = [(b"fmt ", shape), (b"LIST", info), (b"data", samples)]
    body = b"WAVE" + b"".join(name + struct.pack("<I", len(content)) + content for name, content in chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body
