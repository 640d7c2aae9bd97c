"""An administration's account at the telephone company, as the operator would have entered it."""

import secrets
from uuid import UUID

from sqlalchemy import select, text, update

from config.sealing import seal
from config.settings import Settings
from contact.domain.carrier import Account
from contact.models import CarrierAccount, Endpoint
from contact.scope import Scope
from contact.services import carrier_accounts
from contact.unit_of_work import Database
from tests.people import TAXES


def tenant_of(database: Database, chat: str = TAXES) -> UUID:
    """The administration whose chat has this address."""
    with database.reading(Scope(action="test")) as session:
        found = text("SELECT tenant_id FROM endpoint_by_address('chat', :address)")
        return session.execute(found, {"address": chat}).scalar_one()


def add_account(database: Database, settings: Settings, chat: str = TAXES, *, has_key: bool = False) -> Account:
    """An account of the administration of *chat*, with its SMS number; two tokens, as during a rotation."""
    tenant_id = tenant_of(database, chat)

    def sealed(text: str) -> bytes:
        return seal(settings.secret_key, carrier_accounts.PURPOSE, text)

    def work(session):
        row = CarrierAccount(
            tenant_id=tenant_id,
            provider="twilio",
            sid="AC" + secrets.token_hex(16),
            auth_token=sealed(secrets.token_hex(16)),
            second_token=sealed(secrets.token_hex(16)),
            api_key_sid="SK" + secrets.token_hex(16) if has_key else None,
            api_key_secret=sealed(secrets.token_hex(16)) if has_key else None,
        )
        session.add(row)
        session.flush()
        session.execute(update(Endpoint).where(Endpoint.channel == "sms").values(account_id=row.id))
        session.expire(row)
        endpoint_id = session.scalars(select(Endpoint.id).where(Endpoint.channel == "sms")).one()
        return carrier_accounts.of_endpoint(session, endpoint_id, settings.secret_key)

    return database.run(Scope(action="test", tenant_id=tenant_id), work)
