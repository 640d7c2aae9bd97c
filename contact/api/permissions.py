"""What each role may do. Every route declares one permission, or is on the frozen list of public ones."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from contact.api.context import signed_in
from contact.domain.errors import Forbidden
from contact.domain.vocabulary import Role

View = TypeVar("View", bound=Callable[..., Any])

_EVERYONE = {"account.own"}
_TICKETS = {"tickets.read", "tickets.write", "campaigns.work"}

PERMISSIONS: dict[str, frozenset[str]] = {
    Role.AGENT: frozenset(_EVERYONE | _TICKETS | {"work.own"}),
    Role.SUPERVISOR: frozenset(_EVERYONE | _TICKETS | {"people.supervise", "valve.override"}),
    Role.ADMINISTRATOR: frozenset(_EVERYONE | {"campaigns.read", "campaigns.manage", "grants.manage"}),
    Role.OPERATOR: frozenset(_EVERYONE | {"platform.read"}),
}


def permission(name: str) -> Callable[[View], View]:
    """The view asks for *name* of the signed-in account's role.

    Raises (in the view):
        NotSignedIn, Forbidden.
    """

    def declare(view: View) -> View:
        @wraps(view)
        def checked(*arguments: Any, **named: Any) -> Any:
            if name not in PERMISSIONS[signed_in().role]:
                raise Forbidden(permission=name)
            return view(*arguments, **named)

        checked.permission = name  # type: ignore[attr-defined]
        return checked  # type: ignore[return-value]

    return declare


def public(view: View) -> View:
    """The view is for anyone, signed in or not."""
    view.permission = "public"  # type: ignore[attr-defined]
    return view
