"""Mails side by side for people who look: `make contact-sheets` writes var/contact-sheets/."""

import base64
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from mailer.preview import part, sample_mail
from tests.services import CHROMIUM, need_chromium

pytestmark = pytest.mark.browser
# Each sheet: what is shown at one width in one colour scheme, in each language.
SHOWN = [
    ("registered_event_update", "recurring"),
    ("external_event_invite", "adhoc"),
    ("registered_event_update", "running"),
    ("unregistered_event_update", "cancelled_occurrence"),
]
LANGUAGES = ("en", "de", "fr")
SHEETS = [(scheme, width, kind, shape) for scheme in ("light", "dark") for width in (320, 800) for kind, shape in SHOWN]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    need_chromium()
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])


@pytest.fixture(autouse=True)
def places(settings) -> None:
    settings.FRONTEND_URL = "https://meet.example.com"
    settings.MAIL_SUPPORT_ADDRESS = "help@example.com"
    settings.MAIL_DATA_PROTECTION_URL = "https://example.com/privacy"


@pytest.mark.parametrize(("scheme", "width", "kind", "shape"), SHEETS)
def test_contact_sheet(browser: Browser, tmp_path: Path, scheme: str, width: int, kind: str, shape: str) -> None:
    """No mail is wider than its window, in no language."""
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 400})  # type: ignore[arg-type]
    page, pictures = context.new_page(), []
    for language in LANGUAGES:
        page.set_content(part(sample_mail(kind, shape, language), "html").decode())
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        pictures.append(page.screenshot(full_page=True))
    folder = Path(os.environ.get("CONTACT_SHEETS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    images = "".join(f'<img src="data:image/png;base64,{base64.b64encode(data).decode()}">' for data in pictures)
    page.set_viewport_size({"width": width * len(LANGUAGES) + 40, "height": 400})
    page.set_content(f'<body style="margin:0;display:flex;gap:20px;align-items:flex-start;background:#888">{images}')
    page.screenshot(path=folder / f"{kind}.{shape}.{width}.{scheme}.png", full_page=True)
    context.close()
