"""A citizen calls from the page that is a phone; agents answer, hold, transfer and hang up in theirs."""

import random
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import accessible
from tests.browser.test_conversation import become_ready
from tests.product import Product

EMPLOYMENT = "+33199000001"
# An agent whose page another test has just closed may be offered a call first: it comes back after 20 s.
OFFERED_MS = 90_000


@pytest.fixture
def call(browser: Browser, product: Product) -> Iterator[Callable[[], Page]]:
    """`call()` opens a citizen's phone with a number of its own, dials the employment office and hears the menu."""
    contexts = []

    def opened() -> Page:
        contexts.append(browser.new_context(viewport={"width": 390, "height": 844}, locale="fr-FR"))
        page = contexts[-1].new_page()
        page.set_default_timeout(30_000)
        own = f"%2B336{random.randrange(10_000_000, 99_999_999)}"
        page.goto(f"{product.phones}?n={own}&to={EMPLOYMENT.replace('+', '%2B')}")
        page.get_by_label("Numéro du destinataire").first.press("Enter")
        expect(said(page)).to_contain_text("tapez 1")
        return page

    yield opened
    for context in contexts:
        context.close()


def said(phone: Page) -> Locator:
    return phone.get_by_role("log", name="Ce qui est dit")


def state(agent: Page) -> Locator:
    return agent.get_by_role("region", name="Appel en cours").locator(".call-state")


def tell(agent: Page, phone: Page, words: str) -> None:
    """Say it until it is heard: who is not in the room yet hears nothing, as on any line."""
    for _ in range(60):
        agent.keyboard.press("Alt+s")
        agent.keyboard.type(words)
        agent.keyboard.press("Enter")
        if words in said(phone).inner_text():
            return
        agent.wait_for_timeout(500)
    expect(said(phone)).to_contain_text(words)


def answer(agent: Page) -> None:
    expect(agent.get_by_role("region", name="Propositions")).to_contain_text("Téléphone", timeout=OFFERED_MS)
    agent.keyboard.press("Alt+a")
    expect(state(agent)).to_contain_text("En conversation")


def test_a_whole_call(call: Callable[[], Page], sign_in: Callable[..., Page]):
    """Chosen by key, answered, talked, held, gone on after a reload, passed to a colleague, ended and told."""
    farid, gaelle = sign_in("farid@accueil.example"), sign_in("gaelle@accueil.example")
    become_ready(farid)
    phone = call()
    phone.keyboard.press("1")
    answer(farid)
    tell(farid, phone, "Bonjour, je vous écoute")
    phone.get_by_label("Ce que vous dites").fill("Je veux m’actualiser")
    phone.keyboard.press("Enter")
    expect(farid.get_by_role("log", name="Ce qui se dit au téléphone")).to_contain_text("Je veux m’actualiser")
    accessible(farid)
    farid.keyboard.press("Alt+k")
    farid.keyboard.press("5")
    expect(said(phone)).to_contain_text("touche 5")
    accessible(farid)
    farid.keyboard.press("Escape")
    farid.keyboard.press("Alt+h")
    expect(state(farid)).to_contain_text("En attente")
    expect(said(phone)).to_contain_text("♪")

    farid.reload()

    expect(state(farid)).to_contain_text("En attente")
    farid.keyboard.press("Alt+h")
    tell(farid, phone, "Me revoici")
    become_ready(gaelle)
    farid.get_by_role("region", name="Appel en cours").get_by_role("button", name="Transférer…").click()
    dialog = farid.get_by_role("dialog")
    dialog.get_by_label("Un collègue").check()
    dialog.locator("#transfer-target").select_option(label="Gaëlle Le Goff (Disponible)")
    dialog.get_by_role("button", name="Transférer", exact=True).click()
    expect(farid.get_by_role("region", name="Appel en cours")).to_have_count(0)
    answer(gaelle)
    tell(gaelle, phone, "Gaëlle à l’appareil")
    gaelle.keyboard.press("Alt+x")

    expect(gaelle.get_by_role("heading", name="Clôture de la conversation")).to_be_visible()
    expect(said(phone)).to_contain_text("Appel terminé")
    expect(gaelle.get_by_label("Messages du dossier")).to_contain_text("répondu")
    accessible(gaelle)


def test_one_tab_is_the_telephone(sign_in: Callable[..., Page]):
    """A second tab says so, and answers when the agent wants it there; the first gives it up at once. Narrow, too."""
    first = sign_in("louis@accueil.example")
    become_ready(first)
    with first.expect_response(lambda one: "softphone/token" in one.url):
        first.reload()
    second = first.context.new_page()
    second.set_viewport_size({"width": 390, "height": 844})
    second.goto("/console")
    expect(second.get_by_text("ouvert dans un autre onglet")).to_be_visible()
    accessible(second)

    second.get_by_role("button", name="Répondre ici").click()

    expect(second.get_by_text("ouvert dans un autre onglet")).to_have_count(0)
    expect(first.get_by_text("ouvert dans un autre onglet")).to_be_visible()
