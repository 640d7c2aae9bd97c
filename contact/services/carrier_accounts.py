"""An administration's accounts at telephone companies, with their secrets opened."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.sealing import unseal
from contact import scope as scopes
from contact.domain.carrier import Account
from contact.models import CarrierAccount, Endpoint

PURPOSE = "carrier_account"


def enter(session: Session, account_id: UUID, secret_key: str) -> Account | None:
    """The account that a path names; the transaction is its administration's from here on. None: there is none."""
    tenant_id = session.scalar(select(func.tenant_of_carrier_account(account_id)))
    if tenant_id is None:
        return None
    scopes.enter(session, tenant_id=tenant_id)
    return _opened(session.get_one(CarrierAccount, account_id), secret_key)


def of_endpoint(session: Session, endpoint_id: UUID, secret_key: str) -> Account | None:
    """The account whose number the endpoint is; None where the console adapter stands for it."""
    row = session.scalar(
        select(CarrierAccount)
        .join(Endpoint, Endpoint.account_id == CarrierAccount.id)
        .where(Endpoint.id == endpoint_id, CarrierAccount.disabled_at.is_(None))
    )
    return _opened(row, secret_key) if row is not None else None


def _opened(row: CarrierAccount, secret_key: str) -> Account:
    def read(sealed: bytes | None) -> str | None:
        return unseal(secret_key, PURPOSE, sealed) if sealed else None

    tokens = tuple(token for token in (read(row.auth_token), read(row.second_token)) if token)
    return Account(
        row.id,
        row.tenant_id,
        row.provider,
        row.sid,
        tokens,
        row.api_key_sid,
        read(row.api_key_secret),
        row.application_sid,
    )
