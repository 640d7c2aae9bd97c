"""Search newest first: each message is found by its own words, its ticket's subject and its citizen's name."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TENANT = "(select nullif(current_setting('app.tenant', true), '')::uuid)"

# The column keeps what it holds: dropping the expression changes the catalogue alone, and code that does not know the
# column leaves it to the trigger. A system line has no words. The campaign goes in as a word too: no parser makes one
# with a blank in it, so nobody can write or ask for it.
WORDS = """
-- squawk-ignore ban-drop-generated-expression, ban-drop-not-null
ALTER TABLE message ALTER COLUMN search DROP EXPRESSION IF EXISTS, ALTER COLUMN search DROP NOT NULL;

CREATE FUNCTION campaign_word(campaign uuid) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN 'campaign ' || campaign;

CREATE FUNCTION index_message() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.kind <> 'system' THEN
        NEW.search := (
            SELECT search_vector(NEW.language, NEW.body) || t.search || c.search
                || array_to_tsvector(ARRAY[campaign_word(t.campaign_id)])
            FROM ticket t JOIN citizen c ON c.tenant_id = t.tenant_id AND c.id = t.citizen_id
            WHERE t.tenant_id = NEW.tenant_id AND t.id = NEW.ticket_id);
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION index_again() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE message SET search = NULL WHERE tenant_id = NEW.tenant_id AND kind <> 'system' AND ticket_id IN (
        SELECT t.id FROM ticket t
        WHERE t.tenant_id = NEW.tenant_id AND NEW.id = CASE TG_TABLE_NAME WHEN 'ticket' THEN t.id ELSE t.citizen_id END);
    RETURN NULL;
END $$;

CREATE TRIGGER search BEFORE INSERT OR UPDATE OF search, body, language ON message
    FOR EACH ROW EXECUTE FUNCTION index_message();
CREATE TRIGGER search AFTER UPDATE OF subject ON ticket
    FOR EACH ROW WHEN (OLD.subject IS DISTINCT FROM NEW.subject) EXECUTE FUNCTION index_again();
CREATE TRIGGER search AFTER UPDATE OF name ON citizen
    FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION index_again();
"""

# Under row security the text index is not used (its operator is not leakproof), so the tenant is an explicit predicate.
# The newest messages are asked first, in numbers that grow: a word in half of all messages is found among the newest
# two thousand without its index, and a word not yet found often enough is so rare that its index names few. For each
# number the planner takes the order of time, the index of words, or both.
SEARCH = f"""
CREATE FUNCTION search_tickets(query text, campaigns uuid[], before_at timestamptz, before_id uuid, most integer)
    RETURNS TABLE (ticket_id uuid, said_at timestamptz, message_id uuid)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan SET jit = off AS $$
DECLARE
    tenant CONSTANT uuid := {TENANT};
    asked CONSTANT tsquery := websearch_to_tsquery('guichet_fr', query) || websearch_to_tsquery('guichet_en', query);
    end_at CONSTANT timestamptz := coalesce(before_at, 'infinity');
    end_id CONSTANT uuid := coalesce(before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
    wanted tsquery;
    newest integer;
    since timestamptz;
    hits uuid[];
BEGIN
    IF tenant IS NULL OR numnode(asked) = 0 OR cardinality(campaigns) = 0 THEN
        RETURN;
    END IF;
    wanted := asked && (SELECT string_agg(quote_literal(campaign_word(one)), '|')::tsquery FROM unnest(campaigns) one);
    FOREACH newest IN ARRAY ARRAY[2000, 16000, 128000, NULL] LOOP
        since := coalesce((
            SELECT m.created_at FROM message m
            WHERE newest IS NOT NULL AND m.tenant_id = tenant AND m.kind <> 'system'
                AND (m.created_at, m.id) < (end_at, end_id)
            ORDER BY m.created_at DESC, m.id DESC OFFSET newest LIMIT 1), '-infinity');
        hits := ARRAY(
            SELECT hit.id FROM (
                SELECT DISTINCT ON (m.ticket_id) m.id, m.created_at FROM message m
                WHERE m.tenant_id = tenant AND m.kind <> 'system' AND m.created_at >= since
                    AND (m.created_at, m.id) < (end_at, end_id) AND m.search @@ wanted
                    -- A ticket belongs where it was found first, on an earlier page.
                    AND (before_at IS NULL OR NOT EXISTS (
                        SELECT FROM message later WHERE later.tenant_id = tenant AND later.ticket_id = m.ticket_id
                            AND (later.created_at, later.id) >= (end_at, end_id) AND later.search @@ wanted))
                ORDER BY m.ticket_id, m.created_at DESC, m.id DESC) hit
            ORDER BY hit.created_at DESC, hit.id DESC LIMIT most);
        EXIT WHEN cardinality(hits) >= most OR since = '-infinity';
    END LOOP;
    RETURN QUERY SELECT m.ticket_id, m.created_at, m.id FROM message m WHERE m.tenant_id = tenant AND m.id = ANY (hits)
        ORDER BY m.created_at DESC, m.id DESC;
END $$;

REVOKE ALL ON FUNCTION index_message(), index_again(), search_tickets(text, uuid[], timestamptz, uuid, integer)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_tickets(text, uuid[], timestamptz, uuid, integer) TO app_rw;
GRANT CREATE ON SCHEMA public TO app_lookup;
ALTER FUNCTION index_message() OWNER TO app_lookup;
ALTER FUNCTION search_tickets(text, uuid[], timestamptz, uuid, integer) OWNER TO app_lookup;
REVOKE CREATE ON SCHEMA public FROM app_lookup;
"""


def upgrade() -> None:
    op.execute(WORDS)
    op.execute(SEARCH)
