"""Staff at the pages of webhooks, in chromium: to the endpoint, the deliveries and back, and a new secret."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import sync_playwright

from tests.browser.conftest import check
from tests.browser.desk import Desk
from tests.services import CHROMIUM
from tests.site import Site, wait_until

pytestmark = pytest.mark.browser
RECEIVER = "https://127.0.0.1.example.invalid/hook"


@pytest.fixture
def desk(site: Site, tmp_path: Path) -> Iterator[Desk]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        found = Desk(browser, site, "en", tmp_path)
        yield found
        browser.close()


def test_from_webhook_to_deliveries_and_back(site: Site, desk: Desk, axe: str) -> None:
    signed_in = {"Authorization": f"Bearer {site.manage('access_token', 'alice').strip()}"}
    hook = {"name": "Rooms of alice", "targetUrl": RECEIVER, "resource": "rooms", "event": "all", "secret": "old"}
    made = requests.post(f"{site.url}/webex/v1/webhooks", json=hook, headers=signed_in, timeout=10)
    assert made.status_code == 200, made.text
    assert requests.post(f"{site.url}/v1/rooms", json={}, headers=signed_in, timeout=10).status_code == 201
    page = desk.page

    desk.open("webex/webhook/")
    check(page, axe)
    desk.picture("webhooks")
    desk.press("#result_list tbody th a >> nth=0")
    check(page, axe)
    desk.picture("webhook")
    webhook = page.url

    def is_tried() -> bool:
        page.reload()
        return page.locator("#result_list tbody tr").count() == 1

    desk.press("text=What was sent, and what waits")
    wait_until(is_tried, 20, "a delivery is queued")
    check(page, axe)
    desk.picture("deliveries")
    desk.press("#result_list tbody th a >> nth=0")
    desk.picture("delivery")
    page.goto(webhook)
    desk.press(".field-endpoint a")
    check(page, axe)
    desk.picture("endpoint")
    desk.press(".field-belongs_to a")
    assert page.url == webhook

    desk.press("text=Create a new secret")
    check(page, axe)
    desk.picture("secret-asked")
    desk.press("#content input[type=submit]")
    check(page, axe)
    assert page.locator("code").inner_text().startswith("whsec_")
    desk.picture("secret")
