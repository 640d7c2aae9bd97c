"""The agents' side of a simulation: shifts, breaks, offers answered or not, conversations, wrap-up."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from uuid import UUID

from routing import rules
from routing.engine import Engine
from routing.hours import Hours
from routing.simulation.arrivals import DAY_SECONDS
from routing.simulation.chance import Streams
from routing.simulation.log import Log, What
from routing.simulation.people import Call, Clock, Person
from routing.simulation.scenario import Pause, Scenario, Shift, Team
from routing.types import OFFLINE, RESTING, Expire, Offer, OpenOffer, Rest

_PERSON_IDS = 10**9
Served = Callable[[Call, Person], None]


class Desk:
    """All agents, and the engine that offers them contacts: the only one who calls it.

    Mirrors what a dispatcher does: states facts, asks for decisions, carries them out.
    """

    def __init__(self, scenario: Scenario, clock: Clock, log: Log, streams: Streams) -> None:
        self.engine = Engine(scenario.policy)
        self._hours = Hours()
        self.people: list[Person] = []
        self.present = [0] * len(scenario.teams)
        self.waiting: dict[UUID, Call] = {}
        self.completed = [0] * len(scenario.kinds)
        self.on_served: Served | None = None
        self.on_finished: Served | None = None
        self.on_presence: Callable[[int], None] | None = None
        self._clock = clock
        self._log = log
        self._by_id: dict[UUID, Person] = {}
        # Where it makes no difference, agents of several teams are alike to the engine.
        later = {name for kind in scenario.kinds for name, _ in kind.delays}
        for number, team in enumerate(scenario.teams):
            queue_ids = frozenset(scenario.queue_ids[name] for name in team.queues)
            lot = streams(f"answers/{team.name}")
            answering = team.answering.draw(streams(f"answering/{team.name}")) if team.answering else None
            for shift, pauses in _places(team):
                id = UUID(int=_PERSON_IDS + len(self.people))
                person = Person(
                    len(self.people),
                    id,
                    team,
                    number,
                    queue_ids,
                    scenario.outsourcer_ids.get(team.outsourcer or ""),
                    team.name if team.name in later else None,
                    lot.random,
                    answering,
                    dict.fromkeys(team.capacity, 0),
                    pauses,
                )
                person.is_blended = rules.has_shares(person.fact())
                self.people.append(person)
                self._by_id[id] = person
                self._plan(person, shift, scenario)

    def put(self, call: Call) -> None:
        """A contact waits; offers follow at once."""
        self.waiting[call.id] = call
        self.engine.put_contact(call.contact, self._clock.now)
        self.decide()

    def withdraw(self, call: Call) -> None:
        """The citizen is gone before anybody answered."""
        del self.waiting[call.id]
        self.engine.remove_contact(call.id)
        if call.person is not None:
            self._release(call.person, call)
            self.decide()

    def decide(self) -> None:
        """Carry out all that the engine decides now."""
        now = self._clock.now
        for decision in self.engine.decide(now):
            if isinstance(decision, Offer):
                self._offer(self.waiting[decision.contact_id], self._by_id[decision.agent_id], decision)
            elif isinstance(decision, Expire):
                self._miss(self.waiting[decision.contact_id])
            elif isinstance(decision, Rest):
                self._rest(self._by_id[decision.agent_id])

    def _offer(self, call: Call, person: Person, offer: Offer) -> None:
        now, channel = self._clock.now, call.caller.kind.channel
        person.load[channel] += 1
        if person.is_blended:
            # The engine knows; only how the time goes from here on is to be noted.
            self._hours.seen(person.fact(), now)
        call.person = person
        call.turn += 1
        team = person.team
        if person.answering is None and not team.no_answer_share and not team.decline_share:
            self._accept(call, call.turn)
            return
        self._log.add(now, What.OFFER, call.number, person.number)
        call.contact = call.contact.with_offer(OpenOffer(None, call.id, person.id, now, offer.expires_at))
        lot = person.lot()
        if lot < team.no_answer_share:
            return
        declines = lot < team.no_answer_share + team.decline_share
        answered_at = now + (person.answering() if person.answering else 0.0)
        self._clock.at(answered_at, self._decline if declines else self._accept, call, call.turn)

    def _accept(self, call: Call, turn: int) -> None:
        if call.turn != turn:
            return
        person, now = call.person, self._clock.now
        assert person is not None
        self._log.add(now, What.ACCEPT, call.number, person.number)
        del self.waiting[call.id]
        self.engine.remove_contact(call.id)
        call.is_over = True
        if person.missed:
            person.missed = 0
            self._state(person)
        if call.caller.kind.channel == "voice" and person.held:
            self._interrupt(person)
        if any(held.caller.kind.channel == "voice" for held in person.held):
            # A letter taken up while the telephone rang: it begins when the call is over.
            call.ends_at, call.ending = call.handling_seconds, self._finish
        else:
            self._continue(call, now + call.handling_seconds, self._finish)
        person.held.append(call)
        if self.on_served is not None:
            self.on_served(call, person)

    def _decline(self, call: Call, turn: int) -> None:
        if call.turn != turn:
            return
        person = call.person
        assert person is not None
        self._log.add(self._clock.now, What.DECLINE, call.number, person.number)
        declined_by = call.contact.declined_by | {person.id}
        call.contact = replace(call.contact, offer=None, declined_by=declined_by)
        self.engine.put_contact(call.contact, self._clock.now)
        self._release(person, call)
        self.decide()

    def _miss(self, call: Call) -> None:
        """The engine has taken the contact back, and the agent's load with it."""
        person = call.person
        assert person is not None
        self._log.add(self._clock.now, What.MISS, call.number, person.number)
        call.contact = call.contact.with_offer(None)
        call.person = None
        call.turn += 1
        person.load[call.caller.kind.channel] -= 1
        person.missed += 1
        self._settle(person)

    def _state(self, person: Person) -> None:
        """Tell the engine how the agent stands."""
        self.engine.put_agent(self._hours.seen(person.fact(), self._clock.now))

    def _rest(self, person: Person) -> None:
        self._leave(person, RESTING, person.team.rest_seconds)

    def _continue(self, call: Call, ends_at: float, ending: Callable[[Call, int], None]) -> None:
        call.turn += 1
        call.ends_at = ends_at
        call.ending = ending
        self._clock.at(ends_at, ending, call, call.turn)

    def _interrupt(self, person: Person) -> None:
        """Deferred work stops while the telephone is served: its end is no longer planned."""
        for call in person.held:
            call.turn += 1
            call.ends_at -= self._clock.now

    def _resume(self, person: Person) -> None:
        for call in person.held:
            assert call.ending is not None
            self._continue(call, self._clock.now + call.ends_at, call.ending)

    def _finish(self, call: Call, turn: int) -> None:
        """The conversation is over; wrap-up keeps its place on the agent's channel."""
        if call.turn != turn:
            return
        assert call.person is not None
        self._log.add(self._clock.now, What.FINISH, call.number, call.person.number, call.wrap_up_seconds)
        if self.on_finished is not None:
            self.on_finished(call, call.person)
        if call.wrap_up_seconds > 0:
            self._continue(call, self._clock.now + call.wrap_up_seconds, self._free)
        else:
            self._free(call, call.turn)

    def _free(self, call: Call, turn: int) -> None:
        if call.turn != turn:
            return
        person = call.person
        assert person is not None
        if call.wrap_up_seconds > 0:
            self._log.add(self._clock.now, What.FREE, call.number, person.number)
        person.held.remove(call)
        self.completed[call.caller.number] += 1
        if call.caller.kind.channel == "voice" and person.held:
            self._resume(person)
        person.ready_since = self._clock.now
        self._release(person, call)
        self.decide()

    def _release(self, person: Person, call: Call) -> None:
        """One contact fewer in hand."""
        call.person = None
        call.turn += 1
        person.load[call.caller.kind.channel] -= 1
        if not self._settle(person):
            self._state(person)

    def _settle(self, person: Person) -> bool:
        """Whoever meant to leave does so with their last contact. True when the engine was told."""
        if any(person.load.values()):
            return False
        if person.is_leaving:
            self._leave(person, OFFLINE, None)
        elif person.pause_due is not None and not person.away:
            self._leave(person, "paused", person.pause_due)
        else:
            return False
        return True

    def _plan(self, person: Person, shift: Shift | None, scenario: Scenario) -> None:
        if shift is None:
            self._clock.at(0.0, self._begin_shift, person)
            return
        for day in range(scenario.days):
            starts_at = day * DAY_SECONDS + shift.starts_at
            self._clock.at(starts_at, self._begin_shift, person)
            for pause in person.pauses:
                self._clock.at(starts_at + pause.after_seconds, self._pause, person, int(pause.seconds))
            self._clock.at(day * DAY_SECONDS + shift.ends_at, self._end_shift, person)

    def _begin_shift(self, person: Person, _turn: int) -> None:
        if person.away == OFFLINE:
            self._come(person, person.turn)
        else:
            person.is_leaving = False  # still at work since yesterday
            self._tell(person)

    def _end_shift(self, person: Person, _turn: int) -> None:
        if person.away != OFFLINE:
            person.is_leaving = True
            self._tell(person)

    def _pause(self, person: Person, seconds: int) -> None:
        if person.away != OFFLINE and not person.is_leaving:
            person.pause_due = seconds
            self._tell(person)

    def _tell(self, person: Person) -> None:
        if not self._settle(person):
            self._state(person)
        self.decide()

    def _leave(self, person: Person, why: str, seconds: float | None) -> None:
        if not person.away:
            self._count(person, -1)
        person.away = why
        person.pause_due = None
        person.is_leaving = False
        person.turn += 1
        self._log.add(self._clock.now, What.SIGN_OUT if why == OFFLINE else What.PAUSE, -1, person.number)
        if seconds is not None:
            self._clock.at(self._clock.now + seconds, self._come, person, person.turn)
        self._state(person)

    def _come(self, person: Person, turn: int) -> None:
        """Sign in, or come back."""
        if person.turn != turn:
            return
        self._log.add(self._clock.now, What.SIGN_IN if person.away == OFFLINE else What.BACK, -1, person.number)
        person.away = ""
        person.missed = 0
        person.turn += 1
        person.ready_since = self._clock.now
        self._count(person, 1)
        self._state(person)
        self.decide()

    def _count(self, person: Person, change: int) -> None:
        self.present[person.team_number] += change
        if self.on_presence is not None:
            self.on_presence(person.team_number)


def _places(team: Team) -> Iterator[tuple[Shift | None, tuple[Pause, ...]]]:
    """A shift for each agent of the team; breaks of one shift are spread, so that not all are away at once."""
    if not team.shifts:
        yield from ((None, ()) for _ in range(team.count))
    for shift in team.shifts:
        for number in range(shift.count):
            late = number / shift.count
            yield (
                shift,
                tuple(
                    Pause(pause.after_seconds + late * pause.spread_seconds, pause.seconds) for pause in shift.pauses
                ),
            )
