"""Settings come from the environment, and whatever is wrong with them is said at once."""

import os

import pytest

from config.settings import Settings, SettingsError


@pytest.fixture(autouse=True)
def empty(monkeypatch: pytest.MonkeyPatch):
    """An environment with nothing of ours in it."""
    for name in list(os.environ):
        if name in {"PORT", "APP_ENV", "SECRET_KEY", "REDIS_URL", "PUBLIC_BASE_URL", "HOST"} or "DATABASE" in name:
            monkeypatch.delenv(name)


def test_nothing_set_is_fine():
    """Without a single variable the product runs on its own servers."""
    settings = Settings.from_env()

    assert settings.has_own_database
    assert settings.port == 8000


def test_all_faults_at_once(monkeypatch: pytest.MonkeyPatch):
    """Every wrong and every missing variable is named in one message."""
    monkeypatch.setenv("PORT", "many")
    monkeypatch.setenv("LEASE_SECONDS", "0")
    monkeypatch.setenv("DATABASE_URL", "mysql://somewhere")

    with pytest.raises(SettingsError) as refused:
        Settings.from_env()

    for name in ("PORT", "LEASE_SECONDS", "DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_ENGINE_URL"):
        assert name in str(refused.value)


def test_production_takes_no_shortcut(monkeypatch: pytest.MonkeyPatch):
    """Production has its own servers, https and a real secret, or does not start."""
    monkeypatch.setenv("APP_ENV", "production")

    with pytest.raises(SettingsError) as refused:
        Settings.from_env()

    for name in ("DATABASE_URL", "FILES_FOLDER", "REDIS_URL", "SECRET_KEY", "PUBLIC_BASE_URL: production needs https"):
        assert name in str(refused.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_database_addresses_are_made_equal(monkeypatch: pytest.MonkeyPatch, scheme: str):
    """Each usual spelling of a PostgreSQL address works."""
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_ENGINE_URL"):
        monkeypatch.setenv(name, f"{scheme}://someone@host/db")

    assert Settings.from_env().database_url == "postgresql+psycopg://someone@host/db"
