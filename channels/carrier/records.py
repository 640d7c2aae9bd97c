"""What the company remembers: a dataclass a resource, its fields named as Twilio's REST names them."""

import secrets
from dataclasses import dataclass, field
from typing import Any


def new_sid(prefix: str) -> str:
    """`SM` and 32 hexadecimal digits, and the like."""
    return prefix + secrets.token_hex(16)


@dataclass
class Account:
    """A customer. During a rotation two tokens sign requests to us; ours are signed with the first."""

    sid: str
    auth_token: str
    friendly_name: str = ""
    secondary_token: str | None = None
    keys: dict[str, str] = field(default_factory=dict)  # API key -> secret
    caller_ids: list[str] = field(default_factory=list)  # foreign numbers it may call from
    calls_per_second: float = 1.0
    asks_for_media_password: bool = True
    date_created: float = 0.0


@dataclass
class Endpoint:
    """Where requests about a number or an application go."""

    sid: str
    account_sid: str
    friendly_name: str = ""
    voice_url: str | None = None
    voice_method: str = "POST"
    voice_fallback_url: str | None = None
    voice_fallback_method: str = "POST"
    sms_url: str | None = None
    sms_method: str = "POST"
    sms_fallback_url: str | None = None
    sms_fallback_method: str = "POST"
    status_callback: str | None = None
    status_callback_method: str = "POST"
    date_created: float = 0.0


@dataclass
class Application(Endpoint):
    """Where a browser's calls go."""


@dataclass
class Number(Endpoint):
    """A number of a customer: long (+33…), short (36123) or a word (MAIRIE), which is one-way."""

    phone_number: str = ""
    voice: bool = True
    sms: bool = True
    mms: bool = True
    voice_application_sid: str | None = None
    sms_application_sid: str | None = None


@dataclass
class Service:
    """A messaging service: a pool of senders, perhaps with opt-out words of its own."""

    sid: str
    account_sid: str
    friendly_name: str = ""
    senders: list[str] = field(default_factory=list)
    advanced_opt_out: bool = False
    status_callback: str | None = None
    date_created: float = 0.0


@dataclass
class Subscriber:
    """Anybody's phone. *sms* is `delivered`, `silent` (no receipt ever), `undelivered:30003` or `failed:30007`;
    *ring* is `person` (rings until somebody acts), `answer`, `machine`, `busy`, `no-answer` or `failed`."""

    sid: str  # the number itself
    sms: str = "delivered"
    ring: str = "person"


@dataclass
class Media:
    """A picture or sound of a message; its bytes are in a file."""

    sid: str
    account_sid: str
    parent_sid: str
    content_type: str
    date_created: float = 0.0
    date_updated: float = 0.0


@dataclass
class Message:
    """An SMS or MMS, either way."""

    sid: str
    account_sid: str
    direction: str
    to: str
    from_: str | None
    body: str
    status: str
    num_segments: str = "1"
    media: list[str] = field(default_factory=list)  # their sids
    media_urls: list[str] = field(default_factory=list)  # where a customer's pictures are fetched
    messaging_service_sid: str | None = None
    error_code: int | None = None
    status_callback: str | None = None
    send_at: float | None = None
    date_created: float = 0.0
    date_updated: float = 0.0
    date_sent: float | None = None
    is_told: bool = False  # inbound: the customer's URL has been asked


@dataclass
class Call:
    """A leg between the company and one phone or browser."""

    sid: str
    account_sid: str
    direction: str  # inbound, outbound-api, outbound-dial
    to: str
    from_: str
    status: str = "queued"
    parent_call_sid: str | None = None
    phone_number_sid: str | None = None
    answered_by: str | None = None
    start_time: float | None = None
    end_time: float | None = None
    duration: int | None = None
    queue_time: int = 0  # milliseconds
    application_sid: str | None = None
    callback_url: str | None = None
    callback_method: str = "POST"
    callback_events: list[str] = field(default_factory=lambda: ["completed"])
    sequence: int = 0
    fallback_url: str | None = None
    fallback_method: str = "POST"
    parameters: dict[str, str] = field(default_factory=dict)  # what a browser sent along
    date_created: float = 0.0
    date_updated: float = 0.0


@dataclass
class Queue:
    """Callers who wait."""

    sid: str
    account_sid: str
    friendly_name: str
    max_size: int = 1000
    date_created: float = 0.0
    date_updated: float = 0.0


@dataclass
class Conference:
    """Callers who talk. What it tells, and where, is set by who joins first."""

    sid: str
    account_sid: str
    friendly_name: str
    status: str = "init"
    callback_url: str | None = None
    callback_method: str = "POST"
    callback_events: list[str] = field(default_factory=list)
    sequence: int = 0
    reason_conference_ended: str | None = None
    call_sid_ending_conference: str | None = None
    date_created: float = 0.0
    date_updated: float = 0.0


@dataclass
class Recording:
    """What was said, as text, with the sound of its length."""

    sid: str
    account_sid: str
    source: str
    call_sid: str | None = None
    conference_sid: str | None = None
    status: str = "in-progress"
    channels: int = 1
    duration: int | None = None
    start_time: float = 0.0
    lines: list[str] = field(default_factory=list)
    date_created: float = 0.0
    date_updated: float = 0.0


@dataclass
class OptOut:
    """This phone wants nothing from this number any more (or again)."""

    sid: str  # customer's number or service > phone
    is_out: bool = True


_CUSTOMERS = (Account, Application, Number, Service, Subscriber, OptOut)
_TRAFFIC = (Media, Message, Call, Queue, Conference, Recording)
KINDS: dict[str, type[Any]] = {kind.__name__.lower(): kind for kind in (*_CUSTOMERS, *_TRAFFIC)}
