-- One chunk of tickets, in the order of time; every second ticket is a citizen's second one.
CREATE TEMP TABLE chunk ON COMMIT DROP AS
    SELECT t.n, bench_id(at) AS id, at, h, p.*, c.n AS name_n, ('01900000-0000-7000-8000-' || lpad(to_hex(t.n / 2), 12, '0'))::uuid
        AS citizen_id, s.n AS sentence_n, left(s.body, 60) AS subject, s.subject AS subject_words, c.name,
        c.search AS name_words, 2 + t.n %% 2 AS messages
    FROM generate_series(%(first)s, %(last)s) t (n),
        LATERAL (SELECT hashint8(n / 2) & 2147483647 AS h, hashint8(n + 7) & 2147483647 AS h2,
            now() - interval '1 day' * %(days)s * (1 - n::float8 / %(all)s) AS at) drawn
        JOIN bench_place p ON p.place = h %% 200
        JOIN bench_name c ON c.n = h / 200 %% %(names)s
        JOIN bench_sentence s ON s.n = h2 %% %(sentences)s;
INSERT INTO citizen (id, tenant_id, name, language, identity_level, version, created_at)
    SELECT DISTINCT ON (citizen_id) citizen_id, tenant_id, name, 'fr', 0, 1, at FROM chunk
    ON CONFLICT DO NOTHING;
INSERT INTO ticket (id, tenant_id, campaign_id, topic_id, citizen_id, number, subject, state, priority, language,
        channel, owner_id, last_seq, version, created_at, updated_at)
    SELECT id, tenant_id, campaign_id, topic_id, citizen_id, 'B' || n, subject,
        CASE WHEN n > %(all)s - 3000 THEN 'open' WHEN n %% 1000 = 0 THEN 'new' WHEN n %% 50 = 0 THEN 'waiting_citizen'
            WHEN n %% 3 = 0 THEN 'resolved' ELSE 'closed' END,
        0, 'fr', 'chat', CASE WHEN n %% 10 > 0 THEN owners[1 + n %% cardinality(owners)] END, messages, 1, at,
        at + interval '1 hour' * messages
    FROM chunk;
INSERT INTO message (id, tenant_id, ticket_id, seq, kind, body, language, author_id, state, version, created_at, search)
    SELECT bench_id(said.at), c.tenant_id, c.id, seq, CASE seq WHEN 2 THEN 'agent' ELSE 'citizen' END, s.body || d.mark, 'fr',
        CASE seq WHEN 2 THEN c.owners[1] END, 'received', 1, said.at,
        s.search || to_tsvector('simple', d.mark) || c.subject_words || c.name_words
            || array_to_tsvector(campaign_word(c.campaign_id) || time_words(said.at))
    FROM chunk c CROSS JOIN generate_series(1, c.messages) seq
        CROSS JOIN LATERAL (SELECT c.at + interval '1 hour' * seq AS at) said
        -- A reference that only this ticket has, in some.
        CROSS JOIN LATERAL (SELECT CASE WHEN seq = 1 AND c.n %% 100 = 0 THEN ' ref' || c.n ELSE '' END AS mark) d
        JOIN bench_sentence s ON s.n = (hashint8(c.n * 4 + seq) & 2147483647) %% %(sentences)s;
INSERT INTO contact (id, tenant_id, pool_id, queue_id, need_id, ticket_id, interaction_id, channel, state, enqueued_at,
        priority, target_seconds, key_at, version, created_at, ended_at)
    SELECT bench_id(at), tenant_id, pool_id, queue_id, need_id, id, id, 'chat',
        CASE WHEN n > %(all)s - 1000 THEN 'waiting' ELSE 'done' END, at, 0, 0, at, 1, at, at FROM chunk;
