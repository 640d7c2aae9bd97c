"""Writing and reading messages: once, in order, and with clear refusals."""

import pytest
from flask import Flask

from config.settings import Settings
from contact.unit_of_work import Database
from tests.people import Citizen, Staff, leader, refused, told


@pytest.fixture
def amelie(app: Flask) -> Staff:
    return Staff(app, "amelie@accueil.example")


def newest(agent: Staff, words: str) -> dict:
    """The ticket that a search for *words* finds."""
    return agent.get(f"/tickets?q={words}")["items"][0]


def test_a_repeated_start_is_one_ticket(app: Flask):
    """The same key twice is the same conversation; with other words, or a second one beside it, is refused."""
    citizen = Citizen(app)
    first = citizen.start("bonjour", key="k" * 20)

    assert citizen.start("bonjour", key="k" * 20)["id"] == first["id"]
    refused(citizen.try_start("autre chose", key="k" * 20), 422, "idempotency_key_reused")
    refused(citizen.try_start("encore"), 409, "conversation_open")
    assert len(citizen.messages()) == 1


def test_a_repeated_message_is_one_message(app: Flask):
    """The same key twice is answered with the same message, whose place nothing took."""
    citizen = Citizen(app)
    citizen.start("bonjour")

    first = citizen.say("une fois", key="message-key-1")
    again = citizen.say("une fois", key="message-key-1")

    assert first == again
    assert [one["seq"] for one in citizen.messages()] == [1, 2]


def test_a_key_is_asked_for(app: Flask):
    """Creating without a key is refused: without it a retry could not be told from a second message."""
    citizen = Citizen(app)
    citizen.start("bonjour")

    answer = citizen.client.post(f"{citizen.base}/messages", json={"body": "x"})

    assert "Idempotency-Key" in refused(answer, 422, "invalid_request")["facts"]["fields"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"body": ""},
        {"body": " \n "},
        {"body": "x" * 2001},
        {"body": "a\x00b"},
        {"body": 7},
        {"body": ["x"]},
        {"body": None},
        {"body": "x", "tenant_id": "4b6f"},
        {"body": "x", "state": "read"},
        [],
        "x",
        None,
    ],
)
def test_bad_words_are_refused_clearly(app: Flask, body: object):
    """Blank, too long, unstorable, of the wrong type, or with fields nobody asked for: 4xx, and nothing is written."""
    citizen = Citizen(app)
    citizen.start("bonjour")

    answer = citizen.client.post(f"{citizen.base}/messages", json=body, headers={"Idempotency-Key": "12345678"})

    assert 400 <= answer.status_code < 500
    assert answer.get_json()["error"]["code"] in ("invalid_request", "bad_request")
    assert len(citizen.messages()) == 1


def test_a_lone_surrogate_is_refused(app: Flask):
    """PostgreSQL could not keep it: 4xx, never 5xx."""
    citizen = Citizen(app)
    citizen.start("bonjour")

    answer = citizen.client.post(
        f"{citizen.base}/messages",
        data=b'{"body": "\\ud800"}',
        headers={"Idempotency-Key": "12345678", "Content-Type": "application/json"},
    )

    refused(answer, 422, "invalid_request")


def test_a_huge_body_is_refused(app: Flask):
    """More than the limit is not even read."""
    answer = app.test_client().post("/api/v1/session", data=b"x" * 300_000, content_type="application/json")

    refused(answer, 413, "body_too_large")


def test_search_by_number_and_words(app: Flask, amelie: Staff):
    """A ticket is found by its number as people write it, by words without their accents, and by the citizen's name."""
    begun = Citizen(app).start("Où déclarer mes gîtes ruraux ?", name="Zoé Quentin")
    number = begun["ticket_number"]

    assert newest(amelie, f"{number[:4]}-{number[4:]}".lower())["number"] == number
    assert newest(amelie, "gites")["number"] == number
    assert newest(amelie, "zoe quentin")["number"] == number
    assert amelie.get("/tickets?q=introuvablissime")["items"] == []


def test_paging_shows_each_ticket_once(app: Flask):
    """Cursor after cursor, across administrations: every ticket once, newest first."""
    chloe = Staff(app, "chloe@accueil.example")
    everything = chloe.get("/tickets?limit=100")["items"]
    seen, cursor = [], ""
    while True:
        page = chloe.get(f"/tickets?limit=7{cursor}")
        seen += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"

    assert [one["id"] for one in seen] == [one["id"] for one in everything]
    assert len({one["administration"]["id"] for one in seen}) == 3
    assert [one["updated_at"] for one in seen] == sorted((one["updated_at"] for one in seen), reverse=True)


def test_a_bad_cursor_is_refused(amelie: Staff):
    """A cursor that is none of ours is a clear error."""
    for cursor in ("x", "AAAA", "bm90LWEtZGF0ZXx4"):
        refused(amelie.client.get(f"/api/v1/tickets?cursor={cursor}"), 422, "invalid_request")


def test_who_edits_second_is_told(app: Flask, amelie: Staff):
    """An edit of an old version changes nothing and names the version that stands."""
    Citizen(app).start("bonjour conflit")
    ticket = amelie.get(f"/tickets/{newest(amelie, 'conflit')['id']}")
    path = f"/tickets/{ticket['id']}"
    told(amelie.send("PATCH", path, {"version": ticket["version"], "priority": 3}))

    error = refused(amelie.send("PATCH", path, {"version": ticket["version"], "priority": 9}), 409, "conflict")

    assert error["facts"]["version"] == ticket["version"] + 1
    assert amelie.get(path)["priority"] == 3


def test_a_draft_is_kept_until_it_is_sent(app: Flask, amelie: Staff):
    """What an agent typed is theirs alone, survives, and is gone once sent."""
    Citizen(app).start("bonjour brouillon")
    path = f"/tickets/{newest(amelie, 'brouillon')['id']}"
    told(amelie.send("PUT", f"{path}/draft", {"body": "Chère madame"}), 204)

    assert amelie.get(path)["draft"]["body"] == "Chère madame"
    assert Staff(app, "chloe@accueil.example").get(path)["draft"] is None
    amelie.reply(path.split("/")[-1], "Chère madame, voici.")
    assert amelie.get(path)["draft"] is None


def test_a_closed_ticket_takes_no_reply(app: Flask, amelie: Staff):
    """Closed tickets refuse replies, but a repeated reply from before is answered as the first time."""
    Citizen(app).start("bonjour cloture")
    ticket = amelie.get(f"/tickets/{newest(amelie, 'cloture')['id']}")
    first = amelie.reply(ticket["id"], "dernier mot", key="last-words-1")
    told(amelie.send("PATCH", f"/tickets/{ticket['id']}", {"version": ticket["version"], "state": "closed"}))

    refused(amelie.send("POST", f"/tickets/{ticket['id']}/messages", {"body": "trop tard"}), 409, "ticket_closed")
    assert amelie.reply(ticket["id"], "dernier mot", key="last-words-1")["id"] == first["id"]


def test_notes_stay_inside(app: Flask, amelie: Staff):
    """A citizen sees neither a note nor a gap that says there is one."""
    citizen = Citizen(app)
    citizen.start("bonjour note")
    ticket_id = newest(amelie, "note")["id"]
    told(amelie.send("POST", f"/tickets/{ticket_id}/notes", {"body": "entre nous"}), 201)

    assert [one["body"] for one in citizen.messages()] == ["bonjour note"]


def test_history_names_who_changed_what(app: Flask, amelie: Staff):
    """Each version of a ticket is one line: the actor, the action, the fields, and no text."""
    Citizen(app).start("bonjour historique")
    ticket = amelie.get(f"/tickets/{newest(amelie, 'historique')['id']}")
    told(amelie.send("PATCH", f"/tickets/{ticket['id']}", {"version": 1, "priority": 5}))

    lines = amelie.get(f"/tickets/{ticket['id']}/history")["items"]

    assert [(one["version"], one["actor_kind"]) for one in lines] == [(2, "account"), (1, "visitor")]
    assert lines[0]["actor"]["name"] == amelie.account["name"]
    assert lines[0]["changed"] == ["priority"]


def test_nobody_writes_into_a_colleagues_chat(app: Flask, amelie: Staff, engine_database: Database, settings: Settings):
    """While an agent is in a conversation only they answer the citizen; colleagues leave notes."""
    amelie.ready()
    Citizen(app).start("bonjour collegue")
    leader(engine_database, settings).step()
    ticket_id = amelie.accept()["ticket_id"]
    chloe = Staff(app, "chloe@accueil.example")

    assert chloe.get(f"/tickets/{ticket_id}")["can"]["reply"] is False
    refused(chloe.send("POST", f"/tickets/{ticket_id}/messages", {"body": "moi aussi"}), 409, "not_yours")
    told(chloe.send("POST", f"/tickets/{ticket_id}/notes", {"body": "je connais ce cas"}), 201)
    amelie.reply(ticket_id, "je vous réponds")
