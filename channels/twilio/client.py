"""Twilio's REST API by its official client: at the address that is set, within time limits, every fault named."""

from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from urllib3.exceptions import NewConnectionError

from channels.base import OutcomeUnknown, SendFailed, SendRejected
from contact.domain.carrier import Account

CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 10.0
Result = TypeVar("Result")
# The client imports its many parts when they are first used: a quarter of a second, in every forked job.
import_module("twilio.rest.api")


class Elsewhere(TwilioHttpClient):  # type: ignore[misc]
    """The official client's own way to another address: only scheme and host are replaced, and only if *base_url* is.

    A connection a request: a kept one may be dead, and then nobody knows whether the request arrived.
    """

    def __init__(self, base_url: str) -> None:
        super().__init__(pool_connections=False)
        # Its constructor knows one limit only; requests knows both.
        self.timeout = (CONNECT_SECONDS, ANSWER_SECONDS)
        self.base_url = base_url

    def request(self, method: str, url: str, *rest: Any, **named: Any) -> Any:
        """As the official client asks, at our address."""
        if self.base_url:
            parts = urlsplit(url)
            url = f"{self.base_url}{parts.path}{'?' + parts.query if parts.query else ''}"
        return super().request(method, url, *rest, **named)


def connect(account: Account, base_url: str) -> Client:
    """The official client for *account*."""
    return Client(*user_of(account), account.sid, http_client=Elsewhere(base_url))


def user_of(account: Account) -> tuple[str, str]:
    """By whom *account* asks, and the password; an API key where there is one, which outlives a token's rotation."""
    if account.api_key_sid and account.api_key_secret:
        return account.api_key_sid, account.api_key_secret
    return account.sid, account.tokens[0]


def create(ask: Callable[[], Result]) -> Result:
    """*ask* for something to be made, once.

    Raises:
        SendFailed: it was certainly not taken. 429 is never processed, so it may always be tried again.
        SendRejected: it was refused for good; the text is Twilio's code.
        OutcomeUnknown: it was sent, and no answer that tells came.
    """
    try:
        return ask()
    except TwilioRestException as fault:
        if fault.status == 429:
            raise SendFailed(str(fault.code or 20429)) from fault
        if 400 <= fault.status < 500:
            raise SendRejected(str(fault.code or fault.status)) from fault
        raise OutcomeUnknown(f"status_{fault.status}") from fault
    except requests.RequestException as fault:
        if _never_left(fault):
            raise SendFailed("unreachable") from fault
        raise OutcomeUnknown(type(fault).__name__) from fault
    except ValueError as fault:
        # An answer that is no JSON, from whatever stands between.
        raise OutcomeUnknown(type(fault).__name__) from fault


def read(ask: Callable[[], Result]) -> Result:
    """*ask* for what is there.

    Raises:
        SendFailed: it could not be asked.
    """
    try:
        return create(ask)
    except (OutcomeUnknown, SendRejected) as fault:
        raise SendFailed(str(fault)) from fault
    except TwilioException as fault:
        # Of a page of a list that was refused, its library tells no more.
        raise SendFailed("no_page") from fault


def _never_left(fault: requests.RequestException) -> bool:
    """No connection was made, so nothing was sent."""
    reason = getattr(fault.args[0] if fault.args else None, "reason", None)
    return isinstance(fault, requests.ConnectTimeout) or isinstance(reason, NewConnectionError)
