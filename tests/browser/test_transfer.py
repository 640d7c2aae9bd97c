"""An agent passes a conversation on in the console; the citizen's page goes on."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import accessible
from tests.browser.test_conversation import become_ready, begin, say


def take(agent: Page) -> None:
    """Accept the offer once it is there."""
    expect(agent.get_by_role("region", name="Propositions")).to_contain_text("Mon bac")
    agent.keyboard.press("Alt+a")


def test_a_conversation_is_passed_to_a_colleague(visit: Callable[..., Page], sign_in: Callable[..., Page]):
    """The colleague gets it with the note and the history; the citizen is told, keeps their chat, and is answered."""
    hugo, ines = sign_in("hugo@accueil.example"), sign_in("ines@accueil.example")
    become_ready(hugo)
    citizen = begin(visit, "Mon bac n’a pas été vidé", "ville-mairie", "Déchets et collecte")
    take(hugo)
    expect(hugo.get_by_label("Messages du dossier")).to_contain_text("Mon bac n’a pas été vidé")
    become_ready(ines)

    hugo.get_by_role("button", name="Transférer…").click()
    dialog = hugo.get_by_role("dialog")
    accessible(hugo)
    dialog.get_by_label("Un collègue").check()
    dialog.locator("#transfer-target").select_option(label="Inès Moreau (Disponible)")
    dialog.get_by_label("Note pour la suite").fill("Tournée de mardi à vérifier")
    dialog.get_by_role("button", name="Transférer", exact=True).click()

    expect(citizen.get_by_role("log")).to_contain_text("Vous gardez votre place")
    take(ines)
    messages = ines.get_by_label("Messages du dossier")
    expect(messages).to_contain_text("Tournée de mardi à vérifier")
    expect(messages).to_contain_text("Mon bac n’a pas été vidé")
    expect(citizen.get_by_role("log")).not_to_contain_text("Tournée de mardi à vérifier")
    say(citizen, "Merci")
    expect(messages).to_contain_text("Merci")
