"""Steps that take long, for migrations that run while the product serves."""

import time
from typing import Any

from alembic import op
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from config.migrate import LIMITS, PAUSE_SECONDS, TRIES, is_in_use

BATCH = 5_000
# Row security holds for the owner too; for the others it never stops holding.
_FILL = text(
    "WITH batch AS (SELECT id FROM message WHERE id > :after ORDER BY id LIMIT :most),"
    " filled AS (UPDATE message m SET search = NULL FROM batch WHERE m.id = batch.id AND m.kind <> 'system')"
    " SELECT max(id::text)::uuid, count(*) FROM batch"
)


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


def fill_search() -> None:
    """Have the trigger write the words of every message anew, in an autocommit block; harmless when it is repeated.

    A batch that meets a row in use is tried again, not all that was filled before it.
    """
    if op.get_context().as_sql:
        return
    connection = op.get_bind()
    op.execute("ALTER TABLE message NO FORCE ROW LEVEL SECURITY")
    after, filled, tried = "00000000-0000-0000-0000-000000000000", 0, 0
    while True:
        try:
            last, count = connection.execute(_FILL, {"after": after, "most": BATCH}).one()
        except OperationalError as fault:
            tried += 1
            if not is_in_use(fault) or tried == TRIES:
                raise
            time.sleep(PAUSE_SECONDS)
            continue
        if last is None:
            break
        after, filled, tried = last, filled + count, 0
        if filled % (100 * BATCH) == 0:
            print(f"search: {filled:,} messages")
    op.execute("ALTER TABLE message FORCE ROW LEVEL SECURITY")
