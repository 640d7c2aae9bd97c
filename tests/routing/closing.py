"""The end of every random run: agents come back and finish their work, and then nobody may wait for ever."""

from dataclasses import replace

from routing.types import Need
from tests.routing.build import OTHER_QUEUE, QUEUE, agent, contact

GROUPS = {"voice": "voice", "chat": "chat"}
ROUND_SECONDS = 31.0  # longer than any step, curtain or pause after a refusal
WORK_SECONDS = {"voice": 27.0, "chat": 9.0, "deferred": 3.0}


class Closing:
    """What a machine of random traffic does at last; it keeps `agents`, `contacts`, `engine` and `now`."""

    def teardown(self):
        """From whatever state was reached, nobody waits for ever.

        Whoever rests or pauses comes back, all that is offered is accepted, all work is finished. Everybody refuses
        once what they are offered next, and no more. Then, though as many
        new calls come as there are agents, calls, chats and letters are all offered; those that stay are named as what
        nobody can ever serve, and are offered as soon as somebody comes who can.
        """
        self.come_back()
        self.decide(None)
        for contact_id in self.offered:
            self.refuse(contact_id, agent_first=True)
        spared = {c.id for c in self.contacts.values() if not self.is_owed_time(c)}
        self.work_off(set(self.contacts) - spared, with_new_calls=True)
        self.work_off(set(self.contacts))
        self.decide(None)
        assert set(self.contacts) == {id for alarm in self.engine.unserved(self.now) for id in alarm.contact_ids}
        languages, skills = ("fr", "en", "de"), {"tax": 5, "housing": 5}
        queues, capacity = frozenset({QUEUE, OTHER_QUEUE}), dict.fromkeys(("voice", "chat", "sms", "email"), 1)
        self.tell_agent(agent(99, languages=languages, queues=queues, capacity=capacity, **skills))
        self.work_off(set(self.contacts))
        assert self.contacts == {}

    def come_back(self):
        """Everybody is ready; whatever is offered they accept."""
        for known in list(self.agents.values()):
            self.tell_agent(replace(known, is_ready=True, state="ready", missed=0))
        for taken in [c for c in self.contacts.values() if c.offer is not None]:
            self.take(taken, taken.offer.agent_id)
        self.finish_all()

    def is_owed_time(self, waiting):
        """Some agent has time for it whatever else comes, if need be who refused it; not who was set to have none."""
        able = [known for known in self.agents.values() if self.could_serve(waiting, known, float("inf"))]
        group = GROUPS.get(waiting.channel, "deferred")
        return any(known.shares.get(group, 1.0) > 0 for known in able)

    def work_off(self, old, *, with_new_calls=False):
        """Rounds in which all that is offered is served, until of the *old* only those stay whom nobody can serve."""
        rounds_max = (10 * len(old) if with_new_calls else len(old)) + 10
        for _ in range(rounds_max):
            self.now += ROUND_SECONDS
            new = [self.new_call(number) for number in range(len(self.agents) if with_new_calls else 0)]
            self.decide(None)
            for taken in [c for c in self.contacts.values() if c.offer is not None]:
                self.take(taken, taken.offer.agent_id)
            for one in new:
                if self.contacts.pop(one, None) is not None:
                    self.engine.remove_contact(one)
            self.finish_all()
            left = [c for id, c in self.contacts.items() if id in old and self.has_hope(c)]
            if not left:
                return
        raise AssertionError(f"{len(left)} of {len(old)} still wait after {rounds_max} rounds: {left[0]}")

    def new_call(self, number):
        """One that everybody may serve who takes calls, with some priority; it hangs up at the end of the round."""
        call = contact(1_000_000 + number, Need("voice", None), at=self.now, priority=number % 3)
        self.tell_contact(call)
        return call.id

    def take(self, taken, agent_id):
        """Accepted; it uses up its place."""
        del self.contacts[taken.id]
        self.engine.remove_contact(taken.id)
        if agent_id in self.agents:
            known = self.held(agent_id, taken.channel, 0)
            group = GROUPS.get(taken.channel, "deferred")
            spent = known.worked.get(group, 0.0) + WORK_SECONDS[group]
            self.agents[agent_id] = replace(known, worked={**known.worked, group: spent})
        if taken.place is not None and not taken.place.is_used:
            self.use_up(taken.place)

    def finish_all(self):
        """All work ends."""
        for known in list(self.agents.values()):
            self.tell_agent(replace(known, load={}, ready_since=self.now))
