"""The page that is a citizen's phone, in a real browser."""

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import accessible
from tests.carrier.company import Company, Customer, figures
from tests.carrier.conftest import company as company
from tests.carrier.conftest import customer as customer

MENU = (
    "<Response><Gather numDigits='1' input='dtmf speech' language='fr-FR' timeout='600' action='menu'>"
    "<Say language='fr-FR'>Bienvenue. Pour vos impôts, tapez 1.</Say></Gather></Response>"
)


@pytest.fixture
def phones(browser: Browser, customer: Customer) -> Iterator[Callable[..., Page]]:
    """`phones("+33612345678")` opens the page with these phones."""
    contexts = []

    def opened(*numbers: str, locale: str = "fr-FR") -> Page:
        context = browser.new_context(viewport={"width": 390, "height": 844}, locale=locale)
        context.set_default_timeout(30_000)
        contexts.append(context)
        page = context.new_page()
        query = "&".join(f"n={number.replace('+', '%2B')}" for number in numbers)
        page.goto(f"{customer.company.url}/phone?{query}")
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def closing() -> Iterator[ExitStack]:
    """What a test opened by itself, closed when it failed too."""
    with ExitStack() as opened:
        yield opened


def number() -> str:
    return f"+336{figures(8)}"


def test_a_call_by_keyboard(customer: Customer, phones: Callable[..., Page]):
    """Dial, read, press, speak and hang up, without a mouse; axe has nothing to say in or out of the call."""
    customer.site.on("voice", MENU)
    customer.site.on("menu", "<Response><Record timeout='600'/></Response>")
    page = phones(number())
    accessible(page)

    page.get_by_label("Numéro du destinataire").first.fill(customer.number)
    page.keyboard.press("Enter")

    said = page.get_by_role("log", name="Ce qui est dit")
    expect(said).to_contain_text("Pour vos impôts, tapez 1.")
    expect(page.get_by_role("button", name="Raccrocher")).to_be_focused()
    accessible(page)
    page.keyboard.press("1")
    assert customer.site.wait("menu")["Digits"] == "1"
    expect(said).to_contain_text("bip")
    page.get_by_label("Ce que vous dites").fill("Rappelez-moi <b>demain</b>")
    page.keyboard.press("Enter")
    expect(said).to_contain_text("Vous : Rappelez-moi <b>demain</b>")
    page.get_by_role("button", name="Raccrocher").press("Enter")
    expect(page.get_by_role("status")).to_have_text("Appel terminé")
    expect(page.get_by_label("Numéro du destinataire").first).to_be_focused()


def test_no_call_outlives_the_company(browser: Browser, closing: ExitStack):
    """When the company was restarted meanwhile, what is done in a call that is no more ends it on the card too."""
    company = Company()
    closing.callback(company.stop)
    customer = Customer(company)
    closing.callback(customer.site.close)
    customer.site.on("voice", MENU)
    page = browser.new_page(locale="fr-FR")
    closing.callback(page.close)
    page.goto(f"{company.url}/phone?n=%2B336{figures(8)}&to={customer.number.replace('+', '%2B')}")
    page.get_by_label("Numéro du destinataire").first.press("Enter")
    expect(page.get_by_role("log", name="Ce qui est dit")).to_contain_text("Pour vos impôts, tapez 1.")
    company.stop(signal.SIGKILL)
    expect(page.get_by_role("alert")).not_to_be_empty()
    company.start()
    expect(page.get_by_role("alert")).to_have_count(0)

    page.get_by_role("button", name="Raccrocher").press("Enter")

    expect(page.get_by_role("status")).to_have_text("Appel terminé")
    expect(page.get_by_role("alert")).to_have_text("L'appel est déjà terminé.")
    expect(page.get_by_label("Numéro du destinataire").first).to_be_focused()


def test_two_phones_and_texts(customer: Customer, phones: Callable[..., Page]):
    """Two phones on one page have calls and texts of their own; a reload still has them."""
    customer.site.on("sms", "<Response><Message>Bien reçu</Message></Response>")
    first, second = number(), number()
    page = phones(first, second)
    one, two = page.locator("section").nth(0), page.locator("section").nth(1)

    one.get_by_label("Numéro du destinataire").last.fill(customer.number)
    one.get_by_label("Votre message").fill("Où en est mon dossier ?")
    one.get_by_role("button", name="Envoyer").click()

    texts = one.get_by_role("log", name="Messages")
    expect(texts).to_contain_text("Bien reçu")
    expect(one.get_by_label("Votre message")).to_have_value("")
    expect(two.get_by_role("log", name="Messages")).to_be_empty()
    page.reload()
    expect(texts).to_contain_text("Où en est mon dossier ?")
    customer.client.calls.create(to=second, from_=customer.number, twiml="<Response><Say>Rappel</Say></Response>")
    expect(two.get_by_role("alert")).to_contain_text("Appel entrant")
    two.get_by_role("button", name="Répondre").click()
    expect(two.get_by_role("log", name="Ce qui est dit")).to_contain_text("Rappel")
    expect(one.get_by_role("status")).to_have_text("Libre")


def test_in_english_and_refused(customer: Customer, phones: Callable[..., Page]):
    """The page speaks the visitor's language and the other one; what cannot be done is told, and typed text kept."""
    page = phones(number(), locale="en-GB")
    page.get_by_label("Number to reach").last.fill("12")
    page.get_by_label("Your message").fill("Hello")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_have_text("This number does not exist.")
    expect(page.get_by_label("Your message")).to_have_value("Hello")
    page.get_by_role("button", name="Français").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Téléphones")
    page.get_by_role("button", name="Ajouter un téléphone").click()
    expect(page.locator("section")).to_have_count(2)
