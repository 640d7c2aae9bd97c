"""The ordinary message of a chat in one statement: somebody waits for it or serves it already."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# Runs as whoever calls it, behind row security, and finds nothing unless all is as it is most of the time: the chat's
# latest conversation has a live contact, its ticket is new or open, the key is a new one. Nothing is written before
# that is known, so whoever is given no row goes the long way (contact/services/chat.py), which leaves the same rows.
# Each statement sees what was committed when it began: the contact and the key are read once the ticket is ours.
RECEIVE = """
CREATE FUNCTION receive_chat_message(
        wanted_address text, digest bytea, words text, given_key text, new_message uuid, new_audit uuid,
        told_action text, told_request text)
    RETURNS TABLE (tenant_id uuid, ticket_id uuid, interaction_id uuid, seq integer, language text,
                   created_at timestamptz, agent_id uuid)
    LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    chat record;
    talk record;
    contact record;
    given record;
BEGIN
    SELECT e.tenant_id, e.endpoint_id, set_config('app.tenant', e.tenant_id::text, true) INTO chat
        FROM endpoint_by_address('chat', wanted_address) e;
    -- Ticket before contact: locked in this order everywhere.
    SELECT v.id AS visitor_id, i.id AS interaction_id, i.ticket_id, t.state, t.language INTO talk
        FROM visitor v
        JOIN interaction i ON i.tenant_id = v.tenant_id AND i.contact_point_id = v.contact_point_id
        JOIN ticket t ON t.tenant_id = i.tenant_id AND t.id = i.ticket_id
        WHERE v.token_hash = digest AND v.endpoint_id = chat.endpoint_id AND v.expires_at > now()
        ORDER BY i.created_at DESC LIMIT 1 FOR NO KEY UPDATE OF t;
    IF talk.state IS NULL OR talk.state NOT IN ('new', 'open') THEN
        RETURN;
    END IF;
    SELECT c.id, c.state INTO contact FROM contact c
        WHERE c.interaction_id = talk.interaction_id AND c.state IN ('waiting', 'offered', 'assigned')
        FOR NO KEY UPDATE;
    IF contact.id IS NULL THEN
        RETURN;
    END IF;
    UPDATE ticket SET last_seq = last_seq + 1, updated_at = now()
        WHERE id = talk.ticket_id AND NOT EXISTS (
            SELECT FROM message m WHERE m.tenant_id = chat.tenant_id AND m.ticket_id = talk.ticket_id
                AND m.client_key = given_key)
        RETURNING last_seq INTO given;
    IF given.last_seq IS NULL THEN
        RETURN;
    END IF;
    INSERT INTO message (id, tenant_id, ticket_id, interaction_id, seq, kind, body, language, state, client_key, version)
        VALUES (new_message, chat.tenant_id, talk.ticket_id, talk.interaction_id, given.last_seq, 'citizen', words,
            talk.language, 'received', given_key, 1);
    INSERT INTO audit (id, tenant_id, actor_kind, actor_id, action, entity, entity_id, version, changed, request_id)
        VALUES (new_audit, chat.tenant_id, 'visitor', talk.visitor_id, told_action, 'message', new_message, 1,
            '{body,client_key,interaction_id,language,message_kind,seq,state,tenant_id,ticket_id}', told_request);
    RETURN QUERY SELECT chat.tenant_id, talk.ticket_id, talk.interaction_id, given.last_seq, talk.language, now(),
        (SELECT a.agent_id FROM assignment a WHERE contact.state = 'assigned' AND a.contact_id = contact.id
            AND a.state IN ('connecting', 'active', 'wrapping'));
END $$;
REVOKE ALL ON FUNCTION receive_chat_message(text, bytea, text, text, uuid, uuid, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION receive_chat_message(text, bytea, text, text, uuid, uuid, text, text) TO app_rw;
"""


def upgrade() -> None:
    op.execute(RECEIVE)
