"""A real Chromium in front of the real product."""

import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from contact.api.limits import VISITOR_COOKIE
from tests.people import PASSWORD
from tests.product import Product

PATIENCE_MS = 30_000
EMPLOYMENT = "+33199000001"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]
# What axe is asked: WCAG 2.2, levels A and AA.
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`-m "not browser"` leaves them out."""
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, found on PATH."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.skip("no Chromium on PATH (Debian: apt install chromium)")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=QUIET)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def product() -> Iterator[Product]:
    """The product, running."""
    folder = Path(tempfile.mkdtemp(prefix="guichet-browser-"))
    running = Product(folder / "data", has_carrier="true")
    yield running
    assert running.stop() == 0, "".join(running.lines)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def visit(browser: Browser, product: Product) -> Iterator[Callable[..., Page]]:
    """`visit("/console")` opens a page in a browser context of its own, which forgets everything afterwards."""
    contexts: list[BrowserContext] = []

    def opened(path: str, *, phone: bool = False, locale: str = "fr-FR") -> Page:
        size = {"width": 390, "height": 844} if phone else {"width": 1440, "height": 900}
        context = browser.new_context(
            viewport=size, locale=locale, base_url=product.base, has_touch=phone, reduced_motion="reduce"
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        leave(context)
        context.close()


def leave(context: BrowserContext) -> None:
    """Who chats ends it, who is signed in speaks French again and signs out: the next test gets nothing of theirs."""
    for cookie in context.cookies():
        if cookie["name"] == VISITOR_COOKIE:
            context.request.post(f"{cookie['path']}/end")
    session = context.request.get("/api/v1/session")
    if session.ok:
        headers = {"X-CSRF-Token": session.json()["csrf_token"]}
        assert context.request.patch("/api/v1/account", data={"language": "fr"}, headers=headers).ok
        assert context.request.delete("/api/v1/session", headers=headers).ok


@pytest.fixture
def sign_in(visit: Callable[..., Page], product: Product) -> Callable[..., Page]:
    """`sign_in("amelie@accueil.example")` opens the console as that person."""

    def opened(login: str, **how: object) -> Page:
        page = visit("/console", **how)
        page.get_by_label("Identifiant").fill(login)
        page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
        page.keyboard.press("Enter")
        try:
            expect(page.get_by_label("Identifiant")).to_have_count(0)
        except AssertionError as refused:
            # Say what the page said, and what the product did meanwhile.
            said = page.get_by_role("alert").all_inner_texts()
            raise AssertionError(f"not signed in: {said}\n{''.join(product.lines[-30:])}") from refused
        return page

    return opened


@pytest.fixture
def call(browser: Browser, product: Product) -> Iterator[Callable[..., Page]]:
    """`call()` opens a citizen's phone with a number of its own, dials the employment office and hears the menu."""
    contexts: list[BrowserContext] = []

    def opened(office: str = EMPLOYMENT) -> Page:
        contexts.append(browser.new_context(viewport={"width": 390, "height": 844}, locale="fr-FR"))
        page = contexts[-1].new_page()
        page.set_default_timeout(PATIENCE_MS)
        own = f"%2B336{random.randrange(10_000_000, 99_999_999)}"
        page.goto(f"{product.phones}?n={own}&to={office.replace('+', '%2B')}")
        page.get_by_label("Numéro du destinataire").first.press("Enter")
        expect(said(page)).to_contain_text("tapez 1")
        return page

    yield opened
    for context in contexts:
        context.close()


def said(phone: Page) -> Locator:
    """What a citizen's phone has heard."""
    return phone.get_by_role("log", name="Ce qui est dit")


def accessible(page: Page) -> None:
    """axe finds nothing to complain about, once the page has said what it is."""
    expect(page.get_by_role("heading", level=1).first).to_be_attached()
    found = Axe().run(page, options=RULES)
    told = [
        f"{one['id']}: {one['help']} {[node['target'] for node in one['nodes']]}"
        for one in found.response["violations"]
    ]
    assert not told, "\n".join(told)
