"""The admin's page for one occurrence goes the same ways as the API: PATCH instance, POST reschedule."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from events.models import Event, EventException
from mailer.models import OutgoingMail
from tests import factories
from users.models import User

pytestmark = pytest.mark.django_db
SECOND = "20261130T090000Z"


@pytest.fixture
def alice() -> User:
    return factories.user("alice")


@pytest.fixture
def event(alice: User) -> Event:
    return factories.event(alice, schedule=factories.schedule(pattern=("RRULE:FREQ=WEEKLY",)))


@pytest.fixture
def staff() -> Client:
    client = Client()
    client.force_login(factories.staff())
    return client


def page(event: Event, name: str = SECOND) -> str:
    return reverse("admin:events_event_occurrence", args=[event.pk, name])


def form(**different: str) -> dict[str, str]:
    return {
        "scope": "one",
        "title": "Team meeting",
        "description": "",
        "starts_at": "2026-11-30T10:00",
        "ends_at": "2026-11-30T11:00",
    } | different


def save(staff: Client, event: Event, **different: str) -> Any:
    return staff.post(page(event), form(**different))


def test_page_shows_the_occurrence_in_the_time_of_its_zone(event: Event, staff: Client) -> None:
    text = staff.get(page(event)).content.decode()
    assert "Monday, 30 November 2026" in text
    assert 'value="2026-11-30T10:00"' in text
    assert page(event) in staff.get(reverse("admin:events_event_change", args=[event.pk])).content.decode()


def test_unchanged_form_changes_nothing(event: Event, staff: Client) -> None:
    assert save(staff, event).status_code == 302
    assert not EventException.objects.exists()
    assert not OutgoingMail.objects.exists()


def test_one_occurrence_is_moved_with_its_end(event: Event, staff: Client) -> None:
    assert save(staff, event, starts_at="2026-12-01T15:00", title="Review").status_code == 302
    exception = EventException.objects.get()
    assert (exception.title, exception.starts_at, exception.ends_at) == (
        "Review",
        datetime(2026, 12, 1, 14, tzinfo=UTC),
        None,
    )
    assert OutgoingMail.objects.get().kind == "registered_event_update"


def test_one_occurrence_is_cancelled_and_restored(event: Event, staff: Client) -> None:
    save(staff, event, is_cancelled="on")
    assert EventException.objects.get().kind == "cancelled"
    change_page = staff.get(reverse("admin:events_event_change", args=[event.pk])).content.decode()
    assert page(event) in change_page
    save(staff, event)
    assert not EventException.objects.exists()


def test_this_and_following_becomes_a_new_event(event: Event, staff: Client) -> None:
    answer = save(staff, event, scope="following", starts_at="2026-11-30T15:00")
    new = Event.objects.exclude(pk=event.pk).get()
    assert answer.url == reverse("admin:events_event_change", args=[new.pk])
    assert new.starts_at == datetime(2026, 11, 30, 14, tzinfo=UTC)
    event.refresh_from_db()
    assert event.continued_by == new


def test_whole_days_are_shown_and_saved_as_days(alice: User, staff: Client) -> None:
    days = factories.schedule(
        is_all_day=True,
        starts_at=datetime(2026, 11, 22, 23, tzinfo=UTC),
        ends_at=datetime(2026, 11, 24, 23, tzinfo=UTC),
        pattern=("RRULE:FREQ=WEEKLY",),
    )
    event = factories.event(alice, schedule=days)
    address = page(event, "20261129T230000Z")
    text = staff.get(address).content.decode()
    assert 'value="2026-11-30"' in text
    assert 'value="2026-12-01"' in text
    assert staff.post(address, form(starts_at="2026-12-02", ends_at="2026-12-04")).status_code == 302
    exception = EventException.objects.get()
    assert (exception.starts_at, exception.ends_at) == (
        datetime(2026, 12, 1, 23, tzinfo=UTC),
        datetime(2026, 12, 4, 23, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("different", "message"),
    [
        ({"ends_at": "2026-11-30T09:00"}, "ends_at must not be before starts_at"),
        ({"starts_at": "tomorrow"}, "Enter a valid date/time"),
        ({"scope": "following", "is_cancelled": "on"}, "Only single occurrences can be cancelled here"),
        ({"scope": "all"}, "Select a valid choice"),
    ],
)
def test_mistakes_are_shown_on_the_page(event: Event, staff: Client, different: dict[str, str], message: str) -> None:
    answer = save(staff, event, **different)
    assert (answer.status_code, message in answer.content.decode()) == (200, True)
    assert not EventException.objects.exists()


@pytest.mark.parametrize("name", ["20261201T090000Z", "x"])
def test_what_is_no_occurrence_is_not_found(event: Event, staff: Client, name: str) -> None:
    assert staff.get(page(event, name)).status_code == 404


def test_single_event_has_no_such_page(alice: User, staff: Client) -> None:
    assert staff.get(page(factories.event(alice), "20261123T090000Z")).status_code == 404


def test_permission_to_change_events_is_needed(event: Event) -> None:
    client = Client()
    client.force_login(factories.user("viewer", is_staff=True))
    assert client.get(page(event)).status_code == 403
