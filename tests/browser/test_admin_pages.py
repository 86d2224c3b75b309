"""Every page of the admin's URL patterns in chromium, and each form with errors, in both themes and two languages."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import pytest
from playwright.sync_api import ConsoleMessage, Page, sync_playwright

from tests.browser.conftest import WCAG
from tests.services import CHROMIUM
from tests.site import Site

pytestmark = pytest.mark.browser
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 320, "height": 900}  # narrow: WCAG 2.2, 1.4.10
MOST_BYTES = 200_000
# What a tenant can have, a row of each model that no tenant has, and the address of each page about them.
SET_UP = """
import json
from django.contrib import admin
from django.db import transaction
from tests.staff.holding import Holding, of_the_site
from tests.staff.test_tenancy import pages
with transaction.atomic():
    of_the_site()
    found = list(pages(Holding("walnut"), most=1))
empty = [model._meta.label for model in admin.site._registry if not model._default_manager.exists()]
print(json.dumps({"paths": found, "empty": empty}))
"""
# Each field of the page's own form gets what it does not take; false where there is nothing to fill in.
FILL_IN = """() => {
    const own = form => form.method === "post" && form.querySelector("input:not([type=hidden]), textarea, select");
    const form = [...document.querySelectorAll("#content form:not(#changelist-form)")].find(own);
    if (!form) return false;
    const ticks = ["hidden", "checkbox", "radio", "file", "submit"];
    const texts = [...form.querySelectorAll("input, textarea")].filter(field => !ticks.includes(field.type));
    const choices = form.querySelectorAll("select:not([multiple], .admin-autocomplete)");
    for (const field of texts) {
        field.removeAttribute("maxlength");
        field.value = field.required || !["text", "textarea"].includes(field.type) ? "" : "x".repeat(3000);
    }
    for (const field of choices) field.add(new Option("wrong", "wrong", true, true));
    if (texts.length + choices.length) HTMLFormElement.prototype.submit.call(form);
    return texts.length + choices.length > 0;
}"""
# The parts of the admin that are walked apart, by what their addresses begin with; the last has all others.
PARTS = ("users", "events", "mailer", "django_celery_beat", "invites", "")
# Forms that take whatever is in them: the comment to a decision.
TAKES_ALL = {"/admin/events/event/*/proposals/*/"}


@pytest.fixture(scope="module")
def paths(site: Site) -> list[str]:
    told = json.loads(site.manage("shell", "--no-imports", "-c", SET_UP).strip().splitlines()[-1])
    assert told["empty"] == []
    assert len(told["paths"]) > 130
    return list(told["paths"])


@pytest.fixture(params=[("en-GB", "light"), ("de-DE", "dark")], ids=["en", "de"])
def walk(request: pytest.FixtureRequest, site: Site, axe: str) -> Iterator["Walk"]:
    locale, scheme = request.param
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        context = browser.new_context(locale=locale, color_scheme=scheme, viewport=WIDE, timezone_id="Europe/Berlin")
        context.add_init_script(axe)
        page = context.new_page()
        page.goto(f"{site.url}/admin/")
        page.locator("input[name=username]").fill("admin")
        page.locator("input[name=password]").fill(site.password)
        page.locator("form [type=submit]").last.click()
        page.wait_for_url(f"{site.url}/admin/")
        yield Walk(page, site.url, locale[:2])
        browser.close()


class Walk:
    """Looks at page after page in one window; what is wrong is gathered, by its kind, with where it was seen."""

    def __init__(self, page: Page, url: str, language: str) -> None:
        self.page = page
        self.url = url
        self.language = language
        self.complaints: list[str] = []
        self.wrong: dict[str, set[str]] = defaultdict(set)
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("requestfailed", lambda request: self.complaints.append(f"failed: {request.url}"))

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.type}: {message.text}")

    def is_page(self, path: str) -> bool:
        """Not what only redirects, what is a file, and what is framed by a page, where no script runs."""
        answer = self.page.request.get(urljoin(self.url, path), max_redirects=0)
        if answer.status >= 500:
            self.wrong[f"status {answer.status}"].add(path)
        if len(answer.body()) >= MOST_BYTES:
            self.wrong["large"].add(path)
        is_framed = "sandbox" in answer.headers["content-security-policy"]
        return answer.status == 200 and answer.headers["content-type"].startswith("text/html") and not is_framed

    def open(self, path: str) -> None:
        self.complaints.clear()
        self.page.goto(urljoin(self.url, path))
        self.look(path)

    def fill_in(self, path: str) -> bool | None:
        """Whether the page comes back with errors; None where it has no form."""
        try:
            with self.page.expect_navigation():
                if not self.page.evaluate(FILL_IN):
                    raise NothingToFillInError
        except NothingToFillInError:
            return None
        self.look(f"{path} with errors")
        return self.page.locator(".errorlist, .errornote").count() > 0

    def look(self, path: str) -> None:
        page = self.page
        for complaint in self.complaints:
            self.wrong[complaint[:200]].add(path)
        if page.locator("html").get_attribute("lang") != self.language:
            self.wrong["language"].add(path)
        if (page.locator("main").count(), page.locator("a.skip-to-content-link").count()) != (1, 1):
            self.wrong["no main, or no link to it"].add(path)
        for rule, html in broken_rules(page):
            self.wrong[f"{rule}: {html}"].add(path)
        page.set_viewport_size(NARROW)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            self.wrong["wider than the window"].add(path)
        page.set_viewport_size(WIDE)
        self.complaints.clear()  # axe's own


class NothingToFillInError(Exception):
    pass


def broken_rules(page: Page) -> Iterator[tuple[str, str]]:
    options: dict[str, Any] = {"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"]}
    options |= {"iframes": False, "preload": False}
    for rule in page.evaluate("options => axe.run(options)", options)["violations"]:
        for node in rule["nodes"]:
            yield rule["id"], node["html"][:200]


def shape(path: str) -> str:
    return re.sub(r"(?<=/)([0-9a-f-]{36}|\d+)(?=/)", "*", path)


def part_of(path: str) -> str:
    app = path.split("/")[2]
    return app if app in PARTS else ""


@pytest.mark.deep  # ten minutes, so `make test-admin` runs it and `make check` does not
@pytest.mark.parametrize("part", PARTS, ids=[part or "others" for part in PARTS])
def test_every_page_is_for_everybody(walk: Walk, paths: list[str], part: str) -> None:
    seen, taken = 0, set()
    for path in filter(walk.is_page, [path for path in paths if part_of(path) == part]):
        walk.open(path)
        seen += 1
        if walk.fill_in(path) is False:
            taken.add(shape(path))
    assert not walk.wrong, "\n".join(f"{what}: {sorted(where)}" for what, where in walk.wrong.items())
    assert taken == {path for path in TAKES_ALL if part_of(path) == part}
    assert seen > 5


def test_list_of_mails_shows_what_becomes_of_them(walk: Walk) -> None:
    """Beside the menu and the filters."""
    walk.open("/admin/mailer/outgoingmail/")
    room = walk.page.locator("#changelist-form .results").bounding_box()
    assert room is not None
    for name in ("state", "attempts", "next_try", "sent"):
        box = walk.page.locator(f"td.field-{name}").first.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= room["x"] + room["width"], name
