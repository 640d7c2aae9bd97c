"""What stands at the other end of each adapter here: a real process or server, with faults on demand."""

import base64
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlencode
from uuid import UUID

from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from channels.base import Adapter, Incoming
from channels.ledger import Ledger
from channels.ledger_faults import Faults
from channels.ledger_process import Book, Handler
from channels.twilio.adapter import PARSERS, Twilio
from config.settings import Settings
from contact.domain.carrier import Account
from tests.carrier.company import Company, digits, figures

BASE = "http://localhost"
NOBODY = "http://127.0.0.1:9"


class Counterpart(Protocol):
    """*away*: the same adapter, of a provider where nobody answers."""

    adapter: Adapter
    away: Adapter
    number: str

    def fault(self, name: str | None) -> None:
        """What requests meet now: `drop` and `500-taken` do the work and tell nothing, `429` and `500` do nothing."""

    def taken(self) -> list[str]:
        """The words of every message that the provider has."""


class Signed(Counterpart, Protocol):
    """A provider with a door."""

    def requests(self) -> list[Incoming]:
        """One of every kind that the adapter reads, genuine."""

    def forged(self, request: Incoming) -> list[Incoming]:
        """The same as strangers would ask it."""

    def brings(self, content: bytes) -> str | None:
        """Somebody sends a picture; the address that is told of it, None where none can come."""


class OfLedger:
    """The ledger's own handler, in this process."""

    number = "+33100000000"

    def __init__(self, folder: Path) -> None:
        self.book = Book(folder / "ledger.jsonl")
        self.handler = type("Own", (Handler,), {"book": self.book, "faults": Faults()})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self.handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()
        self.adapter = Ledger(f"http://127.0.0.1:{self.server.server_port}")
        self.away = Ledger(NOBODY)

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
        self.book.file.close()

    def fault(self, name: str | None) -> None:
        self.handler.faults = Faults(((name, 1.0),) if name else ())

    def taken(self) -> list[str]:
        return [json.loads(line)["body"] for line in Path(self.book.file.name).read_text().splitlines()]


class OfTwilio:
    """The telephone company as a process."""

    def __init__(self, _folder: Path) -> None:
        self.company = Company()
        self.token, self.sid = digits(32), "AC" + digits(32)
        self.account = Account(UUID(int=1), UUID(int=2), "twilio", self.sid, (self.token, digits(32)))
        settings = Settings(twilio_base_url=self.company.url, public_base_url=BASE)
        self.adapter = Twilio(settings, self.account)
        self.away = Twilio(Settings(twilio_base_url=NOBODY, public_base_url=BASE), self.account)
        self.number = "+3393700" + figures(4)
        self.company.admin("account", sid=self.sid, auth_token=self.token)
        self.company.admin("number", account_sid=self.sid, phone_number=self.number, sms_url=f"{NOBODY}/")

    def close(self) -> None:
        printed = self.company.stop()
        assert "Traceback" not in printed, printed

    def fault(self, name: str | None) -> None:
        names = {"429": "error_429", "500": "error_500", "500-taken": "late_500"}
        self.company.admin("faults", rest={names.get(name, name): 1.0} if name else {})

    def taken(self) -> list[str]:
        found = self.company.session.get(f"{self.company.url}/carrier/admin/message", timeout=30).json()
        return [one["body"] for one in found if one["direction"] == "outbound-api"]

    def requests(self) -> list[Incoming]:
        """Every field that any of its requests has: what a step does not know it leaves alone."""
        names = ("MessageSid", "CallSid", "ConferenceSid", "RecordingSid")
        fields = {name: digits(34) for name in names}
        fields |= {"From": "+33612345678", "To": self.number, "SequenceNumber": "1", "MessageStatus": "sent"}
        return [self._signed(channel, step, fields | {"Body": f"é {step} +"}) for channel, step in PARSERS]

    def forged(self, request: Incoming) -> list[Incoming]:
        def like(**changes: Any) -> Incoming:
            known = {name: getattr(request, name) for name in Incoming.__slots__}
            return Incoming(**(known | changes))

        given = request.headers["X-Twilio-Signature"]
        signatures = ("", "x", given[::-1], given[:-1], "é" * 28, "x" * 10_000)
        return [
            like(headers={}),
            *(like(headers={"X-Twilio-Signature": one}) for one in signatures),
            self._signed(request.channel, request.step, {"A": "b"}, token=digits(32)),
            like(target=request.target + "?a=b"),
            like(target="http://elsewhere.example" + request.target),
            like(target=""),
            like(body=request.body + b"&a=b"),
            like(body=b"&".join([b"a=b"] * 1000)),
            like(body=b"\xff\xfe", content_type="application/json"),
            like(content_type=""),
        ]

    def brings(self, content: bytes) -> str:
        path = f"{self.company.url}/carrier/phones/+336{figures(8)}"
        media = [["image/png", base64.b64encode(content).decode()]]
        wish = {"do": "text", "to": self.number, "body": "", "media": media}
        assert self.company.session.post(path, json=wish, timeout=30).ok
        one = self.company.session.get(f"{self.company.url}/carrier/admin/media", timeout=30).json()[-1]
        return f"{self.company.url}/2010-04-01/Accounts/{self.sid}/Messages/{one['parent_sid']}/Media/{one['sid']}"

    def _signed(self, channel: str, step: str, fields: dict[str, str], token: str | None = None) -> Incoming:
        target = f"/in/{self.account.id}/{channel}/{step}"
        signature = RequestValidator(token or self.token).compute_signature(BASE + target, MultiDict(fields))
        headers = {"X-Twilio-Signature": signature, "I-Twilio-Idempotency-Token": secrets.token_hex(8)}
        form = "application/x-www-form-urlencoded"
        return Incoming(channel, step, target, form, headers, urlencode(fields).encode())


COUNTERPARTS: dict[str, Any] = {"ledger": OfLedger, "twilio": OfTwilio}


@contextmanager
def standing(name: str, folder: Path) -> Iterator[Any]:
    """The counterpart of an adapter, while it is needed."""
    made = COUNTERPARTS[name](folder)
    try:
        yield made
    finally:
        made.close()
