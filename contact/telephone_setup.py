"""Accounts and numbers at the telephone company: of the demo on one machine, and of an operator's command."""

import json
import secrets
from pathlib import Path
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from config.sealing import seal, unseal
from contact.demo.copying import without_row_security
from contact.domain.carrier import DOORS, door_url
from contact.models.base import new_id
from contact.services.carrier_accounts import PURPOSE

# Of the numbers that nobody will ever have.
VOICE_NUMBERS = "+3319900{:04}"
_ACCOUNTS = """SELECT a.id, a.sid, a.auth_token, a.second_token, a.api_key_sid, a.api_key_secret, a.application_sid,
    a.tenant_id, t.name FROM carrier_account a JOIN administration t ON t.id = a.tenant_id
    WHERE a.disabled_at IS NULL ORDER BY a.created_at, a.id"""
# What is read and written here; the others stay as they are for everybody.
TABLES = ("administration", "audit", "campaign", "carrier_account", "endpoint")


def install(owner_url: str, secret_key: str) -> None:
    """Give each administration that has a number for SMS, and no account yet, an account and a number for calls.

    As the owner (libpq form); what is there already stays.
    """
    with psycopg.connect(owner_url) as connection, without_row_security(connection, *TABLES):
        lacking = (
            connection.cursor(row_factory=dict_row)
            .execute(
                """SELECT t.id AS tenant_id, min(e.campaign_id::text)::uuid AS campaign_id,
                   array_agg(e.channel) AS channels FROM administration t
               JOIN endpoint e ON e.tenant_id = t.id AND e.channel IN ('sms', 'voice')
               WHERE NOT EXISTS (SELECT FROM carrier_account a WHERE a.tenant_id = t.id) GROUP BY t.id, t.slug
               ORDER BY t.slug"""
            )
            .fetchall()
        )
        for place, found in enumerate(lacking, start=1):
            account_id = add_account(
                connection,
                secret_key,
                found["tenant_id"],
                sid="AC" + secrets.token_hex(16),
                auth_token=secrets.token_hex(16),
                api_key=("SK" + secrets.token_hex(16), secrets.token_hex(16)),
                application_sid="AP" + secrets.token_hex(16),
            )
            if "voice" not in found["channels"]:
                number = {"channel": "voice", "address": VOICE_NUMBERS.format(place), "can_receive": True}
                insert(connection, "endpoint", tenant_id=found["tenant_id"], campaign_id=found["campaign_id"], **number)
            where = "tenant_id = %s AND channel IN ('sms', 'voice')"
            update(connection, "endpoint", {"account_id": account_id}, where, [found["tenant_id"]])


def add_account(
    connection: psycopg.Connection[Any],
    secret_key: str,
    tenant_id: UUID,
    *,
    sid: str,
    auth_token: str,
    api_key: tuple[str, str] | None = None,
    application_sid: str | None = None,
) -> UUID:
    """Enter an account; its id is part of the addresses that are entered at the company (`door_url`)."""

    def sealed(text: str) -> bytes:
        return seal(secret_key, PURPOSE, text)

    key_sid, key_secret = (api_key[0], sealed(api_key[1])) if api_key else (None, None)
    return insert(
        connection,
        "carrier_account",
        tenant_id=tenant_id,
        provider="twilio",
        sid=sid,
        auth_token=sealed(auth_token),
        api_key_sid=key_sid,
        api_key_secret=key_secret,
        application_sid=application_sid,
    )


def insert(connection: psycopg.Connection[Any], table: str, **values: Any) -> UUID:
    """A row, with the trail of its first version; its id."""
    id = new_id()
    row = {"id": id, **values, "version": 1}
    names, marks = sql.SQL(", ").join(map(sql.Identifier, row)), sql.SQL(", ").join(map(sql.Placeholder, row))
    told = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(sql.Identifier(table), names, marks)
    connection.execute(told, row)
    set_ones = sorted(name for name, value in row.items() if value is not None)
    _record(connection, table, [(id, row["tenant_id"], 1)], "telephone.entered", set_ones)
    return id


def update(
    connection: psycopg.Connection[Any],
    table: str,
    values: dict[str, Any],
    where: LiteralString,
    which: list[Any],
    action: str = "telephone.entered",
) -> None:
    """A version more of the rows *where* says, with its trail."""
    sets = sql.SQL(", ").join(sql.SQL("{} = %s").format(sql.Identifier(name)) for name in values)
    told = sql.SQL("UPDATE {} SET {}, version = version + 1 WHERE {} RETURNING id, tenant_id, version").format(
        sql.Identifier(table), sets, sql.SQL(where)
    )
    rows = connection.execute(told, [*values.values(), *which]).fetchall()
    _record(connection, table, rows, action, sorted(values))


def _record(connection: psycopg.Connection[Any], table: str, rows: list[Any], action: str, changed: list[str]) -> None:
    """What the session's listener writes of everybody else's changes."""
    connection.cursor().executemany(
        "INSERT INTO audit (id, tenant_id, actor_kind, action, entity, entity_id, version, changed)"
        " VALUES (%s, %s, 'system', %s, %s, %s, %s, %s)",
        [(new_id(), tenant_id, action, table, id, version, changed) for id, tenant_id, version in rows],
    )


def write_company(owner_url: str, secret_key: str, base_url: str, path: Path) -> list[tuple[str, str, str]]:
    """Write what the local company knows of us: accounts, applications and numbers, whose requests come to *base_url*.

    Returns (channel, number, administration).
    """
    told: dict[str, list[dict[str, Any]]] = {"account": [], "application": [], "number": []}
    numbers = []
    with psycopg.connect(owner_url) as connection, without_row_security(connection, *TABLES):
        cursor = connection.cursor(row_factory=dict_row)
        for account in cursor.execute(_ACCOUNTS).fetchall():
            told["account"].append(_account(account, secret_key))
            doors = {channel: door_url(base_url, account["id"], door) for channel, door in DOORS.items()}
            if account["application_sid"]:
                told["application"].append(
                    {
                        "sid": account["application_sid"],
                        "account_sid": account["sid"],
                        "voice_url": door_url(base_url, account["id"], "voice/desk"),
                        "status_callback": door_url(base_url, account["id"], "voice/desk-state"),
                    }
                )
            found = cursor.execute(
                "SELECT channel, address FROM endpoint WHERE account_id = %s AND disabled_at IS NULL ORDER BY 1, 2",
                [account["id"]],
            ).fetchall()
            for address in dict.fromkeys(one["address"] for one in found):
                on = {one["channel"] for one in found if one["address"] == address}
                told["number"].append(_number(account, address, {channel: doors[channel] for channel in on}, base_url))
                numbers += [(channel, address, account["name"]) for channel in sorted(on)]
    path.touch(mode=0o600)
    path.write_text(json.dumps(told, indent=1, ensure_ascii=False), encoding="utf-8")
    return numbers


def _account(row: dict[str, Any], secret_key: str) -> dict[str, Any]:
    def read(sealed: bytes | None) -> str | None:
        return unseal(secret_key, PURPOSE, sealed) if sealed else None

    keys = {row["api_key_sid"]: read(row["api_key_secret"])} if row["api_key_sid"] else {}
    return {
        "sid": row["sid"],
        "auth_token": read(row["auth_token"]),
        "secondary_token": read(row["second_token"]),
        "friendly_name": row["name"],
        "keys": keys,
    }


def _number(account: dict[str, Any], address: str, doors: dict[str, str], base_url: str) -> dict[str, Any]:
    told = {
        "account_sid": account["sid"],
        "phone_number": address,
        "friendly_name": account["name"],
        "voice": "voice" in doors,
        "sms": "sms" in doors,
        **{f"{channel}_url": url for channel, url in doors.items()},
    }
    if "voice" in doors:
        told["status_callback"] = door_url(base_url, account["id"], "voice/state")
    return told
