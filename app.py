"""The command line that starts each process of the product; what each needs is imported by its own command alone."""

import dataclasses
import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from config.settings import Settings, SettingsError
from config.topics import QUEUES

if TYPE_CHECKING:
    from contact.unit_of_work import Database


@click.group(help=__doc__)
def cli() -> None:
    """Every command reads its settings from the environment."""


@cli.command()
def run() -> None:
    """Start everything here, with PostgreSQL and Redis of our own where no address is set, until Ctrl-C."""
    from config.embedded import EmbeddedError
    from config.processes import ProcessError
    from contact.local import run_all

    try:
        run_all(_settings())
    except (EmbeddedError, ProcessError) as refused:
        raise click.ClickException(str(refused)) from refused


@cli.command()
def web() -> None:
    """Serve pages, REST and sockets (gunicorn, gevent)."""
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", "-c", "python:contact.serve", "contact.web:serve()"])


@cli.command()
def dispatcher() -> None:
    """Lead the routing pools that nobody else leads."""
    from contact.dispatcher import lead
    from contact.health import await_schema
    from contact.pulse import Pulse
    from contact.realtime import emit_only

    settings, should_stop = _settings("dispatcher"), _stop_on_signal()
    database = _engine_database(settings, statement_seconds=2.0)
    await_schema(database, should_stop)
    emit_only(settings.redis_url or "")
    lead(database, settings, should_stop, Pulse(database, "dispatcher"))


@cli.command()
def relay() -> None:
    """Hand due outbox rows to the workers."""
    from contact.health import await_schema
    from contact.pulse import Pulse
    from contact.relay import relay as loop

    settings, should_stop = _settings("relay"), _stop_on_signal()
    database = _engine_database(settings, statement_seconds=10.0)
    await_schema(database, should_stop)
    loop(database, settings, should_stop, Pulse(database, "relay"))


@cli.command()
@click.argument("queue", type=click.Choice(QUEUES))
def worker(queue: str) -> None:
    """Work on one queue (one queue a process: a worker of two can lose a job)."""
    from contact.health import await_schema
    from contact.unit_of_work import connect
    from contact.worker import work as loop

    settings, should_stop = _settings(f"worker:{queue}"), _stop_on_signal()
    database = connect(settings.database_url or "", pool_size=1)
    await_schema(database, should_stop)
    if not should_stop():
        loop(settings, database, queue)


@cli.command()
@click.argument("process", type=click.Choice(["web", "dispatcher", "relay", *(f"worker:{queue}" for queue in QUEUES)]))
def check(process: str) -> None:
    """Say whether the processes of that name on this machine do their work; the exit code is 0 only when they do.

    A web process is asked for its /readyz. Of the others each must have completed a round of its work of late.
    """
    from contact.health import process_verdict, web_verdict
    from contact.unit_of_work import connect

    settings = _settings("check")
    if process == "web":
        is_well, told = web_verdict(settings.port)
    else:
        if settings.database_url is None:
            raise click.ClickException("DATABASE_URL is not set (what make run started is told by its /readyz)")
        is_well, told = process_verdict(connect(settings.database_url), process)
    click.echo(told)
    sys.exit(0 if is_well else 1)


@cli.command()
@click.argument("sid")
@click.option("--administration", metavar="SLUG", help="Whose account it is.")
@click.option("--campaign", metavar="SLUG", help="Of numbers that are new here.")
@click.option("--number", "numbers", multiple=True, metavar="CHANNEL=NUMBER", help="`sms=36101`, `voice=+33184880001`.")
@click.option("--api-key", metavar="SID", help="With its secret in TWILIO_API_KEY_SECRET: what we send and call with.")
@click.option("--application", metavar="SID", help="Of the browsers of agents.")
@click.option("--promote", is_flag=True, help="The second token becomes the only one: the rotation is over.")
def telephone(
    sid: str,
    administration: str | None,
    campaign: str | None,
    numbers: tuple[str, ...],
    api_key: str | None,
    application: str | None,
    promote: bool,
) -> None:
    """Enter an account SID at Twilio and its numbers; its token is read from TWILIO_AUTH_TOKEN.

    Prints what is to be entered at each number there. For an account that is known, the token becomes the second one,
    good beside the first until --promote.
    """
    from contact import telephone_entry as entries

    settings = _settings("telephone")
    owner_url = _libpq(_owner_url(settings))
    token, secret = os.environ.get("TWILIO_AUTH_TOKEN", ""), os.environ.get("TWILIO_API_KEY_SECRET", "")
    try:
        if promote:
            entries.promote(owner_url, settings.secret_key, sid)
            return
        if not (administration and token) or (api_key and not secret):
            raise click.UsageError("--administration and TWILIO_AUTH_TOKEN are needed, and the secret of --api-key")
        told = tuple((channel, number) for channel, _, number in (one.partition("=") for one in numbers))
        entry = entries.Entry(
            administration, sid, token, campaign, told, (api_key, secret) if api_key else None, application
        )
        for line in entries.enter(owner_url, settings.secret_key, settings.public_base_url, entry):
            click.echo(line)
    except entries.EntryRefused as refused:
        raise click.ClickException(refused.facts["why"]) from refused


@cli.command()
@click.option("--install", "is_install", is_flag=True, help="Make its places and robots, as the owner; then end.")
def synthetic(is_install: bool) -> None:
    """Send a message through the whole house every minute, as a citizen would, and record how it fared."""
    from contact.health import await_schema
    from contact.pulse import Pulse
    from contact.synthetic import run as loop
    from contact.synthetic_setup import install
    from contact.unit_of_work import connect

    settings = _settings("synthetic")
    if is_install:
        for place in install(_libpq(_owner_url(settings)), settings.secret_key):
            click.echo(f"{place.address}: answered by {place.login}")
        return
    should_stop = _stop_on_signal()
    database = connect(settings.database_url or "", pool_size=1)
    await_schema(database, should_stop)
    loop(database, settings, should_stop, Pulse(database, "synthetic"))


@cli.command()
@click.option(
    "--fault", "told", multiple=True, metavar="NAME=SHARE", help="Misbehave, as `drop=0.05`; may be repeated."
)
@click.option("--seed", default=1, show_default=True, help="The same seed gives an attempt the same fault.")
@click.option("--delay-seconds", default=3.0, show_default=True, help="How long the fault `delay` waits.")
def ledger(told: tuple[str, ...], seed: int, delay_seconds: float) -> None:
    """The console adapter's own process: keeps a ledger in the data folder; prints what is sent on a terminal.

    \b
    Faults, of which none happens unless it is asked for:
      drop       takes the message, then closes the connection without an answer
      429        takes nothing, answers 429
      500        takes nothing, answers 500
      500-taken  takes the message, answers 500
      delay      waits before it takes the message
    """
    from channels import ledger_process
    from channels.ledger_faults import Faults, read_shares

    try:
        faults = Faults(read_shares(told), seed, delay_seconds)
    except ValueError as wrong:
        raise click.ClickException(f"--fault {wrong}") from wrong
    settings = _settings("ledger")
    ledger_process.serve(settings.port + 1, settings.data_folder / "ledger.jsonl", faults)


@cli.command()
@click.option("--sql", "since", metavar="REVISION", help="Change nothing: print what those after REVISION would run.")
def migrate(since: str | None) -> None:
    """Bring the database to the newest migration, as its owner, while the product serves.

    Says what it applies. Two at once are safe: the second waits. A step whose table is in use gives up after a second,
    lets everybody by, and tries again.
    """
    from config.migrate import MigrationError, sql, upgrade

    if since is not None:
        click.echo(sql(since))
        return
    try:
        upgrade(_owner_url(_settings("migrate")), click.echo)
    except MigrationError as refused:
        raise click.ClickException(str(refused)) from refused


@cli.command("check-migrations")
def check_migrations() -> None:
    """Fail unless there is one head, and the models say the same as the migrated database."""
    from config.migrate import faults
    from contact.local import migrated_database

    with migrated_database(_settings("migrate")) as owner_url:
        found = faults(owner_url)
    for fault in found:
        click.echo(fault, err=True)
    sys.exit(1 if found else 0)


@cli.command()
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same people and stories.")
@click.option("--tickets", default=300, show_default=True, help="How many past tickets; a million takes about an hour.")
def demo(seed: int, tickets: int) -> None:
    """Fill an empty database with the demo: one outsourcer, three administrations, agents, past tickets."""
    from contact.demo import DemoExists, load

    try:
        load(_owner_url(_settings("demo")), seed=seed, tickets=tickets, say=click.echo)
    except DemoExists as there:
        raise click.ClickException(str(there)) from there


@cli.command()
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--keep", type=click.IntRange(1), help="TARGET holds backups under their times: add one, keep so many.")
def backup(target: Path, keep: int | None) -> None:
    """Write the whole database to a new folder, as it is at one moment; the product goes on working."""
    from config.backup import administrator, backup_among
    from config.backup import backup as write

    with _told_faults(), administrator(_settings("backup")) as admin_url:
        if keep is None:
            write(admin_url, target, click.echo)
        else:
            backup_among(admin_url, target, keep, click.echo)


@cli.command()
@click.argument("source", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Put it in the place of a database that is not empty, which is kept.")
def restore(source: Path, force: bool) -> None:
    """Make the database from a backup, whole or not at all; nothing that was on its way is sent again."""
    from config.backup import administrator
    from config.backup import restore as read

    with _told_faults(), administrator(_settings("restore")) as admin_url:
        read(admin_url, source, is_forced=force, say=click.echo)


@cli.command("catch-up")
@click.option("--hours", default=24.0, show_default=True, type=click.FloatRange(0, 720), help="How far to look back.")
def catch_up(hours: float) -> None:
    """Look through the telephone companies' own lists for calls that we never heard of: each is to be called back.

    The relay has this done by itself when it starts and every CATCH_UP_SECONDS; asking twice finds nothing new.
    """
    from datetime import UTC, datetime, timedelta

    from channels.base import SendFailed
    from channels.catching_up import accounts, look
    from contact.unit_of_work import connect

    settings = _settings("catch-up")
    database, engine = connect(settings.database_url or ""), _engine_database(settings, statement_seconds=10.0)
    since, is_well = datetime.now(UTC) - timedelta(hours=hours), True
    for tenant_id, account_id in accounts(engine):
        try:
            click.echo(f"{account_id}: {look(database, settings, tenant_id, account_id, since)} calls were not heard")
        except SendFailed as fault:
            click.echo(f"{account_id}: could not be asked ({fault})", err=True)
            is_well = False
    sys.exit(0 if is_well else 1)


@cli.command()
def restart() -> None:
    """Replace the processes of this PORT's `run`, one after the other and without an outage, by the code that is here.

    Migrations first, while the old code serves. A process that does not become ready ends it there: what ran goes on.
    PostgreSQL and Redis stay; so does the supervisor, with its list of processes.
    """
    from config.places import restart as ask
    from config.processes import ProcessError

    try:
        ask(_settings("restart").data_folder, click.echo)
    except ProcessError as refused:
        raise click.ClickException(str(refused)) from refused


@cli.command()
def reset() -> None:
    """Clear the data of this PORT (refused while it runs)."""
    from config.places import AlreadyRunning, hold

    settings = _settings("reset")
    if not settings.data_folder.exists():
        click.echo(f"Nothing to clear in {settings.data_folder}")
        return
    try:
        with hold(settings.data_folder):
            shutil.rmtree(settings.data_folder)
    except AlreadyRunning as refused:
        raise click.ClickException(str(refused)) from refused
    click.echo(f"Cleared {settings.data_folder}")


@cli.command()
@click.argument("named", metavar="[SCENARIO]", required=False)
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same run, on any machine.")
@click.option("--days", type=click.IntRange(min=1), help="Run so many days.")
@click.option("--calls", type=click.IntRange(min=1), help="Run until about so many calls have come.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder  [default: var/simulations/NAME]")
@click.option("--log", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Read this event log again.")
@click.option("--language", type=click.Choice(["fr", "en"]), default="en", show_default=True)
def simulate(
    named: str | None, seed: int, days: int | None, calls: int | None, out: Path | None, log: Path | None, language: str
) -> None:
    """Run the live engine on a SCENARIO: one that comes along, or a TOML file of yours. Without one, list them.

    Leaves results.json, the event log, charts and a page in a folder. With --log nothing is run: the results are
    computed again from the log of an earlier run (and written to --out if given).
    """
    from contact.simulator import command, files
    from routing.simulation.values import ScenarioError

    if named is None and log is None:
        click.echo(f"Scenarios:\n{command.scenarios(language)}\n\nmake simulate SCENARIO=erlang-a, or a file of yours")
        return
    if log is not None and (named or days or calls):
        raise click.UsageError("--log reads a run that is over: it takes no scenario, --days or --calls")
    if days and calls:
        raise click.UsageError("--days or --calls, not both")
    try:
        if log is not None:
            command.tell(files.read_log(log), out, language)
            return
        scenario = files.load(named or "")
        if days or calls:
            scenario = scenario.lasting(days=days, calls=calls)
    except (ScenarioError, files.LogError, ValueError) as wrong:
        raise click.ClickException(str(wrong)) from wrong
    command.tell(command.run(scenario, seed), out or Path("var/simulations") / scenario.name, language)


@cli.command()
@click.option("--calls", type=click.FloatRange(min=0), help="Calls an hour.")
@click.option("--handling", type=click.FloatRange(min=0, min_open=True), help="Mean handling in seconds, with wrap-up.")
@click.option(
    "--patience", type=click.FloatRange(min=0, min_open=True), help="Mean patience in seconds (none: endless)."
)
@click.option("--file", "forecast", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A CSV instead.")
@click.option("--interval-minutes", default=30.0, show_default=True, help="How long an interval of the file is.")
@click.option("--share", default=0.8, show_default=True, help="Share of the calls to answer in time.")
@click.option("--within", default=20.0, show_default=True, help="In time: within so many seconds.")
@click.option("--abandon-max", type=float, help="At most this share gives up.")
@click.option("--occupancy-max", default=1.0, show_default=True, help="Agents are busy at most this share of the time.")
@click.option("--shrinkage", default=0.0, show_default=True, help="Share of rostered time away from work.")
@click.option("--language", type=click.Choice(["fr", "en"]), default="en", show_default=True)
def staff(
    calls: float | None,
    handling: float | None,
    patience: float | None,
    forecast: Path | None,
    interval_minutes: float,
    share: float,
    within: float,
    abandon_max: float | None,
    occupancy_max: float,
    shrinkage: float,
    language: str,
) -> None:
    """How many agents keep a promise such as 80 % within 20 seconds, by interval and skill (Erlang C, or A).

    Either --calls and --handling, or a --file with the columns interval, skill, calls, handling_seconds and perhaps
    patience_seconds. Where an interval has several skills, the last rows tell what sharing them all would take.
    """
    from contact.simulator import staffing
    from contact.simulator.tables import as_text
    from routing.erlang import Queue, Target
    from routing.staffing import Demand

    if (forecast is None) == (calls is None or handling is None):
        raise click.UsageError("either --calls and --handling, or --file")
    try:
        target = Target(share, within, abandon_max, occupancy_max)
        if forecast is not None:
            demands = staffing.read_forecast(forecast, interval_minutes, patience)
        else:
            demands = [Demand("–", "–", Queue(calls or 0.0, handling or 0.0, patience))]
        click.echo(as_text(staffing.as_table(staffing.plan(demands, target, shrinkage), target, language)))
    except ValueError as wrong:
        raise click.ClickException(str(wrong)) from wrong


@cli.command()
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
def openapi(target: Path) -> None:
    """Write the OpenAPI description to a file."""
    from contact.web import create_app

    settings = dataclasses.replace(Settings(), database_url="postgresql+psycopg://", secret_key="-" * 32)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(create_app(settings, async_mode="threading").test_client().get("/openapi.json").text)


def _settings(process: str = "run") -> Settings:
    """The settings, or a clear list of what is wrong with them."""
    from config.logging import catch_all, configure

    try:
        settings = Settings.from_env()
    except SettingsError as wrong:
        raise click.ClickException(str(wrong)) from wrong
    configure(process, settings.log_level)
    catch_all()
    return settings


@contextmanager
def _told_faults() -> Iterator[None]:
    """What backup and restore refuse, as a line and exit code 1."""
    from config.backup import BackupError
    from config.pg_tools import ToolError

    try:
        yield
    except (BackupError, ToolError) as refused:
        raise click.ClickException(str(refused)) from refused


def _owner_url(settings: Settings) -> str:
    if settings.database_owner_url is None:
        raise click.ClickException("DATABASE_OWNER_URL is not set (make run sets everything by itself)")
    return settings.database_owner_url


def _libpq(url: str) -> str:
    return "postgresql://" + url.partition("://")[2]


def _engine_database(settings: Settings, statement_seconds: float) -> "Database":
    """As `app_engine`, with short limits: a paused process must not hold up its successor."""
    from contact.unit_of_work import connect

    return connect(
        settings.database_engine_url or "",
        pool_size=2,
        statement_timeout_seconds=statement_seconds,
        idle_timeout_seconds=2.0,
    )


def _stop_on_signal() -> Callable[[], bool]:
    """True from the first SIGTERM or SIGINT on."""
    stop = threading.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: stop.set())
    return stop.is_set


if __name__ == "__main__":
    cli()
