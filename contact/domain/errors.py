"""What can go wrong, each with a stable code; `contact/api/errors.py` gives them a status and a sentence."""

from typing import Any


class DomainError(Exception):
    """Base of every refusal. `facts` are safe to show to whoever asked."""

    code = "refused"

    def __init__(self, **facts: Any) -> None:
        super().__init__(self.code)
        self.facts = facts


class NotFound(DomainError):
    """It does not exist, or whoever asks may not know that it does."""

    code = "not_found"


class NotSignedIn(DomainError):
    code = "not_signed_in"


class Forbidden(DomainError):
    code = "forbidden"


class CsrfMissing(DomainError):
    code = "csrf"


class BadCredentials(DomainError):
    """The same for an unknown account and a wrong password."""

    code = "bad_credentials"


class TooMany(DomainError):
    code = "too_many"


class Conflict(DomainError):
    """Someone changed it meanwhile; facts carry the version that stands."""

    code = "conflict"


class OfferGone(DomainError):
    """The offer was answered, withdrawn or ran out."""

    code = "offer_gone"


class NotYours(DomainError):
    """The work belongs to another agent."""

    code = "not_yours"


class TicketClosed(DomainError):
    code = "ticket_closed"


class MoveRefused(DomainError):
    """The ticket cannot go from its state to that one."""

    code = "move_refused"


class CannotReply(DomainError):
    """No channel leads back to this citizen."""

    code = "cannot_reply"


class CannotCall(DomainError):
    """The citizen cannot be called; facts.reason says why."""

    code = "cannot_call"


class AgentBusy(DomainError):
    """There is no room for a call beside the work in hand."""

    code = "agent_busy"


class NoCall(DomainError):
    """The conversation has no line that this could be done to."""

    code = "no_call"


class SoftphoneElsewhere(DomainError):
    """The agent's telephone is open in another tab; facts.until says until when it is theirs."""

    code = "softphone_elsewhere"


class SoftphoneOff(DomainError):
    """No telephone account is set up for browsers."""

    code = "softphone_off"


class ConversationOpen(DomainError):
    code = "conversation_open"


class NoConversation(DomainError):
    code = "no_conversation"


class IdempotencyKeyReused(DomainError):
    """The same key came with a different content."""

    code = "idempotency_key_reused"


class NobodyCouldServe(DomainError):
    """Some contacts of the plan could never be served; facts.classes names them."""

    code = "nobody_could_serve"


class SecondPersonNeeded(DomainError):
    """Somebody else than its author has to publish it."""

    code = "second_person_needed"


class NothingBefore(DomainError):
    """No version was in force before this one."""

    code = "nothing_before"


class CannotSimulate(DomainError):
    """facts.reason: nobody may work for the campaign, nobody may call about anything, or its phone never opens."""

    code = "cannot_simulate"


class BadRequest(DomainError):
    """What was sent cannot be read; facts.reason says why."""

    code = "bad_request"


class InvalidRequest(DomainError):
    """facts.fields: the sentences per field."""

    code = "invalid_request"


class Unavailable(DomainError):
    """The database could not serve this now; trying again is safe."""

    code = "unavailable"


class SchemaBehind(DomainError):
    """This code is newer than the database: it takes no traffic until the migrations have run."""

    code = "schema_behind"
