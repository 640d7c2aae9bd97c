"""<Gather> and <Record>: what the person at the other end presses and says."""

import asyncio
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

from channels.carrier.recordings import Recorder
from channels.carrier.twiml import PLAIN, Script, Source

ANY_KEY = "1234567890*#"


async def gather(script: Script, element: Element) -> Source | None:
    """<Gather>: keys or words, while its own Say, Play and Pause are heard."""
    leg, kinds = script.leg, element.get("input", "dtmf").split()
    with leg.listening() as inputs:
        prompts = asyncio.create_task(_prompts(script, element))
        try:
            result = await _collect(script, element, kinds, inputs, prompts)
        finally:
            prompts.cancel()
            await asyncio.gather(prompts, return_exceptions=True)
    if result is None:
        if element.get("actionOnEmptyResult") != "true":
            return None
        result = {"Digits": ""} if "dtmf" in kinds else {}
        result |= {"SpeechResult": ""} if "speech" in kinds else {}
    return script.action(element, {**result, "msg": "Gather End"}, own=True)


async def _prompts(script: Script, element: Element) -> None:
    for one in element:
        if one.tag in PLAIN:
            await PLAIN[one.tag](script, one)


async def _collect(
    script: Script,
    element: Element,
    kinds: list[str],
    inputs: "asyncio.Queue[tuple[str, str]]",
    prompts: "asyncio.Task[None]",
) -> dict[str, str] | None:
    """The parameters of what was given; None for silence."""
    timeout = float(element.get("timeout") or 5)
    digits_max = int(element.get("numDigits") or 0)
    finish_key = element.get("finishOnKey", "#")
    digits = ""
    while True:
        given = await _next_input(script, inputs, prompts, timeout, barges=element.get("bargeIn") != "false")
        if given is None:
            return {"Digits": digits} if digits else None
        kind, what = given
        if kind == "speech" and "speech" in kinds and not digits:
            prompts.cancel()
            pause = element.get("speechTimeout", "auto")
            await script.switch.clock.sleep(float(pause) if pause.isdigit() else 0.5)
            language = element.get("language", "en-US")
            return {"SpeechResult": as_recognised(what), "Confidence": "0.93", "Language": language}
        if kind == "digit" and "dtmf" in kinds:
            prompts.cancel()
            if what in finish_key:
                return {"Digits": digits, "FinishedOnKey": what} if digits else None
            digits += what
            if len(digits) == digits_max:
                return {"Digits": digits}


async def _next_input(
    script: Script,
    inputs: "asyncio.Queue[tuple[str, str]]",
    prompts: "asyncio.Task[None]",
    seconds: float,
    *,
    barges: bool,
) -> tuple[str, str] | None:
    """What comes while the prompts are heard, or within *seconds* after them."""
    if not prompts.done():
        arrival = asyncio.ensure_future(inputs.get())
        try:
            await asyncio.wait({arrival, prompts}, return_when=asyncio.FIRST_COMPLETED)
            if arrival.done():
                given = arrival.result()
                if not barges and given[0] == "speech":
                    await asyncio.wait({prompts})
                return given
        finally:
            arrival.cancel()
    try:
        return await script.switch.clock.within(seconds, inputs.get())
    except TimeoutError:
        return None


def as_recognised(text: str) -> str:
    """As speech recognition writes it: a capital, and a full stop."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text[-1:] in ".?!" else ".")


async def record(script: Script, element: Element) -> Source | None:
    """<Record>: until a key, silence or the longest time; silence from the start falls through to the next verb."""
    leg, recorder = script.leg, Recorder(script.switch, script.leg.account, "RecordVerb", call_sid=script.leg.call.sid)
    callback = element.get("recordingStatusCallback")
    if callback:
        recorder.tells(urljoin(script.url, callback), element)
    if element.get("playBeep") != "false":
        leg.hear("tone", "beep")
    recorder.start()
    try:
        key = await _until_silence(script, element, recorder)
    except asyncio.CancelledError:
        recording = recorder.finish()
        if leg.is_over and recording.status == "completed":
            script.tell_action(element, {**recorder.params(), "Digits": "hangup"})
            _transcribe(script, element, recorder)
        raise
    recording = recorder.finish()
    if recording.status != "completed":
        return None
    _transcribe(script, element, recorder)
    return script.action(element, {**recorder.params(), "Digits": key}, own=True)


async def _until_silence(script: Script, element: Element, recorder: Recorder) -> str:
    """Take words until a key is pressed (which it returns), nothing is said, or it lasts too long."""
    clock, finish_key = script.switch.clock, element.get("finishOnKey", ANY_KEY)
    end = clock.seconds() + float(element.get("maxLength") or 3600)
    with script.leg.listening() as inputs:
        while clock.seconds() < end:
            try:
                timeout = min(float(element.get("timeout") or 5), end - clock.seconds())
                kind, what = await clock.within(timeout, inputs.get())
            except TimeoutError:
                return ""
            if kind == "digit" and what in finish_key:
                return what
            if kind == "speech":
                recorder.add(script.leg, what)
    return ""


def _transcribe(script: Script, element: Element, recorder: Recorder) -> None:
    where = element.get("transcribeCallback")
    if where:
        recorder.tell_transcription(urljoin(script.url, where), script.leg)
