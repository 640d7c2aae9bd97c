"""Search: the newest messages are read one after another, and only then the index of words is asked."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TENANT = "(select nullif(current_setting('app.tenant', true), '')::uuid)"

# Four steps, until one finds a page; each reads all that is newer than its bound, so its newest are the newest of all.
#   1  the newest 4,000 messages by reading them: a word in half of all messages must not ask for its million places
#   2  the newest 32,000, 3 the newest 200,000: index of words and order of time together
#   4  everything, by the index of words: a word not found 50 times in 200,000 messages names few
# Words that the planner, by its statistics, takes for rare go to the last step at once: an error costs time, no hit.
# (Volatile, though it writes nothing: a stable function may not ask the planner.)
# The planner knows the step and drops the branches of the others. Who may see every campaign of the administration needs
# no campaign in the index: each condition more costs as much as the word itself.
SEARCH = f"""
CREATE OR REPLACE FUNCTION search_tickets(
        query text, campaigns uuid[], before_at timestamptz, before_id uuid, most integer)
    RETURNS TABLE (ticket_id uuid, said_at timestamptz, message_id uuid)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan SET jit = off AS $$
DECLARE
    tenant CONSTANT uuid := {TENANT};
    french CONSTANT tsquery := websearch_to_tsquery('guichet_fr', query);
    english CONSTANT tsquery := websearch_to_tsquery('guichet_en', query);
    asked CONSTANT tsquery := CASE WHEN french = english THEN french ELSE french || english END;
    end_at CONSTANT timestamptz := coalesce(before_at, 'infinity');
    end_id CONSTANT uuid := coalesce(before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
    granted tsquery;
    narrow tsquery;
    estimated json;
    since timestamptz;
    hits uuid[];
BEGIN
    IF tenant IS NULL OR numnode(asked) = 0 OR cardinality(campaigns) = 0 THEN
        RETURN;
    END IF;
    granted := asked && (SELECT string_agg(quote_literal(campaign_word(one)), '|')::tsquery FROM unnest(campaigns) one);
    narrow := CASE WHEN EXISTS (SELECT FROM campaign c WHERE c.tenant_id = tenant AND c.id <> ALL (campaigns))
        THEN granted ELSE asked END;
    EXECUTE format('EXPLAIN (FORMAT JSON) SELECT FROM message WHERE search @@ %L::tsquery', granted) INTO estimated;
    FOR step IN CASE WHEN (estimated->0->'Plan'->>'Plan Rows')::float8 < 2000 THEN 4 ELSE 1 END..4 LOOP
        since := coalesce((
            SELECT m.created_at FROM message m
            WHERE step IN (2, 3) AND m.tenant_id = tenant AND m.kind <> 'system'
                AND (m.created_at, m.id) < (end_at, end_id)
            ORDER BY m.created_at DESC, m.id DESC OFFSET CASE step WHEN 2 THEN 32000 ELSE 200000 END LIMIT 1),
            '-infinity');
        hits := ARRAY(
            SELECT hit.id FROM (
                SELECT DISTINCT ON (m.ticket_id) m.id, m.created_at FROM (
                    SELECT * FROM (
                        SELECT r.id, r.ticket_id, r.created_at, r.search FROM message r
                        WHERE r.tenant_id = tenant AND r.kind <> 'system' AND (r.created_at, r.id) < (end_at, end_id)
                        ORDER BY r.created_at DESC, r.id DESC LIMIT 4000) r
                    WHERE step = 1 AND r.search @@ granted
                    UNION ALL
                    SELECT r.id, r.ticket_id, r.created_at, r.search FROM message r
                    WHERE step IN (2, 3) AND r.tenant_id = tenant AND r.kind <> 'system' AND r.created_at >= since
                        AND (r.created_at, r.id) < (end_at, end_id) AND r.search @@ narrow
                    UNION ALL
                    -- Compared so that no index of the administration's rows tempts the planner.
                    SELECT r.id, r.ticket_id, r.created_at, r.search FROM message r
                    WHERE step = 4 AND r.tenant_id IS NOT DISTINCT FROM tenant AND r.kind <> 'system'
                        AND (r.created_at, r.id) < (end_at, end_id) AND r.search @@ granted) m
                -- A ticket belongs where it was found first, on an earlier page. (LIMIT: asked for each ticket alone.)
                WHERE before_at IS NULL OR (
                    SELECT true FROM message later WHERE later.tenant_id = tenant AND later.ticket_id = m.ticket_id
                        AND (later.created_at, later.id) >= (end_at, end_id) AND later.search @@ granted LIMIT 1) IS NULL
                ORDER BY m.ticket_id, m.created_at DESC, m.id DESC) hit
            ORDER BY hit.created_at DESC, hit.id DESC LIMIT most);
        EXIT WHEN cardinality(hits) >= most OR step > 1 AND since = '-infinity';
    END LOOP;
    RETURN QUERY SELECT m.ticket_id, m.created_at, m.id FROM message m WHERE m.tenant_id = tenant AND m.id = ANY (hits)
        ORDER BY m.created_at DESC, m.id DESC;
END $$;
"""


def upgrade() -> None:
    # To replace what app_lookup owns, one becomes it for a moment.
    op.execute("GRANT CREATE ON SCHEMA public TO app_lookup")
    op.execute("SET LOCAL ROLE app_lookup")
    op.execute(SEARCH)
    op.execute("RESET ROLE")
    op.execute("REVOKE CREATE ON SCHEMA public FROM app_lookup")
