"""One account at Twilio: what its requests say, what we answer, what we send."""

from collections.abc import Callable, Mapping
from typing import Any

from channels.base import Answer, Capabilities, Incoming, Receipt, UnknownStep
from channels.twilio import media, signature, sms, voice
from config.settings import Settings
from contact.domain.carrier import Account, Event
from contact.domain.outgoing import Outgoing

# By channel and the first word of the step: what a request there says. `kind` then says who answers.
PARSERS: dict[tuple[str, str], Callable[[dict[str, str], str], Event]] = {**sms.PARSERS, **voice.PARSERS}
ANSWERS: dict[str, Callable[[Event, Any], Answer]] = {**sms.ANSWERS}
CAPABILITIES = {"sms": sms.CAPABILITIES, "voice": voice.CAPABILITIES}
TOKEN_HEADER = "I-Twilio-Idempotency-Token"


class Twilio:
    """Made anew for each request and each sending: it holds settings and an account, no connection."""

    name = "twilio"

    def __init__(self, settings: Settings, account: Account) -> None:
        self.settings = settings
        self.account = account

    def verify(self, request: Incoming) -> None:
        """By either token."""
        signature.verify(request, self.settings.public_base_url, self.account.tokens)

    def parse(self, request: Incoming) -> Event:
        """The event, with the header by which Twilio's own tries of one request know each other."""
        step, _, rest = request.step.partition("/")
        parse = PARSERS.get((request.channel, step))
        if parse is None:
            raise UnknownStep(step)
        # PostgreSQL keeps no NUL.
        fields = {name: value.replace("\x00", "�") for name, value in signature.form(request).items()}
        event = parse(fields, rest)
        token = request.headers.get(TOKEN_HEADER) or None
        return Event(event.channel, event.kind, event.provider_id, event.dedupe_key, fields, rest, token)

    def respond(self, event: Event, state: Any) -> Answer:
        """As the kind of event wants it."""
        if event.channel == "voice":
            return voice.answer(self.settings, self.account, state)
        return ANSWERS[event.kind](event, state)

    def send(self, message: Outgoing) -> Receipt:
        """A text."""
        return sms.send(self.settings, self.account, message)

    def look_up(self, message: Outgoing) -> list[Receipt]:
        """Texts that may be this one."""
        return sms.look_up(self.settings, self.account, message)

    def fetch(self, address: str) -> bytes:
        """A picture that came with a text."""
        return media.fetch(self.settings, self.account, address)

    def forget(self, address: str) -> None:
        """Delete it there."""
        media.forget(self.settings, self.account, address)

    def capabilities(self) -> Mapping[str, Capabilities]:
        """What each channel can do here."""
        return CAPABILITIES
