"""What the line says of its own accord, besides the campaign's menu: short, for the ear, nothing personal."""

from contact.domain.menu import Said
from contact.domain.menu_words import VOICES

_MINUTE = 60

PHRASES: dict[str, dict[str, str]] = {
    "first": {
        "fr": "Vous êtes la prochaine personne de la file.",
        "en": "You are next in line.",
    },
    "position": {
        "fr": "Vous êtes en position {0} dans la file.",
        "en": "You are number {0} in the queue.",
    },
    "wait_below": {
        "fr": "L'attente est estimée à moins de {0}.",
        "en": "We expect you to wait less than {0}.",
    },
    "wait_between": {
        "fr": "L'attente est estimée entre {0} et {1}.",
        "en": "We expect you to wait between {0} and {1}.",
    },
    "come_back": {
        "fr": "Vous retrouvez votre place dans la file.",
        "en": "You have your place in the queue back.",
    },
    "no_room": {
        "fr": "Toutes nos lignes sont occupées. Laissez un message après le bip, avec votre nom et votre numéro : "
        "nous vous rappellerons. Appuyez sur dièse pour terminer.",
        "en": "All our lines are busy. Please leave a message after the tone, with your name and number: "
        "we will call you back. Press hash to finish.",
    },
    "message_kept": {
        "fr": "Merci, votre message est enregistré. Au revoir.",
        "en": "Thank you, your message has been saved. Goodbye.",
    },
    "nothing_heard": {
        "fr": "Nous n'avons rien entendu. Au revoir.",
        "en": "We did not hear anything. Goodbye.",
    },
    "we_call": {
        "fr": "Bonjour, ici {0}. Nous vous appelons au sujet de votre demande. Ne quittez pas.",
        "en": "Hello, this is {0}. We are calling about your request. Please hold the line.",
    },
    "served_elsewhere": {
        "fr": "Un agent vous répond sur un autre canal. Au revoir.",
        "en": "An adviser is answering you elsewhere. Goodbye.",
    },
    "goodbye": {"fr": "Au revoir.", "en": "Goodbye."},
    "no_conversation": {
        "fr": "Aucune conversation ne vous attend.",
        "en": "There is no conversation waiting for you.",
    },
}


def voice(language: str) -> str:
    """The voice that speaks *language*; French where we have none."""
    return VOICES.get(language, VOICES["fr"])


def phrase(code: str, language: str, *facts: object) -> str:
    """A sentence of our own."""
    told = PHRASES[code]
    return told.get(language, told["fr"]).format(*facts)


def said(code: str, language: str, *facts: object) -> Said:
    """The same, with whose voice says it."""
    return Said(language, phrase(code, language, *facts))


def minutes(seconds: int, language: str) -> str:
    """A length for the ear; waits are told on round minutes."""
    count = max(round(seconds / _MINUTE), 1)
    if count % 60 == 0:
        hours = count // 60
        return f"{hours} {'heure' if language != 'en' else 'hour'}{'s' if hours > 1 else ''}"
    return f"{count} minute{'s' if count > 1 else ''}"


def expected_wait(from_seconds: int, to_seconds: int, language: str) -> str:
    """The range that was promised, as a sentence."""
    if from_seconds < _MINUTE:
        return phrase("wait_below", language, minutes(to_seconds, language))
    return phrase("wait_between", language, minutes(from_seconds, language), minutes(to_seconds, language))
