"""Debian's chromium at the real site, with everything it asks for and complains about written down."""

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, sync_playwright

from tests.judges import node
from tests.services import CHROMIUM, need_chromium
from tests.site import Site, wait_until

AXE = Path(__file__).parent / "axe"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    need_chromium()
    with Site(tmp_path_factory.mktemp("site")) as running:
        yield running


def answer_links(site: Site) -> list[str]:
    """Yes, maybe and no, as they stand in the invitation that dora@example.org got to the weekly meeting."""
    wait_until(lambda: bool(_answer_links(site)), 30, "dora has got the invitation")
    return _answer_links(site)


def _answer_links(site: Site) -> list[str]:
    for path in sorted((site.folder / "mails").glob("*.eml")):
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        if "dora@example.org" in mail["To"] and mail["Subject"].startswith("Invitation: Jour fixe"):
            return re.findall(r"http\S+/rsvp/\S+", mail.get_body(("plain",)).get_content())
    return []


class Visit:
    """All windows of one visitor."""

    def __init__(self, context: BrowserContext, site: Site, pictures: Path) -> None:
        self.site = site
        self.pictures = pictures
        self.requests: list[str] = []
        self.complaints: list[str] = []
        context.on("request", lambda request: self.requests.append(request.url))
        context.on("requestfailed", lambda request: self.complaints.append(f"failed: {request.url}"))
        context.on("console", self._on_console)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("response", lambda answer: self._on_answer(answer.status, answer.url))
        self.page: Page = context.new_page()

    def _on_console(self, message: object) -> None:
        if message.type in {"error", "warning"}:  # type: ignore[attr-defined]
            self.complaints.append(f"{message.type}: {message.text}")  # type: ignore[attr-defined]

    def _on_answer(self, status: int, url: str) -> None:
        if status >= 400:
            self.complaints.append(f"{status}: {url}")

    def picture(self, name: str, page: Page | None = None, *, full_page: bool = True) -> None:
        """For people who want to look: pytest --basetemp says where."""
        (page or self.page).screenshot(path=self.pictures / f"{name}.png", full_page=full_page)

    def sign_in(self, window: Page, username: str) -> None:
        window.get_by_label("Username or email").fill(username)
        window.get_by_label("Password").fill(self.site.password)
        self.picture(f"login-{username}", window)
        window.get_by_role("button", name="Sign In").click()

    def judge(self) -> None:
        """No complaint in any console, and nothing asked of another host."""
        assert self.complaints == []
        hosts = {urlsplit(url).netloc for url in self.requests if not url.startswith(("data:", "blob:"))}
        assert hosts == {f"127.0.0.1:{self.site.port}"}


@pytest.fixture
def visit(site: Site, tmp_path: Path) -> Iterator[Visit]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        context = browser.new_context(
            locale="en-GB", timezone_id="Europe/Berlin", viewport={"width": 1280, "height": 900}
        )
        context.set_default_timeout(20_000)
        yield Visit(context, site, tmp_path)
        browser.close()


@pytest.fixture(scope="session")
def axe() -> str:
    return (node.installed(AXE) / "node_modules/axe-core/axe.min.js").read_text()


def check(page: Page, axe: str) -> None:
    """No rule of axe-core is broken, and nothing is wider than the window."""
    page.evaluate(axe)
    found: Any = page.evaluate("tags => axe.run({runOnly: {type: 'tag', values: tags}})", WCAG)
    broken = [(rule["id"], [item["html"] for item in rule["nodes"]]) for rule in found["violations"]]
    assert broken == []
    assert len(found["passes"]) > 15
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
