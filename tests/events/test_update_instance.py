"""PATCH /v1/events/{id}/instances/{instance_id} (contract 9.12)."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core import mail
from icalendar import Calendar

from events.models import Agenda, Event, EventException
from invites.models import EventInvite
from mailer.send import deliver_due
from tests import factories
from tests.circle import GUEST, Circle
from tests.events.changes import WEEKLY, refused, time
from tests.sweeps import sweep
from tests.traces import Traces

pytestmark = pytest.mark.django_db
SECOND = "20261130T090000Z"
PLAIN = {"starts_at": time("2026-11-30T09:00:00Z"), "ends_at": time("2026-11-30T10:00:00Z")}
LATER = {"starts_at": time("2026-11-30T14:00:00Z"), "ends_at": time("2026-11-30T15:00:00Z")}
TWO_MAILS = [("alice@example.com", "registered_event_update", 1), ("bob@example.com", "registered_event_update", 1)]


@pytest.fixture
def circle() -> Circle:
    return Circle(schedule=factories.schedule(pattern=WEEKLY))


def change(circle: Circle, body: Any, name: str = SECOND, **query: Any) -> Any:
    return circle.api("creator").patch(f"{circle.path}/instances/{name}", body, **query)


def seen(circle: Circle, body: dict[str, Any]) -> dict[str, Any]:
    """What of the instance is there after the change."""
    answer = change(circle, body)
    assert answer.status_code == 200, answer.content
    names = ("title", "description", "is_all_day", "starts_at", "ends_at", "status")
    return {name: answer.json()[name] for name in names}


def of_the_series(**different: Any) -> dict[str, Any]:
    return {"title": "Team meeting", "description": "", "is_all_day": False, "status": "ok"} | PLAIN | different


@sweep(
    ("who", "status"),
    [
        ("anonymous", 401),
        ("stranger", 403),
        ("other tenant", 403),
        ("guest", GUEST),
        ("invitee", 403),
        ("creator", 200),
    ],
    fast=2,
)
def test_only_the_creator_may_change_an_instance(circle: Circle, who: str, status: int) -> None:
    answer = circle.api(who).patch(f"{circle.path}/instances/{SECOND}", {"status": "cancelled"})
    assert answer.status_code == status
    assert EventException.objects.exists() is (status == 200)


def test_invited_moderator_may_not_change_an_instance(circle: Circle) -> None:
    EventInvite.objects.update(role="moderator")
    answer = circle.api("invitee").patch(f"{circle.path}/instances/{SECOND}", {"status": "cancelled"})
    assert answer.status_code == 403


@pytest.mark.slow
@sweep(
    ("body", "different"),
    [
        ({"title": "Review"}, {"title": "Review"}),
        ({"title": "", "description": "Bring cake"}, {"title": "", "description": "Bring cake"}),
        ({"starts_at": time("2026-11-30T15:00:00+01:00")}, LATER),
        ({"ends_at": time("2026-11-30T12:00:00Z")}, {"ends_at": time("2026-11-30T12:00:00Z")}),
        (
            {"starts_at": time("2026-12-01T09:00:00-05:00", "America/New_York")},
            {"starts_at": time("2026-12-01T14:00:00Z", "America/New_York"), "ends_at": time("2026-12-01T15:00:00Z")},
        ),
        ({"status": "cancelled"}, {"status": "cancelled"}),
        (
            {
                "is_all_day": True,
                "starts_at": time("2026-11-30T00:00:00+01:00"),
                "ends_at": time("2026-12-02T00:00:00Z", "UTC"),
            },
            {
                "is_all_day": True,
                "starts_at": time("2026-11-29T23:00:00Z"),
                "ends_at": time("2026-12-01T23:00:00Z"),
            },
        ),
        (
            {"is_all_day": True, "starts_at": time("2026-11-30T00:00:00+01:00")},
            {
                "is_all_day": True,
                "starts_at": time("2026-11-29T23:00:00Z"),
                "ends_at": time("2026-11-30T23:00:00Z"),
            },
        ),
    ],
    fast=3,
)
def test_only_given_members_are_overridden(circle: Circle, body: dict[str, Any], different: dict[str, Any]) -> None:
    assert seen(circle, body) == of_the_series(**different)
    listed = circle.api("invitee").get("/v1/events").json()[1]
    # An end that only follows from the start is not told, lest it stay behind when the series changes.
    assert body.keys() | {"status"} <= {name for name in of_the_series() if name in listed} <= {*different, "status"}
    seen_again = seen(circle, {"description": "One more"})
    assert seen_again == of_the_series(**different) | {"description": "One more"}


@pytest.mark.slow
def test_moving_only_the_start_keeps_a_changed_duration(circle: Circle) -> None:
    change(circle, {"ends_at": time("2026-11-30T12:00:00Z")})
    assert seen(circle, {"starts_at": time("2026-11-30T10:00:00Z")})["ends_at"] == time("2026-11-30T13:00:00Z")


@pytest.mark.slow
def test_whole_days_keep_their_number_across_a_change_of_the_clock() -> None:
    days = factories.schedule(
        is_all_day=True,
        starts_at=datetime(2026, 3, 22, 23, tzinfo=UTC),
        ends_at=datetime(2026, 3, 24, 23, tzinfo=UTC),
        pattern=WEEKLY,
    )
    circle = Circle(schedule=days)
    name = "20260329T220000Z"
    change(circle, {"ends_at": time("2026-04-02T00:00:00+02:00")}, name)
    moved = change(circle, {"starts_at": time("2026-03-28T00:00:00+01:00")}, name).json()
    assert (moved["starts_at"], moved["ends_at"]) == (time("2026-03-27T23:00:00Z"), time("2026-03-30T22:00:00Z"))


@pytest.mark.slow
def test_null_returns_a_member_to_the_series(circle: Circle) -> None:
    change(circle, {"title": "Review"} | LATER)
    assert seen(circle, {"title": None}) == of_the_series(**LATER)
    assert seen(circle, {"starts_at": None, "ends_at": None}) == of_the_series()
    assert not EventException.objects.exists()


@pytest.mark.slow
def test_restored_instance_is_as_it_was_before(circle: Circle) -> None:
    change(circle, {"title": "Review"})
    change(circle, {"status": "cancelled"})
    assert seen(circle, {"status": "ok"}) == of_the_series(title="Review")


@pytest.mark.slow
def test_cancelled_and_restored_leaves_nothing_behind(circle: Circle) -> None:
    change(circle, {"status": "cancelled"})
    change(circle, {"status": "ok"})
    assert not EventException.objects.exists()


@pytest.mark.slow
def test_event_stays_when_all_its_instances_are_cancelled() -> None:
    circle = Circle(schedule=factories.schedule(pattern=("RRULE:FREQ=WEEKLY;COUNT=1",)))
    change(circle, {"status": "cancelled"}, "20261123T090000Z")
    assert circle.api("invitee").get(circle.path).status_code == 200


@pytest.mark.parametrize("body", [None, {}, {"unknown": 1}])
def test_empty_body_changes_nothing(circle: Circle, body: Any) -> None:
    traces = Traces()
    assert change(circle, body).status_code == 204
    assert traces.is_empty()


@pytest.mark.parametrize("body", [{"status": "ok"}, {"title": None}, {"title": "Team meeting"}, PLAIN])
def test_what_is_already_so_mails_nobody(circle: Circle, body: dict[str, Any]) -> None:
    traces = Traces()
    assert change(circle, body).status_code == 200
    assert traces.is_empty()
    assert Event.objects.get().sequence == 0


@pytest.mark.slow
def test_change_is_logged_with_old_and_new(circle: Circle) -> None:
    traces = Traces()
    change(circle, {"title": "Review", "starts_at": LATER["starts_at"]})
    assert traces.activities() == [("event.instance_updated", ["alice", "bob"])]
    activity = traces.last("event.instance_updated")
    assert activity.changes == {
        "title": ["Team meeting", "Review"],
        "starts_at": ["2026-11-30T09:00:00Z", "2026-11-30T14:00:00Z"],
        "ends_at": ["2026-11-30T10:00:00Z", "2026-11-30T15:00:00Z"],
    }
    assert activity.data["occurrence"] == SECOND


def calendars() -> dict[str, Calendar]:
    """What was delivered, by receiver."""
    mail.outbox.clear()
    deliver_due()
    return {
        message.to[0].partition("<")[2].rstrip(">"): Calendar.from_ical(message.attachments[-1].content)
        for message in mail.outbox
    }


@pytest.mark.slow
def test_everybody_gets_the_one_occurrence_for_his_calendar(circle: Circle) -> None:
    traces = Traces()
    circle.invite("dora@example.org")
    change(circle, LATER | {"title": "Review"})
    assert [address for address, _kind, _sequence in traces.mails()] == [
        "alice@example.com",
        "bob@example.com",
        "dora@example.org",
    ]
    for address, calendar in calendars().items():
        (event,) = calendar.walk("VEVENT")
        method = "PUBLISH" if address == "alice@example.com" else "REQUEST"
        assert (calendar["method"], event["uid"], event["sequence"]) == (method, str(circle.event.pk), 1)
        assert event.decoded("recurrence-id") == datetime(2026, 11, 30, 9, tzinfo=UTC)
        assert (event["summary"], event.decoded("dtstart")) == ("Review", datetime(2026, 11, 30, 14, tzinfo=UTC))
        assert "rrule" not in event


@pytest.mark.slow
def test_cancelled_occurrence_is_cancelled_alone(circle: Circle) -> None:
    change(circle, {"status": "cancelled"})
    for calendar in calendars().values():
        (event,) = calendar.walk("VEVENT")
        assert (calendar["method"], event["status"], event["sequence"]) == ("CANCEL", "CANCELLED", 1)
        assert event.decoded("recurrence-id") == datetime(2026, 11, 30, 9, tzinfo=UTC)


@pytest.mark.slow
def test_restored_occurrence_comes_back(circle: Circle) -> None:
    change(circle, {"status": "cancelled"}, suppress_email_notification="true")
    change(circle, {"status": "ok"})
    for address, calendar in calendars().items():
        (event,) = calendar.walk("VEVENT")
        method = "PUBLISH" if address == "alice@example.com" else "REQUEST"
        assert (calendar["method"], event["status"], event["sequence"]) == (method, "CONFIRMED", 2)


def test_mails_can_be_suppressed(circle: Circle) -> None:
    traces = Traces()
    change(circle, {"status": "cancelled"}, suppress_email_notification="true")
    assert traces.mails() == []


@pytest.mark.slow
def test_agenda_reaches_as_far_as_a_moved_instance() -> None:
    circle = Circle(schedule=factories.schedule(pattern=("RRULE:FREQ=WEEKLY;COUNT=2",)))
    change(circle, {"starts_at": time("2026-11-20T09:00:00Z")}, "20261123T090000Z")
    change(circle, {"starts_at": time("2026-12-24T09:00:00Z")})
    assert {(row.sort_at.day, row.last_end_at.day) for row in Agenda.objects.all()} == {(20, 24)}


@pytest.mark.parametrize(
    ("body", "entry"),
    [
        ({"title": "x" * 256}, ("title", "invalid_length")),
        ({"description": "x" * 4097}, ("description", "invalid_length")),
    ],
)
def test_wrong_members_are_named(circle: Circle, body: dict[str, Any], entry: tuple[str, str]) -> None:
    assert refused(change(circle, body)) == [entry]


@pytest.mark.parametrize(
    "body",
    [
        {"status": "maybe"},
        {"title": 1},
        {"starts_at": "2026-11-30T09:00:00Z"},
        {"starts_at": time("2026-11-30T09:00:00Z", "Mars/Base")},
        {"ends_at": time("2026-02-30T09:00:00Z")},
        {"ends_at": time("2026-11-30T24:00:00Z")},
    ],
)
def test_wrong_types_are_refused(circle: Circle, body: dict[str, Any]) -> None:
    answer = change(circle, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json")
    assert not EventException.objects.exists()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"ends_at": time("2026-11-30T08:00:00Z")}, "ends_at must not be before starts_at"),
        ({"is_all_day": True}, "midnight"),
        ({"is_all_day": True, "starts_at": time("2026-11-30T01:30:00+01:00")}, "midnight"),
    ],
)
def test_impossible_times_are_refused(circle: Circle, body: dict[str, Any], message: str) -> None:
    traces = Traces()
    answer = change(circle, body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_event")
    assert message in answer.json()["message"]
    assert traces.is_empty()
    assert not EventException.objects.exists()


@pytest.mark.parametrize("name", ["20261201T090000Z", "x", "20261130"])
def test_what_names_no_occurrence_is_not_found(circle: Circle, name: str) -> None:
    assert change(circle, {"status": "cancelled"}, name).status_code == 404


def test_single_event_is_changed_as_a_whole() -> None:
    circle = Circle()
    assert change(circle, {"status": "cancelled"}, "20261123T090000Z").status_code == 404


@pytest.mark.slow
def test_override_of_what_the_series_says_anyway_is_none(circle: Circle) -> None:
    """Else the occurrence would keep it when the series changes."""
    body = {"title": "Team meeting", "description": "", "is_all_day": False, **PLAIN, "status": "ok"}
    assert seen(circle, body) == of_the_series()
    assert not EventException.objects.exists()
    seen(circle, {"title": "Team meeting", "description": "Bring\r\ncake"} | LATER)
    exception = EventException.objects.get()
    assert (exception.title, exception.description) == (None, "Bring\ncake")
    seen(circle, PLAIN)
    exception.refresh_from_db()
    assert (exception.starts_at, exception.ends_at, exception.starts_at_zone, exception.ends_at_zone) == (
        None, None, "", "",
    )  # fmt: skip


@pytest.mark.slow
def test_an_event_has_a_bounded_number_of_changed_occurrences(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("events.services.instances.MOST_EXCEPTIONS", 2)
    circle = Circle(schedule=factories.schedule(pattern=("RRULE:FREQ=DAILY",)))
    api = circle.api("creator")
    paths = [f"{circle.path}/instances/202611{day}T090000Z" for day in (24, 25, 26)]
    answers = [api.patch(path, {"title": "Another"}) for path in (*paths, paths[0])]
    assert [answer.status_code for answer in answers] == [200, 200, 422, 200]
    assert answers[2].json()["code"] == "invalid_event"
