"""Pictures and sounds that came with a text, fetched where Twilio keeps them, and from nowhere else.

Their address comes with a request, so nothing of it is believed but its path, which must name a file of our account:
the password goes to the configured host alone. That host sends on to its storage, which is asked without a password.
Both are looked up first, must be of the public network, and it is that very address that is connected to.
"""

import ipaddress
import re
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import SplitResult, urljoin, urlsplit

import certifi
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, Timeout, make_headers
from urllib3.exceptions import HTTPError

from channels.base import FileRefused, OutcomeUnknown, SendFailed, SendRejected
from channels.twilio.client import ANSWER_SECONDS, CONNECT_SECONDS, connect, create, user_of
from config.settings import Settings
from contact.domain.carrier import Account

TWILIO = "https://api.twilio.com"
# Where Twilio's API sends on to: hosts that hold nobody else's files.
STORAGE = (".twilio.com", ".twiliocdn.com", "media.twiliocdn.com.s3-external-1.amazonaws.com")
HOPS_MAX = 3
# No message of Twilio's is larger.
FILE_BYTES_MAX = 5 * 1024 * 1024
# All in all, however slowly it trickles in.
FILE_SECONDS = 30.0
CHUNK = 65_536
NOT_THERE = "20404"
_PLACE = re.compile(
    r"/2010-04-01/Accounts/(AC[0-9a-fA-F]{32})/Messages/([MS]M[0-9a-fA-F]{32})/Media/(ME[0-9a-fA-F]{32})"
)
_HOST = re.compile(r"[a-z0-9.-]+")
# Behind these an address of version 4 may hide, whatever it is.
_WRAPPED = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))


def fetch(settings: Settings, account: Account, address: str) -> bytes:
    """The bytes of a file.

    Raises:
        FileRefused: it is none of ours, is gone, or is too large.
        SendFailed: it could not be fetched now.
    """
    base = urlsplit(settings.twilio_base_url or TWILIO)
    url = base._replace(path=_place(account, address).group())
    headers = make_headers(basic_auth=":".join(user_of(account)))
    until = time.monotonic() + FILE_SECONDS
    for _ in range(HOPS_MAX):
        # A telephone company of our own may stand beside us; Twilio itself never does.
        is_beside = not settings.has_twilio and _is_same(url, base)
        with _asked(url, headers, is_beside) as answer:
            if answer.status not in (301, 302, 303, 307, 308):
                return _content(answer, until)
            url = _next(url, answer.headers.get("Location", ""))
        if not (_is_storage(url) or (not settings.has_twilio and _is_same(url, base))):
            raise FileRefused("elsewhere")
        headers = {}
    raise FileRefused("elsewhere")


def forget(settings: Settings, account: Account, address: str) -> None:
    """Delete it there; one that is gone is what was wanted.

    Raises:
        SendFailed: it could not be asked for.
    """
    _, message, file = _place(account, address).groups()
    client = connect(account, settings.twilio_base_url)
    try:
        create(lambda: client.messages(message).media(file).delete())
    except (OutcomeUnknown, SendRejected) as fault:
        if str(fault) != NOT_THERE:
            raise SendFailed(str(fault)) from fault


def _place(account: Account, address: str) -> re.Match[str]:
    try:
        found = _PLACE.fullmatch(urlsplit(address).path)
    except ValueError as fault:
        raise FileRefused("elsewhere") from fault
    if found is None or found[1] != account.sid:
        raise FileRefused("elsewhere")
    return found


def _next(url: SplitResult, told: str) -> SplitResult:
    try:
        return urlsplit(urljoin(url.geturl(), told))
    except ValueError as fault:
        raise FileRefused("elsewhere") from fault


def _is_same(url: SplitResult, base: SplitResult) -> bool:
    return (url.scheme, url.netloc) == (base.scheme, base.netloc)


def _is_storage(url: SplitResult) -> bool:
    """By https, at the usual port, without a name or password in it."""
    host = url.netloc.lower()
    fits = any(host.endswith(one) if one.startswith(".") else host == one for one in STORAGE)
    return url.scheme == "https" and fits and _HOST.fullmatch(host) is not None


@contextmanager
def _asked(url: SplitResult, headers: Mapping[str, str], is_beside: bool) -> Iterator[BaseHTTPResponse]:
    """The answer at *url*; *is_beside*: it may be of this machine.

    Raises:
        SendFailed: there is none, or it breaks off.
    """
    host, is_safe = url.hostname or "", url.scheme == "https"
    port = url.port or (443 if is_safe else 80)
    address = host if is_beside else _public_address(host, port)
    limits = Timeout(connect=CONNECT_SECONDS, read=ANSWER_SECONDS)
    pool = (
        HTTPSConnectionPool(
            *(address, port), timeout=limits, ca_certs=certifi.where(), server_hostname=host, assert_hostname=host
        )
        if is_safe
        else HTTPConnectionPool(address, port, timeout=limits)
    )
    wanted = {**headers, "Host": url.netloc, "Accept-Encoding": "identity"}
    target = f"{url.path or '/'}{'?' + url.query if url.query else ''}"
    try:
        with pool:
            answer = pool.urlopen("GET", target, headers=wanted, retries=False, redirect=False, preload_content=False)
            try:
                yield answer
            finally:
                answer.close()
    except (HTTPError, OSError) as fault:
        raise SendFailed(type(fault).__name__) from fault


def _public_address(host: str, port: int) -> str:
    """Where *host* is.

    Raises:
        SendFailed: nowhere, or (also) within a network that is not public.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as fault:
        raise SendFailed("unreachable") from fault
    addresses = [str(one[4][0]) for one in found]
    if not addresses or not all(_is_public(one) for one in addresses):
        raise SendFailed("not_public")
    return addresses[0]


def _is_public(address: str) -> bool:
    one = ipaddress.ip_address(address)
    if isinstance(one, ipaddress.IPv6Address):
        if one.sixtofour or one.teredo or any(one in network for network in _WRAPPED):
            return False
        one = one.ipv4_mapped or one
    return one.is_global and not one.is_multicast


def _content(answer: BaseHTTPResponse, until: float) -> bytes:
    """All of it, as it lies there: what is packed is not unpacked.

    Raises:
        FileRefused, SendFailed.
    """
    if answer.status in (404, 410):
        raise FileRefused("gone")
    if answer.status != 200:
        raise SendFailed(f"status_{answer.status}")
    if answer.headers.get("Content-Encoding", "identity") != "identity":
        raise SendFailed("packed")
    content = bytearray()
    while chunk := answer.read1(CHUNK, decode_content=False):
        content += chunk
        if len(content) > FILE_BYTES_MAX:
            raise FileRefused("too_large")
        if time.monotonic() > until:
            raise SendFailed("too_slow")
    if answer.headers.get("Content-Length", str(len(content))) != str(len(content)):
        raise SendFailed("cut_off")
    return bytes(content)
