"""Steps that take long, for migrations that run while the product serves."""

from typing import Any

from alembic import op

from config.migrate import LIMITS


def index_concurrently(name: str, table: str, columns: list[Any], **options: Any) -> None:
    """Make an index while others write. It must be all that its migration does.

    It waits for every transaction that is open, so the limits of other steps are lifted. One that is cut short leaves
    an invalid index, which the next try takes away first.
    """
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0; SET statement_timeout = 0")
        op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)
        op.create_index(name, table, columns, if_not_exists=True, postgresql_concurrently=True, **options)
        op.execute(LIMITS)
