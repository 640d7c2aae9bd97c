"""The voice documents: each a pure function of what the line should do, so that asking twice is answered alike."""

from dataclasses import dataclass

from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from contact.domain.call_flow import Told
from contact.domain.line_words import expected_wait, phrase, voice
from contact.domain.lines import Again, Desk, Line, LineAnswer, Music, Noted, Wait

# Connect 2 s, read 4 s, two more tries on whatever fails: a caller hears silence meanwhile.
OVERRIDES = "#ct=2000&rt=4000&rc=2&rp=all"
QUEUE_NAME = "guichet"
MESSAGE_SECONDS_MAX = 180
SILENCE_SECONDS = 5
AFTER_SPEECH_SECONDS = 2
AGAIN_SECONDS = 1


@dataclass(frozen=True, slots=True)
class Places:
    """Our own addresses: *base* is `https://name/in/<account>/voice`, *site* `https://name`."""

    base: str
    site: str
    queue_max: int = 500

    def step(self, step: str) -> str:
        """Where a document asks what comes next."""
        return f"{self.base}/{step}{OVERRIDES}"

    @property
    def music(self) -> str:
        return f"{self.site}/sounds/waiting.wav"


def document(answer: LineAnswer, places: Places) -> str:
    """The TwiML of *answer*."""
    response = VoiceResponse()
    match answer:
        case Line():
            _line(response, answer, places)
        case Wait():
            _wait(response, answer, places)
        case Desk():
            _desk(response, answer, places)
        case Again():
            response.pause(length=AGAIN_SECONDS)
            response.redirect(places.step("desk-after/again"))
        case Music():
            response.play(places.music, loop=0)
        case Noted():
            pass
    return str(response)


def _line(response: VoiceResponse, line: Line, places: Places) -> None:
    if line.told is Told.MENU:
        _ask(response, line, places)
        return
    for one in line.says:
        _say(response, one.text, one.language)
    if line.told is Told.QUEUE:
        response.enqueue(
            QUEUE_NAME,
            action=places.step(f"queue/{line.turn}"),
            wait_url=places.step("wait"),
            max_queue_size=places.queue_max,
        )
    elif line.told is Told.CONFERENCE:
        # Whoever takes the citizen out of the conference ends it for the agent's leg too.
        dial = Dial(action=places.step(f"line/{line.turn}"))
        _conference(dial, line.interaction_id, places, is_citizen=True)
        response.append(dial)
    elif line.told is Told.VOICEMAIL:
        _record(response, line, places)
    else:
        response.hangup()


def _ask(response: VoiceResponse, line: Line, places: Places) -> None:
    asked = line.asks
    if asked is None:
        for one in line.says:
            _say(response, one.text, one.language)
        response.redirect(places.step("line"))
        return
    gather = Gather(
        input="dtmf speech",
        action=places.step(f"menu/{line.turn}"),
        num_digits=1,
        timeout=asked.timeout_seconds,
        speech_timeout=AFTER_SPEECH_SECONDS,
        language=voice(asked.language),
        # Silence is an answer too.
        action_on_empty_result=True,
        **({"hints": ",".join(asked.hints)} if asked.hints else {}),
    )
    for one in line.says:
        _say(gather, one.text, one.language)
    response.append(gather)


def _record(response: VoiceResponse, line: Line, places: Places) -> None:
    response.record(
        action=places.step(f"voicemail/{line.turn}"),
        max_length=MESSAGE_SECONDS_MAX,
        timeout=SILENCE_SECONDS,
        finish_on_key="#",
        play_beep=True,
        recording_status_callback=places.step("recording"),
        recording_status_callback_event="completed absent",
    )
    # Silence from the start falls through to here.
    _say(response, phrase("nothing_heard", line.language), line.language)
    response.hangup()


def _wait(response: VoiceResponse, wait: Wait, places: Places) -> None:
    if wait.position == 1:
        _say(response, phrase("first", wait.language), wait.language)
    elif wait.position is not None:
        _say(response, phrase("position", wait.language, wait.position), wait.language)
    if wait.from_seconds is not None and wait.to_seconds is not None:
        _say(response, expected_wait(wait.from_seconds, wait.to_seconds, wait.language), wait.language)
    response.play(places.music)


def _desk(response: VoiceResponse, desk: Desk, places: Places) -> None:
    if desk.interaction_id is None:
        _say(response, phrase("no_conversation", desk.language), desk.language)
        response.hangup()
        return
    dial = Dial(action=places.step("desk-after"))
    _conference(dial, desk.interaction_id, places, is_citizen=False)
    response.append(dial)


def _conference(dial: Dial, interaction_id: object, places: Places, *, is_citizen: bool) -> None:
    # A name per conversation: one per ticket would bridge two people of one matter. Whoever joins first decides what is
    # told, so both say the same. No labels: of two legs that have the same, as when one agent comes before another has
    # gone, the second is not let in.
    dial.conference(
        f"I-{interaction_id}",
        beep="false",
        start_conference_on_enter=True,
        end_conference_on_exit=is_citizen,
        wait_url="",
        status_callback=places.step("room"),
        status_callback_event="start end join leave",
    )


def _say(verb: VoiceResponse | Gather, text: str, language: str) -> None:
    verb.say(text, language=voice(language))
