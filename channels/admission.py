"""Whether a call is let in, asked of the pool's valve while no transaction is open."""

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from contact.api.context import house
from contact.services.admissions import Question
from contact.valve import SharedValve
from routing.admission import Admission, Put, Taken

# A caller waits for the answer. Without one this process answers by itself.
TIMEOUT_SECONDS = 0.2


def answer(question: Question) -> Admission:
    """What the campaign's valve says to the call."""
    valve = _valve(question)

    def ask(put: Put) -> Taken:
        return valve.take(
            question.campaign_id,
            str(question.call_id),
            put,
            line_id=question.line_id or question.call_id,
            planned=question.planned,
        )

    return question.answer(valve.state(question.campaign_id), ask)


def _valve(question: Question) -> SharedValve:
    """This process's end of the pool's valve, made the first time."""
    valves, settings = house().valves, house().settings
    if question.pool_id not in valves:
        times = {"socket_timeout": TIMEOUT_SECONDS, "socket_connect_timeout": TIMEOUT_SECONDS}
        store = redis.Redis.from_url(settings.redis_url or "", retry=Retry(NoBackoff(), 0), **times)
        valves[question.pool_id] = SharedValve(store, question.pool_id, settings.web_processes)
    return valves[question.pool_id]
