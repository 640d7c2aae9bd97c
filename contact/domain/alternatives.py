"""What a caller is offered in place of the telephone, and which of it each kind of line can use."""

from collections.abc import Mapping

MOBILE, FIXED, WITHHELD, OVERSEAS, RELAY = LINES = ("mobile", "fixed", "withheld", "overseas", "relay")
# Nobody is sent a text they cannot read, or called back on a number that is not known or at the price of another
# country. A relay service for deaf callers has its caller on line for this call alone.
USABLE: Mapping[str, frozenset[str]] = {
    "callback": frozenset({MOBILE, FIXED}),
    "sms_link": frozenset({MOBILE}),
    "chat": frozenset({MOBILE, FIXED, OVERSEAS, RELAY}),
    "voicemail": frozenset({MOBILE, FIXED, WITHHELD, OVERSEAS}),
}
ALTERNATIVES = tuple(USABLE)
# Helps whoever hears it, but keeps neither a ticket nor a place: never all that somebody is offered.
ADVICE = ("quiet_hours", "article")
