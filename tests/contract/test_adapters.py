"""Each registered adapter, against what stands for its provider here: every way in which sending and asking may end."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations
from typing import Any
from uuid import UUID, uuid4

import pytest

from channels import registry
from channels.base import (
    BadSignature,
    FileRefused,
    OutcomeUnknown,
    SendFailed,
    SendRejected,
    UnknownStep,
)
from channels.effects import EFFECTS
from config.settings import Settings
from contact.domain.outgoing import Outgoing
from contact.domain.vocabulary import Channel
from tests.contract.counterparts import COUNTERPARTS, Counterpart, Signed, standing

WORDS = (Channel.SMS, Channel.EMAIL)
# Those by whose door somebody asks us.
WITH_A_DOOR = pytest.mark.parametrize("there", sorted(registry.PROVIDERS), indirect=True, scope="module")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(1000)


@pytest.fixture(scope="module", params=sorted(registry.ADAPTERS))
def there(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The adapter's counterpart."""
    with standing(request.param, tmp_path_factory.mktemp(request.param)) as made:
        yield made
        made.fault(None)


@pytest.fixture
def calm(there: Counterpart) -> Iterator[Counterpart]:
    """Without a fault, before and after."""
    there.fault(None)
    yield there
    there.fault(None)


@pytest.fixture
def signed(calm: Counterpart) -> Signed:
    """One with a door."""
    return calm


def message(there: Counterpart, **changes: Any) -> Outgoing:
    """One that nobody has sent before, by the first channel of words that the adapter has."""
    channel = next(one for one in WORDS if one in there.adapter.capabilities())
    made = Outgoing(
        f"{uuid4().hex}-1", channel, there.number, "+33612345678", f"Réponse {uuid4().hex}", "fr", datetime.now(UTC),
        UUID(int=1),
    )  # fmt: skip
    return replace(made, **changes)


def test_each_has_its_counterpart():
    """An adapter that is registered is held to these promises, or is missing here by name."""
    assert set(registry.ADAPTERS) == set(COUNTERPARTS)
    assert set(registry.PROVIDERS) <= set(registry.ADAPTERS)


def test_it_is_named_as_it_is_registered(calm: Counterpart):
    """Receipts are kept under that name; its channels are ours; without a door nothing comes back by it."""
    assert registry.ADAPTERS[calm.adapter.name] is type(calm.adapter)
    can = calm.adapter.capabilities()
    assert set(can) <= set(Channel)
    if calm.adapter.name not in registry.PROVIDERS:
        assert not any(one.two_way or one.receipts or one.media for one in can.values())


def test_what_is_taken_is_found(calm: Counterpart):
    """Sent once, under the provider's id, and the look-up of its attempt finds the same."""
    sent = message(calm)

    receipt = calm.adapter.send(sent)

    assert receipt.provider == calm.adapter.name
    assert calm.taken().count(sent.body) == 1
    assert calm.adapter.look_up(sent) == [receipt]


@pytest.mark.parametrize("fault", ["drop", "500-taken"])
def test_taken_without_an_answer(calm: Counterpart, fault: str):
    """Whether it was taken is open, never "certainly not"; the look-up is the proof, and nothing was sent by it."""
    sent = message(calm)
    calm.fault(fault)

    with pytest.raises(OutcomeUnknown):
        calm.adapter.send(sent)

    calm.fault(None)
    assert [one.provider for one in calm.adapter.look_up(sent)] == [calm.adapter.name]
    assert calm.taken().count(sent.body) == 1


@pytest.mark.parametrize(("fault", "ends"), [("429", SendFailed), ("500", OutcomeUnknown)])
def test_not_taken(calm: Counterpart, fault: str, ends: type[Exception]):
    """Only what is certain is told as certain; a second try is then the first that arrives."""
    sent = message(calm)
    calm.fault(fault)

    with pytest.raises(ends):
        calm.adapter.send(sent)

    calm.fault(None)
    assert calm.adapter.look_up(sent) == []
    calm.adapter.send(sent)
    assert calm.taken().count(sent.body) == 1


def test_a_look_up_without_an_answer(calm: Counterpart):
    """Not to be able to ask is not to have found nothing."""
    sent = message(calm)
    calm.adapter.send(sent)

    with pytest.raises(SendFailed):
        calm.away.look_up(sent)
    assert calm.taken().count(sent.body) == 1


def test_nobody_there(calm: Counterpart):
    """What never left may be sent again."""
    with pytest.raises(SendFailed):
        calm.away.send(message(calm))


def test_the_oldest_first(calm: Counterpart):
    """Of several alike, the one that this attempt may have been is found in the order in which they were taken."""
    first = message(calm)
    second = replace(first, attempt_id=f"{uuid4().hex}-1", since=datetime.now(UTC))

    receipts = [calm.adapter.send(one) for one in (first, first, second)]

    for attempt, its_own in ((first, receipts[:2]), (second, receipts[2:])):
        found = calm.adapter.look_up(attempt)
        assert set(its_own) <= set(found)
        assert [one for one in receipts if one in found] == found


def test_too_long_is_refused_for_good(calm: Counterpart):
    """By a code, without a citizen's words; what fits is taken."""
    most = calm.adapter.capabilities()[message(calm).channel].max_chars
    calm.adapter.send(message(calm, body="é" * (most or 20_000)))
    if most is None:
        return

    with pytest.raises(SendRejected) as refused:
        calm.adapter.send(message(calm, body="é" * (most + 1)))

    assert str(refused.value).isdecimal()


@WITH_A_DOOR
def test_who_signs_comes_in(signed: Signed):
    """Each kind of request is understood as what somebody sees to; asked again, it is the same that happened."""
    events = []
    for request in signed.requests():
        signed.adapter.verify(request)
        events.append(signed.adapter.parse(request))
        again = signed.adapter.parse(request)
        assert (again.dedupe_key, again.provider_id, again.token) == (
            events[-1].dedupe_key,
            events[-1].provider_id,
            events[-1].token,
        )
    assert {one.kind for one in events} <= set(EFFECTS)
    assert {one.channel for one in events} <= set(signed.adapter.capabilities())
    assert not [pair for pair in combinations([one.dedupe_key for one in events], 2) if len(set(pair)) == 1]


@WITH_A_DOOR
def test_who_does_not_sign_stays_out(signed: Signed):
    """Missing, empty, wrong, another account's, another address, another body, rubbish: one refusal, and no fault."""
    for request in signed.requests():
        for forged in signed.forged(request):
            with pytest.raises(BadSignature):
                signed.adapter.verify(forged)


@WITH_A_DOOR
def test_what_nobody_knows(signed: Signed):
    """A genuine request about nothing that we know."""
    for request in signed.requests():
        for odd in (replace(request, step="nothing"), replace(request, step=""), replace(request, channel="pigeon")):
            with pytest.raises(UnknownStep):
                signed.adapter.parse(odd)


@WITH_A_DOOR
def test_what_comes_along_is_fetched(signed: Signed):
    """From the provider alone, and deleted there once it is here; twice deleted is deleted. Nothing from elsewhere."""
    with pytest.raises(FileRefused):
        signed.adapter.fetch("http://169.254.169.254/latest/meta-data")
    address = signed.brings(PNG)
    if not any(one.media for one in signed.adapter.capabilities().values()):
        assert address is None
        return
    assert signed.adapter.fetch(address) == PNG

    for _ in range(2):
        signed.adapter.forget(address)

    with pytest.raises(FileRefused):
        signed.adapter.fetch(address)
    with pytest.raises(SendFailed):
        signed.away.fetch(address)


def test_a_chat_needs_no_adapter():
    """Its replies are sent once they are committed; a channel without account and ledger is off."""
    assert [registry.adapter(Settings(), channel, None) for channel in Channel] == [None] * len(Channel)
