"""Sessions in the admin: who listens, how far it has read, and to end one."""

import pytest
from django.test import Client as Browser

from activity.models import Activity
from integrations.cospace.models import Session
from tests import factories
from tests.circle import Circle
from tests.integrations.cospace.client import Cospace

pytestmark = pytest.mark.django_db
LIST = "/admin/cospace/session/"


@pytest.fixture
def browser() -> Browser:
    browser = Browser()
    browser.force_login(factories.staff())
    return browser


def test_who_listens_and_how_far(browser: Browser) -> None:
    circle = Circle()
    client = Cospace().signed_in("bob")
    client.get(f"/api/conference/{circle.event.room_id}/event")
    Cospace().begin()
    page = browser.get(LIST).content.decode()
    for shown in ("Bob Example", "Nobody has signed in", '<td class="field-subscribed">1</td>', "127.0.0.1"):
        assert shown in page, shown
    page = browser.get(f"{LIST}{Session.objects.get(user=circle.bob).pk}/change/").content.decode()
    assert f"conference {circle.event.room_id}" in page
    assert client.sid not in page
    assert "Nobody" not in browser.get(LIST, {"q": "bob@example.com"}).content.decode()


def test_list_costs_the_same_for_many(browser: Browser, django_assert_max_num_queries: object) -> None:
    bob = factories.user("bob")
    Session.objects.bulk_create(Session(sid_digest=str(number), user=bob) for number in range(3))
    browser.get(LIST)
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        browser.get(LIST)
    Session.objects.bulk_create(Session(sid_digest=f"more {number}", user=bob) for number in range(30))
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        browser.get(LIST)


def test_end(browser: Browser) -> None:
    bob = factories.user("bob")
    client = Cospace().signed_in("bob")
    session = Session.objects.get()
    browser.post(LIST, {"action": "end", "_selected_action": [str(session.pk)]})
    assert client.call("GET", "/api/user")["status"] == "no-session"
    activity = Activity.objects.get(kind="cospace_session.ended")
    assert (activity.subject_id, activity.actor_name) == (bob.pk, "Admin Example")
    assert activity.data == {"address": "127.0.0.1", "program": ""}
    assert list(activity.audience.values_list("user_id", flat=True)) == [bob.pk]
