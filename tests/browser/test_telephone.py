"""A citizen calls from the page that is a phone; agents answer, hold, transfer and hang up in theirs."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import accessible, said
from tests.browser.test_conversation import become_ready


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
    expect(agent.get_by_role("region", name="Propositions")).to_contain_text("Téléphone")
    agent.keyboard.press("Alt+a")
    expect(state(agent)).to_contain_text("En conversation")


def test_a_whole_call(call: Callable[[], Page], sign_in: Callable[..., Page]):
    """Chosen by key, answered, talked, held, gone on after a reload, passed to a colleague, ended and told; then called
    back from the ticket."""
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
    story = gaelle.get_by_label("Messages du dossier")
    expect(story).to_contain_text("répondu")
    accessible(gaelle)
    gaelle.get_by_label("Motif", exact=True).select_option(index=1)
    gaelle.get_by_role("button", name="Clôturer").click()

    gaelle.get_by_role("button", name="Appeler le +33").press("Enter")

    phone.get_by_role("button", name="Répondre").press("Enter")
    expect(said(phone)).to_contain_text("Bonjour, ici")
    tell(gaelle, phone, "Je vous rappelle")
    accessible(gaelle)
    phone.get_by_role("button", name="Raccrocher").press("Enter")
    expect(gaelle.get_by_role("heading", name="Clôture de la conversation")).to_be_visible()
    expect(story).to_contain_text("Appel émis")


def await_telephone(agent: Page) -> None:
    """Reload until the page is the telephone: what a tab says while it is left arrives when it arrives."""
    for _ in range(20):
        with agent.expect_response(lambda one: "softphone/token" in one.url and one.request.method == "POST") as told:
            agent.reload()
        if told.value.ok:
            return
        agent.wait_for_timeout(500)
    raise AssertionError("the telephone stays elsewhere")


def test_the_telephone_is_where_the_agent_is(call: Callable[[], Page], sign_in: Callable[..., Page]):
    """A second tab says so, is the telephone when the agent wants it there, and leaves it free; a call is answered
    where it is accepted, goes on in the tab that wants it, and no tab is a dead end."""
    first = sign_in("julien@accueil.example")
    become_ready(first)
    await_telephone(first)
    second = first.context.new_page()
    second.set_viewport_size({"width": 390, "height": 844})
    second.goto("/console")
    elsewhere = "ouvert dans un autre onglet"
    expect(second.get_by_text(elsewhere)).to_be_visible()
    accessible(second)
    second.get_by_role("button", name="Répondre ici").click()
    expect(second.get_by_text(elsewhere)).to_have_count(0)
    expect(first.get_by_text(elsewhere)).to_be_visible()
    second.goto("about:blank")
    await_telephone(first)
    expect(first.get_by_text(elsewhere)).to_have_count(0)
    second.goto("/console")
    expect(second.get_by_text(elsewhere)).to_be_visible()
    phone = call()
    phone.keyboard.press("2")

    answer(second)

    tell(second, phone, "Je vous entends ici")
    expect(state(first)).to_contain_text("Vous n’êtes pas en ligne")
    accessible(first)
    first.get_by_role("button", name="Répondre ici").click()
    expect(state(first)).to_contain_text("En conversation")
    tell(first, phone, "Et maintenant là")
    expect(second.get_by_role("button", name="Répondre ici")).to_be_visible()
    expect(second.get_by_role("button", name="Reprendre la ligne")).to_have_count(0)
    first.keyboard.press("Alt+x")
    expect(said(phone)).to_contain_text("Appel terminé")
