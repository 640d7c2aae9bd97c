"""What callers say is understood as a person would understand it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact.domain import speech

OFFERED = {
    "1": speech.matter_words("Déclarer mes revenus"),
    "2": speech.matter_words("Crédits et réductions d'impôt crèche garde d'enfant"),
    "3": speech.matter_words("Paiement et échéances payer prélèvement"),
}


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("Déclarer mes revenus.", "1"),
        ("Ma déclaration, s'il vous plaît.", "1"),
        ("C'est pour les REVENUS de 2025", "1"),
        ("Bonjour, je vous appelle pour un crédit d'impot.", "2"),
        ("l'échéance de juin", "3"),
        ("Payer.", "3"),
        ("Je ne sais pas.", None),
        ("payer mes revenus", None),  # as much of one as of another
        ("", None),
        ("…", None),
    ],
)
def test_a_matter_is_known_by_its_words(said: str, key: str | None):
    """Accents, capitals, punctuation and endings do not count; what is said of two options alike is no answer."""
    assert speech.best(said, OFFERED) == key


@pytest.mark.parametrize(
    ("said", "language", "key"),
    [
        ("2.", "fr", "2"),
        ("Deux.", "fr", "2"),
        ("Le numéro trois, s'il vous plaît.", "fr", None),
        ("Le numéro trois.", "fr", "3"),
        ("Étoile !", "fr", "*"),
        ("Too.", "en", "2"),
        ("press four please", "en", "4"),
        ("two", "fr", None),
        ("deux enfants", "fr", None),
        ("12", "fr", None),
    ],
)
def test_a_key_may_be_spoken(said: str, language: str, key: str | None):
    """When it is all that was said, by digit or by word of the language that is spoken."""
    assert speech.spoken_key(said, language) == key


@pytest.mark.parametrize(
    "said", ["112", "Cent douze.", "le 15", "Dix-sept !", "Appelez les pompiers", "une ambulance vite"]
)
def test_danger_is_heard(said: str):
    """By an emergency number or by whom they call for."""
    assert speech.calls_for_rescue(said)


def test_a_towns_own_police_is_no_emergency():
    """A word of the menu's own options means the option."""
    assert not speech.calls_for_rescue("La police municipale", but=speech.matter_words("Police municipale"))
    assert speech.calls_for_rescue("Les pompiers !", but=speech.matter_words("Police municipale"))


@given(st.text(max_size=200))
def test_whatever_is_said_is_plain_words(text: str):
    """Nothing that a recogniser may write breaks the matching, and reading it twice changes nothing."""
    once = speech.plain(text)

    assert speech.plain(once) == once
    assert set(once) <= set("abcdefghijklmnopqrstuvwxyz0123456789 ")
    assert speech.best(text, OFFERED) in (None, *OFFERED)


@pytest.mark.parametrize("name", ["Rendez-vous", "Autre demande", "Anything else", "État civil", "Appointments"])
def test_usual_names_can_be_said(name: str):
    """None is made of words only that say nothing about a matter."""
    assert speech.matter_words(name)
