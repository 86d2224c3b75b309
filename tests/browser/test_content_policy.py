"""Every page under its Content-Security-Policy: nothing is blocked, no console says anything."""

from urllib.parse import urljoin, urlsplit

import pytest

from tests.browser.conftest import Visit, answer_links

pytestmark = pytest.mark.browser
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'"


def look(visit: Visit, path: str) -> None:
    answer = visit.page.goto(urljoin(visit.site.url, path), wait_until="networkidle")
    assert answer is not None
    assert answer.headers["content-security-policy"].startswith(POLICY), path
    assert visit.complaints == [], path


def test_public_pages(visit: Visit) -> None:
    for path in (
        "/",
        "/login/",
        "/login/?next=/oidc/authorize/",
        "/v1/docs",
        "/room/00000000-0000-0000-0000-000000000000",
        urlsplit(answer_links(visit.site)[0]).path,
    ):
        look(visit, path)
    visit.judge()


def test_every_page_of_the_admin(visit: Visit) -> None:
    """The index, each list, its empty form, and the page of its first row with its history."""
    page = visit.page
    page.goto(f"{visit.site.url}/admin/")
    visit.sign_in(page, "admin")
    page.wait_for_url(f"{visit.site.url}/admin/")
    links = page.locator("#content-main a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    seen = set()
    for path in ["/admin/", "/admin/password_change/", *sorted({link for link in links if link.count("/") > 2})]:
        look(visit, path)
        rows = page.locator("#result_list tbody tr a").evaluate_all("links => links.map(link => link.pathname)")
        for row in [row for row in rows if row.startswith("/admin/")][:1]:
            look(visit, row)
            further = page.locator(
                ".object-tools a, .field-preview a, .field-keys a, .field-proposals a, .field-last_answer a"
            )
            for link in further.evaluate_all("links => links.map(link => link.pathname)"):
                if not link.endswith(".csv"):
                    look(visit, link)
        seen.add(path)
    assert len(seen) > 15
    look(visit, "/admin/mailer/outgoingmail/samples/")
    visit.judge()


def test_inline_script_and_foreign_picture_are_blocked(visit: Visit) -> None:
    """The policy is one: chromium reports what a page would like to do."""
    page = visit.page
    page.goto(f"{visit.site.url}/login/")
    page.evaluate(
        """() => { const script = document.createElement("script"); script.textContent = "window.ran = true";
        document.body.append(script); const style = document.createElement("style");
        style.textContent = "body { display: none }"; document.body.append(style);
        const picture = new Image(); picture.src = "https://evil.example.com/x.png"; document.body.append(picture); }"""
    )
    page.wait_for_timeout(200)
    assert page.evaluate("window.ran") is None
    assert page.locator("body").is_visible()
    blocked = "\n".join(visit.complaints)
    assert all(directive in blocked for directive in ("script-src", "style-src", "img-src"))
