"""What the first visitor does: signs in at the API documentation, and as staff in the admin."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.browser.conftest import Visit
from tests.person import Person
from tests.site import Site, wait_until

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
    plan_meeting(visit.site)
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
    page.get_by_role("link", name="Jour fixe").click()
    for seen in ("Next occurrences", "bob@example.com", "accepted", "dora@example.org"):
        page.get_by_text(seen, exact=False).first.wait_for()
    visit.picture("event")
    visit.judge()


def plan_meeting(site: Site) -> None:
    """A series of alice's that bob has accepted, with all its mails sent."""
    alice = Person(site.url).sign_in("alice", site.password)
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    body = {
        "title": "Jour fixe",
        "description": "What we did, what we do",
        "is_time_independent": False,
        "is_all_day": False,
        "starts_at": {"datetime": start.isoformat(), "timezone": "Europe/Berlin"},
        "ends_at": {"datetime": (start + timedelta(hours=1)).isoformat(), "timezone": "Europe/Berlin"},
        "recurrence_pattern": ["RRULE:FREQ=WEEKLY"],
    }
    path = f"/v1/events/{alice.post('/v1/events', body).json()['id']}"
    (bob,) = alice.get("/v1/users/find", q="berger").json()
    assert alice.post(f"{path}/invites", {"invitee": bob["id"]}).status == 201
    assert alice.post(f"{path}/invites", {"email": "dora@example.org"}).status == 201
    answer = Person(site.url).sign_in("bob", site.password).patch(f"{path}/invite", {"status": "accepted"})
    assert answer.status == 204
    wait_until(lambda: len(list(site.folder.glob("mails/*.eml"))) == 3, 20, "three mails are written")
