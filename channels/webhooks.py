"""The one door of providers who ask us: verify, parse, keep, effect, answer; all in one transaction."""

from typing import Any
from uuid import UUID

import structlog
from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from channels import admission, registry
from channels.base import Answer, BadSignature, Incoming, Provider, UnknownStep
from channels.effects import EFFECTS, Effect
from config import metrics
from contact.api.context import house, request_id
from contact.api.errors import refusal
from contact.api.permissions import public
from contact.domain.carrier import Account, Event
from contact.domain.errors import Unavailable
from contact.scope import Scope
from contact.services import admissions, carrier_accounts, carrier_events
from contact.services.admissions import Unanswered

bp = Blueprint("webhooks", __name__)
log = structlog.get_logger()


@bp.post("/in/<uuid:account_id>/<string:channel>/<path:step>")
@public
def receive(account_id: UUID, channel: str, step: str) -> Any:
    """What a telephone company tells or asks. Whoever cannot sign for the account learns nothing, not even whether
    there is one; what has come before is answered as the first time, from what is so now."""
    caller = _Caller(account_id, _incoming(channel, step))
    try:
        answer = caller.answered()
    except BadSignature as fault:
        metrics.signatures_refused.labels(channel if channel in _CHANNELS else "other", str(fault)).inc()
        return refusal("forbidden", 403)
    except UnknownStep:
        return refusal("not_found", 404)
    except Unavailable:
        # The database is away: the provider asks again, or at the fallback address.
        raise
    except Exception as fault:
        answer = caller.postpone(fault)
    return Response(answer.body, content_type=answer.content_type)


_CHANNELS = ("sms", "voice")


class _Caller:
    """One request, as far as it was understood."""

    def __init__(self, account_id: UUID, incoming: Incoming) -> None:
        self.account_id = account_id
        self.incoming = incoming
        self.understood: tuple[Provider, Account, Event, Effect] | None = None

    def answered(self) -> Answer:
        """Everything; whether a call is let in is asked between two transactions, the first of which keeps nothing.

        Raises:
            BadSignature, UnknownStep.
        """
        try:
            return house().database.run(_scope(), self.serve)
        except Unanswered as asked:
            question, answer = asked.question, admission.answer(asked.question)

        def serve(session: Session) -> Answer:
            admissions.answered(session, question.call_id, answer)
            return self.serve(session)

        return house().database.run(_scope(), serve)

    def serve(self, session: Session) -> Answer:
        """In one transaction. It may run again, and then finds what is so then.

        Raises:
            BadSignature, UnknownStep.
            Unanswered: It has to be asked first whether a call is let in.
        """
        settings = house().settings
        account = carrier_accounts.enter(session, self.account_id, settings.secret_key)
        if account is None:
            raise BadSignature("no_account")
        provider = registry.provider(settings, account)
        provider.verify(self.incoming)
        event = provider.parse(self.incoming)
        effect = EFFECTS.get(event.kind)
        if effect is None:
            raise UnknownStep(event.kind)
        self.understood = provider, account, event, effect
        if effect.is_question or carrier_events.keep(session, account, event):
            effect.happen(session, account, event)
        return provider.respond(event, effect.state(session, account, event))

    def postpone(self, fault: Exception) -> Answer:
        """What came is not lost with a fault of ours: it is kept as it came, and a job tries again.

        Raises:
            Exception: the *fault*, where it was not understood, or somebody is in the line and waits for an answer.
        """
        if self.understood is None:
            raise fault
        provider, account, event, effect = self.understood
        log.exception("event_failed", kind=event.kind, fault=type(fault).__name__)
        if not effect.may_wait:
            raise fault

        def keep(session: Session) -> None:
            carrier_accounts.enter(session, self.account_id, house().settings.secret_key)
            carrier_events.keep_for_later(session, account, event)

        house().database.run(_scope(), keep)
        return provider.respond(event, None)


def _incoming(channel: str, step: str) -> Incoming:
    environ = request.environ
    target = environ.get("RAW_URI") or environ.get("REQUEST_URI") or request.full_path
    headers = {name.title(): value for name, value in request.headers.items()}
    return Incoming(channel, step, target, request.mimetype, headers, request.get_data())


def _scope() -> Scope:
    return Scope(action="webhook", actor_kind="carrier", request_id=request_id())
