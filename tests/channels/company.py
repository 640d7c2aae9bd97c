"""The telephone company as the door sees it: it asks, well or ill signed, in this process."""

import secrets
from urllib.parse import urlencode

from flask import Flask
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from contact.domain.carrier import Account

BASE = "http://localhost"
FORM = "application/x-www-form-urlencoded"
NUMBER, PHONE = "36101", "+33612345678"


class Company:
    """Asks about one account."""

    def __init__(self, app: Flask, account: Account) -> None:
        self.client = app.test_client()
        self.account = account

    def ask(
        self,
        fields: list[tuple[str, str]],
        *,
        step: str,
        token: str | None = None,
        signature: str | None = None,
        signed_url: str | None = None,
        **headers: str,
    ) -> TestResponse:
        """One request; a header that is `-` is left out."""
        path = f"/in/{self.account.id}/sms/{step}"
        made = RequestValidator(token or self.account.tokens[0]).compute_signature(
            signed_url or BASE + path, MultiDict(fields)
        )
        given = {"X-Twilio-Signature": made if signature is None else signature, **headers}
        kept = {name: value for name, value in given.items() if value != "-"}
        return self.client.post(path, data=urlencode(fields), content_type=FORM, headers=kept)

    def text(self, body: str | None, sender: str = PHONE, sid: str | None = None, **more: str) -> str:
        """Somebody writes; the message's sid."""
        sid = sid or "SM" + secrets.token_hex(16)
        fields = {"MessageSid": sid, "From": sender, "To": NUMBER, "NumMedia": "0", **more}
        if body is not None:
            fields["Body"] = body
        answer = self.ask(list(fields.items()), step="in")
        assert answer.status_code == 200, answer.text
        return sid

    def state(self, sid: str, state: str, attempt: str = "none", code: str | None = None) -> None:
        """What became of a text of ours."""
        fields = [("MessageSid", sid), ("MessageStatus", state), *([("ErrorCode", code)] if code else [])]
        answer = self.ask(fields, step=f"state/{attempt}")
        assert answer.status_code == 200, answer.text
