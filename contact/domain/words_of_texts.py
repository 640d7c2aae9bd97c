"""Whole messages that mean something to a machine: STOP in two languages, and the answer to a question."""

from contact.domain.folding import plain

# Words that Twilio knows by itself are among them, so that we never think a citizen is in who is out there.
# fmt: off
STOP = frozenset((
    "stop", "stop sms", "stopsms", "stop all", "stopall", "arret", "arreter", "arretez", "arret sms", "desabonner",
    "desabonnement", "me desabonner", "desinscrire", "desinscription", "me desinscrire", "ne plus recevoir",
    "ne plus recevoir de sms", "unsubscribe", "end", "quit", "revoke", "optout", "opt out", "cancel", "remove", "td",
))
# fmt: on
START = frozenset({"start", "unstop", "reprendre", "reabonner", "me reabonner", "oui sms", "subscribe"})


def wish(text: str) -> str | None:
    """`stop` or `start` where the whole message says so; "stop" within a sentence is for a person to read."""
    said = plain(text)
    return "stop" if said in STOP else "start" if said in START else None


def choice(text: str, most: int) -> int | None:
    """The number that answers a question of *most* choices: "2", "2.", "le 2"."""
    words = [word for word in plain(text).split() if word not in ("le", "la", "n", "no", "numero", "number", "choix")]
    is_one = len(words) == 1 and words[0].isdecimal() and len(words[0]) == 1
    return int(words[0]) if is_one and 1 <= int(words[0]) <= most else None
