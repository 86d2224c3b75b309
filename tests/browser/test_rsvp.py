"""The page that the links in mails open, in chromium: three languages, narrow, dark, by keyboard, before axe-core."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, sync_playwright

from tests.browser.conftest import Visit, answer_links, check
from tests.services import CHROMIUM
from tests.site import Site

pytestmark = pytest.mark.browser
LANGUAGES = {"en": "Will you attend?", "de": "Nehmen Sie teil?", "fr": "Participerez-vous"}
NARROW = {"width": 320, "height": 640}  # WCAG 2.2, 1.4.10


@pytest.fixture(scope="session")
def links(site: Site) -> list[str]:
    return answer_links(site)


@pytest.fixture(params=["light", "dark"])
def narrow(request: pytest.FixtureRequest, site: Site) -> Iterator[BrowserContext]:
    """A telephone without JavaScript, but for what a test looks with."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser.new_context(viewport=NARROW, color_scheme=request.param, locale="en-GB", timezone_id="Asia/Tokyo")
        browser.close()


def test_page_is_for_everybody(narrow: BrowserContext, links: list[str], axe: str, tmp_path: Path) -> None:
    """In each language and scheme, all of it open, with and without errors."""
    page = narrow.new_page()
    for language, question in LANGUAGES.items():
        page.goto(f"{links[0]}&language={language}")
        assert page.locator("html").get_attribute("lang") == language
        assert page.get_by_role("group").first.inner_text().startswith(question)
        for summary in page.locator("summary").all():
            summary.click()
        check(page, axe)
        page.screenshot(path=tmp_path / f"page-{language}.png", full_page=True)
        page.locator("#name").fill("Zoe")
        page.locator("#proposed_end").fill("2030-01-01T10:00")
        page.locator("button.primary").click()
        assert page.locator("#error-summary li").count() == 2
        assert page.evaluate("document.activeElement.id") == "error-summary"
        check(page, axe)
        page.screenshot(path=tmp_path / f"errors-{language}.png", full_page=True)


def test_answer_by_keyboard_alone(visit: Visit, links: list[str], axe: str) -> None:
    page = visit.page
    page.goto(links[0])
    assert page.locator("#answer-accepted").is_checked()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-link"
    tab_to(page, "answer-accepted")
    page.keyboard.press("ArrowRight")
    assert page.locator("#answer-tentative").is_checked()
    tab_to(page, "comment")
    page.keyboard.type("Perhaps, by telephone")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    tab_to(page, "proposed_start")
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.type") != "submit":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**saved=**")
    assert "Your answer has been saved" in page.get_by_role("status").inner_text()
    assert "Maybe" in page.get_by_role("status").inner_text()
    check(page, axe)
    visit.picture("saved")
    visit.judge()


def tab_to(page: Page, place: str) -> None:
    for _press in range(40):
        if page.evaluate("document.activeElement.id") == place:
            return
        page.keyboard.press("Tab")
    raise AssertionError(place)


def test_works_without_script(site: Site, links: list[str]) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        page = browser.new_context(java_script_enabled=False).new_page()
        page.goto(links[2])
        assert page.locator("#answer-declined").is_checked()
        page.locator(".dates label").nth(1).click()
        page.locator("button.primary").click()
        assert "No" in page.get_by_role("status").inner_text()
        assert page.locator(".dates .badge").nth(1).inner_text() == "No"
        browser.close()


def test_page_tells_nobody_where_it_is(visit: Visit, links: list[str]) -> None:
    """No request that follows from it names it as the referrer."""
    referrers: list[str | None] = []
    visit.page.on("request", lambda request: referrers.append(request.headers.get("referer")))
    visit.page.goto(links[0])
    visit.page.locator("button.primary").click()
    visit.page.wait_for_url("**saved=**")
    assert len(referrers) > 3
    assert not any(referrers)
