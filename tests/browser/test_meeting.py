"""Two people in chromium meet through the real server; the page in meeting/ is a small client of ours."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.conftest import check
from tests.local_server import LocalServer, Reply
from tests.services import CHROMIUM, need_chromium
from tests.signaling.served import Meeting, Server, furnished

pytestmark = pytest.mark.browser
PAGE = Path(__file__).parent / "meeting"
KINDS = {"html": "text/html; charset=utf-8", "css": "text/css", "js": "text/javascript"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    need_chromium()
    folder = tmp_path_factory.mktemp("meeting")
    with furnished("sqlite", folder) as database, Server(database, folder) as running:
        yield running


@pytest.fixture(scope="module")
def page_url() -> Iterator[str]:
    """At an origin of its own, like the real client."""
    with LocalServer() as pages:
        for path in PAGE.iterdir():
            answer = Reply(path.read_bytes(), headers={"Content-Type": KINDS[path.suffix[1:]]})
            pages.replies[f"/{path.name}"] = lambda _asked, answer=answer: answer  # type: ignore[misc]
        pages.replies["/favicon.ico"] = lambda _asked: Reply(status=204)
        yield f"{pages.url}/index.html"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    need_chromium()
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield running
        running.close()


class Visitor:
    """Somebody with a browser of their own."""

    def __init__(self, browser: Browser, url: str, meeting: Meeting, **credentials: str) -> None:
        context = browser.new_context(viewport={"width": 900, "height": 700})
        context.set_default_timeout(20_000)
        self.complaints: list[str] = []
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("console", lambda message: message.type == "error" and self.complaints.append(message.text))
        self.page: Page = context.new_page()
        self.page.goto(f"{url}?{urlencode({'server': meeting.server.url, 'room': meeting.room} | credentials)}")

    def join(self, name: str) -> None:
        self.page.get_by_label("Name").fill(name)
        self.page.get_by_role("button", name="Join").click()

    def says(self, text: str) -> None:
        self.page.get_by_label("Message").fill(text)
        self.page.get_by_role("button", name="Send").click()

    def presses(self, button: str) -> None:
        self.page.get_by_role("button", name=button).click()

    def reads(self, status: str) -> None:
        expect(self.page.get_by_role("status")).to_have_text(status)

    def sees(self, *people: str) -> None:
        expect(self.page.locator("#people li")).to_have_text([*people], use_inner_text=True)

    def hears(self, *messages: str) -> None:
        expect(self.page.locator("#messages li")).to_have_text([*messages])


def test_two_people_meet(browser: Browser, server: Server, page_url: str, axe: str, tmp_path: Path) -> None:
    meeting = Meeting(server)
    alice = Visitor(browser, page_url, meeting, token=server.do("token", who=meeting.account("alice")))
    guest = Visitor(browser, page_url, meeting, code=meeting.invite_code)
    alice.join("Alice")
    alice.reads("In “Team meeting” as Alice")
    alice.says("Nobody here yet")
    alice.presses("Waiting room on")

    guest.join("Gus")
    guest.reads("Please wait until somebody lets you in")
    guest.page.screenshot(path=tmp_path / "waiting.png")
    alice.presses("Let in Gus")
    guest.reads("In “Team meeting” as Gus")
    expect(alice.page.locator("#waiting li")).to_have_count(0)
    alice.sees("Alice (you) moderator", "Gus guest Remove")
    guest.sees("Gus (you) guest", "Alice moderator")

    guest.hears("Alice: Nobody here yet")
    guest.says("Hello <b>you</b>")
    for visitor in (alice, guest):
        visitor.hears("Alice: Nobody here yet", "Gus: Hello <b>you</b>")
    guest.presses("Raise hand")
    alice.sees("Alice (you) moderator", "Gus guest, hand up Remove")
    alice.presses("Raise hand")
    guest.sees("Gus (you) guest, hand up", "Alice moderator, hand up")
    for name, visitor in (("alice", alice), ("guest", guest)):
        check(visitor.page, axe)
        visitor.page.screenshot(path=tmp_path / f"{name}.png")

    alice.presses("Remove Gus")
    guest.reads("A moderator has removed you")
    alice.sees("Alice (you) moderator, hand up")
    guest.page.screenshot(path=tmp_path / "removed.png")
    assert alice.complaints + guest.complaints == []


def test_who_may_not_enter_is_refused(browser: Browser, server: Server, page_url: str) -> None:
    meeting, other = Meeting(server), Meeting(server)
    stranger = Visitor(browser, page_url, meeting, code=other.invite_code)
    stranger.join("Gus")
    stranger.reads("Refused: not_found")
