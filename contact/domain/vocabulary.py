"""The words that are stored: each enum is the complete list of what its column may hold."""

from enum import StrEnum


class Channel(StrEnum):
    """How a citizen and the administration exchange."""

    VOICE = "voice"
    CHAT = "chat"
    SMS = "sms"
    EMAIL = "email"


class Role(StrEnum):
    """Who an account is; what each may do is `contact/api/permissions.py`."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    OPERATOR = "operator"


class TicketState(StrEnum):
    """Where a matter stands; the moves between them are `lifecycle.TICKET_MOVES`."""

    NEW = "new"
    OPEN = "open"
    WAITING_CITIZEN = "waiting_citizen"
    WAITING_THIRD_PARTY = "waiting_third_party"
    RESOLVED = "resolved"
    CLOSED = "closed"
    MERGED = "merged"


class InteractionState(StrEnum):
    """One conversation on one channel. Paused: the citizen fell silent and may come back to it."""

    OPEN = "open"
    PAUSED = "paused"
    ENDED = "ended"


class ContactState(StrEnum):
    """One thing waiting for a person. The last three are final; rescinded: another of its place was served."""

    WAITING = "waiting"
    OFFERED = "offered"
    ASSIGNED = "assigned"
    DONE = "done"
    ABANDONED = "abandoned"
    RESCINDED = "rescinded"


class CurtainKind(StrEnum):
    """What hides one contact from some agents for a time (`routing.types.Curtain`)."""

    HELD = "held"
    RESERVED = "reserved"


class OfferState(StrEnum):
    """All but the first are final."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TIMED_OUT = "timed_out"
    RESCINDED = "rescinded"


class AssignmentState(StrEnum):
    """The last two are final."""

    CONNECTING = "connecting"
    ACTIVE = "active"
    WRAPPING = "wrapping"
    DONE = "done"
    FAILED = "failed"


class PresenceState(StrEnum):
    """An agent's state: the first three are chosen, resting is given (see `RestReason`)."""

    OFFLINE = "offline"
    READY = "ready"
    PAUSED = "paused"
    RESTING = "resting"


class RestReason(StrEnum):
    """Why an agent rests without having asked for it."""

    SILENT = "silent"
    MISSED_OFFERS = "missed_offers"
    # Accepted calls could not be put through to them.
    UNREACHABLE = "unreachable"


class MessageKind(StrEnum):
    """Who speaks. Notes are never shown to the citizen; system lines carry a `code` and no text."""

    CITIZEN = "citizen"
    AGENT = "agent"
    NOTE = "note"
    SYSTEM = "system"


class MessageState(StrEnum):
    """How far a message got; `lifecycle.forward` says which may follow which."""

    RECEIVED = "received"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    UNDELIVERED = "undelivered"
    OUTCOME_UNKNOWN = "outcome_unknown"


class Purpose(StrEnum):
    """Why somebody is written to: an answer to their matter, a reminder of one, or news that they did not ask for."""

    TRANSACTIONAL = "transactional"
    SERVICE_REMINDER = "service_reminder"
    INFORMATION_CAMPAIGN = "information_campaign"


class RefusalReason(StrEnum):
    """Why a number takes no texts of some purpose: its owner said so, the provider did, or nothing ever arrives."""

    STOPPED = "stopped"
    STOPPED_AT_PROVIDER = "stopped_at_provider"
    LANDLINE = "landline"
    UNREACHABLE = "unreachable"


class OverrideState(StrEnum):
    """What a supervisor's hand makes of a campaign's voice line: all are let in, or nobody is."""

    OPEN = "open"
    CLOSED = "closed"


class OutboxState(StrEnum):
    """A piece of work that must happen. The last four are final."""

    DUE = "due"
    SENDING = "sending"
    LOOKING_UP = "looking_up"
    DONE = "done"
    FAILED = "failed"
    OUTCOME_UNKNOWN = "outcome_unknown"
    QUARANTINED = "quarantined"


class ContactPointKind(StrEnum):
    """What a contact point is: a way to reach somebody, not a person. Withheld: a caller who hid their number."""

    PHONE = "phone"
    EMAIL = "email"
    VISITOR = "visitor"
    WITHHELD = "withheld"


LIVE_CONTACTS = (ContactState.WAITING, ContactState.OFFERED, ContactState.ASSIGNED)
LIVE_ASSIGNMENTS = (AssignmentState.CONNECTING, AssignmentState.ACTIVE, AssignmentState.WRAPPING)
LANGUAGES = ("fr", "en")
