"""The console adapter: hands messages to a process that prints them and keeps a ledger, as a carrier would."""

import http.client
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from channels.base import Capabilities, OutcomeUnknown, Receipt, SendFailed, SendRejected
from contact.domain.outgoing import Outgoing

CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 10.0


class Ledger:
    """Stands for SMS and email until their carriers do. *url* is the ledger process's, http only."""

    name = "ledger"

    def __init__(self, url: str) -> None:
        self.address = urlsplit(url)

    def send(self, message: Outgoing) -> Receipt:
        """Post the message; a connection that breaks after it was sent leaves the outcome open."""
        told = {
            "attempt": message.attempt_id,
            "channel": message.channel,
            "from": message.sender,
            "to": message.recipient,
            "body": message.body,
        }
        status, answer = self._ask("POST", "/messages", json.dumps(told).encode())
        if status == 201:
            return Receipt(self.name, answer["id"])
        if status == 429:
            raise SendFailed("too_many")
        if 400 <= status < 500:
            raise SendRejected(answer.get("code", "rejected"))
        raise OutcomeUnknown(f"status_{status}")

    def look_up(self, message: Outgoing) -> list[Receipt]:
        """The ledger's lines for the attempt."""
        try:
            status, answer = self._ask("GET", f"/messages/{quote(message.attempt_id)}", None)
        except OutcomeUnknown as fault:
            raise SendFailed(str(fault)) from fault
        if status == 404:
            return []
        if status != 200:
            raise SendFailed(f"status_{status}")
        return [Receipt(self.name, one) for one in answer["ids"]]

    def capabilities(self) -> Mapping[str, Capabilities]:
        """Nothing comes back from it."""
        return {channel: Capabilities(two_way=False) for channel in ("sms", "email")}

    def _ask(self, method: str, path: str, body: bytes | None) -> tuple[int, dict[str, Any]]:
        connection = http.client.HTTPConnection(self.address.hostname or "", self.address.port, timeout=CONNECT_SECONDS)
        try:
            connection.connect()
        except OSError as fault:
            raise SendFailed("unreachable") from fault
        try:
            connection.sock.settimeout(ANSWER_SECONDS)
            connection.request(method, path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"{}")
        except (OSError, http.client.HTTPException, ValueError) as fault:
            raise OutcomeUnknown(type(fault).__name__) from fault
        finally:
            connection.close()
