"""An operator enters an administration's account at the telephone company, its numbers, and new tokens."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg

from config.sealing import seal, unseal
from contact.demo.copying import without_row_security
from contact.domain.carrier import DOORS, door_url
from contact.domain.errors import DomainError
from contact.services.carrier_accounts import PURPOSE
from contact.telephone_setup import TABLES, add_account, insert, update


class EntryRefused(DomainError):
    """What was told does not fit what is there; facts.why says how."""

    code = "entry_refused"


@dataclass(frozen=True, slots=True)
class Entry:
    """An account, with its *numbers* as (channel, address): one that is new belongs to the *campaign*."""

    administration: str
    sid: str
    auth_token: str = field(repr=False)
    campaign: str | None = None
    numbers: tuple[tuple[str, str], ...] = ()
    api_key: tuple[str, str] | None = field(default=None, repr=False)
    application_sid: str | None = None


def enter(owner_url: str, secret_key: str, base_url: str, entry: Entry) -> list[str]:
    """Enter *entry* as the owner; what is to be entered at the company in turn, one line a number.

    An account that is there gets the token as its second one: both are good until `promote`.

    Raises:
        EntryRefused: no such administration or campaign, or the account or a number is somebody else's.
    """
    with psycopg.connect(owner_url) as connection, without_row_security(connection, *TABLES):
        tenant_id = _one(connection, "SELECT id FROM administration WHERE slug = %s", [entry.administration])
        found = connection.execute(
            "SELECT id, tenant_id FROM carrier_account WHERE provider = 'twilio' AND sid = %s", [entry.sid]
        ).fetchone()
        if found is None:
            account_id = add_account(
                connection,
                secret_key,
                tenant_id,
                sid=entry.sid,
                auth_token=entry.auth_token,
                api_key=entry.api_key,
                application_sid=entry.application_sid,
            )
        elif found[1] != tenant_id:
            raise EntryRefused(why="the account is another administration's")
        else:
            account_id = found[0]
            token = seal(secret_key, PURPOSE, entry.auth_token)
            update(connection, "carrier_account", {"second_token": token}, "id = %s", [account_id])
        for channel, address in entry.numbers:
            _number(connection, tenant_id, account_id, entry.campaign, channel, address)
    doors = {channel: door_url(base_url, account_id, door) for channel, door in DOORS.items()}
    return [f"{address}  {channel}  {doors[channel]}" for channel, address in entry.numbers]


def promote(owner_url: str, secret_key: str, sid: str) -> None:
    """The second token is the first from here on, and the only one.

    Raises:
        EntryRefused: there is none.
    """
    with psycopg.connect(owner_url) as connection, without_row_security(connection, *TABLES):
        second = _one(connection, "SELECT second_token FROM carrier_account WHERE sid = %s", [sid])
        if second is None:
            raise EntryRefused(why="the account has no second token")
        unseal(secret_key, PURPOSE, second)
        tokens = {"auth_token": second, "second_token": None}
        update(connection, "carrier_account", tokens, "sid = %s", [sid], action="telephone.promoted")


def _number(
    connection: psycopg.Connection[Any],
    tenant_id: UUID,
    account_id: UUID,
    campaign: str | None,
    channel: str,
    address: str,
) -> None:
    if channel not in DOORS:
        raise EntryRefused(why=f"{channel}: a number is for {' or '.join(DOORS)}")
    there = connection.execute(
        "SELECT id, tenant_id FROM endpoint WHERE channel = %s AND address = %s", [channel, address]
    ).fetchone()
    if there is not None and there[1] != tenant_id:
        raise EntryRefused(why=f"{address} is another administration's")
    if there is not None:
        update(connection, "endpoint", {"account_id": account_id}, "id = %s", [there[0]])
        return
    campaign_id = _one(
        connection, "SELECT id FROM campaign WHERE tenant_id = %s AND slug = %s", [tenant_id, campaign or ""]
    )
    insert(
        connection,
        "endpoint",
        tenant_id=tenant_id,
        campaign_id=campaign_id,
        account_id=account_id,
        channel=channel,
        address=address,
        # A word as sender reads nothing.
        can_receive=address.lstrip("+").isdecimal(),
    )


def _one(connection: psycopg.Connection[Any], statement: Any, values: list[Any]) -> Any:
    row = connection.execute(statement, values).fetchone()
    if row is None:
        raise EntryRefused(why=f"nothing is called {values[-1]}")
    return row[0]
