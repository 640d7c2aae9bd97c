"""Installs the synthetic citizen: for each pool a marked administration of its own, with one chat and one robot agent.

No person has a grant for it, so nobody is offered its contacts and nobody's figures count them; its robot has no other.
"""

import hmac
import json
import uuid
from typing import Any, NamedTuple
from uuid import UUID

import psycopg

from contact.demo.copying import without_row_security
from contact.services.sign_in import hash_password

_SPACE = UUID("6f1f0e0a-5f0b-4b61-9a6c-52f1f0f3c9d1")
SKILL, CODE = "synthetic", "done"
NAME = {"fr": "Citoyen de contrôle", "en": "Synthetic citizen"}
STEPS = [{"after_seconds": 0, "skills": {SKILL: 1}, "language": True}]


class Place(NamedTuple):
    """Where the synthetic citizen of one pool writes, and who answers."""

    pool_id: UUID
    tenant_id: UUID
    address: str
    login: str


def place(pool_id: UUID) -> Place:
    """The same for a pool on every machine."""
    return Place(
        pool_id, _id(pool_id, "administration"), f"synthetic-{pool_id}", f"synthetic-{pool_id}@guichet.invalid"
    )


def password(secret_key: str, pool_id: UUID) -> str:
    """Known to whoever knows the secret key, and stored nowhere."""
    return hmac.new(secret_key.encode(), f"synthetic {pool_id}".encode(), "sha256").hexdigest()


def install(owner_url: str, secret_key: str) -> list[Place]:
    """As the owner (libpq form); what is there already stays, but for the robot's password, which follows the key."""
    with psycopg.connect(owner_url) as connection:
        pools = [row[0] for row in connection.execute("SELECT id FROM pool ORDER BY id").fetchall()]
        with without_row_security(connection):
            there = {
                row[0] for row in connection.execute("SELECT id FROM administration WHERE is_synthetic").fetchall()
            }
            for pool_id in pools:
                hashed = hash_password(password(secret_key, pool_id))
                if place(pool_id).tenant_id not in there:
                    _install(connection, pool_id, hashed)
                else:
                    change = "UPDATE account SET password_hash = %s, failures = 0, locked_until = NULL WHERE login = %s"
                    connection.execute(change, [hashed, place(pool_id).login])
    return [place(pool_id) for pool_id in pools]


def is_installed(connection: psycopg.Connection) -> bool:
    """Every pool has its place."""
    logins = [f"{place(row[0]).login}" for row in connection.execute("SELECT id FROM pool").fetchall()]
    found = connection.execute("SELECT count(*) FROM account WHERE login = ANY(%s)", [logins]).fetchone()
    return found == (len(logins),)


def _install(connection: psycopg.Connection, pool_id: UUID, hashed: str) -> None:
    its, tenant_id = place(pool_id), place(pool_id).tenant_id
    of = {what: _id(pool_id, what) for what in ("outsourcer", "campaign", "queue", "robot", "grant")}
    name, outsourcer, campaign = json.dumps(NAME), {"outsourcer_id": of["outsourcer"]}, {"campaign_id": of["campaign"]}
    rows: list[tuple[str, dict[str, Any]]] = [
        ("administration", {"id": tenant_id, "slug": its.address, "name": NAME["en"], "is_synthetic": True, "hue": 0}),
        ("outsourcer", {"id": of["outsourcer"], "name": its.address, "is_synthetic": True}),
        ("campaign", {"id": of["campaign"], "slug": its.address, "name": name, "languages": ["fr"], "is_active": True}),
        ("endpoint", {"channel": "chat", "address": its.address, "can_receive": True, **campaign}),
        ("queue", {"id": of["queue"], "pool_id": pool_id, "name": name, "offer_seconds": 30, "wrap_up_seconds": 5}),
        ("skill", {"code": SKILL, "name": name}),
        ("topic", {"queue_id": of["queue"], "slug": SKILL, "name": name, "steps": json.dumps(STEPS), **campaign}),
        ("wrap_up_code", {"code": CODE, "name": name, "rank": 0, **campaign}),
        ("account", {"id": of["robot"], "login": its.login, "password_hash": hashed, "role": "agent", **outsourcer}),
        ("agent", {"id": of["robot"], "pool_id": pool_id, "name": "robot", "languages": ["fr"], **outsourcer}),
        ("agent_skill", {"agent_id": of["robot"], "skill": SKILL, "level": 5, **outsourcer}),
        ("presence", {"agent_id": of["robot"], "state": "offline", **outsourcer}),
        ("agent_grant", {"id": of["grant"], "account_id": of["robot"], **outsourcer, **campaign}),
    ]
    fixed: dict[str, dict[str, Any]] = {
        "account": {"language": "fr", "epoch": 0, "failures": 0},
        "administration": {"time_zone": "Europe/Paris"},
        "agent": {f"capacity_{one}": most for one, most in (("voice", 0), ("chat", 3), ("sms", 0), ("email", 0))},
        "presence": {f"limit_{one}": most for one, most in (("voice", 0), ("chat", 3), ("sms", 0), ("email", 0))}
        | {"missed_offers": 0},
        "queue": campaign,
        "topic": {"priority": 0, "rank": 0},
    }
    for table, values in rows:
        _insert(connection, table, tenant_id, values | fixed.get(table, {}))


# Kinds of table, as the models say: who has a tenant, who an id of its own, who versions.
_WITH_TENANT = {"campaign", "endpoint", "queue", "skill", "topic", "wrap_up_code", "agent_grant"}
_VERSIONED = {"campaign", "endpoint", "queue", "topic", "agent", "presence", "agent_grant"}
_WITHOUT_ID = {"agent_skill", "presence"}


def _insert(connection: psycopg.Connection, table: str, tenant_id: UUID, values: dict[str, Any]) -> None:
    """A row and, where it has versions, the audit row of its first."""
    row = dict(values)
    if table not in _WITHOUT_ID:
        row.setdefault("id", uuid.uuid4())
    if table in _WITH_TENANT:
        row["tenant_id"] = tenant_id
    if table in _VERSIONED:
        row["version"] = 1
    names = ", ".join(row)
    marks = ", ".join(["%s"] * len(row))
    connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})".encode(), list(row.values()))  # noqa: S608
    if table in _VERSIONED:
        owner = {"tenant_id": tenant_id} if table in _WITH_TENANT else {"outsourcer_id": row["outsourcer_id"]}
        column, owner_id = next(iter(owner.items()))
        audit = (
            f"INSERT INTO audit (id, {column}, actor_kind, action, entity, entity_id, version)"  # noqa: S608
            " VALUES (gen_random_uuid(), %s, 'system', 'synthetic.installed', %s, %s, 1)"
        )
        connection.execute(audit.encode(), [owner_id, table, row.get("id", row.get("agent_id"))])


def _id(pool_id: UUID, what: str) -> UUID:
    return uuid.uuid5(_SPACE, f"{pool_id} {what}")
