"""The people of the tests: citizens and agents with a browser's cookies, and a dispatcher to step by hand."""

from typing import Any
from uuid import UUID, uuid4

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from config.settings import Settings
from contact import demo
from contact.dispatcher import _renew
from contact.leader import Leader
from contact.models import Pool
from contact.scope import Scope
from contact.unit_of_work import Database

TAXES = "impots-declaration"
CITY = "ville-mairie"
PASSWORD = demo.describe().logins[0].password


class Citizen:
    """Somebody in a web chat, with a browser of their own."""

    def __init__(self, app: Flask, address: str = TAXES) -> None:
        self.client: FlaskClient = app.test_client()
        self.base = f"/api/v1/chat/{address}"

    def page(self) -> dict[str, Any]:
        return told(self.client.get(self.base))

    def topic(self, number: int = 0) -> str:
        return self.page()["topics"][number]["id"]

    def start(
        self, body: str = "Bonjour", *, language: str = "fr", key: str | None = None, **more: Any
    ) -> dict[str, Any]:
        """Begin a conversation on the first topic (or `topic_id=`)."""
        return told(self.try_start(body, language=language, key=key, **more), 201)

    def try_start(self, body: str, *, language: str = "fr", key: str | None = None, **more: Any) -> TestResponse:
        told(self.client.post(f"{self.base}/visitor"), 204)
        asked = {"topic_id": self.topic(), "language": language, "body": body} | more
        return self.client.post(f"{self.base}/conversation", json=asked, headers=idempotent(key))

    def say(self, body: str, key: str | None = None) -> dict[str, Any]:
        return told(self.client.post(f"{self.base}/messages", json={"body": body}, headers=idempotent(key)), 201)

    def messages(self, since: int = 0) -> list[dict[str, Any]]:
        return told(self.client.get(f"{self.base}/messages?since={since}"))["items"]

    def conversation(self) -> dict[str, Any]:
        return told(self.client.get(f"{self.base}/conversation"))

    def end(self) -> dict[str, Any]:
        return told(self.client.post(f"{self.base}/end"))


class Staff:
    """Somebody signed in."""

    def __init__(self, app: Flask, login: str) -> None:
        self.client: FlaskClient = app.test_client()
        answer = told(self.client.post("/api/v1/session", json={"login": login, "password": PASSWORD}))
        self.account: dict[str, Any] = answer["account"]
        self.headers = {"X-CSRF-Token": answer["csrf_token"]}

    @property
    def id(self) -> UUID:
        return UUID(self.account["id"])

    def get(self, path: str) -> Any:
        return told(self.client.get(f"/api/v1{path}"))

    def send(self, method: str, path: str, body: Any = None, key: str | None = None) -> TestResponse:
        headers = self.headers | idempotent(key)
        return self.client.open(f"/api/v1{path}", method=method, json=body, headers=headers)

    def ready(self) -> None:
        told(self.send("PUT", "/me/state", {"state": "ready"}))

    def offers(self) -> list[dict[str, Any]]:
        return self.get("/me/work")["offers"]

    def accept(self) -> dict[str, Any]:
        """Accept the one open offer."""
        (offer,) = self.offers()
        return told(self.send("POST", f"/offers/{offer['id']}/accept"))

    def reply(self, ticket_id: str, body: str, key: str | None = None) -> dict[str, Any]:
        return told(self.send("POST", f"/tickets/{ticket_id}/messages", {"body": body}, key), 201)


def leader(engine_database: Database, settings: Settings) -> Leader:
    """The dispatcher's leader of the demo's one pool; `step` it by hand."""
    leaders: dict[UUID, Leader] = {}
    _renew(engine_database, settings, f"test-{uuid4()}", leaders)
    with engine_database.reading(Scope(action="test")) as session:
        pool_id = session.execute(select(Pool.id)).scalar_one()
    return leaders[pool_id]


def idempotent(key: str | None = None) -> dict[str, str]:
    return {"Idempotency-Key": key or uuid4().hex}


def told(answer: TestResponse, status: int = 200) -> Any:
    """The JSON of an answer that has the expected status."""
    assert answer.status_code == status, f"{answer.status_code}: {answer.get_data(as_text=True)}"
    return answer.get_json() if answer.data else None


def refused(answer: TestResponse, status: int, code: str) -> dict[str, Any]:
    """The error of an answer that must be this refusal."""
    error = told(answer, status)["error"]
    assert error["code"] == code, error
    return error
