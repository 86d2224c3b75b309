"""Staff look at what a person sees: the API's own answers, and nothing else than looking."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from activity.models import Activity, Audience
from events import seen_as
from tests import factories
from tests.circle import Circle
from tests.staff.holding import browser_of, with_role
from tests.traces import Traces
from users.models import User
from users.roles import MAIL_OPERATOR, SUPPORT, TENANT_ADMINISTRATOR

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def agenda_path(person: User) -> str:
    return reverse("admin:users_user_sees", args=[person.pk])


def event_path(person: User, circle: Circle) -> str:
    return reverse("admin:users_user_sees_event", args=[person.pk, circle.event.pk])


@pytest.fixture
def browser() -> Client:
    return browser_of(factories.staff())


def stored() -> dict[str, list[Any]]:
    """All tables but the log's."""
    models = [model for model in apps.get_models() if model not in (Activity, Audience) and not model._meta.proxy]
    return {model._meta.label: list(model._default_manager.order_by("pk").values()) for model in models}


@pytest.mark.slow
@time_machine.travel(NOW, tick=False)
def test_agenda_is_what_the_api_answers_the_person(browser: Client) -> None:
    circle = Circle(title="<b>Bold</b>", schedule=factories.schedule(pattern=("RRULE:FREQ=WEEKLY",)))
    answer = browser.get(agenda_path(circle.bob))
    page = answer.content.decode()
    month = {"time_min": "2026-11-01T00:00:00Z", "time_max": "2026-11-30T23:59:59Z", "per_page": 20}
    occurrences, timeless, events = answer.context["answers"]
    assert occurrences.body == circle.api("invitee").get("/v1/events/instances", **month).json()
    assert events.body == circle.api("invitee").get("/v1/events", **month).json()
    assert timeless.body == []
    assert "Monday, 23 November 2026, 09:00\xa0– 10:00 (UTC)" in page
    assert page.count("&lt;b&gt;Bold&lt;/b&gt;") >= 2
    assert "<td>pending</td>" in page
    assert "Alice Example &lt;alice@example.com&gt;" in page
    later = browser.get(agenda_path(circle.bob), {"month": "2027-01"})
    days = [row.when.partition(" January")[0] for row in later.context["lists"][0]]
    assert days == ["Monday, 4", "Monday, 11", "Monday, 18", "Monday, 25"]


@time_machine.travel(NOW, tick=False)
def test_times_are_the_persons_own(browser: Client) -> None:
    circle = Circle()
    User.objects.filter(pk=circle.bob.pk).update(time_zone="America/New_York")
    page = browser.get(agenda_path(circle.bob)).content.decode()
    assert "Monday, 23 November 2026, 04:00" in page
    assert "Times are in America/New_York." in page


@pytest.mark.slow
@time_machine.travel(NOW, tick=False)
def test_long_month_goes_on_on_the_next_page(browser: Client) -> None:
    circle = Circle(schedule=factories.schedule(pattern=("RRULE:FREQ=DAILY",)))
    first = browser.get(agenda_path(circle.bob), {"month": "2026-12"})
    rest = browser.get(agenda_path(circle.bob), {"month": "2026-12", "after": first.context["after"]})
    assert [len(page.context["lists"][0]) for page in (first, rest)] == [20, 11]
    assert rest.context["after"] == ""


@time_machine.travel(NOW, tick=False)
def test_meeting_is_shown_with_its_answers(browser: Client) -> None:
    circle = Circle(schedule=factories.schedule(pattern=("RRULE:FREQ=WEEKLY",)), description="Bring cake")
    answer = browser.get(event_path(circle.bob, circle))
    page = answer.content.decode()
    assert answer.context["answers"][0].body == circle.api("invitee").get(circle.path, invitees_max=20).json()
    assert "Bring cake" in page
    assert "Bob Example &lt;bob@example.com&gt;: pending" in page
    assert page.count("<li>Monday, ") == 10


def test_strangers_meeting_is_refused_as_by_the_api(browser: Client) -> None:
    circle = Circle()
    answer = browser.get(event_path(factories.user("eve"), circle))
    assert answer.context["answers"][0].status == 403
    assert "This person does not see the meeting" in answer.content.decode()
    assert "Team meeting" not in answer.content.decode()


@pytest.mark.slow
def test_nothing_is_written_but_who_looked() -> None:
    circle, support = Circle(password="open sesame"), with_role(SUPPORT)
    browser = browser_of(support)
    browser.get("/admin/")  # the session is there
    before, traces = stored(), Traces()
    assert browser.get(agenda_path(circle.bob)).status_code == 200
    assert browser.get(event_path(circle.bob, circle)).status_code == 200
    assert stored() == before
    assert traces.activities() == [("user.seen_as", ["bob"]), ("user.seen_as", ["bob"])]
    agenda, event = traces.log()
    assert (agenda.actor_id, agenda.actor_name, agenda.via, agenda.actor_kind) == (
        support.pk, str(support), "admin", "staff",
    )  # fmt: skip
    assert (agenda.subject_id, agenda.tenant_id, agenda.event_id) == (circle.bob.pk, circle.bob.tenant_id, None)
    assert agenda.data == {"email": "bob@example.com", "display_name": "Bob Example", "page": "agenda"}
    assert (event.event_id, event.data["page"]) == (circle.event.pk, "event")


@pytest.mark.slow
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_every_method_that_may_write_is_refused(method: str) -> None:
    circle = Circle()
    browser = browser_of(with_role(SUPPORT))
    before, traces = stored(), Traces()
    for path in (agenda_path(circle.bob), event_path(circle.bob, circle)):
        assert getattr(browser, method)(path, {"title": "x"}).status_code == 403
    assert stored() == before
    assert traces.is_empty()


def test_view_that_writes_is_stopped_at_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """A view that one day writes when it is read gets no further."""
    circle = Circle()

    def writes(*_arguments: Any) -> None:
        User.objects.filter(pk=circle.bob.pk).update(title="Dr.")

    monkeypatch.setattr("events.views.events.invitees_max", writes)
    with pytest.raises(seen_as.WriteRefused, match="UPDATE"), transaction.atomic():
        seen_as.ask("/v1/events", user=circle.bob)
    circle.bob.refresh_from_db()
    assert circle.bob.title == ""
    assert connection.execute_wrappers == []


@pytest.mark.slow
@pytest.mark.parametrize(("role", "status"), [(SUPPORT, 200), (TENANT_ADMINISTRATOR, 200), (MAIL_OPERATOR, 403)])
def test_who_may_look(role: str, status: int) -> None:
    circle, browser = Circle(), browser_of(with_role(role))
    traces = Traces()
    assert browser.get(agenda_path(circle.bob)).status_code == status
    assert browser.get(event_path(circle.bob, circle)).status_code == status
    assert len(traces.log()) == (2 if status == 200 else 0)
    link = f'href="{agenda_path(circle.bob)}"'
    page = browser.get(reverse("admin:users_user_change", args=[circle.bob.pk])).content.decode()
    assert (link in page) is (status == 200)


def test_person_of_another_tenant_is_not_found() -> None:
    foreigner = factories.user("foreigner", tenant=factories.tenant("another"))
    browser, traces = browser_of(with_role(TENANT_ADMINISTRATOR)), Traces()
    assert browser.get(agenda_path(foreigner)).status_code == 404
    assert traces.is_empty()


@pytest.mark.slow
def test_secrets_are_shown_to_nobody(browser: Client, settings: Any) -> None:
    settings.CALL_IN_TEL = "+49301234"
    circle = Circle(password="open sesame", streaming_targets=[factories.STREAM])
    dial_in = circle.event.room.sip_config
    page = browser.get(event_path(circle.alice, circle)).content.decode()
    secrets = ["open sesame", dial_in.sip_id, dial_in.password, factories.STREAM["streaming_key"]]
    assert [secret for secret in secrets if secret in page] == []
    assert f"by phone: +49301234, ID {seen_as.HIDDEN}, PIN {seen_as.HIDDEN}" in page


def test_folders_links_are_secrets() -> None:
    folder = {"read": {"url": "https://cloud.example.org/s/1", "password": "x"}}
    body = {"shared_folder": folder, "invitees": [{"password": "y"}], "title": "z"}
    hidden = {"shared_folder": seen_as.HIDDEN, "invitees": [{"password": seen_as.HIDDEN}], "title": "z"}
    assert seen_as.without_secrets(body) == hidden


@pytest.mark.parametrize(
    ("fields", "told"),
    [({"disabled_since": NOW}, "This account is disabled"), ({"oidc_sub": None}, "has not used the site so far")],
)
def test_who_sees_nothing_is_told(browser: Client, fields: dict[str, Any], told: str) -> None:
    bob = factories.user("bob")
    User.objects.filter(pk=bob.pk).update(**fields)
    answer = browser.get(agenda_path(bob))
    assert told in answer.content.decode()
    assert answer.context["answers"] == []


@pytest.mark.parametrize("month", ["", "2026-13", "0001-01", "9999-12", "x", "2026-11\0"])
def test_month_that_is_none_is_the_present_one(browser: Client, month: str) -> None:
    with time_machine.travel(NOW, tick=False):
        assert browser.get(agenda_path(factories.user("bob")), {"month": month}).context["month"].name == "2026-11"


def test_calendar_has_a_first_month_and_a_last(browser: Client) -> None:
    path = agenda_path(factories.user("bob"))
    first, last = (browser.get(path, {"month": name}).context["month"] for name in ("1900-01", "2999-12"))
    assert (first.previous_name, first.next_name) == ("", "1900-02")
    assert (last.previous_name, last.next_name) == ("2999-11", "")
