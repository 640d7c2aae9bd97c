"""The pages, and what each may reach: the console its telephone company, the citizens' page nothing."""

from dataclasses import replace

import pytest
from flask import Flask

from config.settings import Settings
from contact.api import pages
from contact.web import create_app


def policy(app: Flask, path: str) -> str:
    with app.test_client().get(path, buffered=True) as answer:
        return answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("company", "reached"),
    [
        ("http://127.0.0.1:8003", "connect-src 'self' ws://127.0.0.1:8003"),
        ("", "wss://*.twilio.com"),
        ("https://api.dublin.ie1.twilio.com", "media-src 'self' mediastream:"),
    ],
)
def test_a_console_reaches_its_telephone_company(settings: Settings, company: str, reached: str):
    """The local one on its own address, else Twilio and the microphone; the citizens' page reaches neither."""
    app = create_app(replace(settings, twilio_base_url=company), async_mode="threading")

    assert reached in policy(app, "/console")
    assert ("twilio" in policy(app, "/console")) is (company != "http://127.0.0.1:8003")
    assert policy(app, "/chat/impots-declaration") == pages.POLICY
    app.extensions["guichet"].database.engine.dispose()
