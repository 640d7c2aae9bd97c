"""SMS and MMS: accepted, sent and reported on their way out; brought to the customer's URL on their way in."""

import asyncio
import time
import unicodedata
from collections.abc import Coroutine
from typing import Any
from urllib.parse import urljoin

from channels.carrier import twiml
from channels.carrier.lines import Lines
from channels.carrier.places import place
from channels.carrier.records import Endpoint, Media, Message, Number, OptOut, Service, Subscriber, new_sid
from channels.carrier.segments import segments
from channels.carrier.webhooks import WebhookFailed, Webhooks
from channels.carrier.world import World

STOP_WORDS = {"stop", "unsubscribe", "end", "quit", "stopall", "revoke", "optout", "cancel"}
START_WORDS = {"start", "unstop", "yes"}
HELP_WORDS = {"help", "info"}
# What a service with opt-out words of its own has besides.
MORE_STOP_WORDS = {"arret", "desabonner", "desinscrire", "stop sms"}
REPLIES = {
    "STOP": "You have successfully been unsubscribed. You will not receive any more messages from this number."
    " Reply START to resubscribe.",
    "START": "You have successfully been re-subscribed to messages from this number. Reply HELP for help."
    " Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
    "HELP": "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
}
SENT_SECONDS, DELIVERED_SECONDS = 0.5, 1.5
FINAL = {"delivered", "undelivered", "failed", "canceled", "received", "read"}
HOPS_MAX = 10


class Messages:
    """Everything that happens to a message after it was accepted."""

    def __init__(self, world: World, webhooks: Webhooks, lines: Lines) -> None:
        self.world = world
        self.webhooks = webhooks
        self.lines = lines
        self._tasks: set[asyncio.Task[None]] = set()

    def resume(self) -> None:
        """After a restart: go on with what was under way."""
        for message in self.world.all(Message):
            if message.direction == "inbound" and not message.is_told:
                self._start(self._bring(message))
            elif message.direction != "inbound" and message.status not in FINAL:
                self._start(self._deliver(message))

    async def close(self) -> None:
        """Stop, as a power cut would."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def send(self, message: Message) -> Message:
        """Take *message* from a customer; it leaves by itself."""
        message.date_created = message.date_updated = self.world.clock.now()
        self.world.save(message)
        self._start(self._deliver(message))
        return message

    def receive(self, sender: str, to: str, body: str, files: list[tuple[str, bytes]]) -> Message | None:
        """A phone sends to *to*; None where no customer has that number or it takes no messages."""
        number = self.world.number(to)
        if number is None or not number.sms or not to.lstrip("+").isdigit():
            return None
        now = self.world.clock.now()
        sid = new_sid("MM" if files else "SM")
        media = [self.attach(number.account_sid, sid, *one) for one in files]
        message = Message(
            sid, number.account_sid, "inbound", number.phone_number, sender, body, "received",
            str(segments(body)), media, date_created=now, date_updated=now, date_sent=now,
        )  # fmt: skip
        self.world.save(message)
        self._start(self._bring(message))
        return message

    def attach(self, account_sid: str, parent_sid: str, content_type: str, content: bytes) -> str:
        """Keep a picture of a message; its sid."""
        now = self.world.clock.now()
        media = Media(new_sid("ME"), account_sid, parent_sid, content_type, now, now)
        self.world.keep(media.sid, content)
        return self.world.save(media).sid

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, message: Message) -> None:
        clock = self.world.clock
        if message.send_at is not None:
            await asyncio.sleep(max(0.0, message.send_at - clock.now()))
        if message.status in ("accepted", "scheduled") and not self._choose_sender(message):
            return
        await clock.sleep(SENT_SECONDS)
        if message.status == "canceled":
            return
        if not await self._fetch_media(message):
            self._advance(message, "failed", 30008)
            return
        phone = self.world.get(Subscriber, message.to)
        outcome, _, code = (phone.sms if phone else "delivered").partition(":")
        if message.status == "queued":
            if outcome == "failed":
                self._advance(message, "failed", int(code or 30008))
                return
            message.date_sent = clock.now()
            self._advance(message, "sent")
        await clock.sleep(DELIVERED_SECONDS)
        if outcome in ("delivered", "silent"):
            self.lines.text(message)
        if outcome == "silent":
            return
        self._advance(message, outcome, int(code) if code else None)

    async def _fetch_media(self, message: Message) -> bool:
        """Fetch the pictures that a customer sends; are all there?"""
        for url in message.media_urls[len(message.media) :]:
            found = await self.webhooks.fetch(url)
            if found is None:
                return False
            message.media.append(self.attach(message.account_sid, message.sid, *found))
        return True

    def _choose_sender(self, message: Message) -> bool:
        """A messaging service picks the sender that this phone knows, else its first."""
        service = self.world.get(Service, message.messaging_service_sid or "")
        if message.from_ is None:
            senders = service.senders if service else []
            known = {one.from_ for one in self.world.all(Message, message.account_sid) if one.to == message.to}
            message.from_ = next((one for one in senders if one in known), senders[0] if senders else None)
        if message.from_ is None:
            self._advance(message, "failed", 30008)
            return False
        message.num_segments = str(segments(message.body))
        self._advance(message, "queued")
        return True

    def _advance(self, message: Message, status: str, error_code: int | None = None) -> None:
        """The new status, and the word of it to the customer. The first status is never told."""
        message.status, message.error_code, message.date_updated = status, error_code, self.world.clock.now()
        self.world.save(message)
        if not message.status_callback:
            return
        told = {
            "SmsSid": message.sid,
            "SmsStatus": status,
            "MessageStatus": status,
            "To": message.to,
            "MessageSid": message.sid,
            "AccountSid": message.account_sid,
            "From": message.from_ or "",
            "ApiVersion": "2010-04-01",
        }
        if error_code is not None:
            told["ErrorCode"] = str(error_code)
        if status in ("delivered", "undelivered"):
            # Ten digits, and of no time zone that anybody could name.
            told["RawDlrDoneDate"] = time.strftime("%y%m%d%H%M")
        if message.messaging_service_sid:
            told["MessagingServiceSid"] = message.messaging_service_sid
        account = self.world.account(message.account_sid)
        self.webhooks.tell(account, message.status_callback, told, order=message.sid)

    async def _bring(self, message: Message) -> None:
        """Ask the customer's URL, and send what it answers."""
        number = self.world.number(message.to, message.account_sid)
        if number is None:
            return
        service = next(
            (one for one in self.world.all(Service, number.account_sid) if number.phone_number in one.senders), None
        )
        wish = self._opt(message, number, service)
        endpoint = self.world.endpoint(number, "sms")
        params = self._inbound_params(message)
        if service is not None:
            params["MessagingServiceSid"] = service.sid
            if wish and service.advanced_opt_out:
                params["OptOutType"] = wish
        if endpoint.sms_url:
            await self._ask(message, endpoint, params)
        message.is_told = True
        self.world.save(message)

    async def _ask(self, message: Message, endpoint: Endpoint, params: dict[str, str]) -> None:
        account = self.world.account(message.account_sid)
        targets = [(endpoint.sms_url, endpoint.sms_method), (endpoint.sms_fallback_url, endpoint.sms_fallback_method)]
        for url, method in targets:
            if not url:
                continue
            try:
                await self._follow(message, url, method, params)
            except WebhookFailed as fault:
                params = {**params, "ErrorCode": str(fault.code), "ErrorUrl": fault.url}
                self.world.ledger.note("debugger", at=self.world.clock.now(), account=account.sid, code=fault.code)
            else:
                return

    async def _follow(self, message: Message, url: str, method: str, params: dict[str, str]) -> None:
        """Run the document at *url*: each Message is sent, a Redirect is followed."""
        account = self.world.account(message.account_sid)
        for _ in range(HOPS_MAX):
            answer = await self.webhooks.ask(account, url, params, method)
            replies, redirect = twiml.messaging(answer)
            for reply in replies:
                callback = reply.callback and urljoin(answer.url, reply.callback)
                self.reply(message, reply.body, reply.to or message.from_ or "", reply.sender or message.to, callback)
            if redirect is None:
                return
            url, method = urljoin(answer.url, redirect[0]), redirect[1]

    def reply(self, message: Message | None, body: str, to: str, sender: str, callback: str | None) -> None:
        """Send the answer that a document holds, unless the phone has opted out."""
        number = self.world.number(sender)
        if number is None or self.world.is_opted_out(number.phone_number, to):
            return
        direction = "outbound-reply" if message is not None else "outbound-call"
        sent = Message(new_sid("SM"), number.account_sid, direction, to, sender, body, "queued", str(segments(body)))
        sent.status_callback = callback
        self.send(sent)

    def _opt(self, message: Message, number: Number, service: Service | None) -> str | None:
        """STOP, START or HELP as Twilio takes them: the whole message is the word; its own answer goes out."""
        word = plain(message.body)
        is_advanced = service is not None and service.advanced_opt_out
        if word in STOP_WORDS or (is_advanced and word in MORE_STOP_WORDS):
            wish = "STOP"
        elif word in START_WORDS:
            wish = "START"
        elif word in HELP_WORDS:
            wish = "HELP"
        else:
            return None
        phone = message.from_ or ""
        if wish != "HELP":
            was_out = self.world.is_opted_out(number.phone_number, phone)
            self.world.save(OptOut(f"{number.phone_number}>{phone}", wish == "STOP"))
            if was_out == (wish == "STOP"):
                return wish
        answer = Message(
            new_sid("SM"), number.account_sid, "outbound-reply", phone, number.phone_number, REPLIES[wish], "queued"
        )
        self.send(answer)
        return wish

    def _inbound_params(self, message: Message) -> dict[str, str]:
        told = {
            "ToCountry": "",
            "SmsMessageSid": message.sid,
            "NumMedia": str(len(message.media)),
            "SmsSid": message.sid,
            "SmsStatus": "received",
            "To": message.to,
            "NumSegments": message.num_segments,
            "MessageSid": message.sid,
            "AccountSid": message.account_sid,
            "From": message.from_ or "",
            "ApiVersion": "2010-04-01",
            **place("To", message.to),
            **place("From", message.from_ or ""),
        }
        if message.body or not message.media:
            told["Body"] = message.body
        for index, sid in enumerate(message.media):
            media = self.world.get(Media, sid)
            if media is not None:
                told[f"MediaContentType{index}"] = media.content_type
                told[f"MediaUrl{index}"] = f"{self.world.public_url}{media_uri(media)}"
        return told


def media_uri(media: Media) -> str:
    """Where the bytes are; with `.json`, what they are."""
    return f"/2010-04-01/Accounts/{media.account_sid}/Messages/{media.parent_sid}/Media/{media.sid}"


def plain(text: str) -> str:
    """Lower case, no accents, no punctuation at the ends."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in folded if not unicodedata.combining(one)).strip(" \t\r\n.!?\"'")
