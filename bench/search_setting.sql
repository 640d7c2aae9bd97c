-- Beside the demo's three campaigns, the first administration gets four more: from a third of all tickets to 1 in 200.
CREATE TABLE bench_campaign AS SELECT n, gen_random_uuid() AS id FROM generate_series(1, 4) n;
CREATE TABLE bench_first AS SELECT tenant_id, campaign_id FROM endpoint WHERE address = 'impots-declaration';
INSERT INTO campaign (id, tenant_id, slug, name, welcome, languages, is_active, version)
    SELECT b.id, c.tenant_id, 'bench-' || n, c.name, c.welcome, c.languages, true, 1
    FROM bench_campaign b, campaign c WHERE c.id = (SELECT campaign_id FROM bench_first);
INSERT INTO topic (id, tenant_id, campaign_id, queue_id, slug, name, steps, priority, rank, version)
    SELECT gen_random_uuid(), t.tenant_id, b.id, t.queue_id, t.slug, t.name, t.steps, t.priority, t.rank, 1
    FROM bench_campaign b, topic t WHERE t.campaign_id = (SELECT campaign_id FROM bench_first);
INSERT INTO agent_grant (id, outsourcer_id, account_id, tenant_id, campaign_id, version)
    SELECT gen_random_uuid(), g.outsourcer_id, g.account_id, g.tenant_id, b.id, 1
    FROM bench_campaign b, agent_grant g, account a
    WHERE g.campaign_id = (SELECT campaign_id FROM bench_first) AND a.id = g.account_id AND a.login <> %(partial)s;
-- The partial agent sees the smallest campaign alone.
UPDATE agent_grant g SET campaign_id = (SELECT id FROM bench_campaign WHERE n = 4)
    FROM account a WHERE a.id = g.account_id AND a.login = %(partial)s
        AND g.campaign_id = (SELECT campaign_id FROM bench_first);
-- Where a ticket of number n goes: one of 200 places, drawn by a hash.
CREATE TABLE bench_place AS
    SELECT place, t.tenant_id, t.campaign_id, t.id AS topic_id, t.queue_id,
        (SELECT array_agg(g.account_id ORDER BY g.account_id) FROM agent_grant g
            JOIN agent ON agent.id = g.account_id WHERE g.campaign_id = t.campaign_id) AS owners,
        (SELECT id FROM need WHERE need.queue_id = t.queue_id ORDER BY id LIMIT 1) AS need_id,
        (SELECT pool_id FROM queue WHERE queue.id = t.queue_id) AS pool_id
    FROM generate_series(0, 199) place, LATERAL (
        SELECT topic.* FROM topic JOIN campaign c ON c.id = topic.campaign_id WHERE c.id = CASE
            WHEN place = 0 THEN (SELECT id FROM bench_campaign WHERE n = 4)
            WHEN place < 70 THEN (SELECT id FROM bench_campaign WHERE n = 1)
            WHEN place < 100 THEN (SELECT id FROM bench_campaign WHERE n = 2)
            WHEN place < 110 THEN (SELECT id FROM bench_campaign WHERE n = 3)
            WHEN place < 140 THEN (SELECT campaign_id FROM bench_first)
            WHEN place < 190 THEN (SELECT campaign_id FROM endpoint WHERE address LIKE '%%emploi%%' AND channel = 'chat')
            ELSE (SELECT campaign_id FROM endpoint WHERE address LIKE 'ville%%' AND channel = 'chat') END
        ORDER BY topic.id OFFSET place %% 2 LIMIT 1) t;
CREATE UNIQUE INDEX ON bench_place (place);
CREATE TABLE bench_sentence (n integer PRIMARY KEY, body text, search tsvector GENERATED ALWAYS AS (
    search_vector('fr', body)) STORED, subject tsvector GENERATED ALWAYS AS (search_vector('fr', left(body, 60))) STORED);
CREATE TABLE bench_name (n integer PRIMARY KEY, name text, search tsvector GENERATED ALWAYS AS (
    search_vector('fr', name)) STORED);
-- An id of version 7 for that moment.
CREATE FUNCTION bench_id(at timestamptz) RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT overlay(gen_random_uuid()::text PLACING
        overlay(lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') PLACING '-' FROM 9 FOR 0) || '-7' FROM 1)::uuid
$$;
