"""Each message carries its day and month as words, so that a search reads the newest ones without the whole index."""

from alembic import op

from migrations.online import fill_search

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

TENANT = "(select nullif(current_setting('app.tenant', true), '')::uuid)"

# With a blank in them, as a campaign's word: nobody can write or ask for them. Days of UTC: whoever reads the index
# needs whole days, not those of an administration.
WORDS = """
CREATE OR REPLACE FUNCTION time_words(at timestamptz) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ARRAY['day ' || (at AT TIME ZONE 'UTC')::date - date '2000-01-01',
        'month ' || extract(year FROM at AT TIME ZONE 'UTC') * 12 + extract(month FROM at AT TIME ZONE 'UTC')];

GRANT CREATE ON SCHEMA public TO app_lookup;
SET LOCAL ROLE app_lookup;
CREATE OR REPLACE FUNCTION index_message() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.kind <> 'system' THEN
        NEW.search := (
            SELECT search_vector(NEW.language, NEW.body) || t.search || c.search
                || array_to_tsvector(campaign_word(t.campaign_id) || time_words(NEW.created_at))
            FROM ticket t JOIN citizen c ON c.tenant_id = t.tenant_id AND c.id = t.citizen_id
            WHERE t.tenant_id = NEW.tenant_id AND t.id = NEW.ticket_id);
    END IF;
    RETURN NEW;
END $$;
RESET ROLE;
REVOKE CREATE ON SCHEMA public FROM app_lookup;
"""

# Until one step finds a page; each finds all that is newer than its bound, so its newest are the newest of all.
#   1  the newest 4,000 messages by reading them: a word in half of all messages must not ask for its million places
#   2  the newest 4 days, 3 the newest 32 days, 4 the newest 12 months, by the index of words
#   5  everything, by the index of words: a word not found 50 times in a year names few
# Words, campaigns and days are conditions of their own: of several the index reads each only where the others have
# something, while inside one condition it walks through all places of the rarest word.
# Step 1 is for words that are likely to fill a page there; the planner's statistics say so, an error costs time, no hit.
# (Volatile, though it writes nothing: a stable function may not ask the planner.)
SEARCH = f"""
CREATE OR REPLACE FUNCTION search_tickets(
        query text, campaigns uuid[], before_at timestamptz, before_id uuid, most integer)
    RETURNS TABLE (ticket_id uuid, said_at timestamptz, message_id uuid)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan SET jit = off SET timezone = 'UTC' AS $$
DECLARE
    tenant CONSTANT uuid := {TENANT};
    french CONSTANT tsquery := websearch_to_tsquery('guichet_fr', query);
    english CONSTANT tsquery := websearch_to_tsquery('guichet_en', query);
    asked CONSTANT tsquery := CASE WHEN french = english THEN french ELSE french || english END;
    end_at CONSTANT timestamptz := coalesce(before_at, 'infinity');
    end_id CONSTANT uuid := coalesce(before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
    granted tsquery;
    estimated json;
    newest timestamptz;
    oldest timestamptz;
    unit text;
    since timestamptz;
    moments tsquery;
    hits uuid[];
BEGIN
    IF tenant IS NULL OR numnode(asked) = 0 OR cardinality(campaigns) = 0 THEN
        RETURN;
    END IF;
    granted := (SELECT string_agg(quote_literal(campaign_word(one)), '|')::tsquery FROM unnest(campaigns) one);
    newest := (SELECT m.created_at FROM message m
        WHERE m.tenant_id = tenant AND m.kind <> 'system' AND (m.created_at, m.id) < (end_at, end_id)
        ORDER BY m.created_at DESC, m.id DESC LIMIT 1);
    oldest := (SELECT m.created_at FROM message m WHERE m.tenant_id = tenant AND m.kind <> 'system'
        ORDER BY m.created_at, m.id LIMIT 1);
    EXECUTE format('EXPLAIN (FORMAT JSON) SELECT FROM message WHERE search @@ %L::tsquery AND search @@ %L::tsquery',
        asked, granted) INTO estimated;
    FOR step IN CASE WHEN (estimated->0->'Plan'->>'Plan Rows')::float8 * 4000 < most *
            (SELECT c.reltuples FROM pg_class c WHERE c.oid = 'message'::regclass) THEN 2 ELSE 1 END..5 LOOP
        unit := CASE step WHEN 4 THEN 'month' ELSE 'day' END;
        since := date_trunc(unit, newest)
            - ('1 ' || unit)::interval * CASE step WHEN 2 THEN 3 WHEN 3 THEN 31 WHEN 4 THEN 11 END;
        moments := (SELECT string_agg(quote_literal((time_words(at))[CASE step WHEN 4 THEN 2 ELSE 1 END]), '|')::tsquery
            FROM generate_series(since, newest, ('1 ' || unit)::interval) at);
        hits := ARRAY(
            SELECT hit.id FROM (
                SELECT DISTINCT ON (m.ticket_id) m.id, m.created_at FROM (
                    SELECT * FROM (
                        SELECT r.id, r.ticket_id, r.created_at, r.search FROM message r
                        WHERE r.tenant_id = tenant AND r.kind <> 'system' AND (r.created_at, r.id) < (end_at, end_id)
                        ORDER BY r.created_at DESC, r.id DESC LIMIT 4000) r
                    WHERE step = 1 AND r.search @@ asked AND r.search @@ granted
                    UNION ALL
                    -- Compared so that no index of the administration's rows tempts the planner.
                    SELECT r.id, r.ticket_id, r.created_at, r.search FROM message r
                    WHERE step IN (2, 3, 4) AND r.tenant_id IS NOT DISTINCT FROM tenant AND r.kind <> 'system'
                        AND (r.created_at, r.id) < (end_at, end_id)
                        AND r.search @@ asked AND r.search @@ granted AND r.search @@ moments
                    UNION ALL
                    SELECT r.id, r.ticket_id, r.created_at, r.search FROM message r
                    WHERE step = 5 AND r.tenant_id IS NOT DISTINCT FROM tenant AND r.kind <> 'system'
                        AND (r.created_at, r.id) < (end_at, end_id) AND r.search @@ asked AND r.search @@ granted) m
                -- A ticket belongs where it was found first, on an earlier page. (LIMIT: asked for each ticket alone.)
                WHERE before_at IS NULL OR (
                    SELECT true FROM message later WHERE later.tenant_id = tenant AND later.ticket_id = m.ticket_id
                        AND (later.created_at, later.id) >= (end_at, end_id)
                        AND later.search @@ asked AND later.search @@ granted LIMIT 1) IS NULL
                ORDER BY m.ticket_id, m.created_at DESC, m.id DESC) hit
            ORDER BY hit.created_at DESC, hit.id DESC LIMIT most);
        EXIT WHEN cardinality(hits) >= most OR since <= oldest;
    END LOOP;
    RETURN QUERY SELECT m.ticket_id, m.created_at, m.id FROM message m WHERE m.tenant_id = tenant AND m.id = ANY (hits)
        ORDER BY m.created_at DESC, m.id DESC;
END $$;
"""


def upgrade() -> None:
    """Each step commits by itself and may be repeated: cut short, the migration is simply run again."""
    op.execute(WORDS)
    with op.get_context().autocommit_block():
        fill_search()
    # To replace what app_lookup owns, one becomes it for a moment.
    op.execute("GRANT CREATE ON SCHEMA public TO app_lookup")
    op.execute("SET LOCAL ROLE app_lookup")
    op.execute(SEARCH)
    op.execute("RESET ROLE")
    op.execute("REVOKE CREATE ON SCHEMA public FROM app_lookup")
