"""The desk of a member of staff: chromium signed in at the admin, in one language, and a look into the database."""

import re
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.utils import translation
from playwright.sync_api import Browser, Locator, sync_playwright

from tests.browser.conftest import Visit
from tests.services import CHROMIUM
from tests.site import Site

LOCALES = {"en": "en-GB", "de": "de-DE"}


class Desk(Visit):
    """`site`'s admin as `username` sees it. Texts are looked for in the language of the desk."""

    def __init__(self, browser: Browser, site: Site, language: str, pictures: Path, *credentials: str) -> None:
        context = browser.new_context(
            locale=LOCALES[language], timezone_id="Europe/Berlin", viewport={"width": 1280, "height": 900}
        )
        context.set_default_timeout(20_000)
        super().__init__(context, site, pictures)
        self.browser = browser
        self.language = language
        self.clicks = 0
        username, password = credentials or ("admin", site.password)
        self.open("")
        self.page.locator("input[name=username]").fill(username)
        self.page.locator("input[name=password]").fill(password)
        self.press("form [type=submit] >> nth=-1")
        self.page.wait_for_url(f"{site.url}/admin/")

    def open(self, path: str) -> None:
        self.page.goto(f"{self.site.url}/admin/{path}")
        self.clicks = 0

    def press(self, what: str | Locator) -> None:
        """A click that leads to another page."""
        place = self.page.locator(what) if isinstance(what, str) else what
        with self.page.expect_navigation():
            place.click()
        self.clicks += 1
        assert self.page.locator("html").get_attribute("lang") == self.language

    def find(self, model: str, words: str) -> None:
        """The page of the one row that the list's search finds."""
        self.open(f"{model}/?q={words}")
        self.press("#result_list tbody th a >> nth=0")
        self.clicks = 0

    def confirm(self) -> str:
        """Presses the button of the page that asks; what the page says before."""
        told = self.page.locator(".effects").inner_text()
        self.press("#effects_form button.default")
        assert self.page.locator(".messagelist .success, .messagelist .info").count() == 1
        return told

    def choose(self, field: str, words: str) -> None:
        """In a box that finds rows while one types."""
        self.page.locator(f"#id_{field} + .select2 .select2-selection").click()
        self.page.locator(".select2-results__option[role=option]").first.wait_for()
        with self.page.expect_response(f"**/autocomplete/?term={words}&*"):
            self.page.locator(".select2-search__field").fill(words)
        self.page.locator(".select2-results__option[role=option]", has_text=words).click()

    def judge(self) -> None:
        """Select2 drops what it asked when the next letter is typed."""
        self.complaints[:] = [told for told in self.complaints if not re.match(r"failed: .*/autocomplete/", told)]
        super().judge()

    def say(self, text: str) -> str:
        """As the site says it in the language of the desk."""
        with translation.override(self.language):
            return translation.gettext(text)

    def rows(self, question: str, *values: Any) -> list[tuple[Any, ...]]:
        """Of the site's database, past the site."""
        given = [value.hex if isinstance(value, uuid.UUID) else value for value in values]
        with closing(sqlite3.connect(f"file:{self.site.folder}/db.sqlite3?mode=ro", uri=True)) as database:
            return database.execute(question, given).fetchall()

    def value(self, question: str, *values: Any) -> Any:
        """Of a question with one answer."""
        [[found]] = self.rows(question, *values)
        return found


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()
