"""The admin's page for one occurrence goes the same ways as the API: PATCH instance, POST reschedule."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from events.models import Event, EventException
from mailer.models import OutgoingMail
from tests import factories
from tests.staff.asking import saved
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
    return saved(staff, page(event), form(**different))


@pytest.mark.slow
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
    moved = {"starts_at": "2026-12-01T15:00", "ends_at": "2026-12-01T16:00"}
    assert save(staff, event, title="Review", **moved).status_code == 302
    exception = EventException.objects.get()
    assert (exception.title, exception.description, exception.starts_at, exception.ends_at) == (
        "Review",
        None,
        datetime(2026, 12, 1, 14, tzinfo=UTC),
        datetime(2026, 12, 1, 15, tzinfo=UTC),
    )
    assert OutgoingMail.objects.get().kind == "registered_event_update"


@pytest.mark.slow
def test_one_occurrence_is_cancelled_and_restored(event: Event, staff: Client) -> None:
    save(staff, event, is_cancelled="on")
    assert EventException.objects.get().kind == "cancelled"
    change_page = staff.get(reverse("admin:events_event_change", args=[event.pk])).content.decode()
    assert page(event) in change_page
    save(staff, event)
    assert not EventException.objects.exists()


@pytest.mark.slow
@pytest.mark.parametrize("scope", ["one", "following"])
def test_an_end_that_is_shown_stays_when_only_the_start_is_changed(event: Event, staff: Client, scope: str) -> None:
    assert save(staff, event, scope=scope, starts_at="2026-11-30T09:00").status_code == 302
    changed = EventException.objects.get() if scope == "one" else Event.objects.exclude(pk=event.pk).get()
    assert (changed.starts_at, changed.ends_at) == (
        datetime(2026, 11, 30, 8, tzinfo=UTC),
        datetime(2026, 11, 30, 10, tzinfo=UTC),
    )


@pytest.mark.slow
def test_following_ones_become_what_the_form_shows_of_a_moved_one(event: Event, staff: Client) -> None:
    moved = {"starts_at": "2026-11-30T15:00", "ends_at": "2026-11-30T17:00", "title": "Review"}
    save(staff, event, **moved)
    assert save(staff, event, scope="following", **moved | {"description": "Cake"}).status_code == 302
    new = Event.objects.exclude(pk=event.pk).get()
    assert (new.title, new.description, new.starts_at, new.ends_at) == (
        "Review",
        "Cake",
        datetime(2026, 11, 30, 14, tzinfo=UTC),
        datetime(2026, 11, 30, 16, tzinfo=UTC),
    )
    assert not EventException.objects.exists()


def test_unchanged_form_for_all_following_splits_nothing(event: Event, staff: Client) -> None:
    assert save(staff, event, scope="following").status_code == 302
    assert Event.objects.get() == event
    assert not OutgoingMail.objects.exists()


@pytest.mark.slow
def test_line_ends_of_a_browser_are_no_change(alice: User, staff: Client) -> None:
    series = factories.schedule(pattern=("RRULE:FREQ=WEEKLY",))
    event = factories.event(alice, schedule=series, description="One\nTwo\n ", title=" Padded ")
    browser = {"description": "One\r\nTwo\r\n ", "title": " Padded "}
    answer = saved(staff, page(event), form(**browser), follow=True)
    assert "Nothing was changed." in answer.content.decode()
    assert not OutgoingMail.objects.exists()
    save(staff, event, **browser, starts_at="2026-11-30T10:30")
    exception = EventException.objects.get()
    assert (exception.title, exception.description) == (None, None)


@pytest.mark.slow
def test_page_says_that_people_are_notified_only_where_they_are(event: Event, staff: Client) -> None:
    answer = saved(staff, page(event), form(title="Review"), follow=True)
    assert "Everyone invited is notified (1 mail)." in answer.content.decode()
    answer = saved(staff, page(event), form(title="Review"), follow=True)
    text = answer.content.decode()
    assert "Nothing was changed." in text
    assert "notified" not in text


@pytest.mark.slow
def test_second_of_two_equal_times_stays_the_second(alice: User, staff: Client) -> None:
    """25 October 2026 has 02:30 twice in Berlin; what was not touched keeps its own instant."""
    first = datetime(2026, 10, 18, 0, 30, 15, tzinfo=UTC)
    night = factories.schedule(starts_at=first, ends_at=first.replace(hour=1), pattern=("RRULE:FREQ=WEEKLY",))
    event = factories.event(alice, schedule=night)
    second = datetime(2026, 10, 25, 1, 30, 15, tzinfo=UTC)
    EventException.objects.create(
        event=event,
        original_starts_at=datetime(2026, 10, 25, 0, 30, 15, tzinfo=UTC),
        kind="modified",
        starts_at=second,
        ends_at=second.replace(hour=2),
        created_by=alice,
        updated_by=alice,
    )
    address = page(event, "20261025T003015Z")
    text = staff.get(address).content.decode()
    assert 'value="2026-10-25T02:30:15"' in text
    times = {"starts_at": "2026-10-25T02:30:15", "ends_at": "2026-10-25T04:00:15"}
    assert saved(staff, address, form(**times)).status_code == 302
    exception = EventException.objects.get()
    assert (exception.starts_at, exception.ends_at) == (second, datetime(2026, 10, 25, 3, 0, 15, tzinfo=UTC))


def test_this_and_following_becomes_a_new_event(event: Event, staff: Client) -> None:
    answer = save(staff, event, scope="following", starts_at="2026-11-30T15:00", ends_at="2026-11-30T15:30")
    new = Event.objects.exclude(pk=event.pk).get()
    assert answer.url == reverse("admin:events_event_change", args=[new.pk])
    assert new.starts_at == datetime(2026, 11, 30, 14, tzinfo=UTC)
    assert new.ends_at == datetime(2026, 11, 30, 14, 30, tzinfo=UTC)
    event.refresh_from_db()
    assert event.continued_by == new


@pytest.mark.slow
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
    assert saved(staff, address, form(starts_at="2026-12-02", ends_at="2026-12-04")).status_code == 302
    exception = EventException.objects.get()
    assert (exception.starts_at, exception.ends_at) == (
        datetime(2026, 12, 1, 23, tzinfo=UTC),
        datetime(2026, 12, 4, 23, tzinfo=UTC),
    )
    refused = saved(staff, address, form(starts_at="2026-12-02", ends_at="2026-12-01"))
    assert "The end must not be before the start" in refused.content.decode()
    refused = saved(staff, address, form(starts_at="2026-12-02", ends_at="9999-12-31"))
    assert "This date is out of range" in refused.content.decode()


@pytest.mark.parametrize(
    ("different", "message"),
    [
        ({"ends_at": "2026-11-30T09:00"}, "The end must not be before the start"),
        ({"starts_at": "2026-11-30T12:00"}, "The end must not be before the start"),
        ({"starts_at": "2026-11-30T12:00", "scope": "following"}, "The end must not be before the start"),
        ({"starts_at": "0001-01-01T00:00"}, "An event lies between the years 1900 and 2999"),
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
