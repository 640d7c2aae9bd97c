"""An administration sets how its contacts find agents; a supervisor sets what agents can do."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import accessible

CLAIRE, NADIA, SOPHIE = "claire@impots.example", "nadia@ville.example", "sophie@accueil.example"


def open_plan(administrator: Page) -> None:
    administrator.get_by_role("link", name="Campagnes").first.click()
    administrator.get_by_role("link", name="Régler le routage").click()
    expect(administrator.get_by_role("heading", name="Sujets")).to_be_visible()


def test_a_plan_is_edited_checked_and_published(sign_in: Callable[..., Page]):
    """A draft survives a reload; what changes is told before it is published; versions can be resumed."""
    nadia = sign_in(NADIA)
    open_plan(nadia)
    accessible(nadia)
    school = nadia.get_by_role("listitem").filter(has=nadia.get_by_role("heading", name="École et périscolaire"))
    school.get_by_label("Nom (français)").fill("")
    nadia.get_by_role("button", name="Publier…").click()
    expect(nadia.get_by_role("alert").first).to_be_focused()
    draft = nadia.get_by_role("region", name="Brouillon non publié")
    expect(draft.get_by_role("status")).not_to_be_empty()
    nameless = nadia.get_by_role("listitem").filter(has=nadia.get_by_role("heading", name="–"))
    nameless.get_by_label("Nom (français)").fill("École, cantine, périscolaire")
    expect(draft.get_by_role("status")).to_be_empty()
    nadia.reload()
    expect(nadia.get_by_text("Brouillon non publié")).to_be_visible()
    school = nadia.get_by_role("listitem").filter(has=nadia.get_by_role("heading", name="École, cantine, périscolaire"))

    nadia.get_by_role("button", name="Publier…").click()
    dialog = nadia.get_by_role("dialog")
    expect(dialog).to_contain_text("Sujet « École, cantine, périscolaire » modifié : nom")
    accessible(nadia)
    dialog.get_by_label("Pourquoi ce changement").fill("La cantine arrive dans le sujet")
    dialog.get_by_role("button", name="Publier maintenant").click()

    expect(nadia.get_by_text("publiée le")).to_contain_text("La cantine arrive dans le sujet")
    expect(nadia.get_by_role("button", name="Reprendre la version 1 comme brouillon")).to_be_visible()
    expect(nadia.get_by_text("Brouillon non publié")).to_have_count(0)


def test_what_nobody_could_serve_is_named(sign_in: Callable[..., Page]):
    """The check tells, beside the topic and before publishing, whom a draft would leave without an agent."""
    claire = sign_in(CLAIRE, phone=True)
    open_plan(claire)
    accessible(claire)
    for step in ("3", "2"):
        claire.get_by_role("button", name=f"Retirer l’étape {step}").first.click()
    claire.get_by_label("Déclarer mes revenus", exact=True).first.select_option("5")

    claire.get_by_role("button", name="Vérifier").click()

    expect(claire.get_by_text("Personne ne pourrait jamais répondre").first).to_be_visible()
    claire.get_by_role("button", name="Publier…").click()
    expect(claire.get_by_role("dialog")).to_contain_text("Ces demandes ne trouveraient jamais d’agent")
    claire.keyboard.press("Escape")
    claire.get_by_role("button", name="Abandonner le brouillon").click()
    expect(claire.get_by_text("Brouillon non publié")).to_have_count(0)


def test_a_supervisor_sets_what_an_agent_can_do(sign_in: Callable[..., Page]):
    """By the names of the administrations; the matrix shows it at once."""
    sophie = sign_in(SOPHIE)
    sophie.get_by_role("link", name="Compétences").click()
    accessible(sophie)
    sophie.get_by_role("button", name="Modifier les compétences de Louis Bertin").click()
    accessible(sophie)
    sophie.get_by_role("dialog").get_by_label("Me former").select_option("4")
    sophie.get_by_role("dialog").get_by_role("button", name="Enregistrer").click()

    expect(sophie.get_by_role("dialog")).to_have_count(0)
    row = sophie.get_by_role("row").filter(has_text="Louis Bertin")
    expect(row.get_by_role("cell", name="4", exact=True)).to_be_visible()
