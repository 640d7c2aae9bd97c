"""A conference's seats: one participant each, and the words of what befalls them."""

import asyncio
from xml.etree.ElementTree import Element

from channels.carrier.legs import Leg

# What an event is called where it is subscribed.
GROUPS = {
    "conference-start": "start", "conference-end": "end", "participant-join": "join", "participant-leave": "leave",
    "participant-mute": "mute", "participant-unmute": "mute", "participant-hold": "hold", "participant-unhold": "hold",
    "participant-modify": "modify", "participant-speech-start": "speaker", "participant-speech-stop": "speaker",
    "announcement-end": "announcement",
}  # fmt: skip
ENDS = {
    "conference-ended-via-api": "Conference ended via API",
    "last-participant-kicked": "Last participant was kicked via API",
    "last-participant-left": "Last participant left",
    "participant-with-end-conference-on-exit-kicked": "Participant with endConferenceOnExit was kicked via API",
    "participant-with-end-conference-on-exit-left": "Participant with endConferenceOnExit left",
}
KICKED, UPDATED, HUNG_UP, MODERATED, ENDED, NOT_ADDED = (
    "kicked", "participant_updated_via_api", "participant_hung_up", "moderator_ended_conference",
    "conference_ended_via_api", "participant_add_failed",
)  # fmt: skip


class Seat:
    """One participant, as <Conference> or the REST request sets them up."""

    def __init__(self, leg: Leg, noun: Element, date: float) -> None:
        self.leg = leg
        self.label = noun.get("participantLabel")
        self.muted = noun.get("muted") == "true"
        self.hold = False
        self.coach = noun.get("coach") or None
        self.ends = noun.get("endConferenceOnExit") == "true"
        self.starts = noun.get("startConferenceOnEnter", "true") != "false"
        self.beeps = noun.get("beep", "true")
        self.date_created = self.date_updated = date
        self.left: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.music: asyncio.Task[None] | None = None

    def params(self) -> dict[str, str]:
        """What an event says of a participant."""
        told = {
            "CallSid": self.leg.call.sid,
            "Muted": str(self.muted).lower(),
            "Hold": str(self.hold).lower(),
            "Coaching": str(self.coach is not None).lower(),
            "EndConferenceOnExit": str(self.ends).lower(),
            "StartConferenceOnEnter": str(self.starts).lower(),
        }
        told |= {"CallSidToCoach": self.coach} if self.coach else {}
        return told | ({"ParticipantLabel": self.label} if self.label else {})
