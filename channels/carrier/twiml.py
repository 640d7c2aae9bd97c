"""TwiML: documents fetched, parsed and run verb by verb; the plain verbs are here, the others in files of their own."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element

from channels.carrier.webhooks import Answer, WebhookFailed

if TYPE_CHECKING:
    from channels.carrier.legs import Leg
    from channels.carrier.switch import Switch

XML = {"text/xml", "application/xml", "text/html"}
SORRY = "We are sorry, an application error has occurred. Goodbye."
CHARACTERS_A_SECOND = 15.0
PLAY_SECONDS = 8.0
# As <Say loop="0"> and its like: for ever, within reason.
LOOPS_MAX = 1_000
# A document that redirects to itself without a pause would spin.
HOPS_MAX = 100


class HangUp(Exception):
    """The document hangs up; *status* is what the call ends as."""

    def __init__(self, status: str = "completed") -> None:
        self.status = status
        super().__init__(status)


class Left(Exception):
    """<Leave>."""


@dataclass(frozen=True)
class Source:
    """What a call runs next: a document given, or at a URL, asked with these parameters besides the usual ones."""

    url: str = ""
    method: str = "POST"
    params: Mapping[str, str] = field(default_factory=dict)
    document: str | None = None


@dataclass(frozen=True)
class Reply:
    """A <Message>."""

    body: str
    to: str | None
    sender: str | None
    callback: str | None


def parse(answer: Answer) -> Element:
    """The document of an answer.

    Raises:
        WebhookFailed: no XML, not a <Response>, or no type that a phone can play.
    """
    if answer.content_type.startswith("audio/"):
        document = Element("Response")
        ElementTree.SubElement(document, "Play").text = answer.url
        return document
    if answer.content_type == "text/plain":
        document = Element("Response")
        ElementTree.SubElement(document, "Say").text = answer.body
        return document
    if answer.content_type not in XML:
        raise WebhookFailed(12300, answer.url)
    try:
        document = ElementTree.fromstring(answer.body.strip())
    except ElementTree.ParseError as fault:
        raise WebhookFailed(12100, answer.url) from fault
    if document.tag != "Response":
        raise WebhookFailed(12100, answer.url)
    return document


def messaging(answer: Answer) -> tuple[list[Reply], tuple[str, str] | None]:
    """The messages of a document, and where it redirects to. A plain text is a message; nothing is nothing.

    Raises:
        WebhookFailed: no XML.
    """
    if not answer.body.strip():
        return [], None
    if answer.content_type == "text/plain":
        return [Reply(answer.body, None, None, None)], None
    replies: list[Reply] = []
    for element in parse(answer):
        if element.tag == "Redirect":
            return replies, ((element.text or "").strip() or answer.url, element.get("method", "POST"))
        if element.tag == "Message":
            body = element.findtext("Body") or element.text or ""
            callback = element.get("action") or element.get("statusCallback")
            replies.append(Reply(body, element.get("to"), element.get("from"), callback))
    return replies, None


class Script:
    """Documents running on one leg. *extra* gives the parameters of a queue; *verbs* what may be run."""

    def __init__(
        self, switch: "Switch", leg: "Leg", verbs: Mapping[str, "Verb"], extra: Callable[[], Mapping[str, str]] = dict
    ) -> None:
        self.switch = switch
        self.leg = leg
        self.verbs = verbs
        self.extra = extra
        self.url = ""

    async def run(self, source: Source | None) -> None:
        """Run *source* and all that it leads to.

        Raises:
            HangUp, Left: as the documents say.
            WebhookFailed: nothing could be fetched, nor from the fallback.
        """
        hops = 0
        while source is not None:
            document = await self.fetch(source)
            source = await self._execute(document)
            hops += 1
            if hops > HOPS_MAX:
                await self.switch.clock.sleep(1)

    async def fetch(self, source: Source) -> Element:
        """The document of *source*, or of the call's fallback URL."""
        if source.document is not None:
            self.url = source.url
            return parse(Answer(source.url, "text/xml", source.document))
        params = {**self.switch.voice_params(self.leg), **self.extra(), **source.params}
        try:
            return await self._ask(source.url, source.method, params)
        except WebhookFailed as fault:
            self.switch.debug(self.leg, fault.code)
            fallback = self.leg.call.fallback_url
            if not fallback:
                raise
            params = {**params, "ErrorCode": str(fault.code), "ErrorUrl": fault.url}
            return await self._ask(fallback, self.leg.call.fallback_method, params)

    async def _ask(self, url: str, method: str, params: Mapping[str, str]) -> Element:
        answer = await self.switch.webhooks.ask(self.leg.account, url, params, method)
        self.url = answer.url
        return parse(answer)

    async def _execute(self, document: Element) -> Source | None:
        for element in document:
            verb = self.verbs.get(element.tag)
            if verb is None:
                self.switch.debug(self.leg, 12200)
                continue
            if element.tag not in ("Reject", "Pause", "Redirect") and element.get("answerOnBridge") != "true":
                self.switch.answer(self.leg)
            found = await verb(self, element)
            if found is not None:
                return found
        return None

    async def play_all(self, document: Element, url: str) -> None:
        """Run a document that was fetched before."""
        self.url = url
        await self._execute(document)

    def action(self, element: Element, params: Mapping[str, str], *, own: bool = False) -> Source | None:
        """Where an element's `action` leads; without one, to the document itself if *own*, else nowhere."""
        where = element.get("action")
        if where is None and not own:
            return None
        return Source(urljoin(self.url, where or ""), element.get("method", "POST"), params)

    def tell_action(self, element: Element, params: Mapping[str, str]) -> None:
        """Ask an element's `action` of a call that will not run the answer, because it is over or elsewhere."""
        source = self.action(element, params)
        if source is not None:
            told = {**self.switch.voice_params(self.leg), **source.params}
            self.switch.webhooks.tell(self.leg.account, source.url, told, source.method, order=self.leg.call.sid)


Verb = Callable[[Script, Element], Awaitable[Source | None]]


def _loops(element: Element) -> int:
    asked = int(element.get("loop") or 1)
    return asked or LOOPS_MAX


async def say(script: Script, element: Element) -> None:
    """<Say>, as fast as a voice speaks."""
    text = " ".join("".join(element.itertext()).split())
    for _ in range(_loops(element)):
        if text:
            script.leg.hear("say", text, language=element.get("language", "en-US"))
            await script.switch.clock.sleep(0.3 + len(text) / CHARACTERS_A_SECOND)


async def play(script: Script, element: Element) -> None:
    """<Play>: a text-only phone hears the name of the sound, and its tones."""
    if element.get("digits"):
        script.leg.hear("tone", element.get("digits", ""))
        return
    url = urljoin(script.url, (element.text or "").strip())
    for _ in range(_loops(element)):
        script.leg.hear("play", urlsplit(url).path.rpartition("/")[2] or url)
        await script.switch.clock.sleep(PLAY_SECONDS)


async def pause(script: Script, element: Element) -> None:
    """<Pause>."""
    await script.switch.clock.sleep(float(element.get("length") or 1))


async def redirect(script: Script, element: Element) -> Source:
    """<Redirect>, to this document if it names none."""
    return Source(urljoin(script.url, (element.text or "").strip()), element.get("method", "POST"))


async def hang_up(_script: Script, _element: Element) -> None:
    """<Hangup>."""
    raise HangUp


async def reject(script: Script, element: Element) -> None:
    """<Reject>: of a call that nobody answered yet; of any other, a hang-up."""
    is_busy = element.get("reason") == "busy"
    if script.leg.call.status == "ringing":
        script.leg.hear("tone", "busy" if is_busy else "not-in-service")
        raise HangUp("busy" if is_busy else "no-answer")
    raise HangUp


async def leave(_script: Script, _element: Element) -> None:
    """<Leave>."""
    raise Left


async def sms(script: Script, element: Element) -> Source | None:
    """<Sms>: a text to the other end, in the middle of a call."""
    call = script.leg.call
    ours, theirs = (call.to, call.from_) if call.direction == "inbound" else (call.from_, call.to)
    callback = element.get("statusCallback")
    body, to, sender = element.text or "", element.get("to", theirs), element.get("from", ours)
    script.switch.messages.reply(None, body, to, sender, callback and urljoin(script.url, callback))
    return script.action(element, {"SmsStatus": "sent"})


PLAIN: dict[str, Verb] = {"Say": say, "Play": play, "Pause": pause}
FLOW: dict[str, Verb] = {"Redirect": redirect, "Hangup": hang_up}
