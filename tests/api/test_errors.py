"""Refusals: in the reader's language, as a page where a person asked for a page, and before anything is read."""

from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from contact.api import pages
from tests.people import TAXES, Citizen, Staff, idempotent, refused, told

HTML = "text/html,application/xhtml+xml,*/*;q=0.8"
REQUIRED, TEXT = "Ce champ est obligatoire.", "Doit être du texte."
NOBODY = "00000000-0000-7000-8000-000000000000"


def fields(answer: TestResponse, status: int = 422) -> dict[str, list[str]]:
    return told(answer, status)["error"]["facts"]["fields"]


@pytest.mark.parametrize(
    ("body", "language", "expected"),
    [
        ({}, "fr", {"login": [REQUIRED], "password": [REQUIRED]}),
        ({}, "en", {"login": ["This field is required."], "password": ["This field is required."]}),
        ({"login": 7, "password": None}, "fr", {"login": [TEXT], "password": [REQUIRED]}),
        ({"login": "x" * 201, "password": "x"}, "fr", {"login": ["200 caractères au plus."]}),
        ({"login": "x", "password": "x", "role": "x"}, "en", {"role": ["There is no such field."]}),
        ([], "en", {"_schema": ["Must be a JSON object."]}),
    ],
)
def test_fields_speak_the_readers_language(app: Flask, body: object, language: str, expected: dict[str, list[str]]):
    """What is wrong with a field is said in French or English, with the figures that help."""
    answer = app.test_client().post("/api/v1/session", json=body, headers={"Accept-Language": language})

    assert fields(answer) == expected


def test_bounds_and_choices_are_named(app: Flask):
    """A number says its bounds, a choice says what there is to choose from, a header its form."""
    amelie = Staff(app, "amelie@accueil.example")
    amelie.headers["Accept-Language"] = "fr"

    changed = amelie.send("PATCH", f"/tickets/{NOBODY}", {"version": 0, "priority": "1", "topic_id": "x"})
    paused = amelie.send("PUT", "/me/state", {"state": "asleep"})
    unexplained = amelie.send("PUT", "/me/state", {"state": "paused"})
    without_key = amelie.send("POST", f"/tickets/{NOBODY}/messages", {"body": "x"}, key="court")

    assert fields(changed) == {
        "version": ["De 1 à 2147483647."],
        "priority": ["Doit être un nombre entier."],
        "topic_id": ["Doit être un identifiant (UUID)."],
    }
    assert fields(paused)["state"] == ["Choisissez parmi : ready, paused, offline."]
    assert fields(unexplained) == {"reason": ["Une pause a un motif ; les autres états n'en ont pas."]}
    assert fields(without_key) == {"Idempotency-Key": ["8 à 64 lettres, chiffres, « - » ou « _ »."]}


@pytest.mark.parametrize("body", [b"{", b"\xff"])
def test_unreadable_json_is_told_in_the_readers_language(app: Flask, body: bytes):
    """Also what never became a field."""
    answer = app.test_client().post(
        "/api/v1/session", data=body, headers={"Accept-Language": "fr", "Content-Type": "application/json"}
    )

    assert fields(answer, 400) == {"_schema": ["Le contenu n'est pas du JSON correct."]}


@pytest.mark.parametrize(
    ("language", "words"), [("fr", "Aller à la console"), ("en", "Go to the console")], ids=["fr", "en"]
)
def test_a_browser_gets_a_page(app: Flask, language: str, words: str):
    """A person at a wrong address reads a sentence, a number to give, and a way on; nothing foreign may load."""
    answer = app.test_client().get("/nowhere", headers={"Accept": HTML, "Accept-Language": language})
    page = answer.get_data(as_text=True)

    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
    assert answer.headers["Content-Security-Policy"] == pages.POLICY
    assert f'<html lang="{language}">' in page
    assert words in page
    assert answer.headers["X-Request-Id"] in page
    assert "style" not in page


def test_a_page_keeps_what_the_refusal_says(app: Flask):
    """The status and its headers are those of the JSON answer."""
    answer = app.test_client().post("/docs", headers={"Accept": HTML})

    assert answer.status_code == 405
    assert answer.mimetype == "text/html"
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize("path", ["/api/v1/nowhere", "/openapi.json/nowhere", "/metrics/nowhere"])
def test_programs_get_json(app: Flask, path: str):
    """Where programs ask, whatever they accept."""
    refused(app.test_client().get(path, headers={"Accept": HTML}), 404, "not_found")


@pytest.mark.parametrize("accepted", [{}, {"Accept": "*/*"}, {"Accept": "application/json"}])
def test_json_where_no_page_is_asked_for(app: Flask, accepted: dict[str, str]):
    """Elsewhere too, JSON is for who did not name pages."""
    refused(app.test_client().get("/nowhere", headers=accepted), 404, "not_found")


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages as if they had been built."""
    (tmp_path / "chat.html").write_text("<title>chat</title>")
    monkeypatch.setattr(pages, "DIST", tmp_path)


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(("address", "status"), [(TAXES, 200), ("nobody", 404), ("a%00b", 404)])
def test_the_page_of_an_unknown_chat_is_not_found(app: Flask, address: str, status: int):
    """The page comes in any case, to say so itself; search engines and probes see the status."""
    client = app.test_client()

    answer = client.get(f"/chat/{address}", headers={"Accept": HTML}, buffered=True)
    again = client.get(f"/chat/{address}", headers={"If-None-Match": answer.headers["ETag"]}, buffered=True)

    assert answer.status_code == status
    assert "<title>chat</title>" in answer.get_data(as_text=True)
    assert again.status_code == (304 if status == 200 else 404)


def test_no_chat_has_an_address_with_nul(app: Flask):
    """PostgreSQL could not even be asked: not found, never 5xx."""
    refused(app.test_client().get("/api/v1/chat/a%00b"), 404, "not_found")


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", None])
def test_only_json_is_read(app: Flask, content_type: str | None):
    """Another kind of body is refused as such, not taken for an empty one."""
    answer = app.test_client().post("/api/v1/session", data=b'{"login": "x"}', content_type=content_type)

    refused(answer, 415, "unsupported_media_type")


def test_a_body_of_no_told_length_is_json_too(app: Flask):
    """Chunks count as a body."""
    answer = app.test_client().post("/api/v1/session", headers={"Transfer-Encoding": "chunked"})

    refused(answer, 415, "unsupported_media_type")


def test_no_body_needs_no_type(app: Flask):
    """What is asked for without words stays as it was, also under a form's type."""
    citizen = Citizen(app)

    told(citizen.client.post(f"{citizen.base}/visitor", headers={"Content-Type": "text/plain"}), 204)
    citizen.start("bonjour", key=idempotent()["Idempotency-Key"])
    assert citizen.end()["state"]
