"""A list of people, from the upload to its result, in chromium: both themes, wide and narrow, in two languages."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import check
from tests.services import CHROMIUM
from tests.site import Site

# Long lists take minutes: `make test-admin` runs it beside the walk.
pytestmark = [pytest.mark.browser, pytest.mark.deep]
HEADER = "email;Vorname;Nachname;language;Schuhgröße"
ROWS = ("{0}@example.com;Ida;Ibsen;de;38", "nobody;No;Body;;", "{0}@EXAMPLE.com;Ida;Ibsen;;", "alice@example.com;;;;")


@pytest.fixture(params=["en-GB", "de-DE"])
def page(request: pytest.FixtureRequest, site: Site) -> Iterator[Page]:
    """Signed in as a superuser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        page = browser.new_context(locale=request.param, timezone_id="Europe/Berlin").new_page()
        page.goto(f"{site.url}/admin/")
        page.locator("input[name=username]").fill("admin")
        page.locator("input[name=password]").fill(site.password)
        page.locator("form [type=submit]").last.click()
        page.wait_for_url(f"{site.url}/admin/")
        yield page
        browser.close()


def look(page: Page, axe: str, name: Path) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            check(page, axe)
            page.screenshot(path=f"{name}-{scheme}-{width}.png", full_page=True)


def test_list_of_people(page: Page, axe: str, site: Site, tmp_path: Path) -> None:
    page.goto(f"{site.url}/admin/users/user/")
    page.locator(".object-tools a[href*='/imports/']").click()
    look(page, axe, tmp_path / "upload")
    page.locator("[type=submit].default").click()
    page.locator(".errornote").wait_for()
    look(page, axe, tmp_path / "upload-error")
    name = page.evaluate("navigator.language").lower()
    content = "\r\n".join([HEADER, *ROWS]).format(name).encode("cp1252")
    page.locator("#id_file").set_input_files({"name": "list.csv", "mimeType": "text/csv", "buffer": content})
    page.locator("[type=submit].default").click()
    page.locator(".import-rows").wait_for()
    look(page, axe, tmp_path / "preview")
    page.locator("[name=confirm]").click()
    page.locator(".import-done").wait_for()
    look(page, axe, tmp_path / "result")


def test_long_list_shows_how_far_it_is(page: Page, axe: str, site: Site, tmp_path: Path) -> None:
    """The worker goes on with it, and the page finds out by itself."""
    rows = [f"crowd{number}@example.com" for number in range(2000)]
    page.goto(f"{site.url}/admin/imports/import/new/users/")
    content = "\r\n".join(["email", *rows]).encode()
    page.locator("#id_file").set_input_files({"name": "crowd.csv", "mimeType": "text/csv", "buffer": content})
    page.locator("[type=submit].default").click()
    page.locator("progress").wait_for()
    page.screenshot(path=tmp_path / "progress.png")
    check(page, axe)
    page.locator("[name=confirm]").wait_for(timeout=120_000)
    look(page, axe, tmp_path / "long-preview")
    page.locator("[name=discard]").click()
    page.wait_for_url(f"{site.url}/admin/imports/import/")
    check(page, axe)
