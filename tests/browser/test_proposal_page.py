"""The page on which an organizer decides a proposed time, in chromium: three languages, narrow, dark, by keyboard."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import check
from tests.services import CHROMIUM
from tests.site import Site

pytestmark = pytest.mark.browser
LOOKS = {"en-GB": ("light", "Another time"), "de-DE": ("dark", "Eine andere Zeit"), "fr-FR": ("light", "Un autre")}
NARROW = {"width": 320, "height": 640}  # WCAG 2.2, 1.4.10
LINK = """
from events.decisions import link_for
from invites.models import Reply
print(link_for(Reply.objects.filter(proposal_state="open").latest("received_at")))
"""


@pytest.fixture
def browser(site: Site) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


def test_proposal_is_decided_on_a_telephone_by_keyboard(browser: Browser, site: Site, axe: str, tmp_path: Path) -> None:
    link = site.manage("shell", "-c", LINK).strip().splitlines()[-1]
    for locale, (scheme, heading) in LOOKS.items():
        page = browser.new_context(viewport=NARROW, color_scheme=scheme, locale=locale).new_page()
        answer = page.goto(link)
        assert answer is not None
        assert answer.status == 200
        assert page.locator("html").get_attribute("lang") == locale[:2]
        assert page.locator("h1").inner_text().startswith(heading)
        check(page, axe)
        page.screenshot(path=tmp_path / f"proposal-{locale}.png", full_page=True)
    page.locator("textarea").fill("Non")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.value") == "refuse"
    page.keyboard.press("Enter")
    page.get_by_role("status").wait_for()
    assert page.get_by_role("status").inner_text() == "Il a été refusé."
    check(page, axe)
