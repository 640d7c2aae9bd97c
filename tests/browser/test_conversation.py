"""A citizen and agents in real browsers, in front of every real process."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import accessible

TOPIC = "Déclarer mes revenus"


def begin(
    visit: Callable[..., Page], words: str, address: str = "impots-declaration", topic: str = "", **how: object
) -> Page:
    """A citizen's page with a conversation begun on the first topic, or the one of that name."""
    page = visit(f"/chat/{address}", phone=True, **how)
    page.get_by_label("Votre demande concerne").select_option(**({"label": topic} if topic else {"index": 1}))
    page.get_by_label("Votre nom").fill("Camille")
    page.get_by_label("Votre message").fill(words)
    page.get_by_role("button", name="Commencer la conversation").click()
    expect(page.get_by_role("log")).to_contain_text(words)
    return page


def say(page: Page, words: str) -> None:
    page.get_by_label("Votre message").fill(words)
    page.get_by_role("button", name="Envoyer", exact=True).click()


def become_ready(page: Page) -> None:
    page.get_by_role("button", name="Me rendre disponible").click()
    expect(page.get_by_text("Disponible", exact=True).first).to_be_visible()


def write_reply(page: Page, words: str) -> None:
    box = page.get_by_label("Votre réponse au citoyen")
    box.fill(words)
    page.get_by_role("button", name="Envoyer", exact=True).click()
    expect(page.get_by_label("Messages du dossier")).to_contain_text(words)


def test_a_whole_conversation(visit: Callable[..., Page], sign_in: Callable[..., Page]):
    """Both ways and through reloads; the agent without the skill gets nothing; nothing is lost or doubled."""
    amelie, bruno = sign_in("amelie@accueil.example"), sign_in("bruno@accueil.example")
    become_ready(amelie)
    become_ready(bruno)
    citizen = begin(visit, "Bonjour, où trouver mon avis ?")

    offer = amelie.get_by_role("region", name="Propositions")
    expect(offer).to_contain_text("Bonjour, où trouver mon avis ?")
    expect(offer).to_contain_text("Service des impôts de Valmont")
    accessible(amelie)
    amelie.keyboard.press("Alt+a")
    log = citizen.get_by_role("log")
    expect(log).to_contain_text("Amélie")
    expect(bruno.get_by_role("button", name="Accepter")).to_have_count(0)

    write_reply(amelie, "Bonjour, dans votre espace, rubrique Documents.")
    expect(log).to_contain_text("rubrique Documents")
    say(citizen, "Merci, je regarde")
    timeline = amelie.get_by_label("Messages du dossier")
    expect(timeline).to_contain_text("Merci, je regarde")

    citizen.reload()
    amelie.get_by_label("Votre réponse au citoyen").fill("Un texte pas encore envoyé")
    amelie.reload()
    expect(amelie.get_by_label("Votre réponse au citoyen")).to_have_value("Un texte pas encore envoyé")
    write_reply(amelie, "Avez-vous trouvé ?")
    expect(log).to_contain_text("Avez-vous trouvé ?")
    for words in ("où trouver mon avis", "rubrique Documents", "Merci, je regarde", "Avez-vous trouvé"):
        assert log.inner_text().count(words) == 1, log.inner_text()
        assert timeline.inner_text().count(words) == 1, timeline.inner_text()
    accessible(citizen)
    accessible(amelie)

    amelie.get_by_role("button", name="Terminer").first.click()
    amelie.get_by_label("Motif", exact=True).select_option(index=1)
    amelie.get_by_role("button", name="Clôturer").click()
    expect(log).to_contain_text("L’agent a terminé la conversation")
    expect(amelie.get_by_text("Aucune conversation en cours.")).to_be_visible()


def test_typed_words_survive_a_dead_line(visit: Callable[..., Page]):
    """What a citizen sends while the line is down is kept, through a reload too, and arrives once."""
    citizen = begin(visit, "Première question", "emploi-inscription")
    citizen.context.set_offline(True)
    say(citizen, "Envoyé sans réseau")
    expect(citizen.get_by_role("log")).to_contain_text("Envoyé sans réseau")
    citizen.context.set_offline(False)

    expect(citizen.get_by_text("Pas encore envoyé")).to_have_count(0)
    citizen.reload()
    log = citizen.get_by_role("log")
    expect(log).to_contain_text("Envoyé sans réseau")
    assert log.inner_text().count("Envoyé sans réseau") == 1


def test_two_agents_see_the_same(visit: Callable[..., Page], sign_in: Callable[..., Page]):
    """A note that one agent writes appears on the other's screen, and not on the citizen's."""
    citizen = begin(visit, "Une question pour deux agents")
    (number,) = set(re.findall(r"\b[0-9A-HJKMNP-TV-Z]{9}\b", citizen.locator("body").inner_text()))
    one, two = sign_in("david@accueil.example"), sign_in("karima@accueil.example")
    for page in (one, two):
        page.get_by_label("Chercher un dossier").fill(number)
        page.keyboard.press("Enter")
        page.get_by_role("link", name="Une question pour deux agents").first.click()
        expect(page.get_by_label("Messages du dossier")).to_contain_text("Une question pour deux agents")

    one.get_by_role("button", name="Note interne").click()
    one.get_by_label("Votre note, invisible pour le citoyen").fill("Vu avec le service")
    one.get_by_role("button", name="Ajouter la note").click()

    expect(two.get_by_label("Messages du dossier")).to_contain_text("Vu avec le service")
    citizen.reload()
    expect(citizen.get_by_role("log")).to_contain_text("Une question pour deux agents")
    expect(citizen.get_by_role("log")).not_to_contain_text("Vu avec le service")


def test_every_screen_is_accessible(visit: Callable[..., Page], sign_in: Callable[..., Page]):
    """axe finds nothing on any role's screens, wide and at phone width, in French and English."""
    for phone in (False, True):
        accessible(visit("/console", phone=phone))
        accessible(visit("/chat/ville-mairie", phone=phone, locale="en-GB"))
    for login, words in {
        "bruno@accueil.example": "Mes conversations",
        "sophie@accueil.example": "Files",
        "claire@impots.example": "Campagnes",
        "operateur@guichet.example": "Plateforme",
    }.items():
        for phone in (False, True):
            page = sign_in(login, phone=phone)
            expect(page.get_by_text(words).first).to_be_visible()
            accessible(page)


def test_supervisor_sees_who_waits(visit: Callable[..., Page], sign_in: Callable[..., Page]):
    """The wallboard shows a new contact without a reload, the way to why it waits, and an agent's change of state."""
    sophie = sign_in("sophie@accueil.example")
    citizen = begin(visit, "Mon livret de famille", "ville-mairie", "État civil et papiers")
    queue = sophie.get_by_role("row").filter(has_text="Ville de Valmont")
    queue.get_by_role("link", name="dossier le plus ancien").click()
    sophie.get_by_text("Routage", exact=True).press("Enter")
    expect(sophie.get_by_role("heading", name="Agents de la file")).to_be_visible()
    expect(sophie.get_by_role("complementary")).to_contain_text("compétence État civil et papiers")
    accessible(sophie)
    citizen.get_by_label("Options de la conversation").click()
    citizen.get_by_role("button", name="Terminer la conversation").click()
    citizen.get_by_role("button", name="Terminer", exact=True).click()
    sophie.get_by_role("link", name="Pilotage").click()
    hugo = sign_in("hugo@accueil.example")
    row = sophie.get_by_role("row").filter(has_text="Hugo")
    expect(row).to_contain_text("Hors ligne")

    become_ready(hugo)

    expect(row).to_contain_text("Disponible")
    closes_and_lifts(sophie)


def closes_and_lifts(sophie: Page) -> None:
    """By keyboard: the phone line closed to all for a time, shown with who and why, and given back to the policy."""
    line = sophie.get_by_role("row").filter(has=sophie.get_by_role("button", name="Fermer à tous"))
    expect(line).not_to_contain_text("Plus de nouvelles")
    line.get_by_role("button", name="Fermer à tous").press("Enter")
    dialog = sophie.get_by_role("dialog")
    accessible(sophie)
    dialog.get_by_label("Durée").select_option("15")
    dialog.get_by_label("Pourquoi").fill("Alerte incendie")
    dialog.get_by_role("button", name="Fermer à tous").press("Enter")
    expect(dialog).to_have_count(0)
    lift = sophie.get_by_role("button", name="Lever")
    closed = sophie.get_by_role("row").filter(has=lift)
    expect(closed).to_contain_text("Fermée à tous par Sophie Lambert jusqu’à")
    expect(closed).to_contain_text("Alerte incendie")
    accessible(sophie)
    lift.press("Enter")
    sophie.get_by_role("button", name="Lever la décision", exact=True).press("Enter")
    expect(lift).to_have_count(0)
    expect(sophie.get_by_role("button", name="Fermer à tous")).to_be_visible()
