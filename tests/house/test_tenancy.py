"""Every table is one of the four kinds, and has that kind's walls."""

import pytest
from sqlalchemy import text

from contact.models import Base
from contact.scope import Scope
from contact.unit_of_work import Database

MODELS = sorted((mapper.class_ for mapper in Base.registry.mappers), key=lambda model: model.__tablename__)
# Rows of nobody's: reached by id alone, holding ids alone.
OPEN_PLATFORM = {"pool", "lease", "outbox", "probe", "process", "routing_dirty"}


@pytest.fixture
def secured(database: Database) -> dict[str, tuple[bool, bool]]:
    """Per table: row security on, and on for its owner too."""
    with database.reading(Scope(action="test")) as session:
        rows = session.execute(
            text(
                "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class"
                " WHERE relnamespace = 'public'::regnamespace"
            )
        ).all()
    return {row.relname: (row.relrowsecurity, row.relforcerowsecurity) for row in rows}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__tablename__)
def test_walls_of_its_kind(model: type[Base], secured: dict[str, tuple[bool, bool]]):
    """Whatever is somebody's is behind row security, for the owner of the tables too."""
    table = model.__table__
    if table.name in OPEN_PLATFORM:
        assert model.kind == "platform"
        return
    assert secured[table.name] == (True, True)
    column = {"tenant": "tenant_id", "outsourcer": "outsourcer_id", "bridge": "tenant_id", "platform": "id"}[model.kind]
    own = {"administration": "id", "outsourcer": "id"}.get(table.name, column)
    assert own in table.columns


@pytest.mark.parametrize(
    "model", [one for one in MODELS if one.kind == "tenant"], ids=lambda model: model.__tablename__
)
def test_references_carry_the_tenant(model: type[Base]):
    """A tenant's row cannot point at another tenant's row: every such reference includes tenant_id."""
    tenant_tables = {one.__tablename__ for one in MODELS if one.kind == "tenant"} - {"administration", "audit"}

    for constraint in model.__table__.foreign_key_constraints:
        if constraint.referred_table.name in tenant_tables:
            assert "tenant_id" in constraint.column_keys, f"{model.__tablename__}: {constraint.column_keys}"


def test_nothing_is_seen_without_a_tenant(database: Database):
    """A transaction that was given no administration sees no row of any, on a fresh and on a used connection."""
    tables = [one.__tablename__ for one in MODELS if one.__tablename__ not in OPEN_PLATFORM]
    with database.engine.connect() as connection:
        tenant = connection.execute(
            text("SELECT tenant_id FROM endpoint_by_address('chat', 'impots-declaration')")
        ).scalar_one()
        connection.execute(text("SELECT set_config('app.tenant', :tenant, true)"), {"tenant": str(tenant)})
        seen = {table: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in tables}
        connection.rollback()
        assert seen["ticket"] > 0
        after = {table: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in tables}

    assert {table: count for table, count in after.items() if count} == {}


def test_engine_sees_no_citizen(engine_database: Database):
    """The dispatcher's role can read no name, no words and no contact point."""
    with engine_database.engine.connect() as connection:
        for table, column in (
            ("ticket", "subject"),
            ("message", "body"),
            ("citizen", "name"),
            ("contact_point", "value"),
            ("agent", "name"),
        ):
            may = connection.execute(
                text("SELECT has_column_privilege(:table, :column, 'SELECT')"), {"table": table, "column": column}
            ).scalar_one()
            assert not may, f"{table}.{column}"


def test_audit_is_append_only(database: Database):
    """Neither role of the running product can change or delete what was recorded."""
    with database.engine.connect() as connection:
        for role in ("app_rw", "app_engine"):
            for privilege in ("UPDATE", "DELETE", "TRUNCATE"):
                may = connection.execute(
                    text("SELECT has_table_privilege(:role, 'audit', :privilege)"),
                    {"role": role, "privilege": privilege},
                ).scalar_one()
                assert not may, f"{role} {privilege}"
