"""A message that was kept is told so however many came since: the key is looked at before the limit."""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

# The function of 0028, but whoever repeats a kept message is left to the long way, which knows the answer, before it is
# asked how many have come.
RECEIVE = """
CREATE OR REPLACE FUNCTION receive_chat_messages(
        wanted_address text, told_action text, most integer, span interval, lines json)
    RETURNS TABLE (message_id uuid, tenant_id uuid, ticket_id uuid, interaction_id uuid, seq integer,
                   created_at timestamptz, agent_id uuid)
    LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    chat record;
    line record;
    talk record;
    matter record;
    contact record;
BEGIN
    SELECT e.tenant_id, e.endpoint_id, set_config('app.tenant', e.tenant_id::text, true) INTO chat
        FROM endpoint_by_address('chat', wanted_address) e;
    IF chat.tenant_id IS NULL THEN
        RETURN;
    END IF;
    FOR line IN SELECT * FROM json_to_recordset(lines)
        AS told(message_id uuid, audit_id uuid, digest text, body text, key text, request_id text)
    LOOP
        SELECT v.id AS visitor_id, i.id AS interaction_id, i.ticket_id INTO talk
            FROM visitor v JOIN interaction i ON i.tenant_id = v.tenant_id AND i.contact_point_id = v.contact_point_id
            WHERE v.token_hash = decode(line.digest, 'hex') AND v.endpoint_id = chat.endpoint_id
                AND v.expires_at > now()
            ORDER BY i.created_at DESC LIMIT 1;
        -- Ticket before contact: locked in this order everywhere. What follows is read once the ticket is ours.
        SELECT t.language, t.last_seq INTO matter FROM ticket t
            WHERE t.tenant_id = chat.tenant_id AND t.id = talk.ticket_id AND t.state IN ('new', 'open')
            FOR NO KEY UPDATE SKIP LOCKED;
        CONTINUE WHEN matter.last_seq IS NULL;
        SELECT c.id, c.state INTO contact FROM contact c
            WHERE c.interaction_id = talk.interaction_id AND c.state IN ('waiting', 'offered', 'assigned')
            FOR NO KEY UPDATE SKIP LOCKED;
        CONTINUE WHEN contact.id IS NULL OR EXISTS (
            SELECT FROM message m WHERE m.tenant_id = chat.tenant_id AND m.ticket_id = talk.ticket_id
                AND m.client_key = line.key);
        tenant_id := chat.tenant_id;
        ticket_id := talk.ticket_id;
        interaction_id := talk.interaction_id;
        message_id := line.message_id;
        created_at := now();
        agent_id := NULL;
        seq := NULL;
        IF (SELECT m.created_at FROM message m WHERE m.tenant_id = chat.tenant_id AND m.ticket_id = talk.ticket_id
                AND m.seq = matter.last_seq + 1 - most) > now() - span
            AND (SELECT count(*) FROM message m WHERE m.tenant_id = chat.tenant_id AND m.ticket_id = talk.ticket_id
                AND m.kind = 'citizen' AND m.created_at > now() - span) >= most
        THEN
            RETURN NEXT;
            CONTINUE;
        END IF;
        UPDATE ticket t SET last_seq = t.last_seq + 1, updated_at = now()
            WHERE t.tenant_id = chat.tenant_id AND t.id = talk.ticket_id
            RETURNING t.last_seq INTO seq;
        INSERT INTO message (id, tenant_id, ticket_id, interaction_id, seq, kind, body, language, state, client_key,
                version)
            VALUES (line.message_id, chat.tenant_id, talk.ticket_id, talk.interaction_id, seq, 'citizen', line.body,
                matter.language, 'received', line.key, 1);
        INSERT INTO audit (id, tenant_id, actor_kind, actor_id, action, entity, entity_id, version, changed, request_id)
            VALUES (line.audit_id, chat.tenant_id, 'visitor', talk.visitor_id, told_action, 'message', line.message_id, 1,
                '{body,client_key,interaction_id,language,message_kind,seq,state,tenant_id,ticket_id}', line.request_id);
        IF contact.state = 'assigned' THEN
            SELECT a.agent_id INTO agent_id FROM assignment a
                WHERE a.contact_id = contact.id AND a.state IN ('connecting', 'active', 'wrapping');
        END IF;
        RETURN NEXT;
    END LOOP;
END $$;
"""


def upgrade() -> None:
    op.execute(RECEIVE)
