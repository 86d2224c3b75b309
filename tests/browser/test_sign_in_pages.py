"""The pages about signing in and about people who leave, before axe-core: with errors, in both schemes, narrow."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import check
from tests.factories import PASSWORD
from tests.services import CHROMIUM
from tests.site import Site
from users.second_factor import code_at, step_now

pytestmark = pytest.mark.browser
# A superuser of its own, whose second factor leaves the demonstration's people as they are; who has meetings, and one.
SET_UP = """
from events.models import Event
from tests import factories
from users.models import User
User.objects.filter(username="{0}").exists() or factories.staff("{0}")
event = Event.objects.filter(created_by__username="alice").exclude(recurrence_pattern=[]).first()
print(event.created_by_id, event.pk)
"""
LANGUAGES = {"light": "en-GB", "dark": "de-DE"}


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, site: Site) -> Iterator[Page]:
    """In both languages of the house, one for each scheme."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        context = browser.new_context(
            locale=LANGUAGES[request.param], color_scheme=request.param, timezone_id="Europe/Berlin"
        )
        yield context.new_page()
        browser.close()


@pytest.fixture
def keeper(request: pytest.FixtureRequest, site: Site) -> tuple[str, str, str]:
    """Name; the ids of somebody with meetings and of one of these."""
    name = f"keeper-{request.node.callspec.params['page']}"
    told = site.manage("shell", "--no-imports", "-c", SET_UP.format(name)).split()
    return name, told[-2], told[-1]


def look(page: Page, axe: str, picture: Path) -> None:
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        check(page, axe)
        page.screenshot(path=f"{picture}-{width}.png", full_page=True)


def submit(page: Page) -> None:
    """Whatever the browser thinks of what is filled in."""
    page.evaluate("for (const form of document.forms) form.noValidate = true")
    page.locator("main form [type=submit]:not([name])").first.click()


def sign_in(page: Page, site: Site, name: str, password: str) -> None:
    page.goto(f"{site.url}/login/")
    page.locator("#username").fill(name)
    page.locator("#password").fill(password)
    submit(page)


def test_login_and_second_factor(
    site: Site, page: Page, keeper: tuple[str, str, str], axe: str, tmp_path: Path
) -> None:
    name, password = keeper[0], PASSWORD
    page.goto(f"{site.url}/login/?next=/admin/")
    look(page, axe, tmp_path / "login")
    sign_in(page, site, name, "wrong")
    look(page, axe, tmp_path / "login-error")
    sign_in(page, site, name, password)
    page.goto(f"{site.url}/login/second-factor/set-up/")
    look(page, axe, tmp_path / "set-up")
    page.locator("#code").fill("000000")
    submit(page)
    look(page, axe, tmp_path / "set-up-error")
    key = page.locator(".card code").inner_text().replace(" ", "")
    page.locator("#code").fill(code_at(key, step_now()))
    submit(page)
    recovery = page.locator(".codes code").all_inner_texts()
    look(page, axe, tmp_path / "recovery-codes")
    page.context.clear_cookies()
    sign_in(page, site, name, password)
    look(page, axe, tmp_path / "code")
    page.locator("#code").fill("000000")
    submit(page)
    look(page, axe, tmp_path / "code-error")
    page.locator("#code").fill(recovery[0])
    submit(page)
    page.goto(f"{site.url}/login/second-factor/remove/")
    look(page, axe, tmp_path / "remove")
    page.locator("#code").fill("000000")
    submit(page)
    look(page, axe, tmp_path / "remove-error")
    # So that the next run with the same site begins as this one did.
    page.locator("#code").fill(recovery[1])
    submit(page)
    page.wait_for_url("**/set-up/")


def test_people_who_leave(site: Site, page: Page, keeper: tuple[str, str, str], axe: str, tmp_path: Path) -> None:
    name, person, event = keeper
    sign_in(page, site, name, PASSWORD)
    page.goto(f"{site.url}/admin/events/event/{event}/hand-over/")
    look(page, axe, tmp_path / "hand-over")
    submit(page)
    page.locator(".errorlist, .errornote").first.wait_for()
    look(page, axe, tmp_path / "hand-over-error")
    page.goto(f"{site.url}/admin/users/user/{person}/disable/")
    look(page, axe, tmp_path / "disable")
    page.locator("[name=fate][value=hand_over]").check()
    submit(page)
    page.locator(".errorlist, .errornote").first.wait_for()
    look(page, axe, tmp_path / "disable-error")
