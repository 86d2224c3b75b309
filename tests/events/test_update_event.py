"""PATCH /v1/events/{id} (contract 9.6)."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core import mail
from icalendar import Calendar

from events.models import Event, EventException
from invites.models import EventInvite
from mailer.models import OutgoingMail
from mailer.send import deliver_due
from tests import factories
from tests.circle import GUEST, Circle
from tests.events.changes import FORM, before_the_lock, change, refused, time, weekly
from tests.sweeps import sweep
from tests.traces import Traces

pytestmark = pytest.mark.django_db

TWO_MAILS = [("alice@example.com", "registered_event_update", 1), ("bob@example.com", "registered_event_update", 1)]
STREAM = {
    "kind": "custom",
    "name": "Video site",
    "streaming_endpoint": "rtmp://live.example.org/app",
    "streaming_key": "s3cr3t",
    "public_url": "https://video.example.org/42",
}


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
def test_only_the_creator_may_change_it(who: str, status: int) -> None:
    circle = Circle()
    assert circle.api(who).patch(circle.path, {"title": "Other"}).status_code == status
    assert Event.objects.get().title == ("Other" if status == 200 else "Team meeting")


def test_invited_moderator_cannot_change_title() -> None:
    circle = Circle()
    EventInvite.objects.update(role="moderator")
    assert circle.api("invitee").patch(circle.path, {"title": "Other"}).status_code == 403


@pytest.mark.parametrize("body", [None, {}, {"unknown": 1}])
def test_empty_body_changes_nothing(body: Any) -> None:
    circle = Circle()
    traces = Traces()
    answer = circle.api("creator").patch(circle.path, body)
    assert (answer.status_code, answer.content) == (204, b"")
    assert traces.is_empty()


@pytest.mark.parametrize(
    "body",
    [
        {"title": "Team meeting"},
        {"recurrence_pattern": []},
        {"starts_at": None, "ends_at": None, "is_all_day": None},
        {"password": None, "waiting_room": False},
        {"starts_at": time("2026-11-23T09:00:00Z")},
        {"is_time_independent": False},
        FORM,
    ],
)
def test_what_is_so_already_mails_nobody(body: dict[str, Any]) -> None:
    circle = Circle()
    traces = Traces()
    answer = change(circle, body)
    assert (answer.status_code, answer.json()["id"]) == (200, str(circle.event.pk))
    assert traces.is_empty()
    assert Event.objects.get().sequence == 0


def test_text_is_stored_and_compared_with_lf() -> None:
    circle = Circle(description="One\r\nTwo")
    assert Event.objects.get().description == "One\nTwo"
    Event.objects.update(description="One\r\nTwo")  # as it was stored before
    traces = Traces()
    change(circle, {"description": "One\nTwo"})
    change(circle, {"description": "One\r\nTwo"})
    assert traces.is_empty()
    change(circle, {"description": "One\r\nTwo\rThree"})
    assert Event.objects.get().description == "One\nTwo\nThree"


@pytest.mark.slow
def test_change_is_mailed_to_everybody_with_a_higher_sequence() -> None:
    circle = Circle()
    circle.invite("dora@example.org")
    factories.user("erik", registered=False, email="erik@example.org")
    circle.invite("erik@example.org")
    traces = Traces()
    change(circle, {"title": "First change"})
    assert traces.mails() == [
        ("alice@example.com", "registered_event_update", 1),
        ("bob@example.com", "registered_event_update", 1),
        ("dora@example.org", "external_event_update", 1),
        ("erik@example.org", "unregistered_event_update", 1),
    ]
    traces = Traces()
    change(circle, {"description": "Second change"})
    assert {sequence for _address, _kind, sequence in traces.mails()} == {2}
    assert Event.objects.get().sequence == 2


def test_update_brings_the_outsider_his_own_code() -> None:
    circle = Circle()
    circle.invite("dora@example.org")
    code = circle.event.email_invites.get().invite_code
    change(circle, {"title": "Other"})
    message = OutgoingMail.objects.get(address="dora@example.org").message
    assert message["invite_code"] == str(code.code)


def test_declined_people_learn_of_changes_too() -> None:
    circle = Circle()
    circle.api("invitee").delete(f"{circle.path}/invite")
    change(circle, {"title": "Other"})
    message = OutgoingMail.objects.get(address="bob@example.com").message
    assert message["recipient"]["partstat"] == "DECLINED"


def test_disabled_people_get_no_mail() -> None:
    circle = Circle()
    circle.bob.disabled_since = datetime(2026, 1, 1, tzinfo=UTC)
    circle.bob.save()
    traces = Traces()
    change(circle, {"title": "Other"})
    assert [address for address, _kind, _sequence in traces.mails()] == ["alice@example.com"]


def test_creator_of_an_ad_hoc_meeting_gets_no_mail() -> None:
    circle = Circle(schedule=None, is_adhoc=True)
    traces = Traces()
    change(circle, {"title": "Other"})
    assert [address for address, _kind, _sequence in traces.mails()] == ["bob@example.com"]


def test_suppressed_change_is_logged_but_not_mailed() -> None:
    circle = Circle()
    traces = Traces()
    assert change(circle, {"title": "Other"}, suppress_email_notification="true").status_code == 200
    assert traces.mails() == []
    assert traces.activities() == [("event.updated", ["alice", "bob"])]


def test_activity_names_what_changed() -> None:
    circle = weekly()
    traces = Traces()
    change(
        circle, {"title": "Other", "description": "", "starts_at": time("2026-11-23T08:00:00Z"), "password": "geheim"}
    )
    assert traces.activities() == [("room.updated", ["alice", "bob"]), ("event.updated", ["alice", "bob"])]
    assert traces.last("event.updated").changes == {
        "title": ["Team meeting", "Other"],
        "starts_at": ["2026-11-23T09:00:00Z", "2026-11-23T08:00:00Z"],
        "has_password": [False, True],
    }
    assert "geheim" not in str([traces.last(kind).__dict__ for kind in ("room.updated", "event.updated")])


# --- The room ---


def test_room_fields_change_the_room_and_are_mailed() -> None:
    circle = Circle()
    traces = Traces()
    seen = change(circle, {"password": "geheim", "waiting_room": True, "e2e_encryption": True}).json()["room"]
    assert {name: seen[name] for name in ("password", "waiting_room", "e2e_encryption")} == {
        "password": "geheim",
        "waiting_room": True,
        "e2e_encryption": True,
    }
    assert traces.mails() == TWO_MAILS
    assert [kind for kind, _who in traces.activities()] == ["room.updated", "event.updated"]


def test_null_takes_the_password_away_and_absence_keeps_it() -> None:
    circle = Circle(password="geheim")
    assert change(circle, {"title": "Other"}).json()["room"]["password"] == "geheim"
    assert "password" not in change(circle, {"password": None}).json()["room"]


# --- Time ---


def test_event_without_time_needs_all_of_it_to_get_one() -> None:
    circle = Circle(schedule=None)
    answer = change(circle, {"is_time_independent": False, "starts_at": time("2026-11-23T09:00:00Z")})
    assert refused(answer) == [("is_all_day", "value_required"), ("ends_at", "value_required")]
    body = {name: FORM[name] for name in ("is_time_independent", "is_all_day", "starts_at", "ends_at")}
    seen = change(circle, body | {"recurrence_pattern": ["RRULE:FREQ=DAILY"]}).json()
    assert (seen["type"], seen["starts_at"], seen["is_time_independent"]) == (
        "recurring",
        time("2026-11-23T09:00:00Z"),
        False,
    )


@pytest.mark.slow
def test_time_for_an_event_without_time_is_ignored_value() -> None:
    circle = Circle(schedule=None)
    assert refused(change(circle, {"starts_at": FORM["starts_at"], "is_all_day": False})) == [
        ("is_all_day", "ignored_value"),
        ("starts_at", "ignored_value"),
    ]
    answer = change(circle, {"is_time_independent": True, "recurrence_pattern": ["RRULE:FREQ=DAILY"]})
    assert refused(answer) == [("recurrence_pattern", "ignored_value")]
    assert change(circle, {"is_time_independent": True, "recurrence_pattern": [], "starts_at": None}).status_code == 200


def test_time_is_ignored_value_also_when_the_event_loses_its_time() -> None:
    circle = weekly()
    answer = change(circle, {"is_time_independent": True, "ends_at": FORM["ends_at"]})
    assert refused(answer) == [("ends_at", "ignored_value")]


def test_losing_the_time_takes_recurrence_and_exceptions_along() -> None:
    circle = weekly()
    seen = change(circle, {"is_time_independent": True, "recurrence_pattern": []}).json()
    assert not {"is_all_day", "starts_at", "ends_at", "recurrence_pattern"} & seen.keys()
    assert not EventException.objects.exists()
    event = Event.objects.get()
    assert (event.last_starts_at, event.series_ends_at, event.starts_at_zone) == (None, None, "")


def test_missing_times_are_the_stored_ones() -> None:
    circle = Circle()
    seen = change(circle, {"ends_at": time("2026-11-23T12:00:00Z", "UTC")}).json()
    assert (seen["starts_at"], seen["ends_at"]) == (time("2026-11-23T09:00:00Z"), time("2026-11-23T12:00:00Z", "UTC"))


@pytest.mark.parametrize(
    "body",
    [
        {"starts_at": time("2026-11-23T10:00:01Z")},
        {"ends_at": time("2026-11-23T08:59:59Z")},
        {"is_all_day": True},
        {"recurrence_pattern": ["RRULE:FREQ=MINUTELY"]},
    ],
)
def test_impossible_time_is_an_invalid_event(body: dict[str, Any]) -> None:
    circle = Circle()
    traces = Traces()
    answer = change(circle, body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_event")
    assert traces.is_empty()


@pytest.mark.parametrize("lacking", ["datetime", "timezone"])
def test_half_a_time_is_refused(lacking: str) -> None:
    circle = Circle()
    half = {name: value for name, value in time("2026-11-23T09:00:00Z").items() if name != lacking}
    answer = change(circle, {"starts_at": half})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json")
    assert [entry["field"] for entry in answer.json()["validation_errors"]] == [f"starts_at.{lacking}"]


def test_wrong_query_changes_nothing() -> None:
    circle = Circle()
    for query in ({"invitees_max": "x"}, {"suppress_email_notification": "1"}):
        assert change(circle, {"title": "Other"}, **query).status_code == 400
    assert Event.objects.get().title == "Team meeting"


def test_answer_shows_as_many_invitees_as_asked_for() -> None:
    circle = Circle()
    seen = change(circle, {"title": "Other"}, invitees_max=5).json()
    assert ([row["status"] for row in seen["invitees"]], seen["invitees_truncated"]) == (["pending"], False)


@pytest.mark.slow
def test_whole_form_of_the_frontend() -> None:
    circle = Circle(password="geheim")
    form = FORM | {
        "title": "Renamed",
        "waiting_room": True,
        "password": "anders",
        "recurrence_pattern": ["RRULE:FREQ=WEEKLY;INTERVAL=1;UNTIL=20261221T003000Z;BYDAY=MO"],
        "streaming_targets": [STREAM],
    }
    traces = Traces()
    seen = change(circle, form, invitees_max=10).json()
    assert (seen["title"], seen["room"]["waiting_room"], seen["room"]["password"]) == ("Renamed", True, "anders")
    assert seen["recurrence_pattern"] == form["recurrence_pattern"]
    assert len(seen["streaming_targets"]) == 1
    assert traces.mails() == TWO_MAILS
    traces = Traces()
    again = change(circle, form | {"streaming_targets": seen["streaming_targets"]}, invitees_max=10)
    assert again.json() == seen
    assert traces.is_empty()


def test_shared_folder_form_fields_are_idempotent() -> None:
    circle = Circle()
    assert change(circle, {"has_shared_folder": False}).status_code == 200
    answer = change(circle, {"has_shared_folder": True})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


# --- What arrives ---


@pytest.mark.slow
def test_calendars_replace_the_meeting() -> None:
    circle = weekly()
    change(circle, {"title": "Renamed", "starts_at": time("2026-11-23T08:00:00Z")})
    deliver_due()
    (bob,) = (message for message in mail.outbox if "bob" in message.to[0])
    assert bob.subject == "Changed: Renamed"
    (meeting,) = Calendar.from_ical(bob.attachments[0].content).walk("VEVENT")
    assert (meeting["UID"], meeting["SEQUENCE"], meeting["SUMMARY"]) == (circle.event.uid, 1, "Renamed")
    assert meeting["DTSTART"].dt.isoformat() == "2026-11-23T09:00:00+01:00"


@pytest.mark.slow
def test_what_is_not_given_of_the_time_is_as_it_is_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not as it was when the request was read: another one has moved the meeting meanwhile."""
    circle = Circle()
    times = {"starts_at": time("2026-11-23T14:00:00+01:00"), "ends_at": time("2026-11-23T15:00:00+01:00")}
    before_the_lock(monkeypatch, lambda: change(circle, times))
    answer = change(circle, {"recurrence_pattern": ["RRULE:FREQ=WEEKLY"]}).json()
    assert {name: answer[name] for name in (*times, "recurrence_pattern")} == {
        "starts_at": {"datetime": "2026-11-23T13:00:00Z", "timezone": "Europe/Berlin"},
        "ends_at": {"datetime": "2026-11-23T14:00:00Z", "timezone": "Europe/Berlin"},
        "recurrence_pattern": ["RRULE:FREQ=WEEKLY"],
    }


@pytest.mark.slow
def test_meeting_that_has_lost_its_time_meanwhile_has_no_start(monkeypatch: pytest.MonkeyPatch) -> None:
    circle = Circle()
    before_the_lock(monkeypatch, lambda: change(circle, {"is_time_independent": True}))
    answer = change(circle, {"starts_at": time("2026-11-23T14:00:00+01:00")})
    assert refused(answer) == [("starts_at", "ignored_value")]
