"""An administration writes what its callers hear, goes through it as one of them, and publishes it."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import accessible

CLAIRE, NADIA = "claire@impots.example", "nadia@ville.example"
CITY = "+33199000003"
IS_IN_SIGHT = """field => {
  const { x, y, width, height } = field.getBoundingClientRect();
  return field === document.elementFromPoint(x + width / 2, y + height / 2);
}"""


def open_menu(administrator: Page, link: str = "Menu vocal") -> Locator:
    """The editor; gives the telephone beside it."""
    administrator.get_by_role("link", name=link).first.click()
    telephone = administrator.locator("section", has=administrator.locator("#menu-walk"))
    expect(telephone).to_be_visible()
    return telephone


def test_a_menu_is_written_tried_and_published(sign_in: Callable[..., Page]):
    """What is wrong is named while one writes; a draft survives a reload, can be called, is published with a reason."""
    nadia = sign_in(NADIA)
    telephone = open_menu(nadia)
    accessible(nadia)
    with nadia.context.expect_page() as opened:
        nadia.get_by_role("link", name="Appeler depuis un téléphone de cette machine").click()
    expect(opened.value.get_by_label("Numéro du destinataire").first).to_have_value(CITY)
    opened.value.close()
    welcome = nadia.get_by_label("Phrase d’accueil (Français)")
    welcome.fill("Bonjour et bienvenue à la mairie. " * 5)
    expect(nadia.get_by_text("1 point à corriger")).to_be_visible()
    expect(welcome).to_have_attribute("aria-invalid", "true")
    accessible(nadia)
    welcome.fill("Bonjour, ici la mairie.")
    expect(nadia.get_by_text("Vérifié. À écouter en entier")).to_be_visible()
    nadia.reload()
    expect(nadia.get_by_text("Brouillon non publié")).to_be_visible()

    telephone.get_by_role("button", name="Appeler").click()
    heard = telephone.get_by_role("log")
    expect(heard).to_contain_text("Bonjour, ici la mairie.")
    nadia.keyboard.press("9")
    expect(heard).to_contain_text("Waste collection, press 3.")
    words = telephone.get_by_label("Dire (tapé ici)")
    words.fill("waste please")
    nadia.context.set_offline(True)
    words.press("Enter")
    expect(telephone.get_by_role("alert")).to_be_visible()
    nadia.context.set_offline(False)
    expect(words).to_have_value("waste please")
    words.press("Enter")
    expect(heard).to_contain_text(
        "File d’attente, sujet « Déchets et collecte »".replace(" »", "\u202f»").replace("« ", "«\u202f")
    )
    accessible(nadia)

    nadia.get_by_role("button", name="Publier…").click()
    dialog = nadia.get_by_role("dialog")
    expect(dialog).to_contain_text("Phrase d’accueil modifiée")
    dialog.get_by_label("Pourquoi ce changement").fill("Plus court")
    accessible(nadia)
    dialog.get_by_role("button", name="Publier maintenant").click()
    expect(nadia.get_by_text("publiée le")).to_contain_text("Plus court")
    nadia.get_by_role("button", name="Reprendre la version 1 comme brouillon").click()
    expect(nadia.get_by_text("Brouillon non publié")).to_be_visible()
    welcome.fill("Bonjour !")
    nadia.get_by_role("button", name="Reprendre la version 1 comme brouillon").click()
    nadia.get_by_role("dialog", name="Remplacer votre brouillon").get_by_role("button", name="Annuler").click()
    expect(welcome).to_have_value("Bonjour !")


def test_a_menu_on_a_narrow_screen_in_english(sign_in: Callable[..., Page]):
    """Hours, an option that is added and one without a text, by keyboard; nothing is wider than the screen."""
    claire = sign_in(CLAIRE, phone=True)
    open_menu(claire)
    name = claire.get_by_label("Ce qui est dit (Français)").first
    before = name.input_value()
    name.fill("")
    expect(claire.get_by_text("1 point à corriger")).to_be_visible()
    claire.get_by_role("button", name="Compte de").or_(claire.locator(".account summary")).first.click()
    claire.get_by_role("button", name="English").click()
    said = claire.get_by_label("What is said (Français)").first
    expect(said).to_have_accessible_description("This field is required.")
    expect(said).to_have_value("")
    said.fill(before)
    down, up = claire.get_by_role("button", name="” down"), claire.get_by_role("button", name="” up")
    down.nth(-2).press("Enter")
    expect(up.last).to_be_focused()
    claire.get_by_role("button", name="Set hours").press("Enter")
    expect(claire.get_by_label("From").first).to_have_value("09:00")
    claire.get_by_role("button", name="Remove option").last.press("Enter")
    claire.get_by_role("button", name="Add an option").press("Enter")
    added = claire.get_by_label("What is said (Français)").last
    expect(added).to_be_focused()
    claire.keyboard.type("Rendez-vous")
    for _ in range(5):
        claire.keyboard.press("Tab")
        assert claire.locator(":focus").evaluate(IS_IN_SIGHT)

    expect(claire.get_by_text("1 thing to put right")).to_be_visible()
    accessible(claire)
    claire.get_by_label("What is said (English)").last.fill("Appointments")
    key = claire.get_by_label("Key", exact=True).last
    fresh = key.input_value()
    key.focus()
    key.select_option("1")
    expect(claire.get_by_text("1 thing to put right")).to_be_visible()
    expect(key).to_be_focused()
    key.select_option(fresh)
    expect(claire.get_by_text("Checked. To hear all of it")).to_be_visible()
    assert claire.evaluate("document.documentElement.scrollWidth") <= 390
    claire.get_by_role("button", name="Discard the draft").press("Enter")
    expect(claire.get_by_text("A draft, not published")).to_have_count(0)
    expect(claire.get_by_role("main")).to_be_focused()
