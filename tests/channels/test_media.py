"""Fetching what came with a text: from the provider alone, whatever an address or an answer says."""

import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

import pytest

from channels.base import FileRefused, SendFailed
from channels.twilio import media
from config.settings import Settings
from contact.domain.carrier import Account

SID, MESSAGE, FILE = "AC" + "a" * 32, "MM" + "b" * 32, "ME" + "c" * 32
PATH = f"/2010-04-01/Accounts/{SID}/Messages/{MESSAGE}/Media/{FILE}"
ACCOUNT = Account(UUID(int=1), UUID(int=2), "twilio", SID, ("token",))
Answers = Callable[[BaseHTTPRequestHandler], None]


class Site:
    """A provider's host on this machine: *answers* by path; what it was asked, with which password."""

    def __init__(self) -> None:
        self.answers: dict[str, Answers] = {}
        self.asked: list[tuple[str, bool]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append((self.path, "Authorization" in self.headers))
                site.answers[self.path](self)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.settings = Settings(twilio_base_url=self.url)


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    thread = threading.Thread(target=made.server.serve_forever, args=(0.02,))
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def gives(content: bytes, status: int = 200, **headers: str) -> Answers:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in ({"Content_Length": str(len(content))} | headers).items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(content)

    return answer


def test_the_password_stays_with_the_provider(site: Site):
    """Its API sends on to its storage, which is asked without; whatever host an address names, only its path counts."""
    site.answers[PATH] = gives(b"", 307, Location=f"{site.url}/stored?signature=a%20b")
    site.answers["/stored?signature=a%20b"] = gives(b"picture")

    assert media.fetch(site.settings, ACCOUNT, f"http://169.254.169.254{PATH}?a=b") == b"picture"

    assert site.asked == [(PATH, True), ("/stored?signature=a%20b", False)]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "http://[",
        "/latest/meta-data",
        PATH.replace(SID, "AC" + "d" * 32),
        f"{PATH}/../../../../Calls",
        f"{PATH}.json",
        f"https://api.twilio.com/{PATH}",
        f"https://api.twilio.com{PATH.replace('Media', 'media')}",
        f"file://{PATH}%2f..",
    ],
)
def test_only_files_of_our_account(site: Site, address: str):
    """Any other address is refused before anybody is asked."""
    with pytest.raises(FileRefused, match="elsewhere"):
        media.fetch(site.settings, ACCOUNT, address)

    assert site.asked == []


@pytest.mark.parametrize(
    "location",
    [
        "",
        "http://[",
        "http://127.0.0.1:1/picture",
        "//localhost/picture",
        "file:///etc/passwd",
        "http://mms.twiliocdn.com/picture",
        "https://mms.twiliocdn.com:8443/picture",
        "https://mms.twiliocdn.com@127.0.0.1/picture",
        "https://127.0.0.1\\@mms.twiliocdn.com/picture",
        "https://user:word@mms.twiliocdn.com/picture",
        "https://eviltwiliocdn.com/picture",
        "https://twiliocdn.com.evil.example/picture",
        "https://evil.s3-external-1.amazonaws.com/picture",
        "https://2130706433/picture",
        "https://0x7f.1/picture",
    ],
)
def test_sent_elsewhere_nobody_goes(site: Site, location: str):
    """A redirect is followed to the provider's own storage alone, and not for ever."""
    site.answers[PATH] = gives(b"", 302, Location=location)

    with pytest.raises(FileRefused, match="elsewhere"):
        media.fetch(site.settings, ACCOUNT, PATH)

    assert {path for path, _ in site.asked} == {PATH}


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["169.254.169.254"],
        ["10.1.2.3"],
        ["100.64.0.1"],
        ["0.0.0.0"],
        ["224.0.0.1"],
        ["::1"],
        ["fe80::1"],
        ["fd00::1"],
        ["::ffff:10.0.0.1"],
        ["64:ff9b::7f00:1"],
        ["2002:7f00:1::1"],
        ["2001:0:1::1"],
        ["93.184.216.34", "192.168.0.1"],
    ],
)
def test_a_name_that_leads_inside(monkeypatch: pytest.MonkeyPatch, addresses: list[str]):
    """The provider's name is looked up first; where any of its addresses is not public, none is connected to."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_named: found)

    with pytest.raises(SendFailed, match="not_public"):
        media.fetch(Settings(), ACCOUNT, PATH)


@pytest.mark.parametrize(
    ("answer", "fault", "told"),
    [
        (gives(b"", 404), FileRefused, "gone"),
        (gives(b"", 401), SendFailed, "status_401"),
        (gives(b"", 500), SendFailed, "status_500"),
        (gives(b"zip", Content_Encoding="gzip"), SendFailed, "packed"),
        (gives(b"half", Content_Length="8"), SendFailed, "Error|Incomplete|cut_off"),
        (gives(b"x" * (media.FILE_BYTES_MAX + 1)), FileRefused, "too_large"),
        (lambda _request: None, SendFailed, "ProtocolError"),
    ],
)
def test_what_is_no_picture(site: Site, answer: Answers, fault: type[Exception], told: str):
    """Gone or too large is said at once; all else may be tried again, and half a picture is none."""
    site.answers[PATH] = answer

    with pytest.raises(fault, match=told):
        media.fetch(site.settings, ACCOUNT, PATH)


def test_what_trickles_is_given_up(site: Site, monkeypatch: pytest.MonkeyPatch):
    """All in all it has so long, however regularly a little more comes."""
    monkeypatch.setattr(media, "FILE_SECONDS", 0.0)
    site.answers[PATH] = gives(b"picture")

    with pytest.raises(SendFailed, match="too_slow"):
        media.fetch(site.settings, ACCOUNT, PATH)


def test_nobody_there():
    """Whoever cannot be reached is asked again."""
    with pytest.raises(SendFailed):
        media.fetch(Settings(twilio_base_url="http://127.0.0.1:9"), ACCOUNT, PATH)
