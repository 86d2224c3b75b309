"""Staff set up applications, give them keys, and see what they have planned."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from activity.models import Activity
from integrations.cronofy.models import Application, SmartInvite
from integrations.deliveries.models import SigningKey
from integrations.deliveries.services import endpoint_for
from tests import factories
from tests.api import Api
from tests.integrations.cronofy.world import GUEST, PATH, application, client, invite, put
from tests.staff.asking import ask, confirmed
from users.models import User

pytestmark = pytest.mark.django_db
APPLICATIONS = "/admin/cronofy/application/"
INVITES = "/admin/cronofy/smartinvite/"


@pytest.fixture
def staff() -> Browser:
    browser = Browser()
    browser.force_login(factories.staff())
    return browser


def form(user: User, **fields: Any) -> dict[str, Any]:
    return {
        "name": "Recruiting",
        "tenant": str(user.tenant_id),
        "service_user": str(user.pk),
        "organizer_name": "",
        "callback_url": "https://app.example.org/answers",
    } | fields


@pytest.mark.slow
def test_application_is_added_and_changed(staff: Browser) -> None:
    planner = factories.user("planner")
    assert staff.post(f"{APPLICATIONS}add/", form(planner)).status_code == 302
    made = Application.objects.get()
    assert (made.service_user, made.sends_mails, made.is_active) == (planner, False, True)
    page = staff.get(f"{APPLICATIONS}{made.pk}/change/").content.decode()
    assert "None: the application cannot call." in page
    staff.post(f"{APPLICATIONS}{made.pk}/change/", form(planner, sends_mails="on"))
    log = Activity.objects.filter(kind__startswith="setup").order_by("position")
    assert [(row.kind, row.changes) for row in log] == [
        ("setup.created", {}),
        ("setup.updated", {"sends_mails": [False, True]}),
    ]


def test_endpoints_follow_their_application(staff: Browser) -> None:
    """The service user has no mailbox: who is told when callbacks do not arrive is said here."""
    app = application(callback_url="https://app.example.org/answers")
    endpoint = endpoint_for(ring=app.ring, url=app.callback_url, signature="cronofy", tenant=app.tenant)
    other = factories.user("another", tenant=factories.tenant("another"))
    page = f"{APPLICATIONS}{app.pk}/change/"
    assert staff.post(page, form(other, contact_address="developers@example.org")).status_code == 302
    endpoint.refresh_from_db()
    assert (endpoint.owner_address, endpoint.tenant) == ("developers@example.org", other.tenant)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"callback_url": "https://10.0.0.1/"}, "not on the public internet"),
        ({"callback_url": "ftp://a.example"}, "no http or https address"),
        ({"tenant": "another"}, "belongs to another tenant"),
    ],
)
def test_what_cannot_work_is_refused(fields: dict[str, Any], text: str, staff: Browser) -> None:
    if "tenant" in fields:
        fields = {"tenant": str(factories.tenant("another").pk)}
    answer = staff.post(f"{APPLICATIONS}add/", form(factories.user("planner"), **fields))
    assert text in answer.content.decode()
    assert not Application.objects.exists()


@pytest.mark.slow
def test_key_is_shown_once_and_works(staff: Browser) -> None:
    app = application()
    path = f"{APPLICATIONS}{app.pk}/key/"
    assert "The other keys end in one day" in staff.get(path).content.decode()
    assert not SigningKey.objects.exists()
    answer = staff.post(path, {})
    (key,) = re.findall(r"<code>(whsec_[^<]+)</code>", answer.content.decode())
    assert "no-store" in answer["Cache-Control"]
    assert put(Api(authorization=f"Bearer {key}"))
    for page in (path, f"{APPLICATIONS}{app.pk}/change/"):
        assert key not in staff.get(page).content.decode()


@pytest.mark.slow
def test_new_key_can_take_the_place_of_the_others(staff: Browser) -> None:
    app = application()
    old = client(app)
    path = f"{APPLICATIONS}{app.pk}/key/"
    page = ask(staff, path, {"ends_others": "on"}).content.decode()
    assert "1 key stops working in one day" in page
    assert "whsec_" not in page
    assert SigningKey.objects.filter(expires_at=None).count() == 1
    assert "whsec_" in confirmed(staff, path, {"ends_others": "on"}).content.decode()
    assert "valid until" in staff.get(f"{APPLICATIONS}{app.pk}/change/").content.decode()
    assert put(old)


def test_who_may_not_change_it_gets_no_key() -> None:
    app = application()
    browser = Browser()
    browser.force_login(factories.user("helper", is_staff=True))
    assert browser.post(f"{APPLICATIONS}{app.pk}/key/", {}).status_code in {403, 404}
    assert not SigningKey.objects.exists()


def test_application_is_disabled_not_deleted(staff: Browser) -> None:
    app = application()
    assert staff.post(f"{APPLICATIONS}{app.pk}/delete/", {"post": "yes"}).status_code == 403


def test_list_reads_no_calendar_objects_of_cancelled_invites(staff: Browser) -> None:
    api = client(application())
    put(api)
    api.post(PATH, invite(method="cancel"))
    with CaptureQueriesContext(connection) as asked:
        assert "cancelled" in staff.get(INVITES).content.decode()
    assert not [query for query in asked if "icalendar" in query["sql"]]


@pytest.mark.slow
def test_invites_are_found_and_lead_to_their_meeting(staff: Browser) -> None:
    api = client(application())
    put(api)
    put(api, "inv-2", "b@example.org")
    event_id = str(SmartInvite.objects.get(smart_invite_id="inv-1").event_id)
    for text in ("inv-1", GUEST, event_id):
        page = staff.get(INVITES, {"q": text}).content.decode()
        assert f"/admin/events/event/{event_id}/change/" in page
        assert "inv-2" not in page
    api.post(PATH, invite(method="cancel"))
    page = staff.get(f"{INVITES}{SmartInvite.objects.get(smart_invite_id='inv-1').pk}/change/").content.decode()
    assert "cancelled" in page
    assert GUEST in page
