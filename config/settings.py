"""Every setting of the product, read once from the environment into one frozen object."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from environs import Env, EnvValidationError, validate

_DATABASE_URLS = ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_ENGINE_URL")


class SettingsError(Exception):
    """Some settings are missing or wrong; the message names all of them, one a line."""

    code = "settings_wrong"


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be set, with its unit in its name. Built by `from_env`; tests use `dataclasses.replace`."""

    app_env: str = "development"
    host: str = "127.0.0.1"
    port: int = 8000
    data_folder: Path = Path("var/8000")
    # Where what citizens send lies: one folder for all processes that keep or show it.
    files_folder: Path = Path("var/8000/files")
    log_level: str = "INFO"
    database_url: str | None = None
    database_owner_url: str | None = None
    database_engine_url: str | None = None
    # For backup and restore alone: a role that sees every row.
    database_admin_url: str | None = None
    redis_url: str | None = None
    public_base_url: str = "http://localhost:8000"
    secret_key: str = ""
    web_processes: int = 1
    delivery_workers: int = 1
    # How long a web process that was told to stop goes on accepting while /readyz already says no: proxies must see it.
    drain_seconds: float = 0.0
    database_pool_size: int = 20
    database_pool_timeout_seconds: float = 5.0
    statement_timeout_seconds: float = 15.0
    has_limits: bool = True
    # How many proxies of ours stand before the web process: their X-Forwarded-For is believed.
    trusted_proxies: int = 0
    request_bytes_max: int = 262_144
    # Refusals of one account that one process writes into the audit trail within a minute.
    refusals_recorded_max: int = 60
    session_hours: float = 12.0
    sign_in_failures_max: int = 10
    sign_in_lock_seconds: float = 900.0
    epoch_check_seconds: float = 4.0
    beat_seconds: float = 10.0
    silence_seconds: float = 25.0
    gone_seconds: float = 120.0
    missed_offers_max: int = 2
    visitor_hours: float = 24.0
    visitor_still_there_seconds: float = 180.0
    visitor_paused_seconds: float = 300.0
    lease_seconds: float = 5.0
    relay_lease_seconds: float = 30.0
    # A job is ended after this long; one that claimed its row and said nothing for a little longer is looked up.
    job_seconds: int = 60
    unknown_outcome_seconds: float = 90.0
    look_up_seconds: float = 120.0
    delivery_attempts_max: int = 8
    channels_by_ledger: tuple[str, ...] = ("sms", "email")
    ledger_url: str | None = None
    # `make run` brings a telephone company of its own, unless another is named here.
    has_carrier: bool = True
    # Where Twilio is; empty is Twilio itself (for its European region https://api.dublin.ie1.twilio.com).
    twilio_base_url: str = ""
    # Static TwiML on another host (config/deploy/fallback.xml), for whoever calls while we are away.
    voice_fallback_url: str = ""
    # How often telephone companies' lists of calls are looked through for whom we never heard; 0 is never.
    catch_up_seconds: float = 300.0
    # A call that ended so lately may still be told by its own callback.
    catch_up_grace_seconds: float = 60.0
    # How often the synthetic citizen tries each pool; 0 is never, on one machine.
    synthetic_seconds: float = 60.0
    # The door it uses; without one, the door of all citizens.
    synthetic_url: str | None = None

    @property
    def has_own_database(self) -> bool:
        """No database URL was given: PostgreSQL of our own is started."""
        return self.database_url is None

    @property
    def has_secure_cookies(self) -> bool:
        return urlsplit(self.public_base_url).scheme == "https"

    @property
    def web_stop_seconds(self) -> int:
        """The longest that a web process takes to leave: proxies look away, pages move, requests in hand end."""
        return int(self.drain_seconds + self.statement_timeout_seconds) + 8

    @property
    def has_twilio(self) -> bool:
        """Whether calls go by Twilio itself; else a company of its own speaks as Twilio does."""
        return not self.twilio_base_url or self.twilio_base_url.endswith(".twilio.com")

    @classmethod
    def from_env(cls) -> "Settings":
        """Read the process's environment; an empty variable counts as not set.

        Raises:
            SettingsError: names every missing or wrong variable at once, one a line.
        """
        values, faults = _read(cls())
        faults += _faults_between(values)
        if faults:
            raise SettingsError(
                "\n".join(["These settings are missing or wrong:", *(f"  {fault}" for fault in sorted(faults))])
            )
        values["secret_key"] = values["secret_key"] or secrets.token_hex(32)
        return cls(**values)


def _read(default: Settings) -> tuple[dict[str, Any], list[str]]:
    """Each variable by itself: its values by field name, and what is wrong with any of them."""
    env = Env(eager=False)
    given = {name for name, value in os.environ.items() if value.strip()}

    def read(kind: str, name: str, standard: Any, *checks: Any) -> Any:
        value = getattr(env, kind)(name, standard, validate=list(checks)) if name in given else standard
        return standard if value is None else value

    port = read("int", "PORT", default.port, validate.Range(1, 65_526))
    levels = ["DEBUG", "INFO", "WARNING", "ERROR"]
    values: dict[str, Any] = {
        "app_env": read("str", "APP_ENV", "development", validate.OneOf(["development", "test", "production"])),
        "host": read("str", "HOST", default.host),
        "port": port,
        "data_folder": Path(read("str", "DATA_FOLDER", f"var/{port}")).absolute(),
        "files_folder": read("str", "FILES_FOLDER", None),
        "log_level": read("str", "LOG_LEVEL", default.log_level, validate.OneOf(levels)),
        "public_base_url": read("str", "PUBLIC_BASE_URL", f"http://localhost:{port}").rstrip("/"),
        "secret_key": read("str", "SECRET_KEY", ""),
        "redis_url": read("str", "REDIS_URL", None),
        "database_admin_url": read("str", "DATABASE_ADMIN_URL", None),
        "ledger_url": read("str", "LEDGER_URL", None),
        "twilio_base_url": read("str", "TWILIO_BASE_URL", "").rstrip("/"),
        "voice_fallback_url": read("str", "VOICE_FALLBACK_URL", ""),
        "synthetic_url": read("str", "SYNTHETIC_URL", None),
        "has_carrier": read("bool", "HAS_CARRIER", True),
        "has_limits": read("bool", "HAS_LIMITS", True),
        "channels_by_ledger": tuple(read("list", "CHANNELS_BY_LEDGER", list(default.channels_by_ledger))),
    }
    for name, low, high in _NUMBERS:
        standard = getattr(default, name)
        values[name] = read(type(standard).__name__, name.upper(), standard, validate.Range(low, high))
    values |= {name.lower(): read("str", name, None) for name in _DATABASE_URLS}
    try:
        env.seal()
    except EnvValidationError as error:
        return values, [f"{name}: {' '.join(map(str, faults))}" for name, faults in _by_name(error).items()]
    return values, []


def _by_name(error: EnvValidationError) -> Mapping[str, list[str]]:
    """What environs found, by variable (its type also allows a bare list)."""
    found = error.error_messages
    return found if isinstance(found, Mapping) else {"environment": found}


def _faults_between(values: dict[str, Any]) -> list[str]:
    """What is wrong with the settings taken together. Completes those that follow from others."""
    faults = []
    production = values["app_env"] == "production"
    given = [name for name in _DATABASE_URLS if values[name.lower()]]
    for name in _DATABASE_URLS:
        url = values[name.lower()]
        if url is None and (given or production):
            faults.append(f"{name}: missing ({'production' if production else 'needed beside ' + given[0]})")
        elif url is not None:
            scheme, _, rest = url.partition("://")
            if scheme not in ("postgres", "postgresql", "postgresql+psycopg") or not rest:
                faults.append(f"{name}: not a postgresql:// address")
            values[name.lower()] = f"postgresql+psycopg://{rest}"
    base = urlsplit(values["public_base_url"])
    if base.scheme not in ("http", "https") or not base.hostname or base.path or base.query:
        faults.append("PUBLIC_BASE_URL: not of the form https://name or https://name:port")
    if production:
        if base.scheme != "https":
            faults.append("PUBLIC_BASE_URL: production needs https")
        if values["files_folder"] is None:
            # A data folder is each process's own.
            faults.append("FILES_FOLDER: missing (production)")
        if values["redis_url"] is None:
            faults.append("REDIS_URL: missing (production)")
        if len(values["secret_key"]) < 32:
            faults.append("SECRET_KEY: production needs 32 characters or more")
    values["files_folder"] = Path(values["files_folder"] or values["data_folder"] / "files").absolute()
    return faults


_NUMBERS: tuple[tuple[str, float, float], ...] = (
    ("web_processes", 1, 64),
    ("delivery_workers", 1, 64),
    ("drain_seconds", 0, 120),
    ("database_pool_size", 1, 500),
    ("database_pool_timeout_seconds", 0.1, 60),
    ("statement_timeout_seconds", 0.5, 600),
    ("trusted_proxies", 0, 10),
    ("request_bytes_max", 1_024, 64_000_000),
    ("refusals_recorded_max", 1, 100_000),
    ("session_hours", 0.1, 72),
    ("sign_in_failures_max", 3, 100),
    ("sign_in_lock_seconds", 1, 86_400),
    ("epoch_check_seconds", 0.2, 5),
    ("beat_seconds", 0.2, 10),
    ("silence_seconds", 1, 300),
    ("gone_seconds", 2, 3_600),
    ("missed_offers_max", 1, 20),
    ("visitor_hours", 1, 720),
    ("visitor_still_there_seconds", 1, 3_600),
    ("visitor_paused_seconds", 1, 7_200),
    ("lease_seconds", 1, 60),
    ("relay_lease_seconds", 1, 600),
    ("job_seconds", 15, 600),
    ("unknown_outcome_seconds", 0, 600),
    ("look_up_seconds", 0, 600),
    ("delivery_attempts_max", 1, 50),
    ("synthetic_seconds", 0, 3_600),
    ("catch_up_seconds", 0, 86_400),
    ("catch_up_grace_seconds", 0, 3_600),
)
