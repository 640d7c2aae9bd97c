"""What the line says of its own accord, besides the campaign's menu: short, for the ear, nothing personal."""

from datetime import date

from contact.domain.menu import Said
from contact.domain.menu_words import VOICES

_MINUTE = 60
_DAYS = {
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS = {
    "fr": (
        *("janvier", "février", "mars", "avril", "mai", "juin"),
        *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    ),
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}

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
    "not_now": {
        "fr": "Nous ne pouvons pas prendre votre appel en ce moment. Voici une autre voie, sans perdre votre place.",
        "en": "We cannot take your call at the moment. Here is another way, and you keep your place.",
    },
    "place_stands": {
        "fr": "Votre demande est déjà enregistrée et votre place est gardée.",
        "en": "Your request has been recorded already, and your place is kept.",
    },
    "press": {"fr": "Tapez {0}.", "en": "Press {0}."},
    "listen_again": {"fr": "Pour réécouter, tapez étoile.", "en": "To listen again, press star."},
    "not_heard": {"fr": "Je n'ai rien entendu.", "en": "I did not hear anything."},
    "not_understood": {"fr": "Je n'ai pas compris.", "en": "I did not understand."},
    "in_danger": {
        "fr": "Si quelqu'un est en danger, raccrochez et composez le 112.",
        "en": "If anyone is in danger, hang up and dial 112.",
    },
    "callback_taken": {
        "fr": "C'est noté : nous vous rappellerons à votre tour, du {0}. Au revoir.",
        "en": "That is settled: we will call you back when it is your turn, from {0}. Goodbye.",
    },
    "after_the_tone": {
        "fr": "Parlez après le bip, avec votre nom. Appuyez sur dièse pour terminer.",
        "en": "Please speak after the tone, and give your name. Press hash to finish.",
    },
    "after_the_tone_number": {
        "fr": "Parlez après le bip, avec votre nom et votre numéro. Appuyez sur dièse pour terminer.",
        "en": "Please speak after the tone, with your name and number. Press hash to finish.",
    },
    "nothing_chosen": {
        "fr": "Votre demande est enregistrée et votre place est gardée. Au revoir.",
        "en": "Your request has been recorded, and your place is kept. Goodbye.",
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


def day(when: date, language: str) -> str:
    """A date for the ear, such as `jeudi 26 novembre`; the article is the sentence's."""
    language = language if language in _DAYS else "fr"
    return f"{_DAYS[language][when.weekday()]} {when.day} {_MONTHS[language][when.month - 1]}"


def expected_wait(from_seconds: int, to_seconds: int, language: str) -> str:
    """The range that was promised, as a sentence."""
    if from_seconds < _MINUTE:
        return phrase("wait_below", language, minutes(to_seconds, language))
    return phrase("wait_between", language, minutes(from_seconds, language), minutes(to_seconds, language))
