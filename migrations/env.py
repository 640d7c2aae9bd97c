"""Alembic's entry: runs the migrations as the owner, each in its own transaction, never waiting long for a lock."""

import time
from typing import Any

from alembic import context
from sqlalchemy import NullPool, create_engine, text

from config.migrate import LIMITS
from contact.models import Base


def run() -> None:
    """Connect as the owner (`sqlalchemy.url`) and migrate; offline, write what would be run."""
    url = context.config.get_main_option("sqlalchemy.url") or ""
    if context.is_offline_mode():
        context.configure(url=url, literal_binds=True, transaction_per_migration=True, target_metadata=Base.metadata)
        context.execute(LIMITS)
        context.run_migrations()
        return
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(LIMITS))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            transaction_per_migration=True,
            compare_type=True,
            on_version_apply=Progress(),
        )
        with context.begin_transaction():
            context.run_migrations()


class Progress:
    """Says which migration was applied, and how long it took."""

    def __init__(self) -> None:
        self.say = context.config.attributes.get("say", lambda _: None)
        self.began = time.monotonic()

    def __call__(self, *, step: Any, **_: Any) -> None:
        """Alembic's hook, after each."""
        now = time.monotonic()
        self.say(f"  {step.up_revision_id} {step.up_revision.doc.splitlines()[0]}: {now - self.began:.1f} s")
        self.began = now


run()
