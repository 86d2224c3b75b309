"""POST /v1/events (contract 9.5)."""

import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.core import mail
from icalendar import Calendar

from events.models import Event
from events.schedule import InvalidEvent
from mailer.models import OutgoingMail
from mailer.send import deliver_due
from tests import factories
from tests.api import Api
from tests.circle import GUEST, Circle
from tests.sweeps import sweep
from tests.traces import Traces
from users.serializers import public_profile

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 10, 1, 8, 30, 15, 123456, tzinfo=UTC)
TIMELESS = {"title": "Any time", "description": "", "is_time_independent": True}
SINGLE = {name: value for name, value in factories.WEEKLY.items() if name != "recurrence_pattern"}
STREAM = {
    "kind": "custom",
    "name": "Video site",
    "streaming_endpoint": "rtmp://live.example.org/app",
    "streaming_key": "s3cr3t",
    "public_url": "https://video.example.org/42",
}


@pytest.fixture
def alice() -> Any:
    return factories.user("alice")


def time(text: str, zone: str = "Europe/Berlin") -> dict[str, str]:
    return {"datetime": text, "timezone": zone}


@sweep(("who", "status"), [("anonymous", 401), ("stranger", 201), ("guest", GUEST)], fast=2)
def test_everybody_with_an_account_may_create(who: str, status: int) -> None:
    assert Circle().api(who).post("/v1/events", TIMELESS).status_code == status


@time_machine.travel(NOW, tick=False)
def test_answer_is_the_whole_event(alice: Any) -> None:
    answer = Api(alice).post("/v1/events", factories.WEEKLY | {"password": "open sesame", "waiting_room": True})
    event = Event.objects.get()
    profile = {
        "id": str(alice.pk),
        "email": "alice@example.com",
        "title": "",
        "firstname": "Alice",
        "lastname": "Example",
        "display_name": "Alice Example",
        "avatar_url": public_profile(alice)["avatar_url"],
    }
    assert answer.status_code == 201
    assert answer["Location"] == f"/v1/events/{event.pk}"
    assert answer.json() == {
        "id": str(event.pk),
        "created_by": profile,
        "created_at": "2026-10-01T08:30:15Z",
        "updated_by": profile,
        "updated_at": "2026-10-01T08:30:15Z",
        "title": "Team meeting",
        "description": "What we did, what we do",
        "room": {
            "id": str(event.room_id),
            "password": "open sesame",
            "waiting_room": True,
            "e2e_encryption": False,
        },
        "invitees_truncated": False,
        "invitees": [],
        "is_time_independent": False,
        "is_all_day": False,
        "starts_at": time("2026-11-23T09:00:00Z"),
        "ends_at": time("2026-11-23T10:00:00Z"),
        "recurrence_pattern": ["RRULE:FREQ=WEEKLY"],
        "is_adhoc": False,
        "type": "recurring",
        "invite_status": "accepted",
        "is_favorite": False,
        "can_edit": True,
        "show_meeting_details": False,
    }


def test_an_event_without_time_has_no_members_about_time(alice: Any) -> None:
    seen = Api(alice).post("/v1/events", TIMELESS).json()
    assert (seen["is_time_independent"], seen["type"]) == (True, "single")
    absent = {"is_all_day", "starts_at", "ends_at", "recurrence_pattern", "streaming_targets", "shared_folder"}
    assert not absent & seen.keys()
    assert "password" not in seen["room"]


def test_room_owner_and_activities(alice: Any) -> None:
    traces = Traces()
    event = Event.objects.get(pk=Api(alice).post("/v1/events", factories.WEEKLY).json()["id"])
    assert traces.activities() == [("room.created", ["alice"]), ("event.created", ["alice"])]
    assert (event.room.created_by, event.room.tenant, event.tenant) == (alice, alice.tenant, alice.tenant)
    assert len(event.room.sip_config.sip_id) == 10
    assert traces.last("event.created").data == {
        "title": "Team meeting",
        "description_sha256": hashlib.sha256(b"What we did, what we do").hexdigest(),
        "creator_id": str(alice.pk),
        "attendee_ids": [],
        "is_time_independent": False,
        "is_all_day": False,
        "is_adhoc": False,
        "starts_at": "2026-11-23T09:00:00Z",
        "ends_at": "2026-11-23T10:00:00Z",
        "time_zone": "Europe/Berlin",
        "recurrence_pattern": ["RRULE:FREQ=WEEKLY"],
        "sequence": 0,
    }


def test_creator_gets_his_own_calendar_entry(alice: Any) -> None:
    traces = Traces()
    Api(alice).post("/v1/events", factories.WEEKLY)
    assert traces.mails() == [("alice@example.com", "registered_event_invite", 0)]
    deliver_due()
    calendar = Calendar.from_ical(mail.outbox[0].attachments[0].content)
    (meeting,) = calendar.walk("VEVENT")
    assert (calendar["METHOD"], meeting["ORGANIZER"]) == ("PUBLISH", "mailto:alice@example.com")
    assert "ATTENDEE" not in meeting
    assert meeting["SEQUENCE"] == 0


def test_ad_hoc_meeting_is_mailed_to_nobody(alice: Any) -> None:
    body = TIMELESS | {"title": "Ad-hoc Meeting 10:30", "waiting_room": False, "is_adhoc": True}
    traces = Traces()
    assert Api(alice).post("/v1/events", body).json()["is_adhoc"] is True
    assert traces.mails() == []


def test_suppressed_mail_is_not_queued(alice: Any) -> None:
    traces = Traces()
    Api(alice).post("/v1/events", factories.WEEKLY, suppress_email_notification="true")
    assert traces.mails() == []
    assert [kind for kind, _who in traces.activities()] == ["room.created", "event.created"]


def test_form_of_the_frontend_for_one_meeting(alice: Any) -> None:
    form = SINGLE | {
        "waiting_room": False,
        "show_meeting_details": True,
        "password": None,
        "is_adhoc": False,
        "has_shared_folder": False,
        "streaming_targets": [],
        "unknown": {"is": "ignored"},
    }
    answer = Api(alice).post("/v1/events", form)
    assert answer.status_code == 201
    assert answer.json()["type"] == "single"
    assert answer.json()["show_meeting_details"] is True
    assert not {"streaming_targets", "recurrence_pattern", "unknown"} & answer.json().keys()


def test_streaming_key_stays_here(alice: Any) -> None:
    seen = Api(alice).post("/v1/events", SINGLE | {"streaming_targets": [STREAM]}).json()
    assert [target | {"id": None} for target in seen["streaming_targets"]] == [STREAM | {"id": None}]
    (queued,) = OutgoingMail.objects.all()
    assert [target["streaming_key"] for target in queued.message["event"]["streaming_targets"]] == [""]
    assert "s3cr3t" not in str(queued.message)


def test_new_streaming_target_needs_its_key(alice: Any) -> None:
    echo = {name: value for name, value in STREAM.items() if name != "streaming_key"}
    echo["id"] = "00000000-0000-4000-8000-000000000000"
    answer = Api(alice).post("/v1/events", SINGLE | {"streaming_targets": [echo]})
    assert answer.status_code == 422
    assert [(entry["field"], entry["code"]) for entry in answer.json()["validation_errors"]] == [
        ("streaming_targets.0.streaming_key", "value_required")
    ]
    assert not Event.objects.exists()


def test_shared_folder_without_a_file_service_is_refused(alice: Any) -> None:
    traces = Traces()
    answer = Api(alice).post("/v1/events", SINGLE | {"has_shared_folder": True})
    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_request"
    assert answer.json()["message"] == "No shared folder configured for this server"
    assert not Event.objects.exists()
    assert traces.is_empty()


@pytest.mark.parametrize(
    "change",
    [
        {"is_time_independent": True, "is_all_day": None, "starts_at": None, "ends_at": None},
        {"is_time_independent": True, "is_all_day": None, "starts_at": None, "ends_at": None, "recurrence_pattern": []},
        {"recurrence_pattern": []},
        {"recurrence_pattern": None},
        {"title": ""},
        {"ends_at": time("2026-11-23T10:00:00+01:00")},
        {"starts_at": time("2026-11-23T09:00:00.000Z")},
        {"starts_at": time("2026-11-23T09:00:00z", "Asia/Calcutta")},
    ],
)
def test_accepted(alice: Any, change: dict[str, Any]) -> None:
    assert Api(alice).post("/v1/events", SINGLE | change).status_code == 201


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"is_time_independent": True}, "is_all_day, starts_at, ends_at"),
        ({"is_time_independent": True, "starts_at": None, "ends_at": None}, "is_all_day"),
        ({"starts_at": None}, "starts_at"),
        ({"starts_at": None, "ends_at": None, "is_all_day": None}, "is_all_day, starts_at, ends_at"),
    ],
)
def test_time_and_time_independence_exclude_each_other(alice: Any, change: dict[str, Any], message: str) -> None:
    answer = Api(alice).post("/v1/events", SINGLE | change)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert message in answer.json()["message"]


def test_a_pattern_needs_a_time(alice: Any) -> None:
    answer = Api(alice).post("/v1/events", TIMELESS | {"recurrence_pattern": ["RRULE:FREQ=DAILY"]})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


@pytest.mark.parametrize(
    "change",
    [
        {"ends_at": time("2026-11-23T09:59:59+01:00")},
        {"recurrence_pattern": ["RRULE:FREQ=HOURLY"]},
        {"recurrence_pattern": ["RRULE:FREQ=SOMETIMES"]},
        {"recurrence_pattern": ["RRULE:FREQ=WEEKLY;UTIL=20270101T000000Z"]},
        {"recurrence_pattern": ["RRULE:FREQ=WEEKLY;UNTIL=20200101T000000Z"]},
        {"recurrence_pattern": ["DTSTART:20261123T090000Z"]},
        {"recurrence_pattern": [""]},
        {"recurrence_pattern": ["RRULE:FREQ=DAILY", "EXRULE:FREQ=DAILY"]},
        {"is_all_day": True},
        {"is_all_day": True, "starts_at": time("2026-11-23T00:00:00+01:00")},
    ],
)
def test_impossible_time_is_an_invalid_event(alice: Any, change: dict[str, Any]) -> None:
    answer = Api(alice).post("/v1/events", SINGLE | change)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_event")
    assert "validation_errors" not in answer.json()
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "stored"),
    [
        (time("2026-11-23T00:00:00+01:00"), time("2026-11-24T00:00:00+01:00"), ("2026-11-22T23", "2026-11-23T23")),
        (time("2026-11-23T00:00:00Z"), time("2026-11-24T00:00:00Z"), ("2026-11-22T23", "2026-11-23T23")),
        # Clocks in Cairo go from 00:00 to 01:00 on this day.
        (
            time("2026-04-23T22:00:00Z", "Africa/Cairo"),
            time("2026-04-24T21:00:00Z", "Africa/Cairo"),
            ("2026-04-23T22", "2026-04-24T21"),
        ),
    ],
)
def test_all_day_is_midnight_in_the_zone_or_in_utc(alice: Any, starts_at: Any, ends_at: Any, stored: Any) -> None:
    form = SINGLE | {"is_all_day": True, "starts_at": starts_at, "ends_at": ends_at}
    answer = Api(alice).post("/v1/events", form)
    assert answer.status_code == 201
    seen = answer.json()
    assert (seen["starts_at"]["datetime"][:13], seen["ends_at"]["datetime"][:13]) == stored
    # What was answered is accepted again.
    echo = {name: seen[name] for name in ("is_all_day", "starts_at", "ends_at")}
    assert Api(alice).patch(f"/v1/events/{seen['id']}", echo).status_code == 200


def test_rule_comes_first_in_the_pattern(alice: Any) -> None:
    lines = ["EXDATE:20261130T090000Z", "RDATE:20261125T090000Z", "RRULE:FREQ=MONTHLY;BYDAY=+4MO"]
    seen = Api(alice).post("/v1/events", SINGLE | {"recurrence_pattern": lines}).json()
    assert seen["recurrence_pattern"] == [lines[2], lines[0], lines[1]]


def test_fractions_of_a_second_are_cut_off(alice: Any) -> None:
    form = SINGLE | {"starts_at": time("2026-11-23T09:00:00.75Z"), "recurrence_pattern": ["RRULE:FREQ=DAILY"]}
    seen = Api(alice).post("/v1/events", form).json()
    assert seen["starts_at"]["datetime"] == "2026-11-23T09:00:00Z"
    assert Event.objects.get().starts_at == datetime(2026, 11, 23, 9, tzinfo=UTC)


@sweep("pattern", [(), ("RRULE:FREQ=DAILY",), ("RRULE:FREQ=YEARLY;COUNT=3",)], fast=1)
@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("0001-01-02T00:00:00+00:00", "0001-01-03T00:00:00+00:00"),
        ("9999-12-29T00:00:00+00:00", "9999-12-30T00:00:00+00:00"),
        ("0001-01-02T00:00:00+00:00", "9999-12-30T00:00:00+00:00"),
        ("5000-01-01T00:00:00+00:00", "9999-12-30T00:00:00+00:00"),
    ],
)
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Adak"])
@pytest.mark.parametrize("is_all_day", [True, False])
def test_the_ends_of_the_calendar_are_refused(
    start: str, end: str, zone: str, pattern: tuple[str, ...], is_all_day: bool
) -> None:
    first, last = datetime.fromisoformat(start), datetime.fromisoformat(end)
    schedule = factories.schedule(
        starts_at=first, ends_at=last, starts_at_zone=zone, ends_at_zone=zone, pattern=pattern, is_all_day=is_all_day
    )
    with pytest.raises(InvalidEvent, match="An event lies between the years 1900 and 2999"):
        schedule.columns()


@pytest.mark.parametrize("pattern", [[], ["RRULE:FREQ=YEARLY"]])
def test_an_event_lasts_at_most_a_year(alice: Any, pattern: list[str]) -> None:
    form = SINGLE | {"starts_at": time("2020-01-01T00:00:00Z"), "recurrence_pattern": pattern}
    for end, status in (("2021-01-01T00:00:00Z", 201), ("2021-01-02T00:00:00Z", 422), ("2900-01-01T00:00:00Z", 422)):
        answer = Api(alice).post("/v1/events", form | {"ends_at": time(end)})
        assert answer.status_code == status
    assert (answer.json()["code"], answer.json()["message"]) == ("invalid_event", "An event lasts at most 366 days")
