"""The table of verbs."""

from channels.carrier.dial import dial
from channels.carrier.gather import gather, record
from channels.carrier.queues import enqueue
from channels.carrier.twiml import FLOW, PLAIN, Verb, leave, reject, sms

VERBS: dict[str, Verb] = {
    **PLAIN,
    **FLOW,
    "Gather": gather,
    "Record": record,
    "Enqueue": enqueue,
    "Leave": leave,
    "Dial": dial,
    "Reject": reject,
    "Sms": sms,
}
