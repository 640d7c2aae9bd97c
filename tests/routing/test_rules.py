"""Each rule on its own, and the interruption matrix as data."""

import pytest

from routing import rules
from routing.engine import Engine
from routing.types import ContactClass, Failing
from tests.routing.build import OTHER_QUEUE, QUEUE, agent, contact, need


def asks(*needs, channel="voice", hidden_from=frozenset()):
    return ContactClass(QUEUE, channel, needs or (need(channel=channel),), hidden_from)


class TestWhoMayServe:
    def test_a_skill_at_its_level_is_enough(self):
        """Level 3 satisfies a need of 3."""
        assert rules.has_skills(need(tax=3), agent(1, tax=3)) is None

    @pytest.mark.parametrize(("skills", "level"), [({"tax": 2}, 2), ({"housing": 5}, 0)])
    def test_a_skill_below_its_level_is_told_with_both_levels(self, skills, level):
        """The account of a failure gives what was asked and what is there."""
        failing = rules.has_skills(need(tax=3), agent(1, **skills))

        assert failing == Failing("skill", {"skill": "tax", "asked": 3, "level": level})

    def test_every_skill_asked_for_is_needed(self):
        """Skills of one step are joined by AND."""
        failing = rules.has_skills(need(tax=1, housing=2), agent(1, tax=5))

        assert failing is not None
        assert failing.facts["skill"] == "housing"

    def test_language_is_spoken_or_not_asked(self):
        """A need without language suits everyone."""
        assert rules.speaks(need(language="en"), agent(1)).code == "language"
        assert rules.speaks(need(language=None), agent(1)) is None

    def test_queue_must_be_given(self):
        """An agent serves the queues they were given and no other."""
        assert rules.serves_queue(asks(), need(), agent(1, queues=frozenset({OTHER_QUEUE}))).code == "queue"
        assert rules.serves_queue(asks(), need(), agent(1)) is None

    def test_channel_without_capacity_is_off(self):
        """Capacity 0 is not a full agent but one who never takes the channel."""
        assert rules.takes_channel(need(), agent(1, capacity={"chat": 3})).code == "channel_off"

    def test_one_reached_step_is_enough(self):
        """The pool is the union of the steps reached."""
        both = asks(need(tax=3), need(language="en"))

        assert rules.meets_a_need(both, agent(1, tax=3)) is None
        assert rules.meets_a_need(both, agent(1, languages=("en",))) is None

    def test_steps_are_not_mixed(self):
        """Half of one step and half of another is nothing: the failure told is the widest step's."""
        both = asks(need(tax=3), need(language="en", housing=1))

        assert rules.meets_a_need(both, agent(1, languages=("en",), tax=3)).facts["skill"] == "housing"

    def test_not_ready_tells_the_state(self):
        """Who rests is told apart from who pauses."""
        assert rules.is_ready("voice", agent(1, is_ready=False, state="resting")).facts == {"state": "resting"}

    def test_declined_hides_it_from_that_agent_only(self):
        """A refusal is personal."""
        hidden = asks(hidden_from=frozenset({agent(1).id}))

        assert rules.not_declined(hidden, agent(1)).code == "declined"
        assert rules.not_declined(hidden, agent(2)) is None


class TestRoom:
    @pytest.mark.parametrize(
        ("held", "channel", "has_room"),
        [
            ("voice", "voice", False),
            ("voice", "chat", False),
            ("voice", "sms", False),
            ("voice", "email", False),
            ("chat", "voice", False),
            ("chat", "chat", True),
            ("chat", "sms", True),
            ("chat", "email", True),
            ("sms", "voice", True),
            ("sms", "chat", True),
            ("sms", "email", True),
            ("email", "voice", True),
            ("email", "chat", True),
            ("email", "sms", True),
        ],
    )
    def test_interruption_matrix(self, held, channel, has_room):
        """A call is alone among live channels and nothing begins during it; deferred work gives way to live."""
        busy = agent(1, load={held: 1}, capacity={"voice": 2, "chat": 3, "sms": 3, "email": 3})

        assert (rules.has_room(channel, busy) is None) is has_room

    def test_full_is_full(self):
        """Chats go together up to the capacity."""
        assert rules.has_room("chat", agent(1, load={"chat": 2})) is None
        assert rules.has_room("chat", agent(1, load={"chat": 3})).code == "no_room"

    def test_capacity_lowered_below_what_is_held(self):
        """Nothing more, and no error, when less is allowed than is in hand."""
        assert rules.has_room("chat", agent(1, load={"chat": 3}, capacity={"chat": 1})).code == "no_room"


class TestSkillSurplus:
    @pytest.mark.parametrize(
        ("skills", "surplus"),
        [({"tax": 1}, 0.0), ({"tax": 5}, 1.0), ({"tax": 1, "housing": 4}, 1.0), ({"tax": 3}, 0.5)],
    )
    def test_scale(self, skills, surplus):
        """0.0 is exactly enough, 1.0 four levels too many; what was not asked for counts as well."""
        assert rules.skill_surplus(need(tax=1), agent(1, **skills)) == surplus

    def test_the_closest_step_counts(self):
        """Among the steps reached the surplus is taken against the one the agent fits best."""
        both = asks(need(tax=3), need(language="fr"))

        fit = rules.fit(both, agent(1, tax=4))

        assert dict(zip((rule.__name__ for rule in rules.FIT_ORDER), fit, strict=True))["skill_surplus"] == 0.25

    def test_no_fit_when_not_eligible(self):
        """A profile that may not serve the class has no fit at all."""
        assert rules.fit(asks(need(tax=3)), agent(1)) is None


@pytest.mark.parametrize("other", rules.GROUPS)
@pytest.mark.parametrize("channel", rules.GROUPS)
def test_in_front_is_who_is_offered_instead(other, channel):
    """For every two channels, the rule that waits are expected by is what the engine does when an agent is free."""
    engine = Engine()
    engine.put_contact(contact(1, channel=other, at=0), 9)
    engine.put_contact(contact(2, channel=channel, at=9), 9)
    engine.put_agent(agent(1, capacity=dict.fromkeys(rules.GROUPS, 1)))

    offered = {one.contact_id for one in engine.decide(9)}

    assert rules.is_in_front(other, channel) is (contact(2).id not in offered)
