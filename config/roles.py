"""The four database roles and the database itself: made once, before the first migration."""

import psycopg
from psycopg import sql

# app_lookup owns the few functions that look across tenants; nobody signs in as it. NOINHERIT: app_owner may give it a
# function, but does not see what it sees.
_ROLES = """
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['app_owner', 'app_rw', 'app_engine', 'app_lookup'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOSUPERUSER NOBYPASSRLS NOINHERIT %s', name,
                           CASE name WHEN 'app_lookup' THEN 'NOLOGIN' ELSE 'LOGIN' END);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END;
    END LOOP;
END $$;
GRANT app_lookup TO app_owner;
"""


def bootstrap(admin_url: str, database: str) -> None:
    """Make roles and *database* where they are missing; run again, it changes nothing.

    *admin_url* (libpq form) signs in as a role with CREATEROLE and CREATEDB. Passwords are the operator's to set.
    """
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute(_ROLES)
        # To give the database to app_owner, one must be a member of it (superusers are of every role).
        connection.execute("GRANT app_owner TO CURRENT_USER")
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,)).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER app_owner").format(sql.Identifier(database)))
