"""Each broken variant still takes away what it says: its patch finds what it breaks in the product as it is today."""

from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from inspect import Parameter, signature
from multiprocessing import get_context
from operator import attrgetter
from uuid import uuid4

import pytest

from bench.torture.broken import VARIANTS, without
from config.settings import Settings
from contact import leader, relay
from contact.leader import Leader

# What each variant puts something of its own in the place of: (module, name in it).
PATCHED = {
    "no-outbox": [("contact.services.replies", "defer")],
    "blind-retry": [("contact.services.deliveries", "unknown"), ("contact.relay", "_ORPHANS")],
    "commit-off": [],
    "check-then-insert": [
        ("contact.services.messages", "append"),
        ("contact.services.chat", "write"),
        ("contact.services.chat_line", "receive"),
        ("contact.services.replies", "reply"),
        ("contact.services.replies", "note"),
    ],
    "audit-outside": [
        ("contact.audit", "record_changes"),
        ("contact.unit_of_work", "Database.run"),
        ("contact.services.chat_line", "receive"),
    ],
    "unfenced": [
        ("contact.dispatcher", "_renew"),
        ("contact.leader", "_HOLD"),
        ("contact.leader", "_HOLD_AND_LOOK"),
    ],
}


class Asked(Exception):
    """A leader has opened its transaction; the statement is its argument."""


class Watched(Leader):
    """Tells with which statement each of its transactions would be opened."""

    @contextmanager
    def _fenced(self, opening):
        raise Asked(str(opening))
        yield


def openings():
    """The opening statements of a leader's three kinds of transaction."""
    one = Watched(None, Settings(), uuid4(), 1)
    found = []
    for act in (one.rebuild, one.step, one.sweep):
        with pytest.raises(Asked) as asked:
            act()
        found.append(str(asked.value))
    return found


def call_of(function):
    """Arguments as any caller may give them: every one the function names, and an id where it takes whatever comes."""
    told = signature(function).parameters.values()
    by_place = [one.name for one in told if one.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)]
    by_name = {one.name: None for one in told if one.kind is Parameter.KEYWORD_ONLY}
    return by_place, by_name | ({"message_id": None} if any(one.kind is Parameter.VAR_KEYWORD for one in told) else {})


def applied(variant):
    """Apply the patch in this process: what is as before, which stand-ins cannot be called alike, what is asked."""
    places = {f"{module}.{name}": (import_module(module), attrgetter(name)) for module, name in PATCHED[variant]}
    before = {path: get(module) for path, (module, get) in places.items()}
    VARIANTS[variant].patch()
    as_before, unlike = [], []
    for path, (module, get) in places.items():
        after = get(module)
        if after is before[path] or (not callable(after) and str(after) == str(before[path])):
            as_before.append(path)
        elif callable(after):
            by_place, by_name = call_of(before[path])
            try:
                signature(after).bind(*by_place, **by_name)
            except TypeError as fault:
                unlike.append(f"{path}: {fault}")
    from contact.services import chat_line

    return as_before, unlike, openings(), str(relay._ORPHANS), chat_line.receive.__name__


@cache
def after(variant):
    """What `applied` tells of a variant, which breaks a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(applied, variant).result(timeout=120)


@pytest.mark.parametrize("variant", VARIANTS)
def test_everything_named_is_replaced(variant):
    """All that a variant breaks is another thing afterwards, and can be called as the product calls it."""
    as_before, unlike, *_ = after(variant)

    assert as_before == []
    assert unlike == []
    assert PATCHED[variant] or VARIANTS[variant].statements


def test_no_epoch_is_asked_for():
    """Unfenced, none of a leader's transactions asks for its epoch; in the product each does."""
    assert all(":epoch" in opening for opening in openings())
    assert not any("epoch" in opening for opening in after("unfenced")[2])


def test_an_orphan_is_due_again():
    """With blind retries a claimed row without a result becomes due; in the product proof is looked for."""
    assert "SET state = 'looking_up'" in str(relay._ORPHANS)
    assert "SET state = 'due'" in after("blind-retry")[3]


@pytest.mark.parametrize("variant", ["check-then-insert", "audit-outside"])
def test_no_message_goes_around(variant):
    """The one statement for ordinary chat messages is gone: they too go the way that is broken."""
    assert after(variant)[4] == "declined"


def test_nothing_to_break():
    """A piece of a statement that is not there is no patch: it fails, and does not pass for one."""
    assert without(str(leader._HOLD), "AND epoch = :epoch ") != str(leader._HOLD)
    with pytest.raises(ValueError, match="nothing to break"):
        without("SELECT 1", "FOR SHARE")
