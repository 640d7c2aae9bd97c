"""The product's web application behind a real port, the telephone company in front of it, and jobs run by hand."""

import importlib
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import psycopg
from flask import Flask
from sqlalchemy import select, text, update
from werkzeug.serving import make_server

from config.sealing import seal
from config.settings import Settings
from config.topics import QUEUES, TOPICS
from contact import relay
from contact.domain.carrier import Account
from contact.models import Call, CarrierAccount, Endpoint, Message, Outbox, Ticket
from contact.scope import Scope
from contact.services import carrier_accounts
from contact.unit_of_work import Database
from contact.web import create_app
from tests.carrier.company import Company, Phone, digits, eventually, figures
from tests.channels.accounts import tenant_of
from tests.people import TAXES, Staff, leader, told


class Office:
    """The tax service with a telephone: its number, its line, its agents."""

    def __init__(
        self, company: Company, settings: Settings, database: Database, engine_database: Database, chat: str = TAXES
    ) -> None:
        self.company = company
        self.database = database
        self.tenant_id = tenant_of(database, chat)
        self.sid, self.token, self.application = "AC" + digits(32), digits(32), "AP" + digits(32)
        self.key, self.secret = "SK" + digits(32), digits(32)
        self.number = "+3318" + figures(7)
        at_once = {"unknown_outcome_seconds": 0, "look_up_seconds": 0, "catch_up_grace_seconds": 0}
        self.settings = replace(settings, twilio_base_url=company.url, **at_once)
        self.server = make_server("127.0.0.1", 0, _nothing, threaded=True)
        self.settings = replace(self.settings, public_base_url=f"http://127.0.0.1:{self.server.port}")
        self.app: Flask = create_app(self.settings, async_mode="threading")
        self.server.app = self.app
        # Closing waits for what is being answered.
        self.server.daemon_threads, self.server.block_on_close = False, True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()
        self.account = self._set_up(chat)
        self.router = leader(engine_database, self.settings)

    @property
    def base(self) -> str:
        return f"{self.settings.public_base_url}/in/{self.account.id}/voice"

    def close(self) -> None:
        """Stop."""
        self.server.shutdown()
        self.thread.join(10)
        self.server.server_close()
        self.app.extensions["guichet"].database.engine.dispose()

    def _set_up(self, chat: str) -> Account:
        def sealed(words: str) -> bytes:
            return seal(self.settings.secret_key, carrier_accounts.PURPOSE, words)

        def work(session: Any) -> Account:
            row = CarrierAccount(
                tenant_id=self.tenant_id,
                provider="twilio",
                sid=self.sid,
                auth_token=sealed(self.token),
                api_key_sid=self.key,
                api_key_secret=sealed(self.secret),
                application_sid=self.application,
            )
            session.add(row)
            session.flush()
            campaign_id = session.scalar(
                select(Endpoint.campaign_id).where(Endpoint.channel == "chat", Endpoint.address == chat)
            )
            session.execute(update(Endpoint).where(Endpoint.channel == "voice").values(disabled_at=text("now()")))
            line = Endpoint(
                tenant_id=self.tenant_id,
                campaign_id=campaign_id,
                account_id=row.id,
                channel="voice",
                address=self.number,
            )
            session.add(line)
            session.flush()
            return carrier_accounts.of_endpoint(session, line.id, self.settings.secret_key)

        account = self.database.run(Scope(action="test", tenant_id=self.tenant_id), work)
        admin = self.company.admin
        admin("account", sid=self.sid, auth_token=self.token, keys={self.key: self.secret}, calls_per_second=50)
        base = f"{self.settings.public_base_url}/in/{account.id}/voice"
        admin(
            "number",
            account_sid=self.sid,
            phone_number=self.number,
            voice_url=f"{base}/call",
            status_callback=f"{base}/state",
        )
        admin(
            "application",
            sid=self.application,
            account_sid=self.sid,
            voice_url=f"{base}/desk",
            status_callback=f"{base}/desk-state",
        )
        return account

    def takes_texts(self, door: str | None = None) -> str:
        """A number for texts that ends at our door, or at another."""
        number = "+3393700" + figures(4)
        scope = Scope(action="test", tenant_id=self.tenant_id)
        here = update(Endpoint).where(Endpoint.channel == "sms").values(account_id=self.account.id, address=number)
        self.database.run(scope, lambda session: session.execute(here))
        own = f"{self.settings.public_base_url}/in/{self.account.id}/sms/in"
        self.company.admin("number", account_sid=self.sid, phone_number=number, sms_url=door or own)
        return number

    # What happens

    def phone(self, number: str | None = None) -> Phone:
        """Anybody's phone."""
        return Phone(self.company, number or "+336" + figures(8))

    def calls_in(self, phone: Phone | None = None, **how: Any) -> Phone:
        """Somebody calls."""
        phone = phone or self.phone()
        phone.do("call", to=self.number, **how)
        return phone

    def waits(self, phone: Phone | None = None, key: str = "1") -> Phone:
        """Somebody calls, chooses and waits."""
        phone = self.calls_in(phone)
        phone.hears("tapez 1")
        phone.do("press", digits=key)
        phone.hears("file")
        return phone

    def browser(self, person: Staff) -> Phone:
        """The agent's browser telephone, with a token of ours."""
        given = told(person.send("POST", "/softphone/token", {"tab": "one", "take": True}))
        made = Phone(self.company, "", given["token"])
        made.look()
        return made

    def talks(self, person: Staff, phone: Phone) -> tuple[dict[str, Any], Phone]:
        """The agent is offered the call, accepts, and talks with the citizen: the assignment, the browser."""
        self.router.step()
        assignment = person.accept()
        browser = self.browser(person)
        self.connect(browser, assignment["interaction_id"])
        self.hear_each_other(browser, phone)
        return assignment, browser

    def connect(self, browser: Phone, interaction_id: str) -> None:
        """The browser dials in, and is on the line."""
        browser.do("connect", params={"interaction": interaction_id})
        browser.event("answered")

    def comes_to_call(self, person: Staff, interaction_id: Any) -> Phone:
        """The agent's browser is on the line, and the citizen is to be rung: the browser."""
        browser = self.browser(person)
        self.connect(browser, str(interaction_id))
        eventually(lambda: self.rows(Call, interaction_id=interaction_id, stage="calling"), "the agent is on the line")
        return browser

    def is_told(self, step: str, fields: dict[str, str], **how: Any) -> int:
        """The company tells us this, at once: what it is answered."""
        asked = {"account_sid": self.sid, "url": f"{self.base}/{step}", "params": list(fields.items()), **how}
        answer = self.company.session.post(f"{self.company.url}/carrier/admin/webhook", json=asked, timeout=30)
        status: int = answer.json()["status"]
        return status

    def hear_each_other(self, browser: Phone, phone: Phone) -> None:
        words = f"Bonjour {digits(8)}"

        def talks() -> bool:
            self.work_off()
            browser.do("say", text=words)
            return any(one.get("text") == words and one["type"] == "heard" for one in phone.look())

        eventually(talks, "they hear each other")

    def work_off(self) -> int:
        """Do what is due, as relay and workers would; how much it was."""
        taken = self.database.run(
            Scope(action="test"), lambda session: relay._take(session, self.settings, {key: [] for key in QUEUES})
        )
        for row in sorted(taken, key=lambda row: row.id):
            module, _, name = TOPICS[row.topic].job.rpartition(".")
            getattr(importlib.import_module(module), name)(str(row.id), *([True] if row.state == "looking_up" else []))
        return len(taken)

    def settle(self) -> None:
        """Until nothing is due and the company has told everything."""

        def is_quiet() -> bool:
            state = self.company.session.get(f"{self.company.url}/carrier/admin/state", timeout=30).json()
            return not self.work_off() and not state["webhooks_under_way"]

        eventually(is_quiet, "all is told and done")

    def hurry(self, topic: str) -> None:
        """What is put off is due now."""
        self.database.run(
            Scope(action="test"),
            lambda session: session.execute(
                update(Outbox).where(Outbox.topic == topic, Outbox.state == "due").values(due_at=text("now()"))
            ),
        )

    def breaks(self, table: str, condition: str) -> Callable[[], None]:
        """A row of *table* that meets *condition* (of NEW) is a fault of ours until the function given is called."""
        refuse = "BEGIN RAISE EXCEPTION 'broken'; END"
        function = f"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ {refuse} $$"
        trigger = f"CREATE TRIGGER broken BEFORE INSERT ON {table} FOR EACH ROW WHEN ({condition})"
        owner_url = (self.settings.database_owner_url or "").replace("+psycopg", "")

        def tell(*statements: str) -> None:
            with psycopg.connect(owner_url) as connection:
                for statement in statements:
                    connection.execute(statement)

        tell(function, f"{trigger} EXECUTE FUNCTION refuse()")
        return lambda: tell("DROP FUNCTION refuse CASCADE")

    # What there is

    def rows(self, model: Any, **where: Any) -> list[Any]:
        """Rows of the office, oldest first."""
        with self.database.reading(Scope(action="test", tenant_id=self.tenant_id)) as session:
            return list(session.scalars(select(model).filter_by(**where).order_by(model.created_at, model.id)))

    def call(self, **where: Any) -> Call:
        """The last call."""
        return self.rows(Call, **where)[-1]

    def ticket(self) -> Ticket:
        """The last call's."""
        return self.rows(Ticket, id=self.call().ticket_id)[0]

    def said(self, ticket_id: UUID) -> list[str]:
        """The codes of a ticket's lines, in order."""
        return [one.code for one in sorted(self.rows(Message, ticket_id=ticket_id), key=lambda one: one.seq)]

    def change(self, model: Any, **values: Any) -> None:
        """Set something of all rows."""
        self.database.run(
            Scope(action="test", tenant_id=self.tenant_id),
            lambda session: session.execute(update(model).values(**values)),
        )


def _nothing(_environ: Any, start: Any) -> list[bytes]:
    start("503 Not yet", [])
    return []
