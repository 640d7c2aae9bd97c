"""What a phone menu says by itself and understands in each language; the rest is the administration's own words."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What the menu says around the administration's texts. Each is said in far less than a menu's longest part.
SENTENCES: dict[str, dict[str, str]] = {
    "welcome": {"fr": "Bonjour, {name}.", "en": "Hello, {name}."},
    "emergency": {
        "fr": "En cas d'urgence, raccrochez et composez le 112.",
        "en": "In an emergency, hang up and dial 112.",
    },
    "emergency_again": {
        "fr": "Si quelqu'un est en danger, raccrochez et composez le 112. Sinon, un agent va vous répondre.",
        "en": "If anyone is in danger, hang up and dial 112. Otherwise, an adviser will answer you.",
    },
    "other_language": {"fr": "Pour le français, tapez 9.", "en": "For English, press 9."},
    "option": {"fr": "{name}, tapez {key}.", "en": "{name}, press {key}."},
    "person": {
        "fr": "Pour parler à une personne, tapez 0. Pour réécouter, tapez étoile.",
        "en": "To speak to a person, press 0. To listen again, press star.",
    },
    "or_say": {
        "fr": "Vous pouvez aussi dire ce qui vous amène.",
        "en": "You can also say what you are calling about.",
    },
    "not_heard": {"fr": "Je n'ai rien entendu.", "en": "I did not hear anything."},
    "not_understood": {"fr": "Je n'ai pas compris.", "en": "I did not understand."},
    "to_person": {"fr": "Un agent va vous répondre.", "en": "An adviser will answer you."},
    "to_topic": {"fr": "{name}.", "en": "{name}."},
    "closed": {"fr": "Nos bureaux sont fermés.", "en": "Our offices are closed."},
    "voicemail": {
        "fr": "Laissez un message après le bip, avec votre numéro. Nous vous rappellerons.",
        "en": "Leave a message after the tone, with your number. We will call you back.",
    },
    "other_request": {"fr": "Autre demande", "en": "Anything else"},
}
# How the voice that speaks each language is called by telephone companies.
VOICES = {"fr": "fr-FR", "en": "en-GB"}

DIGITS: dict[str, dict[str, str]] = {
    "fr": {
        "zero": "0",
        "un": "1",
        "une": "1",
        "deux": "2",
        "trois": "3",
        "quatre": "4",
        "cinq": "5",
        "six": "6",
        "sept": "7",
        "huit": "8",
        "neuf": "9",
        "etoile": "*",
    },
    "en": {
        "zero": "0",
        "one": "1",
        "two": "2",
        "to": "2",
        "too": "2",
        "three": "3",
        "four": "4",
        "for": "4",
        "five": "5",
        "six": "6",
        "seven": "7",
        "eight": "8",
        "nine": "9",
        "star": "*",
    },
}
# What may stand around a spoken key: "le numéro deux", "press two please".
AROUND_A_KEY = _words(
    "le la numero touche tape tapez option choix je choisis dis alors euh svp merci number press key the please"
)
PERSON = _words(
    "agent agente conseiller conseillere humain operateur operatrice personne quelqu standardiste "
    "adviser advisor human operator person representative someone somebody"
)
REPEAT = _words("repeter repetez reecouter encore repeat again")
LANGUAGE_NAMES = {"fr": frozenset({"francais", "french"}), "en": frozenset({"anglais", "english"})}
# Numbers of emergency services and of social ones that save lives: named, never chosen, never dialled.
EMERGENCY_NUMBERS = _words("15 17 18 112 114 115 119 191 196 197 911 999")
EMERGENCY_SPOKEN = frozenset(
    {
        "quinze",
        "dix sept",
        "dix huit",
        "cent douze",
        "un un deux",
        "cent quatorze",
        "cent quinze",
        "cent dix neuf",
        "one one two",
        "nine one one",
        "nine nine nine",
    }
)
EMERGENCY = _words("ambulance emergency incendie police pompier pompiers samu suicide urgence urgences firefighters")
# Words that say nothing about a matter.
EMPTY = _words(
    "afin appel appelle avec avez avoir besoin bonjour bonsoir cela comment concernant dans depuis des est etre faire "
    "fait faut les leur mais mes moi mon nos notre nous par parce pas plait peux pour pourrais pouvez probleme quand "
    "que question quel quelle qui renseignement savoir ses sont souhaite sujet sur une veux voudrais vos "
    "votre vous vouloir aide demande information informations "
    "about and any are call calling can concerning could for from get good have hello help how information like "
    "morning need not our please problem question regarding some that the this want what when where with would "
    "you your"
)
