"""Two chromiums publish their cameras over Debian's janus, and each sees the other's picture."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

from tests.services import CHROMIUM, need_chromium
from tests.signaling.media.janus import SECRET, Janus, janus
from tests.signaling.served import Meeting, Server, furnished
from tests.site import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FOLDER = Path(__file__).parent / "media"
FLAGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--disable-features=WebRtcHideLocalIpsWithMdns,LocalNetworkAccessChecks",
]
SECONDS = 30


@pytest.fixture
def media(tmp_path: Path) -> Iterator[Janus]:
    with janus(tmp_path) as running:
        yield running


@pytest.fixture
def meeting(media: Janus, tmp_path: Path) -> Iterator[Meeting]:
    with (
        furnished("sqlite", tmp_path) as database,
        Server(database, tmp_path, JANUS_URL=media.url, JANUS_SECRET=SECRET) as server,
    ):
        yield Meeting(server)


@pytest.fixture
def browser() -> Iterator[Browser]:
    need_chromium()
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


class Visitor:
    """A chromium window of its own with the page, joined as `who`."""

    def __init__(self, browser: Browser, meeting: Meeting, who: str) -> None:
        self.who = who
        self.page: Page = browser.new_context().new_page()
        origin = f"127.0.0.1:{meeting.server.port}"
        self.page.route(f"http://{origin}/page.*", _file)
        self.page.goto(f"http://{origin}/page.html")
        socket = [f"ws://{origin}/signaling", meeting.ticket(who), who]
        self.page.evaluate("([url, ticket, name]) => meeting.join(url, ticket, name)", socket)
        self.page.wait_for_function("meeting.id !== undefined")
        self.id: str = self.page.evaluate("meeting.id")

    def publish(self) -> None:
        ups = "meeting.told.filter(told => told === 'webrtc_up').length"
        before = self.page.evaluate(ups)
        self.page.evaluate("meeting.publish()")
        self.wait(f"([before]) => {ups} > before", before)

    def send(self, namespace: str, payload: dict[str, Any]) -> None:
        self.page.evaluate("([namespace, payload]) => meeting.send(namespace, payload)", [namespace, payload])

    def wait(self, condition: str, *arguments: Any) -> None:
        try:
            self.page.wait_for_function(condition, arg=list(arguments), timeout=SECONDS * 1000)
        except Exception as error:
            told = self.page.evaluate("[meeting.told, meeting.errors]")
            raise AssertionError(f"{condition}: {told}") from error

    def sees(self, other: "Visitor") -> None:
        """Frames arrive and are shown, and more of them the next time one looks."""
        before = self.decoded(other)
        wait_until(lambda: self.has_more(other, before), SECONDS, "a picture comes")
        before = self.decoded(other)
        wait_until(lambda: self.has_more(other, before), SECONDS, "the picture moves")

    def has_more(self, other: "Visitor", before: dict[str, float]) -> bool:
        now = self.decoded(other)
        return now["width"] > 0 and now["frames"] > before["frames"] and now["time"] > before["time"]

    def decoded(self, other: "Visitor") -> dict[str, float]:
        return dict(self.page.evaluate("id => meeting.decoded(id)", other.id))


def _file(route: Route) -> None:
    route.fulfill(path=FOLDER / route.request.url.rpartition("/")[2])


def test_two_people_see_each_other(browser: Browser, meeting: Meeting, media: Janus, tmp_path: Path) -> None:
    alice, bob = Visitor(browser, meeting, "alice"), Visitor(browser, meeting, "bob")
    for person in (alice, bob):
        person.publish()
    for person, other in ((alice, bob), (bob, alice)):
        person.sees(other)
        person.page.screenshot(path=tmp_path / f"{person.who}.png")
        assert person.page.evaluate("meeting.errors") == []

    media.stop()
    for person in (alice, bob):
        person.wait("meeting.told.filter(told => told === 'webrtc_down').length === 2")
    media.start()
    for person in (alice, bob):
        person.publish()
    for person, other in ((alice, bob), (bob, alice)):
        person.sees(other)

    alice.send("moderation", {"action": "send_to_waiting_room", "target": bob.id})
    for person, other in ((alice, bob), (bob, alice)):
        person.wait("([id]) => !document.getElementById(`of-${id}`)", other.id)
