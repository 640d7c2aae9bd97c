"""An agent passes a conversation on in the console; the citizen's page goes on."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import accessible
from tests.browser.test_conversation import become_ready, begin, say


def take(agent: Page) -> None:
    """Accept the offer once it is there."""
    expect(agent.get_by_role("region", name="Propositions")).to_contain_text("payer en une fois")
    agent.keyboard.press("Alt+a")


def test_a_conversation_is_passed_to_a_colleague(visit: Callable[..., Page], sign_in: Callable[..., Page]):
    """The colleague gets it with the note and the history; the citizen is told, keeps their chat, and is answered."""
    david, chloe = sign_in("david@accueil.example"), sign_in("chloe@accueil.example")
    become_ready(david)
    citizen = begin(visit, "Je ne peux pas payer en une fois", topic="Difficultés de paiement")
    take(david)
    expect(david.get_by_label("Messages du dossier")).to_contain_text("Je ne peux pas payer en une fois")
    become_ready(chloe)

    david.get_by_role("button", name="Transférer…").click()
    dialog = david.get_by_role("dialog")
    accessible(david)
    dialog.get_by_label("Un collègue").check()
    dialog.locator("#transfer-target").select_option(label="Chloé Vasseur (Disponible)")
    dialog.get_by_label("Note pour la suite").fill("Échéancier à proposer")
    dialog.get_by_role("button", name="Transférer", exact=True).click()

    expect(citizen.get_by_role("log")).to_contain_text("Vous gardez votre place")
    take(chloe)
    messages = chloe.get_by_label("Messages du dossier")
    expect(messages).to_contain_text("Échéancier à proposer")
    expect(messages).to_contain_text("Je ne peux pas payer en une fois")
    expect(citizen.get_by_role("log")).not_to_contain_text("Échéancier à proposer")
    say(citizen, "Merci")
    expect(messages).to_contain_text("Merci")
