"""The one wiring table: outbox topic -> queue, job, how often it may be tried."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """Where a row of this topic goes. *job* is named as a string: configuration imports nothing of the product.

    *attempts* is how often it may be tried before its row ends in a named state that someone sees. What *leaves* the
    house is never done again where nobody knows whether it was done.
    """

    queue: str
    job: str
    attempts: int = 8
    leaves: bool = False


TOPICS: dict[str, Topic] = {
    "sms.deliver": Topic("delivery", "channels.delivery.deliver", leaves=True),
    "email.deliver": Topic("delivery", "channels.delivery.deliver", leaves=True),
    "carrier.event": Topic("default", "channels.jobs.see_to_event"),
    # Call control has a queue of its own, never behind bulk messages.
    "voice.steer": Topic("calls", "channels.calling.steer"),
    "voice.drop": Topic("calls", "channels.calling.drop"),
    "voice.dial": Topic("calls", "channels.calling.dial", attempts=3, leaves=True),
    "voice.dial_in": Topic("calls", "channels.calling.not_dialled_in"),
    "voice.meet": Topic("calls", "channels.calling.meet"),
    "voice.look": Topic("calls", "channels.calling.look_at_desk"),
    "voice.catch_up": Topic("default", "channels.catching_up.catch_up"),
    "voice.recording": Topic("default", "channels.calling.fetch_recording"),
    "chat.silence": Topic("default", "contact.jobs.look_at_silence"),
    "sms.media": Topic("default", "channels.media.fetch"),
    "sms.choice": Topic("default", "contact.jobs.settle_choice"),
    "routing.reorder": Topic("default", "contact.jobs.reorder"),
    "work.give_back": Topic("default", "contact.jobs.give_back"),
    "work.rescinded": Topic("default", "contact.jobs.tell_rescinded"),
    # Seconds of a processor each: nothing that a citizen waits for stands behind it, so nobody measures this queue.
    "policy.simulate": Topic("simulation", "contact.jobs.simulate_policy", attempts=3),
    # The synthetic citizen's, one for each of the other queues.
    "synthetic.default": Topic("default", "contact.jobs.echo"),
    "synthetic.calls": Topic("calls", "contact.jobs.echo"),
    "synthetic.delivery": Topic("delivery", "contact.jobs.echo"),
}

QUEUES = tuple(sorted({topic.queue for topic in TOPICS.values()}))
