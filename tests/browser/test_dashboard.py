"""The admin's first page in chromium, both themes, wide and narrow, in two languages; and a role that is given."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import Visit, check
from tests.services import CHROMIUM
from tests.site import Site

pytestmark = pytest.mark.browser
WIDTHS = (400, 1280)


@pytest.fixture(params=["en-GB", "de-DE"])
def page(request: pytest.FixtureRequest, site: Site) -> Iterator[Page]:
    """Signed in as a superuser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        context = browser.new_context(locale=request.param, timezone_id="Europe/Berlin")
        page = context.new_page()
        page.goto(f"{site.url}/admin/")
        page.locator("input[name=username]").fill("admin")
        page.locator("input[name=password]").fill(site.password)
        page.locator("form [type=submit]").last.click()
        page.wait_for_url(f"{site.url}/admin/")
        yield page
        browser.close()


def test_dashboard_is_for_everybody(page: Page, axe: str) -> None:
    """All of it open."""
    for summary in page.locator("summary").all():
        summary.click()
    assert page.get_by_role("img").count() >= 3
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            check(page, axe)


def test_given_role_opens_the_admin(visit: Visit) -> None:
    """Alice gets one tick, and sees the first page of support: nothing refused, nothing in the console."""
    page = visit.page
    page.goto(f"{visit.site.url}/admin/")
    visit.sign_in(page, "admin")
    page.wait_for_load_state("networkidle")  # a request that the next page cuts off is a complaint
    page.goto(f"{visit.site.url}/admin/users/user/?q=alice@example.com")
    page.wait_for_load_state("networkidle")
    page.locator("#result_list tbody th a").click()
    page.get_by_label("Support:").check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Log out").click()
    page.wait_for_load_state("networkidle")
    page.goto(f"{visit.site.url}/admin/")
    visit.sign_in(page, "alice")
    page.get_by_role("heading", name="Needs attention").wait_for()
    page.wait_for_load_state("networkidle")
    assert page.get_by_role("link", name="Mail templates").count() == 0
    visit.judge()
