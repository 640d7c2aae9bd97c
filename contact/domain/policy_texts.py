"""What a policy says to citizens, in each language, and what each text must name."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from contact.domain.documents import Faults, fault_of_text

_PLACEHOLDER = re.compile(r"\{(\w*)\}|[{}]")

# What stands in braces is filled in when it is said.
PLACEHOLDERS: dict[str, tuple[str, ...]] = {
    "advise": ("wait",),
    "throttle": (),
    "essential_only": (),
    "closed": ("opens_at",),
    "need": (),
    "callback": ("number",),
    "callback_window": ("begins_at", "ends_at"),
    "sms_link_offer": (),
    "sms_link": ("link",),
    "chat": ("address",),
    "voicemail": ("answer_by",),
    "quiet_hours": ("quiet_at",),
    "article": ("title",),
    "chat_full": ("answer_by",),
}
DEFAULTS: dict[str, dict[str, str]] = {
    "advise": {
        "fr": "L'attente est d'environ {wait}. Vous pouvez patienter, ou choisir une autre voie.",
        "en": "The wait is about {wait}. You can hold, or choose another way.",
    },
    "throttle": {
        "fr": "Beaucoup de personnes appellent. Nous vous proposons une autre voie, sans perdre votre place.",
        "en": "Many people are calling right now. We offer you another way, and you keep your place.",
    },
    "essential_only": {
        "fr": "Le téléphone est réservé aux situations urgentes. Voici comment nous joindre sans perdre votre place.",
        "en": "The telephone is kept for urgent situations. Here is how to reach us and keep your place.",
    },
    "closed": {
        "fr": "Nos bureaux sont fermés. Ils ouvrent {opens_at}.",
        "en": "Our offices are closed. They open {opens_at}.",
    },
    "need": {
        "fr": "Si vous ne pouvez pas utiliser internet ou si une situation de handicap vous en empêche, tapez 0.",
        "en": "If you cannot use the internet, or a disability keeps you from it, press 0.",
    },
    "callback": {
        "fr": "Nous pouvons vous rappeler à votre tour, du {number}.",
        "en": "We can call you back when it is your turn, from {number}.",
    },
    "callback_window": {
        "fr": "Nous vous rappellerons entre {begins_at} et {ends_at}.",
        "en": "We will call you back between {begins_at} and {ends_at}.",
    },
    "sms_link_offer": {
        "fr": "Nous pouvons vous envoyer par SMS un lien qui garde votre place.",
        "en": "We can text you a link that keeps your place.",
    },
    "sms_link": {
        "fr": "Votre demande est enregistrée, votre place est gardée : {link}",
        "en": "Your request is recorded and your place is kept: {link}",
    },
    "chat": {
        "fr": "Vous pouvez nous écrire en direct à l'adresse {address}.",
        "en": "You can chat with us at {address}.",
    },
    "voicemail": {
        "fr": "Laissez-nous un message : nous répondons avant {answer_by}.",
        "en": "Leave us a message: we answer by {answer_by}.",
    },
    "quiet_hours": {
        "fr": "L'attente est la plus courte {quiet_at}.",
        "en": "The wait is shortest {quiet_at}.",
    },
    "article": {
        "fr": "Une réponse est peut-être déjà là : {title}.",
        "en": "There may be an answer already: {title}.",
    },
    "chat_full": {
        "fr": "Tous nos agents sont en conversation. Laissez un message : nous répondons avant {answer_by}.",
        "en": "All our agents are in a conversation. Leave a message: we answer by {answer_by}.",
    },
}


def text_faults(texts: Mapping[str, Any], languages: Sequence[str]) -> Faults:
    """A text that lacks a language or what it must name, or names what nobody will fill in."""
    found: Faults = {}
    for name, expected in PLACEHOLDERS.items():
        for language in languages:
            text = texts[name].get(language, "")
            code = fault_of_text(text) or _fault_of_placeholders(text, expected)
            if code:
                found[f"texts.{name}.{language}"] = [code]
    return found


def _fault_of_placeholders(text: str, expected: Sequence[str]) -> str | None:
    named = [one.group(1) for one in _PLACEHOLDER.finditer(text)]
    for name in named:
        if name not in expected:
            return f"placeholder_unknown|{name or ' '}"
    missing = [name for name in expected if name not in named]
    return f"placeholder_missing|{missing[0]}" if missing else None
