"""What a request knows: the settings, who asks, in which language, and the way to a unit of work."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

import gevent
from flask import current_app, g, request
from gevent import monkey
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.logging import unbind
from config.settings import Settings
from contact import scope as scopes
from contact.domain.errors import NotFound, NotSignedIn
from contact.domain.vocabulary import LANGUAGES
from contact.health import Condition
from contact.queries.shapes import Reader
from contact.queries.wallboard import granted_campaigns
from contact.scope import Scope
from contact.services import sign_in
from contact.services.chat_line import Line, Received
from contact.services.sign_in import Identity
from contact.together import Together
from contact.unit_of_work import Database
from contact.valve import SharedValve, reach

SESSION_COOKIE = "guichet_session"
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class House:
    """What the application holds for every request."""

    settings: Settings
    database: Database
    condition: Condition = field(default_factory=Condition)
    chats: Together[Line, Received] = field(default_factory=Together)
    # By pool: this process's end of its voice valve.
    valves: dict[UUID, SharedValve] = field(default_factory=dict)


def house() -> House:
    found: House = current_app.extensions["guichet"]
    return found


def valve_of(pool_id: UUID) -> SharedValve:
    """This process's end of the pool's voice valve, made the first time. Ask it while no transaction is open."""
    valves, settings = house().valves, house().settings
    if pool_id not in valves:
        valves[pool_id] = reach(settings.redis_url or "", pool_id, settings.web_processes)
    return valves[pool_id]


def language() -> str:
    """The reader's language by their browser."""
    return request.accept_languages.best_match(LANGUAGES, LANGUAGES[0])


def request_id() -> str:
    """One id for everything this request leaves behind: log lines, audit rows, its answer."""
    if "request_id" not in g:
        g.request_id = uuid.uuid4().hex
    found: str = g.request_id
    return found


def identity() -> Identity | None:
    """Who is signed in, read once per request; None for nobody."""
    if "identity" not in g:
        token = g.get("session_token") or request.cookies.get(SESSION_COOKIE)
        looking = Scope(action="identify", request_id=request_id())
        g.identity = house().database.run(looking, lambda session: sign_in.identify(session, token)) if token else None
    found: Identity | None = g.identity
    return found


def forget_identity(token: str) -> None:
    """From here on the request is that of whoever holds *token* (they have just signed in)."""
    g.pop("identity", None)
    g.session_token = token


def signed_in() -> Identity:
    """
    Raises:
        NotSignedIn: nobody is.
    """
    me = identity()
    if me is None:
        raise NotSignedIn()
    return me


def transact(work: Callable[[Session], Result], **of: Any) -> Result:
    """Run *work* as the signed-in account in one transaction; *of* changes the scope (`tenant_id=…`)."""
    me = signed_in()
    told: dict[str, Any] = {
        "action": str(request.endpoint),
        "actor_kind": "account",
        "actor_id": me.account_id,
        "account_id": me.account_id,
        "outsourcer_id": me.outsourcer_id,
        "tenant_id": me.tenant_id,
        "request_id": request_id(),
    }
    return house().database.run(Scope(**(told | of)), work)


def about(entity: str, entity_id: UUID, work: Callable[[Session, Reader], Result]) -> Result:
    """Run *work* in the administration of a ticket, offer, assignment or campaign that the account has a grant for.

    Raises:
        NotFound: it does not exist, or no grant leads there.
    """
    me = signed_in()

    def resolved(session: Session) -> Result:
        tenant_id = session.scalar(select(func.tenant_of(entity, entity_id)))
        if tenant_id is None:
            raise NotFound()
        scopes.enter(session, tenant_id=tenant_id)
        campaigns = granted_campaigns(session, me.account_id).get(tenant_id, ())
        return work(session, Reader(me.account_id, language(), campaigns))

    return transact(resolved)


def in_each_administration(
    work: Callable[[Session, Reader], list[Result]], only: list[UUID] | None = None
) -> list[Result]:
    """Run *work* in each administration the account has a grant for, a transaction each, and join the lists."""
    me = signed_in()
    granted = transact(lambda session: granted_campaigns(session, me.account_id))
    found: list[Result] = []
    for tenant_id, campaigns in granted.items():
        if only is None or tenant_id in only:
            reader = Reader(me.account_id, language(), campaigns)
            found += transact(lambda session, reader=reader: work(session, reader), tenant_id=tenant_id)  # type: ignore[misc]
    # What is logged next is about all of them.
    unbind("tenant_id")
    return found


def off_hub(slow: Callable[..., Result], *arguments: Any) -> Result:
    """Run CPU work beside the hub that all sockets share."""
    if monkey.is_module_patched("threading"):
        found: Result = gevent.get_hub().threadpool.apply(slow, arguments)
        return found
    return slow(*arguments)
