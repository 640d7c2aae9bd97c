"""A caller leaves a message; an agent hears it in the ticket it became.

The last of the folder: whoever left a message is to be called back, and would be offered to the agents of other tests.
"""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

from playwright.sync_api import Page, expect

from contact.demo.policy import stay_open
from contact.domain import policy_default
from tests.browser.conftest import accessible, said
from tests.browser.test_phone_menu import CITY, NADIA, open_menu
from tests.browser.test_policy import open_policy


def open_offices(administrator: Page, file: Path) -> None:
    """Whatever policy stands, from now on the telephone is answered at the hour at which the test runs."""
    document = policy_default.default(("fr", "en"))
    stay_open(document, date.today())
    file.write_text(json.dumps(document))
    open_policy(administrator)
    administrator.get_by_label("Reprendre un fichier…").set_input_files(file)
    administrator.get_by_role("button", name="Publier…").click()
    administrator.get_by_role("dialog").get_by_label("Pourquoi ce changement").fill("Ouvert")
    administrator.get_by_role("button", name="Publier maintenant").click()
    expect(administrator.get_by_text("en vigueur depuis")).to_contain_text("Ouvert")
    administrator.get_by_role("link", name="Campagnes").first.click()


def test_a_message_is_left_and_heard(sign_in: Callable[..., Page], call: Callable[..., Page], tmp_path: Path):
    """By the option of a menu that leads to the voicemail; the recording is played by keyboard."""
    nadia = sign_in(NADIA)
    open_offices(nadia, tmp_path / "policy.json")
    open_menu(nadia)
    nadia.get_by_label("Mène à").last.select_option(label="La messagerie")
    nadia.get_by_role("button", name="Publier…").click()
    nadia.get_by_role("dialog").get_by_label("Pourquoi ce changement").fill("Messagerie")
    nadia.get_by_role("button", name="Publier maintenant").click()
    expect(nadia.get_by_text("publiée le")).to_contain_text("Messagerie")
    phone = call(CITY)
    phone.keyboard.press("3")
    expect(said(phone)).to_contain_text("La voix : bip")
    phone.get_by_label("Ce que vous dites").fill("Mon bac est cassé")
    phone.keyboard.press("Enter")
    expect(said(phone)).to_contain_text("Mon bac est cassé")

    phone.get_by_role("button", name="dièse").press("Enter")

    expect(said(phone)).to_contain_text("Appel terminé")
    hugo = sign_in("hugo@accueil.example")
    hugo.get_by_role("button", name="Mes files").click()
    hugo.locator(".row-link").filter(has=hugo.get_by_text("Téléphone")).first.click()
    story = hugo.get_by_label("Messages du dossier")
    expect(story).to_contain_text("message vocal")
    message = story.locator("audio").last
    accessible(hugo)
    message.press("Space")
    hugo.wait_for_function("audio => audio.currentTime > 0", arg=message.element_handle())
