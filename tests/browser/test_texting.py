"""A citizen's telephone in one browser, an agent's console in another."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE_MS, accessible
from tests.browser.test_conversation import become_ready
from tests.product import Product

PHONE = "+33612345678"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(2000)


def phone_page(browser: Browser, product: Product) -> Page:
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="fr-FR", reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{product.port + 3}/phone?n={PHONE.replace('+', '%2B')}")
    return page


def text(page: Page, words: str) -> None:
    page.get_by_label("Numéro du destinataire").last.fill("36101")
    page.get_by_label("Votre message").fill(words)
    page.get_by_role("button", name="Envoyer").click()


def test_text_and_be_answered(browser: Browser, product: Product, sign_in: Callable[..., Page], tmp_path: Path):
    """The text is offered and accepted; the composer counts as one types and names what costs; the phone has the reply,
    the console its delivery, and the picture that comes back, to be saved; a phone's width too."""
    elise = sign_in("elise@accueil.example")
    become_ready(elise)
    phone = phone_page(browser, product)
    text(phone, "Bonjour, où trouver mon reçu fiscal ?")
    expect(elise.get_by_role("region", name="Propositions")).to_contain_text("où trouver mon reçu fiscal")
    # The tests before may have left others who wait.
    offer = elise.get_by_role("article").filter(has_text="où trouver mon reçu fiscal")
    offer.get_by_role("button", name="Accepter").click()

    box = elise.get_by_label("Votre réponse au citoyen")
    box.fill("Bonjour, il est dans votre espace.")
    meter = elise.locator(".text-meter")
    expect(meter).to_contain_text("34 / 160 caractères")
    expect(meter).to_contain_text("1 SMS")
    box.fill("Bonjour, votre reçu est dans l’espace « Documents ». " + "Bonne journée. " * 3)
    expect(meter.get_by_role("status")).to_contain_text("ç")
    expect(meter).to_contain_text("2 SMS")
    expect(elise.locator(".composer-where")).to_contain_text("36101 → +33 6 12 34 56 78")
    accessible(elise)
    elise.screenshot(path=tmp_path / "sms-composer.png")
    elise.set_viewport_size({"width": 390, "height": 844})
    expect(meter).to_be_visible()
    accessible(elise)
    elise.screenshot(path=tmp_path / "sms-composer-phone.png")
    elise.set_viewport_size({"width": 1440, "height": 900})
    elise.get_by_role("button", name="Envoyer", exact=True).click()

    expect(phone.get_by_role("log", name="Messages")).to_contain_text("votre reçu est dans l’espace")
    expect(elise.get_by_label("Messages du dossier")).to_contain_text("Reçu")

    phone.get_by_label("Une image").set_input_files({"name": "scan.png", "mimeType": "image/png", "buffer": PICTURE})
    text(phone, "Voici mon avis")
    link = elise.get_by_label("Messages du dossier").get_by_role("link", name="Photo")
    expect(link).to_be_visible()
    accessible(elise)
    elise.screenshot(path=tmp_path / "sms-picture.png")
    with elise.expect_download() as download:
        link.click()
    assert download.value.path().read_bytes() == PICTURE

    text(phone, "STOP")
    expect(elise.get_by_label("Messages du dossier")).to_contain_text("ne veut plus recevoir de SMS d’information")
    elise.screenshot(path=tmp_path / "sms-stop.png")
    phone.context.close()
