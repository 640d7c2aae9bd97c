-- Citizens in chats that wait for an agent, as if each had just written: visitor n holds the token 'bench-n'.
CREATE TEMP TABLE crowd AS
    SELECT n, gen_random_uuid() AS point_id, gen_random_uuid() AS visitor_id, gen_random_uuid() AS citizen_id,
        gen_random_uuid() AS ticket_id, gen_random_uuid() AS interaction_id, e.tenant_id, e.campaign_id, e.id AS endpoint_id,
        t.id AS topic_id, t.queue_id, q.pool_id, (SELECT id FROM need WHERE need.queue_id = q.id ORDER BY id LIMIT 1) AS need_id
    FROM generate_series(1, %(chats)s) n, endpoint e
        CROSS JOIN LATERAL (SELECT * FROM topic WHERE topic.campaign_id = e.campaign_id ORDER BY id LIMIT 1) t
        JOIN queue q ON q.id = t.queue_id
    WHERE e.channel = 'chat' AND e.address = %(address)s;
INSERT INTO contact_point (id, tenant_id, kind, value, version)
    SELECT point_id, tenant_id, 'visitor', point_id::text, 1 FROM crowd;
INSERT INTO visitor (id, tenant_id, endpoint_id, contact_point_id, token_hash, expires_at, seen_at)
    SELECT visitor_id, tenant_id, endpoint_id, point_id, sha256(convert_to('bench-' || n, 'UTF8')), now() + interval '1 day', now()
    FROM crowd;
INSERT INTO citizen (id, tenant_id, name, language, identity_level, version)
    SELECT citizen_id, tenant_id, NULL, 'fr', 0, 1 FROM crowd;
INSERT INTO citizen_contact_point (id, tenant_id, citizen_id, contact_point_id, identity_level)
    SELECT gen_random_uuid(), tenant_id, citizen_id, point_id, 0 FROM crowd;
INSERT INTO ticket (id, tenant_id, campaign_id, topic_id, citizen_id, number, subject, state, priority, language, channel,
        client_key, last_seq, version)
    SELECT ticket_id, tenant_id, campaign_id, topic_id, citizen_id, 'B' || n, 'Bonjour', 'new', 0, 'fr', 'chat',
        'visitor:' || visitor_id || ':bench', 1, 1 FROM crowd;
INSERT INTO interaction (id, tenant_id, ticket_id, endpoint_id, contact_point_id, channel, state, version)
    SELECT interaction_id, tenant_id, ticket_id, endpoint_id, point_id, 'chat', 'open', 1 FROM crowd;
INSERT INTO message (id, tenant_id, ticket_id, interaction_id, seq, kind, body, language, state, version)
    SELECT gen_random_uuid(), tenant_id, ticket_id, interaction_id, 1, 'citizen', 'Bonjour', 'fr', 'received', 1 FROM crowd;
INSERT INTO contact (id, tenant_id, pool_id, queue_id, need_id, ticket_id, interaction_id, channel, state, priority,
        target_seconds, key_at, version)
    SELECT gen_random_uuid(), tenant_id, pool_id, queue_id, need_id, ticket_id, interaction_id, 'chat', 'waiting', 0, 0,
        now(), 1 FROM crowd;
