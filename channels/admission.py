"""Whether a call is let in, asked of the pool's valve while no transaction is open."""

from contact.api.context import valve_of
from contact.services.admissions import Question
from routing.admission import Admission, Put, Taken


def answer(question: Question) -> Admission:
    """What the campaign's valve says to the call."""
    valve = valve_of(question.pool_id)

    def ask(put: Put) -> Taken:
        return valve.take(
            question.campaign_id,
            str(question.call_id),
            put,
            line_id=question.line_id or question.call_id,
            planned=question.planned,
        )

    return question.answer(valve.state(question.campaign_id), ask)
