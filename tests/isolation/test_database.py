"""The second wall: row security and privileges, over real commits on connections that others have used."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from contact.models import Base
from contact.unit_of_work import Database, connect
from tests.isolation.world import TENANT_TABLES, World

TABLES = sorted(
    mapper.class_.__tablename__
    for mapper in Base.registry.mappers
    if mapper.class_.kind == "tenant" and "tenant_id" in mapper.columns
)

# All that the dispatcher and the relay can read, by table: no names and no words.
ENGINE_READS = {
    "administration": "id time_zone",
    "agent": "capacity_chat capacity_email capacity_sms capacity_voice id languages outsourcer_id pool_id shares team",
    "agent_grant": "account_id campaign_id created_at id outsourcer_id revoked_at tenant_id version",
    "agent_skill": "agent_id level outsourcer_id skill",
    "alembic_version": "version_num",
    "assignment": (
        "agent_id channel contact_id created_at ended_at grant_id id interaction_id offer_id pool_id started_at "
        "state tenant_id ticket_id version wrap_until wrap_up_code_id"
    ),
    "carrier_account": "disabled_at id tenant_id",
    "contact": (
        "channel created_at curtains declined_by ended_at enqueued_at id interaction_id key_at need_id place_id "
        "pool_id priority queue_id state target_seconds tenant_id ticket_id told_from_seconds told_to_seconds "
        "told_was_kept version"
    ),
    "lease": "epoch holder leased_until pool_id",
    "need": "channel created_at delays digest id queue_id steps tenant_id",
    "offer": (
        "agent_id channel contact_id created_at decided_at expires_at grant_id id offered_at pool_id state "
        "tenant_id ticket_id version why"
    ),
    "outbox": (
        "attempt claimed_at created_at due_at empty_look_ups failure finished_at id ids lease leased_until "
        "order_key sequence state tenant_id topic"
    ),
    "place": "arrived_at citizen_id created_at expires_at id served_by tenant_id topic_id version",
    "policy_version": "campaign_id document effective_at number published_at tenant_id",
    "pool": "created_at id name",
    "presence": (
        "agent_id last_seen_at limit_chat limit_email limit_sms limit_voice load_chat load_email load_sms "
        "load_voice missed_offers outsourcer_id ready_since_at reason since_at state version"
    ),
    "probe": "failure failures pool_id seconds succeeded_at tried_at",
    "process": "host name parent_pid pid seen_at started_at",
    "queue": "campaign_id id offer_seconds pool_id teams tenant_id wrap_up_seconds",
    "routing_dirty": "entity entity_id id pool_id",
    "wait_forecast": "created_at id measured_at need_id points tenant_id",
}


@pytest.fixture(scope="module")
def database(world: World) -> Iterator[Database]:
    """As the web processes are, with one connection: whoever comes next gets what the last one left."""
    found = connect(world.settings.database_url, pool_size=1)
    yield found
    found.engine.dispose()


@pytest.fixture
def taxes(world: World) -> UUID:
    return world.ask("SELECT id FROM administration WHERE slug = 'impots-valmont'")[0]["id"]


def as_tenant(connection: Any, tenant_id: object) -> None:
    connection.execute(text("SELECT set_config('app.tenant', :it, true)"), {"it": str(tenant_id)})


def outcome(connection: Any, statement: str, values: dict[str, Any]) -> int | str:
    """How many rows it touched, or the database's code for why not."""
    try:
        with connection.begin_nested():
            return connection.execute(text(statement), values).rowcount
    except DBAPIError as error:
        return error.orig.sqlstate


@pytest.mark.parametrize("table", TABLES)
def test_another_administrations_rows_are_not_there(world: World, database: Database, taxes: UUID, table: str):
    """Asked, changed, deleted or written by id: as if they did not exist, also right after their owner was here."""
    count = text(f"SELECT count(*) FROM {table} WHERE tenant_id = :city")
    city = {"city": world.tenant_id}
    with database.engine.begin() as connection:
        as_tenant(connection, world.tenant_id)
        connection.execute(count, city)
    for tenant_id in ("", taxes):
        with database.engine.connect() as connection:
            as_tenant(connection, tenant_id)
            assert connection.execute(count, city).scalar_one() == 0
            for change in (
                f"UPDATE {table} SET tenant_id = tenant_id WHERE tenant_id = :city",
                f"DELETE FROM {table} WHERE tenant_id = :city",
            ):
                assert outcome(connection, change, city) in (0, "42501")
            connection.rollback()


@pytest.mark.parametrize("table", [table for table in TABLES if table != "audit"])
def test_no_row_is_written_for_another_administration(world: World, database: Database, taxes: UUID, table: str):
    """A row that names the city, from a transaction of the taxes: refused, whatever else is in it."""
    rows = world.ask(f"SELECT id FROM {table} WHERE tenant_id = %(it)s LIMIT 1", it=taxes)
    with database.engine.connect() as connection:
        as_tenant(connection, taxes)
        for change in (
            f"UPDATE {table} SET tenant_id = :city",
            f"INSERT INTO {table} (id, tenant_id) VALUES (gen_random_uuid(), :city)",
        ):
            if change.startswith("UPDATE") and not rows:
                continue
            # Row security or a missing privilege: before any other rule of the table has its say.
            assert outcome(connection, change, {"city": world.tenant_id}) == "42501", change
        connection.rollback()


def test_the_list_of_tables_is_whole(world: World):
    """What the database says has a tenant is what the models say."""
    nobodys = {"outbox", "account", "agent_grant"}

    assert {row["table_name"] for row in world.ask(TENANT_TABLES)} - nobodys == set(TABLES) - {"audit"}


def test_functions_that_look_across_hold_their_own(world: World):
    """Each runs as a role that nobody signs in as, under a fixed search path, and only for whom it was made."""
    functions = world.ask(
        "SELECT p.oid::regprocedure::text AS name, r.rolname AS owner, r.rolcanlogin, p.proconfig,"
        " has_function_privilege('public', p.oid, 'EXECUTE') AS is_public"
        " FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner"
        " WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace"
    )

    assert len(functions) >= 10
    for one in functions:
        assert (one["owner"], one["rolcanlogin"]) == ("app_lookup", False), one
        assert "search_path=public, pg_temp" in (one["proconfig"] or []), one
        assert not one["is_public"], one


def test_no_role_of_the_product_can_make_or_take(world: World):
    """Neither is a superuser, bypasses row security, owns a table, makes one, or may become another role."""
    for role in ("app_rw", "app_engine", "app_lookup"):
        (one,) = world.ask(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb,"
            " has_schema_privilege(rolname, 'public', 'CREATE') AS creates,"
            " (SELECT count(*) FROM pg_class WHERE relowner = r.oid AND relkind IN ('r', 'v', 'm')) AS owns,"
            " (SELECT count(*) FROM pg_auth_members WHERE member = r.oid) AS memberships"
            " FROM pg_roles r WHERE rolname = %(it)s",
            it=role,
        )
        assert not any(one.values()), (role, one)


def test_what_the_engine_can_read_is_frozen(world: World):
    """A column becomes readable to the dispatcher only by being written into the list above."""
    readable = world.ask(
        "SELECT table_name || '.' || column_name AS name FROM information_schema.columns WHERE table_schema = 'public'"
        " AND has_column_privilege('app_engine', format('%%I.%%I', table_schema, table_name), column_name, 'SELECT')"
    )

    listed = {f"{table}.{column}" for table, columns in ENGINE_READS.items() for column in columns.split()}
    assert {row["name"] for row in readable} == listed
