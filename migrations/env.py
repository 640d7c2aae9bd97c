"""Alembic's entry: runs the migrations as the owner, each in its own transaction, never waiting long for a lock."""

from alembic import context
from sqlalchemy import create_engine, text

from contact.models import Base

LOCK_TIMEOUT = "5s"


def run() -> None:
    """Connect as the owner (`sqlalchemy.url`) and migrate. One that cannot get its lock fails and may be run again."""
    engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "")
    with engine.connect() as connection:
        connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            transaction_per_migration=True,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
