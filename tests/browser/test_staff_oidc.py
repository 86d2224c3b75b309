"""Staff sign in at another identity provider (npm's oidc-provider) and out again, in chromium, in two languages."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import check
from tests.services import CHROMIUM, need_chromium
from tests.site import Site
from tests.smtp_sink import free_port
from tests.users.second_provider import SecondProvider, need_packages

pytestmark = pytest.mark.browser
BUTTON = {"en": "Sign in with Example Login", "de": "Mit Example Login anmelden"}
SIGN_OUT = {"en": "Log out", "de": "Abmelden"}
# The demonstration's people are accounts of the embedded provider, which is off here.
KNOWN = "from tests import factories; boss = factories.staff(); boss.oidc_sub = 'boss'; boss.save()"


@pytest.fixture(scope="module")
def provided(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site whose identity provider is another program, where the superuser is called boss."""
    need_chromium()
    need_packages()
    port = free_port()
    settings = {
        "OIDC_ISSUER": f"http://127.0.0.1:{port}",
        "STAFF_OIDC_CLIENT_ID": "staff",
        "STAFF_OIDC_CLIENT_SECRET": "of the tests, and :odd",
        "STAFF_OIDC_NAME": "Example Login",
    }
    with (
        Site(tmp_path_factory.mktemp("site"), **settings) as site,
        SecondProvider(f"{site.url}/v1/auth/logout", port, site.url),
    ):
        site.manage("shell", "--no-imports", "-c", KNOWN)
        yield site


@pytest.fixture(params=[("en", "light"), ("de", "dark")], ids=["en", "de"])
def page(request: pytest.FixtureRequest) -> Iterator[Page]:
    language, scheme = request.param
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        context = browser.new_context(locale=language, color_scheme=scheme, timezone_id="Europe/Berlin")
        context.set_default_timeout(20_000)
        yield context.new_page()
        browser.close()


def sign_in_there(page: Page, name: str) -> None:
    """The provider's own pages: one that takes any name, one that asks for consent."""
    page.locator("[name=login]").fill(name)
    page.locator("[name=password]").fill("any")
    page.locator("[type=submit]").click()
    page.locator("[name=prompt][value=consent]").wait_for(state="attached")
    page.locator("[type=submit]").click()


def language_of(page: Page) -> str:
    return str(page.locator("html").get_attribute("lang"))


def test_staff_sign_in_and_out(provided: Site, page: Page, axe: str, tmp_path: Path) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(f"{message.location['url']}: {message.text}"))
    page.goto(f"{provided.url}/admin/users/user/")
    language = language_of(page)
    check(page, axe)
    page.screenshot(path=tmp_path / "login.png", full_page=True)
    page.get_by_role("link", name=BUTTON[language]).click()
    sign_in_there(page, "boss")
    page.wait_for_url(f"{provided.url}/admin/users/user/")
    assert page.locator("#changelist").count() == 1
    page.screenshot(path=tmp_path / "admin.png")
    page.get_by_role("button", name=SIGN_OUT[language]).click()
    # The page between leads on by itself.
    page.locator("[name=logout]").first.click()
    page.wait_for_url(f"{provided.url}/login/")
    page.goto(f"{provided.url}/admin/")
    assert page.get_by_role("link", name=BUTTON[language]).count() == 1
    # The provider's own pages are of others.
    assert not [complaint for complaint in complaints if complaint.startswith(provided.url)]


def test_who_is_no_staff_is_told_what_to_do(provided: Site, page: Page, axe: str, tmp_path: Path) -> None:
    page.goto(f"{provided.url}/admin/users/user/")
    page.get_by_role("link", name=BUTTON[language_of(page)]).click()
    sign_in_there(page, "stranger")
    page.wait_for_url(f"{provided.url}/login/provider/return/**")
    check(page, axe)
    page.screenshot(path=tmp_path / "refused.png", full_page=True)
    # Somebody else at the same machine; the provider asks although it knows who is there.
    page.locator("main a[href*=anew]").click()
    page.locator("[name=login]").wait_for()
