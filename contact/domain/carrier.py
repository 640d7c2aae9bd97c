"""What crosses a telephone company's door: an account of ours there, and one thing that it told us."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Account:
    """An administration's account, its secrets opened. *tokens* sign: the first is used, all are believed."""

    id: UUID
    tenant_id: UUID
    provider: str
    sid: str
    tokens: tuple[str, ...] = field(repr=False)
    api_key_sid: str | None = None
    api_key_secret: str | None = field(default=None, repr=False)
    application_sid: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened there. *kind* says what (`text`, `text_state`, `call`, …), and so who sees to it.

    *provider_id* is the company's name of the message or call; the same *dedupe_key* never happens twice. *step* is the
    rest of our own address, such as an attempt or a nonce; *payload* all that was told, known to us or not.
    """

    channel: str
    kind: str
    provider_id: str
    dedupe_key: str
    payload: Mapping[str, str] = field(repr=False)
    step: str = ""
    token: str | None = None


# Where each channel's numbers bring what comes, and how quickly and often the company tries: on a text also after an
# error of ours (it is lost otherwise), on a call soon, because somebody waits on the line.
DOORS = {"sms": "sms/in#ct=2000&rt=5000&rc=3&rp=all", "voice": "voice/call#ct=2000&rt=4000&rc=2&rp=all"}


def door_url(base_url: str, account_id: UUID, door: str) -> str:
    """What is entered at the company for a number: an address of ours, with how it is to be tried."""
    return f"{base_url}/in/{account_id}/{door}"
