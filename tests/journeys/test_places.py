"""A citizen's place in the queue: kept for who comes back, shared by the channels of one matter, used once."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select, update

from config.settings import Settings
from contact.domain.errors import OfferGone
from contact.domain.vocabulary import Channel, ContactState
from contact.leader import Leader
from contact.models import Contact, ContactPoint, Interaction, Outbox, Place, Presence, Queue, Ticket
from contact.models.base import LOCK
from contact.scope import Scope
from contact.services import assignments, places, queueing
from contact.unit_of_work import Database
from tests.people import Citizen, Staff, leader, told


@pytest.fixture
def lead(engine_database: Database, settings: Settings) -> Leader:
    return leader(engine_database, settings)


class House:
    """What another channel does to the ticket of a chat, in its administration."""

    def __init__(self, database: Database, citizen: Citizen) -> None:
        self.database = database
        self.number = citizen.conversation()["ticket_number"]
        with database.engine.connect() as connection:
            found = connection.exec_driver_sql(
                "SELECT tenant_id FROM endpoint_by_address('chat', %s)", (citizen.base.rsplit("/", 1)[1],)
            )
            self.tenant_id = found.scalar_one()

    def run(self, work: Callable[[Any], Any]) -> Any:
        return self.database.run(Scope(action="test", tenant_id=self.tenant_id), work)

    def enqueue(self, channel: Channel = Channel.VOICE) -> Contact:
        """One more contact of the same matter."""

        def work(session: Any) -> Contact:
            ticket = session.scalars(select(Ticket).where(Ticket.number == self.number).with_for_update(**LOCK)).one()
            chat = session.scalars(select(Interaction).where(Interaction.ticket_id == ticket.id)).first()
            phone = ContactPoint(tenant_id=self.tenant_id, point_kind="phone", value=str(uuid4()))
            session.add(phone)
            session.flush()
            interaction = Interaction(
                tenant_id=self.tenant_id,
                ticket_id=ticket.id,
                endpoint_id=chat.endpoint_id,
                contact_point_id=phone.id,
                channel=channel,
            )
            session.add(interaction)
            session.flush()
            return queueing.enqueue(session, ticket, interaction)

        return self.run(work)

    def contacts(self) -> list[Contact]:
        """Of the matter, in the order in which they were made."""
        query = select(Contact).join(Ticket, Ticket.id == Contact.ticket_id).where(Ticket.number == self.number)
        return self.run(lambda session: list(session.scalars(query.order_by(Contact.created_at))))

    def age(self, seconds: float) -> None:
        """What waits for the matter came earlier than it did."""

        def work(session: Any) -> None:
            for contact in session.scalars(
                select(Contact).join(Ticket, Ticket.id == Contact.ticket_id).where(Ticket.number == self.number)
            ):
                contact.enqueued_at -= timedelta(seconds=seconds)
                contact.key_at -= timedelta(seconds=seconds)

        self.run(work)

    def use(self, contact_id: UUID) -> None:
        """The contact is answered."""
        self.run(lambda session: places.use(session, session.get_one(Contact, contact_id, with_for_update=LOCK)))

    def place(self) -> Place:
        return self.run(lambda session: session.scalars(select(Place)).one())


def waiting(app: Flask, database: Database) -> tuple[Citizen, House]:
    citizen = Citizen(app)
    citizen.start("Bonjour")
    house = House(database, citizen)
    house.age(600)
    return citizen, house


class TestReturning:
    def test_who_left_and_writes_again_stands_where_they_stood(self, app: Flask, database: Database):
        """Before somebody who came meanwhile, and is told so."""
        citizen, house = waiting(app, database)
        citizen.end()
        later = Citizen(app)
        later.start("Moi aussi")
        assert later.conversation()["position"] == 1

        citizen.say("Me revoilà")

        assert (citizen.conversation()["position"], later.conversation()["position"]) == (1, 2)
        before, after = house.contacts()
        assert (before.state, after.enqueued_at) == (ContactState.ABANDONED, before.enqueued_at)
        assert "place_kept" in [one["code"] for one in citizen.messages()]

    def test_a_new_matter_on_the_same_topic(self, app: Flask, database: Database):
        """Who begins anew in the same browser instead of going on has not lost it either."""
        citizen, house = waiting(app, database)
        (before,) = house.contacts()
        citizen.end()

        citizen.start("Je recommence")

        assert House(database, citizen).contacts()[0].enqueued_at == before.enqueued_at

    def test_another_topic_has_a_place_of_its_own(self, app: Flask, database: Database):
        """Waiting for one thing is no claim to another."""
        citizen, _ = waiting(app, database)
        citizen.end()

        citizen.start("Autre chose", topic_id=citizen.topic(1))

        assert House(database, citizen).contacts()[0].place_id is None

    def test_not_for_ever(self, app: Flask, database: Database):
        """After the queue's own time, who comes back begins at the end."""
        citizen, house = waiting(app, database)
        # They came 600 seconds ago.
        house.run(lambda session: session.execute(update(Queue).values(place_seconds=599)))
        citizen.end()

        citizen.say("Une seconde trop tard")

        before, after = house.contacts()
        assert after.enqueued_at - before.enqueued_at > timedelta(seconds=600)

    def test_where_no_places_are_kept(self, app: Flask, database: Database):
        """A queue may be set to keep none."""
        citizen, house = waiting(app, database)
        house.run(lambda session: session.execute(update(Queue).values(place_seconds=0)))
        citizen.end()

        citizen.say("Me revoilà")

        assert [one.place_id for one in house.contacts()] == [None, None]

    def test_used_once(self, app: Flask, lead: Leader, database: Database):
        """Who came back and was answered has used it; the next time they begin anew."""
        citizen, house = waiting(app, database)
        citizen.end()
        citizen.say("Me revoilà")
        amelie = Staff(app, "amelie@accueil.example")
        amelie.ready()
        lead.step()
        amelie.accept()
        citizen.end()

        citizen.say("Encore moi")

        first, second, third = house.contacts()
        assert house.place().served_by == second.id
        assert (first.place_id, third.place_id) == (second.place_id, None)
        assert third.enqueued_at > second.enqueued_at

    def test_two_matters_never_stand_at_one_place(self, app: Flask, database: Database):
        """Being answered on one must not end the other: it has words that nobody has read."""
        citizen, house = waiting(app, database)
        citizen.end()
        citizen.start("Je recommence")
        again = House(database, citizen)

        def other_matter(session: Any) -> Any:
            ticket = session.scalars(select(Ticket).where(Ticket.number == house.number)).one()
            return places.find(session, ticket)

        assert again.contacts()[0].place_id is not None
        assert house.run(other_matter) is None

    def test_one_that_is_to_be_served_later(self, app: Flask, database: Database):
        """Whoever is sent to another channel gets a place from now, and finds it from there."""
        citizen, house = waiting(app, database)
        citizen.end()

        def found(session: Any) -> Any:
            ticket = session.scalars(select(Ticket).where(Ticket.number == house.number)).one()
            return places.find_or_open(session, ticket)

        assert house.run(found).id == house.place().id
        house.run(lambda session: session.execute(update(Place).values(expires_at=Place.arrived_at)))
        fresh = house.run(found)
        assert house.run(found).id == fresh.id
        assert fresh.expires_at - fresh.arrived_at == timedelta(hours=4)


class TestShared:
    def test_first_served_uses_it_up(self, app: Flask, lead: Leader, database: Database):
        """A call and a chat of one matter are offered one at a time; the other is rescinded, and its citizen told."""
        citizen, house = waiting(app, database)
        call = house.enqueue()
        chat = house.contacts()[0]
        assert (call.enqueued_at, call.place_id) == (chat.enqueued_at, chat.place_id)
        amelie, elise = Staff(app, "amelie@accueil.example"), Staff(app, "elise@accueil.example")
        amelie.ready()
        elise.ready()
        lead.step()
        assert len(amelie.offers()) + len(elise.offers()) == 1
        taker = amelie if amelie.offers() else elise

        taker.accept()
        lead.step()

        served, other = sorted(house.contacts(), key=lambda one: one.state != ContactState.ASSIGNED)
        assert (served.state, other.state) == (ContactState.ASSIGNED, ContactState.RESCINDED)
        assert house.place().served_by == served.id
        assert amelie.offers() + elise.offers() == []
        work = house.run(lambda s: s.scalars(select(Outbox).where(Outbox.topic == "work.rescinded")).all())
        assert [one.ids for one in work] == [{"contact_id": str(other.id)}]
        house.run(lambda session: places.tell_rescinded(session, other.id))
        house.run(lambda session: places.tell_rescinded(session, other.id))
        assert [one["code"] for one in citizen.messages()].count("served_elsewhere") == (other.channel == "chat")

    def test_an_offer_of_the_other_is_withdrawn(self, app: Flask, lead: Leader, database: Database):
        """Two pools may offer both at once: the second accept finds it gone, its agent has room again."""
        _, house = waiting(app, database)
        amelie = Staff(app, "amelie@accueil.example")
        amelie.ready()
        lead.step()
        (offer,) = amelie.offers()
        other = house.enqueue()
        house.use(other.id)

        answer = amelie.send("POST", f"/offers/{offer['id']}/accept")
        assert told(answer, 409)["error"]["code"] == OfferGone.code
        lead.step()

        assert amelie.offers() == []
        assert [one.state for one in house.contacts()] == [ContactState.RESCINDED, ContactState.WAITING]
        presence = house.run(lambda session: session.get_one(Presence, amelie.id))
        assert (presence.load_chat, presence.load_voice) == (0, 0)

    def test_two_accept_at_the_same_moment(self, app: Flask, lead: Leader, database: Database):
        """One of them has it: a place is used once whatever the timing."""
        _, house = waiting(app, database)
        other = house.enqueue()
        (chat, _) = house.contacts()
        outcomes: list[str] = []

        def use(contact_id: Any) -> None:
            try:
                house.use(contact_id)
                outcomes.append("used")
            except OfferGone:
                outcomes.append("gone")

        threads = [threading.Thread(target=use, args=(one,)) for one in (chat.id, other.id)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)

        assert sorted(outcomes) == ["gone", "used"]

    def test_who_could_not_be_served_has_it_back(self, app: Flask, lead: Leader, database: Database):
        """The agent was lost: what waits is not rescinded, its place is as it was."""
        _, house = waiting(app, database)
        amelie = Staff(app, "amelie@accueil.example")
        amelie.ready()
        house.enqueue(Channel.CHAT)
        lead.step()
        work = amelie.accept()
        assert house.place().served_by is not None

        served = next(one for one in house.contacts() if one.state == ContactState.ASSIGNED)
        house.run(lambda session: assignments.give_back(session, served.id, UUID(work["id"])))
        lead.step()

        assert house.place().served_by is None
        assert ContactState.RESCINDED not in [one.state for one in house.contacts()]

    def test_passed_on_it_stays_used(self, app: Flask, lead: Leader, database: Database):
        """A transfer keeps the arrival and rescinds nothing of its own."""
        _, house = waiting(app, database)
        amelie, elise = Staff(app, "amelie@accueil.example"), Staff(app, "elise@accueil.example")
        amelie.ready()
        house.enqueue(Channel.CHAT)
        lead.step()
        work = amelie.accept()
        told(amelie.send("POST", f"/assignments/{work['id']}/transfer", {"skill": "income-tax"}), 204)
        elise.ready()
        lead.step()
        lead.step()

        states = sorted(one.state for one in house.contacts())
        assert states == [ContactState.OFFERED, ContactState.RESCINDED]
        assert len(elise.offers()) == 1

    def test_a_letter_does_not_share(self, app: Flask, database: Database):
        """Whoever is on the line, what was written is answered by itself."""
        _, house = waiting(app, database)

        letter = house.enqueue(Channel.EMAIL)

        assert letter.place_id is None
        assert house.contacts()[0].place_id is None

    def test_everything_else_of_the_matter_waits_on(self, app: Flask, database: Database):
        """One of two hangs up: the other keeps the place."""
        citizen, house = waiting(app, database)
        call = house.enqueue()
        citizen.end()

        chat, other = house.contacts()
        assert (chat.state, other.id, other.state) == (ContactState.ABANDONED, call.id, ContactState.WAITING)
        assert house.place().served_by is None
