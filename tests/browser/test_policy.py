"""An administration changes its contact policy, reads what that changes, publishes it for a time, and takes it back."""

import json
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import accessible

CLAIRE, MARC, NADIA = "claire@impots.example", "marc@impots.example", "nadia@ville.example"


def open_policy(administrator: Page, link: str = "Politique d’accueil") -> None:
    administrator.get_by_role("link", name=link).first.click()
    expect(administrator.locator("#policy-pace")).to_be_visible()


def try_it(administrator: Page) -> None:
    """The draft beside no throttle: progress, then charts with their tables, by the keyboard and on a phone too."""
    administrator.get_by_role("button", name="Simuler le brouillon").press("Enter")
    expect(administrator.get_by_text("Simulation terminée.")).to_be_visible()
    peak = administrator.get_by_role("region", name="Un jour de pointe", exact=False).first
    expect(peak.get_by_role("img", name="Appels admis par heure")).to_be_visible()
    row = peak.get_by_role("row").filter(has_text="Part d’abandons").first
    expect(row).to_contain_text("%")
    expect(peak.get_by_role("heading", name="Par type de ligne")).to_be_visible()
    table = peak.get_by_text("Tous les chiffres par heure")
    table.press("Enter")
    expect(peak.get_by_role("columnheader", name="Agents nécessaires par heure").first).to_be_visible()
    accessible(administrator)
    administrator.set_viewport_size({"width": 390, "height": 844})
    assert administrator.evaluate("document.documentElement.scrollWidth") <= 390
    accessible(administrator)
    administrator.set_viewport_size({"width": 1440, "height": 900})


def test_a_policy_is_changed_published_and_taken_back(sign_in: Callable[..., Page], tmp_path: Path):
    """A peak period more, in force from tomorrow; out as a file and in again; the version before comes back."""
    nadia = sign_in(NADIA)
    open_policy(nadia)
    accessible(nadia)
    nadia.get_by_label("La campagne a une saison").check()
    nadia.get_by_role("button", name="Ajouter une période").press("Enter")
    expect(nadia.get_by_text("2 points à corriger")).to_be_visible()
    accessible(nadia)
    nadia.get_by_label("Nom (Français)").fill("Rentrée")
    nadia.get_by_label("Nom (English)").fill("Back to school")
    cap = nadia.get_by_label("Attente maximale promise (s)")
    cap.press_sequentially("999")
    expect(nadia.get_by_text("Vérifié : 3 changements.")).to_be_visible()
    expect(cap).to_have_value("999")
    cap.fill("")
    target = nadia.get_by_label("Attente visée (s)").last
    before = target.input_value()
    target.fill("")
    target.press("Tab")
    expect(target).to_have_value(before)
    add_day = nadia.get_by_role("button", name="Ajouter un jour")
    add_day.press("Enter")
    day = nadia.get_by_role("listitem").filter(has=nadia.get_by_label("Jour", exact=True))
    day.get_by_role("button").first.press("Enter")
    expect(add_day).to_be_focused()
    expect(nadia.get_by_text("Vérifié : 2 changements.")).to_be_visible()
    nadia.reload()
    expect(nadia.get_by_label("Nom (Français)")).to_have_value("Rentrée")

    with nadia.expect_download() as saved:
        nadia.get_by_role("button", name="Enregistrer dans un fichier").click()
    file = tmp_path / "policy.json"
    saved.value.save_as(file)
    nadia.get_by_role("button", name="Abandonner le brouillon").click()
    expect(nadia.get_by_label("La campagne a une saison")).not_to_be_checked()
    document = json.loads(file.read_text())
    file.write_text(json.dumps(document | {"territory": "XX"}))
    nadia.get_by_label("Reprendre un fichier…").set_input_files(file)
    expect(nadia.get_by_role("alert").filter(has_text="territory")).to_be_visible()
    document["modes"]["throttle"]["exit_seconds"] = 99
    file.write_text(json.dumps(document))
    nadia.get_by_label("Reprendre un fichier…").set_input_files(file)
    fault = nadia.locator("details[open]").get_by_label("Finit sous (s d’attente)")
    expect(fault).to_have_attribute("aria-invalid", "true")
    nadia.locator("details[open] > summary").click()
    nadia.get_by_role("button", name="Publier…").click()
    expect(fault).to_be_focused()
    fault.fill("9")
    fault.press("Tab")
    expect(nadia.get_by_text("Vérifié : 3 changements.")).to_be_visible()

    nadia.get_by_role("button", name="Publier…").click()
    dialog = nadia.get_by_role("dialog")
    expect(dialog).to_contain_text("Ce brouillon n’a pas été simulé. Vous pouvez tout de même le publier.")
    dialog.get_by_role("button", name="Annuler").click()
    try_it(nadia)

    nadia.get_by_role("button", name="Publier…").click()
    expect(dialog).to_contain_text("Ce brouillon a été simulé le")
    expect(dialog).to_contain_text("Régulation, finit sous (s d'attente) : 8 → 9")
    accessible(nadia)
    reason = dialog.get_by_label("Pourquoi ce changement")
    dialog.get_by_role("button", name="Publier maintenant").click()
    expect(reason).to_be_focused()
    assert reason.evaluate("field => field.validationMessage") == "Remplissez ce champ."
    reason.fill("Rentrée scolaire")
    dialog.get_by_role("button", name="Publier maintenant").click()
    expect(nadia.get_by_text("Version 1 en vigueur depuis")).to_contain_text("Rentrée scolaire")
    expect(nadia.get_by_role("main")).to_be_focused()


def test_two_publish_and_one_takes_back(sign_in: Callable[..., Page]):
    """The author proposes for a time, a colleague on a phone reads the change and publishes; one takes it back."""
    claire = sign_in(CLAIRE)
    open_policy(claire)
    claire.get_by_label("Une seconde personne doit publier chaque version").check()
    claire.get_by_role("button", name="Publier…").click()
    dialog = claire.get_by_role("dialog")
    expect(dialog).to_contain_text("Une seconde personne publie : non → oui")
    begins = dialog.get_by_label("En vigueur à partir de")
    begins.fill("2001-05-10T08:00")
    dialog.get_by_label("Pourquoi ce changement").fill("À deux")
    dialog.get_by_role("button", name="Proposer la publication").click()
    expect(begins).to_have_attribute("aria-invalid", "true")
    begins.fill("2099-05-10T08:00")
    expect(begins).not_to_have_attribute("aria-invalid", "true")
    accessible(claire)
    dialog.get_by_role("button", name="Proposer la publication").click()
    expect(claire.get_by_text("Une autre personne doit publier cette version.")).to_be_visible()

    marc = sign_in(MARC, phone=True)
    marc.locator(".account summary").click()
    marc.get_by_role("button", name="English").click()
    open_policy(marc, "Contact policy: ")
    expect(marc.get_by_text("Proposed by Claire Montel: À deux")).to_be_visible()
    expect(marc.get_by_text("A second person publishes: no → yes")).to_be_visible()
    accessible(marc)
    assert marc.evaluate("document.documentElement.scrollWidth") <= 390
    marc.get_by_role("button", name="Publish version 2").press("Enter")
    expect(marc.get_by_text("Version 2 planned for 10 May 2099 at 08:00")).to_be_visible()

    marc.get_by_role("button", name="Roll back").press("Enter")
    dialog = marc.get_by_role("dialog")
    dialog.get_by_label("Why").fill("Too early")
    dialog.get_by_role("button", name="Roll back").press("Enter")
    expect(marc.get_by_text("Version 3 in force since")).to_contain_text("Too early")
    expect(marc.get_by_text("taken out", exact=True)).to_be_visible()
