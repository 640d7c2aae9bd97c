"""The job that fetches what came with a text: after the commit, so that no picture keeps a text waiting."""

from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from channels import registry
from channels.base import FileRefused
from channels.claims import account_of, again, run
from contact.domain.files import HEAD_BYTES, type_of
from contact.file_store import FileStore
from contact.jobs import JobHouse, job
from contact.services import media
from contact.services.work_rows import Claim

log = structlog.get_logger()


@job
def fetch(outbox_id: str, is_look_up: bool = False) -> None:
    """RQ's entry: bring a picture here, and have it deleted there. Done twice, it is kept once."""
    again(outbox_id, is_look_up, _bring, _give_up)


def _bring(own: JobHouse, claim: Claim) -> None:
    media_id = UUID(claim.ids["media_id"])
    wanted = run(own, claim, lambda session: media.wanted(session, media_id))
    if wanted is None:
        return
    account = account_of(own, claim, wanted.account_id)
    provider = registry.provider(own.settings, account)
    try:
        if not wanted.is_here:
            content = provider.fetch(wanted.address)
            kind = type_of(content[:HEAD_BYTES])
            if kind is None:
                raise FileRefused("type_not_taken")
            # The bytes first: a row never names what a power cut took.
            file = FileStore(own.settings.files_folder).keep(account.tenant_id, content)
            run(own, claim, lambda session: media.keep(session, media_id, file, kind))
        provider.forget(wanted.address)
    except FileRefused as fault:
        reason = str(fault)
        log.warning("media_refused", media_id=str(media_id), reason=reason)
        run(own, claim, lambda session: media.refuse(session, media_id, reason))


def _give_up(session: Session, claim: Claim) -> None:
    media.refuse(session, UUID(claim.ids["media_id"]), "not_fetched")
