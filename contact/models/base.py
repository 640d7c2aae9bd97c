"""The base of every table: ids, types, and the four kinds of table with their shared columns."""

from datetime import datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    TIMESTAMP,
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    MetaData,
    SmallInteger,
    Text,
    UniqueConstraint,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from uuid_utils.compat import uuid7

Kind = Literal["tenant", "outsourcer", "bridge", "platform"]


def new_id() -> UUID:
    """A UUID whose order follows its time of making, so that indexes grow at one end."""
    return uuid7()


class Base(DeclarativeBase):
    """Every model names its `kind`: who may see its rows (checked by tests/house/test_tenancy.py)."""

    kind: ClassVar[Kind]
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text,
        UUID: Uuid,
        datetime: TIMESTAMP(timezone=True),
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
        list[str]: ARRAY(Text),
        list[UUID]: ARRAY(Uuid),
    }


class WithId:
    """Rows known by an id of our own."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Versioned:
    """Changes are compare-and-set on `version`, and each leaves one audit row (`contact/audit.py`)."""

    version: Mapped[int] = mapped_column(default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}


class TenantOwned(WithId):
    """A row of one administration. References between such rows carry the tenant: see `tenant_table`."""

    kind: ClassVar[Kind] = "tenant"
    tenant_id: Mapped[UUID]


class OutsourcerOwned:
    """A row of one outsourcer."""

    kind: ClassVar[Kind] = "outsourcer"
    outsourcer_id: Mapped[UUID]


def tenant_table(*arguments: Any, **references: str) -> tuple[Any, ...]:
    """`__table_args__` of a tenant's table: `(tenant_id, id)` is unique, and *references* (column = table) hold it.

    A row can then never point at another administration's row, whatever the code above does.
    """
    return (
        UniqueConstraint("tenant_id", "id"),
        ForeignKeyConstraint(["tenant_id"], ["administration.id"]),
        *(
            ForeignKeyConstraint(["tenant_id", column], [f"{table}.tenant_id", f"{table}.id"])
            for column, table in references.items()
        ),
        *arguments,
    )


def one_of(column: str, words: Any) -> CheckConstraint:
    """The column holds one of *words* (an enum class or a sequence)."""
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


# FOR NO KEY UPDATE: a locked row may still be referred to. FOR UPDATE would make every insert that refers to it wait,
# and the dispatcher's offers refer to tickets that citizens and agents lock.
LOCK = {"key_share": True}
small = SmallInteger
big = BigInteger
