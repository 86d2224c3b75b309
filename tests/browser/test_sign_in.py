"""What the first visitor does: signs in at the API documentation, and as staff in the admin."""

import re

import pytest

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser


def test_api_documentation_signs_in_and_calls_the_api(visit: Visit) -> None:
    page = visit.page
    page.goto(f"{visit.site.url}/v1/docs")
    page.get_by_role("button", name="Authorize").first.click()
    visit.picture("authorize")
    scheme = page.locator(".auth-container", has_text="authorizationCode")
    scheme.get_by_text("select all").click()
    with page.expect_popup() as popup:
        scheme.get_by_role("button", name="Apply given OAuth2 credentials").click()
    visit.sign_in(popup.value, "alice")
    scheme.get_by_role("button", name="Remove authorization").wait_for()
    visit.picture("authorized")
    scheme.get_by_role("button", name="Close", exact=True).click()

    operation = page.locator(".opblock", has=page.locator("[data-path='/v1/users/me']")).first
    operation.click()
    operation.get_by_role("button", name="Try it out").click()
    with page.expect_response("**/v1/users/me") as answer:
        operation.get_by_role("button", name="Execute").click()
    assert answer.value.status == 200
    assert answer.value.json()["email"] == "alice@example.com"
    result = operation.locator(".live-responses-table")
    result.get_by_text("alice@example.com").first.wait_for()
    result.scroll_into_view_if_needed()
    visit.picture("called", full_page=False)
    visit.judge()


def test_staff_sign_in_and_see_the_meeting_in_the_admin(visit: Visit) -> None:
    page = visit.page
    page.goto(f"{visit.site.url}/admin/")
    visit.sign_in(page, "admin")
    page.wait_for_url(f"{visit.site.url}/admin/")
    visit.picture("admin")
    for section in ("Mails", "Activity log", "Users", "Job runs", "Periodic tasks", "Events"):
        page.goto(f"{visit.site.url}/admin/")
        page.get_by_role("link", name=section, exact=True).last.click()
        page.locator("#changelist").wait_for()
        visit.picture(section)
    page.get_by_role("link", name="Jour fixe").first.click()
    # The site is all tests' own: others may have answered since, so which answers there are is not asked.
    for seen in ("Next occurrences", "bob@example.com", re.compile("accepted|tentative|declined")):
        page.get_by_text(seen, exact=False).filter(visible=True).first.wait_for()
    visit.picture("event")
    page.goto(f"{visit.site.url}/admin/events/event/?q=Half-year")
    page.get_by_role("link", name="Half-year figures").first.click()
    # What the mail server of one of its invitees said.
    page.get_by_text("Greylisted").filter(visible=True).first.wait_for()
    visit.judge()
