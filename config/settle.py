"""What a restored database must know before it is used: time has gone on without it."""

import uuid

import psycopg

from config.topics import TOPICS

# Far beyond any epoch that came after the backup: a dispatcher of that time never commits again.
_EPOCHS = 1_000_000

# Sent after the backup, or not: nobody knows, so nothing is sent again silently. A person decides.
_UNKNOWN = """
    WITH stopped AS (
        UPDATE outbox SET state = 'outcome_unknown', failure = 'restored', finished_at = now()
        WHERE topic = ANY(%(topics)s) AND state IN ('due', 'sending', 'looking_up')
        RETURNING tenant_id, (ids ->> 'message_id')::uuid AS message_id),
    told AS (
        UPDATE message SET state = 'outcome_unknown', failure = 'restored', version = version + 1
        FROM stopped WHERE message.tenant_id = stopped.tenant_id AND message.id = stopped.message_id
        RETURNING message.id, message.tenant_id, message.version)
    INSERT INTO audit (id, tenant_id, actor_kind, action, entity, entity_id, version, changed)
    SELECT gen_random_uuid(), tenant_id, 'system', 'database.restored', 'message', id, version, '{state,failure}'
    FROM told
    RETURNING 1
"""
_RESTORED = """
    INSERT INTO audit (id, actor_kind, action, entity, entity_id, facts)
    VALUES (%(id)s, 'system', 'database.restored', 'database', %(id)s, jsonb_build_object('taken_at', %(at)s::text))
"""


def settle(connection: psycopg.Connection, taken_at: str) -> int:
    """In one transaction: leases are free, sessions ended, messages on their way unknown. How many those are.

    As a superuser. A revocation after the backup is undone by the restore: at least everybody must sign in anew.
    """
    with connection.transaction():
        leaving = [name for name, topic in TOPICS.items() if topic.leaves]
        unknown = connection.execute(_UNKNOWN, {"topics": leaving}).rowcount
        connection.execute("UPDATE outbox SET lease = NULL, leased_until = NULL WHERE lease IS NOT NULL")
        connection.execute(
            "UPDATE lease SET holder = NULL, leased_until = NULL, epoch = epoch + %(more)s", {"more": _EPOCHS}
        )
        connection.execute("UPDATE account SET epoch = epoch + 1")
        connection.execute("DELETE FROM sign_in_session")
        connection.execute("DELETE FROM process")
        connection.execute(_RESTORED, {"id": uuid.uuid4(), "at": taken_at})
    return unknown
