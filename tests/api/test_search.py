"""Search by words: newest first, exactly what reading every message would find."""

from datetime import datetime
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from contact.queries.shapes import Reader
from contact.queries.tickets import Filter, ticket_rows
from contact.scope import Scope
from contact.unit_of_work import Database
from tests.people import TAXES, Citizen, Staff, told

# More messages than the first two numbers that a search looks at (migration 0005), so that all of its paths are taken.
TICKETS, MESSAGES = 900, 17_000
# Each ticket's subject, citizen and messages draw from words of their own; word n is in about 1 of n + 2 messages.
MAKE = """
CREATE TEMP TABLE made ON COMMIT DROP AS
    SELECT n, gen_random_uuid() AS ticket_id, gen_random_uuid() AS citizen_id, tenant_id, campaign_id, topic_id
    FROM generate_series(1, :tickets) n, LATERAL (
        SELECT t.tenant_id, t.campaign_id, t.id AS topic_id FROM topic t
        ORDER BY (t.campaign_id = :other) = (n % 9 > 0), t.id LIMIT 1) home;
INSERT INTO citizen (id, tenant_id, name, language, identity_level, version)
    SELECT citizen_id, tenant_id, 'Nom' || n % 40, CASE n % 3 WHEN 0 THEN 'en' ELSE 'fr' END, 0, 1 FROM made;
INSERT INTO ticket (id, tenant_id, campaign_id, topic_id, citizen_id, number, subject, state, priority, language,
                    last_seq, version)
    SELECT ticket_id, tenant_id, campaign_id, topic_id, citizen_id, 'T' || n, 'sujet' || n % 7, 'open', 0,
        CASE n % 3 WHEN 0 THEN 'en' ELSE 'fr' END, 0, 1
    FROM made;
INSERT INTO message (id, tenant_id, ticket_id, seq, kind, body, language, version, created_at)
    SELECT gen_random_uuid(), tenant_id, ticket_id, 1000 + s, CASE s % 11 WHEN 0 THEN 'system' ELSE 'citizen' END,
        concat((SELECT string_agg('mot' || word, ' ') FROM generate_series(0, 60) word
                WHERE random() * (word + 2) < 1 OR s < 0),
            CASE WHEN s IN (3, 9000, 16000) THEN ' rarissime' END),
        'fr', 1,
        -- Several at the same moment, and in no order of the tickets.
        now() - interval '1 minute' * ((s * 7919) % :messages / 3)
    FROM generate_series(1, :messages) s JOIN made ON n = 1 + (s * 31) % :tickets;
"""
NAIVE = text("""
WITH asked AS (SELECT websearch_to_tsquery('guichet_fr', :words) || websearch_to_tsquery('guichet_en', :words) AS words)
SELECT ticket_id FROM (
    SELECT DISTINCT ON (t.id) t.id AS ticket_id, m.created_at, m.id
    FROM message m JOIN ticket t ON t.id = m.ticket_id JOIN citizen c ON c.id = t.citizen_id, asked
    WHERE t.campaign_id = ANY (:campaigns) AND m.kind <> 'system'
        AND (search_vector(m.language, m.body) || search_vector(t.language, t.subject)
            || search_vector(c.language, coalesce(c.name, ''))) @@ asked.words
    ORDER BY t.id, m.created_at DESC, m.id DESC) hit
ORDER BY created_at DESC, id DESC
""")
QUERIES = (
    *("mot0", "mot1 mot2", "mot9 mot12 mot20", "mot55", "mot40 mot55", "rarissime", "jamais", "le la les"),
    *("nom7", "nom7 mot5", "sujet3 mot1", '"mot0 mot1"', "mot3 -mot0", "mot50 or rarissime"),
)


@pytest.fixture
def filled(app: Flask, database: Database) -> tuple[Database, UUID, list[UUID]]:
    """One administration's two campaigns with many messages: the database, the administration, the campaigns."""
    with database.engine.connect() as connection:
        tenant_id = connection.execute(
            text("SELECT tenant_id FROM endpoint_by_address('chat', :address)"), {"address": TAXES}
        ).scalar_one()

    def fill(session: Session) -> list[UUID]:
        other = session.execute(
            text(
                "INSERT INTO campaign (id, tenant_id, slug, name, languages, is_active, version)"
                " SELECT gen_random_uuid(), tenant_id, 'other', name, languages, true, 1 FROM campaign LIMIT 1"
                " RETURNING id"
            )
        ).scalar_one()
        session.execute(
            text(
                "INSERT INTO topic (id, tenant_id, campaign_id, queue_id, slug, name, steps, priority, rank, version)"
                " SELECT gen_random_uuid(), tenant_id, :other, queue_id, 'other', name, steps, 0, 0, 1"
                " FROM topic LIMIT 1"
            ),
            {"other": other},
        )
        values = {"tickets": TICKETS, "messages": MESSAGES, "other": other}
        for statement in MAKE.split(";\n"):
            if statement.strip():
                session.execute(text(statement), values)
        found = session.scalars(text("SELECT campaign_id FROM ticket GROUP BY campaign_id ORDER BY count(*) DESC"))
        return list(found)

    campaigns = database.run(Scope(action="test", tenant_id=tenant_id), fill)
    return database, tenant_id, campaigns


def test_search_finds_what_reading_everything_finds(filled: tuple[Database, UUID, list[UUID]]):
    """Page by page, for common and rare words, phrases, exclusions and names, with all and with some campaigns."""
    database, tenant_id, campaigns = filled
    with database.reading(Scope(action="test", tenant_id=tenant_id)) as session:
        for granted in (campaigns, campaigns[1:], []):
            for words in QUERIES:
                everything = session.scalars(NAIVE, {"words": words, "campaigns": granted}).all()
                assert _paged(session, granted, words) == list(everything), words
        counted = len(session.scalars(NAIVE, {"words": "mot0", "campaigns": campaigns}).all())
        rare = len(session.scalars(NAIVE, {"words": "rarissime", "campaigns": campaigns}).all())

    assert (counted > 800, rare) == (True, 3)


def test_search_without_an_administration_finds_nothing(filled: tuple[Database, UUID, list[UUID]]):
    """The function asks for the transaction's own administration, whatever campaigns it is given."""
    database, tenant_id, campaigns = filled
    search = text("SELECT count(*) FROM search_tickets('mot0', :campaigns, NULL, NULL, 50)")
    with database.engine.connect() as connection:
        counts = [connection.execute(search, {"campaigns": campaigns}).scalar_one()]
        for one in (tenant_id, UUID(int=0)):
            connection.execute(text("SELECT set_config('app.tenant', :tenant, false)"), {"tenant": str(one)})
            counts.append(connection.execute(search, {"campaigns": campaigns}).scalar_one())

    assert counts == [0, 50, 0]


def test_a_changed_subject_or_name_is_found_anew(app: Flask, database: Database):
    """Old words of subject and name find nothing any more, new ones do; the message's own words stay."""
    amelie, citizen = Staff(app, "amelie@accueil.example"), Citizen(app)
    citizen.start("girafe", name="Zoé Quentin")
    (ticket,) = amelie.get("/tickets?q=girafe")["items"]
    changed = {"version": amelie.get(f"/tickets/{ticket['id']}")["version"], "subject": "Question de zèbre"}

    told(amelie.send("PATCH", f"/tickets/{ticket['id']}", changed))
    citizen.end()
    citizen.start("encore", name="Zoé Martinon")

    def found(words: str) -> list[str]:
        return [one["id"] for one in amelie.get(f"/tickets?q={words}")["items"]]

    assert found("zebre girafe martinon") == [ticket["id"]]
    assert found("quentin") == []
    assert len(found("martinon")) == 2


def _paged(session: Session, campaigns: list[UUID], words: str) -> list[UUID]:
    """Every ticket that the search shows, by pages of different sizes."""
    reader, seen = Reader(UUID(int=0), "fr", tuple(campaigns)), []
    before: tuple[datetime, UUID] | None = None
    most = 7
    while rows := ticket_rows(session, reader, Filter(words=words, before=before, most=most)):
        seen += [row["id"] for row in rows]
        before, most = rows[-1]["place"], 400
    return seen
