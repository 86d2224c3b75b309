"""Calendar objects, whole, and as independent readers understand them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from textwrap import dedent

import icalendar
import pytest
import recurring_ical_events
from hypothesis import given, settings
from hypothesis import strategies as st

from calendars import recurrence
from calendars.itip import (
    Attendee,
    Instance,
    prepare,
)
from calendars.patterns import Series
from calendars.times import from_wall
from tests.calendars.meetings import (
    ANNA,
    ANNA_LINE,
    BERLIN,
    BERLIN_VTIMEZONE,
    GONE,
    MEETING,
    MOVED,
    NOW,
    all_day,
    at,
    cancel,
    cancel_instance,
    lines_of,
    publish,
    request,
    request_instance,
    text_of,
    weekly,
)


def test_request_of_a_series_carries_its_changed_and_cancelled_instances():
    found = text_of(request(replace(MEETING, instances=(GONE, MOVED)), ANNA, now=NOW))
    assert found == dedent("""\
        BEGIN:VCALENDAR
        VERSION:2.0
        PRODID:-//OpenTalk Site//EN
        CALSCALE:GREGORIAN
        METHOD:REQUEST
        %(zone)sBEGIN:VEVENT
        SUMMARY:Planning\\; next\\, steps
        DTSTART;TZID=Europe/Berlin:20261123T100000
        DTEND;TZID=Europe/Berlin:20261123T110000
        DTSTAMP:20261121T080000Z
        UID:6a7b1c1e-0000-4000-8000-000000000001
        SEQUENCE:3
        RRULE:FREQ=WEEKLY;COUNT=6
        EXDATE;TZID=Europe/Berlin:20261207T100000
        %(attendee)s
        CREATED:20261101T093015Z
        LAST-MODIFIED:20261120T110000Z
        ORGANIZER;CN="Dept: Sales":mailto:olga@example.org
        STATUS:CONFIRMED
        TRANSP:OPAQUE
        DESCRIPTION:Agenda\\nRoom password: secret
        LOCATION:https://meet.example.org/room/1
        URL:https://meet.example.org/room/1
        CONFERENCE;FEATURE=AUDIO,VIDEO;LABEL="Join: video";VALUE=URI:https://meet.example.org/room/1
        CONFERENCE;FEATURE=PHONE;LABEL="Dial in";VALUE=URI:tel:+4930123,,1234#
        END:VEVENT
        BEGIN:VEVENT
        SUMMARY:Planning\\, moved
        DTSTART;TZID=Europe/Berlin:20261201T140000
        DTEND;TZID=Europe/Berlin:20261201T160000
        DTSTAMP:20261121T080000Z
        UID:6a7b1c1e-0000-4000-8000-000000000001
        RECURRENCE-ID;TZID=Europe/Berlin:20261130T100000
        SEQUENCE:3
        %(attendee)s
        CREATED:20261101T093015Z
        LAST-MODIFIED:20261120T110000Z
        ORGANIZER;CN="Dept: Sales":mailto:olga@example.org
        STATUS:CONFIRMED
        TRANSP:OPAQUE
        DESCRIPTION:Later
        LOCATION:https://meet.example.org/room/1
        URL:https://meet.example.org/room/1
        CONFERENCE;FEATURE=AUDIO,VIDEO;LABEL="Join: video";VALUE=URI:https://meet.example.org/room/1
        CONFERENCE;FEATURE=PHONE;LABEL="Dial in";VALUE=URI:tel:+4930123,,1234#
        END:VEVENT
        END:VCALENDAR
        """) % {"zone": BERLIN_VTIMEZONE, "attendee": ANNA_LINE}


def test_cancel_carries_no_secret_and_asks_for_no_answer():
    found = text_of(cancel(replace(MEETING, instances=(GONE, MOVED)), ANNA, now=NOW))
    assert found == dedent("""\
        BEGIN:VCALENDAR
        VERSION:2.0
        PRODID:-//OpenTalk Site//EN
        CALSCALE:GREGORIAN
        METHOD:CANCEL
        %(zone)sBEGIN:VEVENT
        SUMMARY:Planning\\; next\\, steps
        DTSTART;TZID=Europe/Berlin:20261123T100000
        DTEND;TZID=Europe/Berlin:20261123T110000
        DTSTAMP:20261121T080000Z
        UID:6a7b1c1e-0000-4000-8000-000000000001
        SEQUENCE:3
        RRULE:FREQ=WEEKLY;COUNT=6
        EXDATE;TZID=Europe/Berlin:20261207T100000
        ATTENDEE;CN="Müller, Anna";CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION:mailto:anna@example.org
        CREATED:20261101T093015Z
        LAST-MODIFIED:20261120T110000Z
        ORGANIZER;CN="Dept: Sales":mailto:olga@example.org
        STATUS:CANCELLED
        END:VEVENT
        END:VCALENDAR
        """) % {"zone": BERLIN_VTIMEZONE}


def test_publish_asks_nobody():
    """RFC 5546 3.2.1: an ORGANIZER and no ATTENDEE; all else as in a REQUEST."""
    meeting = replace(MEETING, instances=(MOVED, GONE))
    told, asked = text_of(publish(meeting, now=NOW)), text_of(request(meeting, ANNA, now=NOW))
    without = "\n".join(line for line in asked.split("\n") if not line.startswith("ATTENDEE"))
    assert told == without.replace("METHOD:REQUEST", "METHOD:PUBLISH")


def test_parts_of_a_series_that_was_split_name_each_other():
    meeting = replace(MEETING, related=("first@example.org", "third; and, last"))
    for data in (
        request(meeting, ANNA, now=NOW),
        request_instance(meeting, MOVED, ANNA, now=NOW),
        cancel(meeting, ANNA, now=NOW),
    ):
        assert lines_of(data, "RELATED-TO") == [
            "RELATED-TO;RELTYPE=SIBLING:first@example.org",
            "RELATED-TO;RELTYPE=SIBLING:third\\; and\\, last",
        ]


def test_single_event_in_utc_has_no_zone():
    series = Series(NOW, NOW + timedelta(minutes=30), "UTC")
    bare = replace(MEETING, series=series, description="", location="", url="", conferences=(), instances=(MOVED,))
    accepted = Attendee(address="b@example.org", partstat="ACCEPTED", role="OPT-PARTICIPANT")
    assert text_of(request(bare, accepted, now=NOW)) == dedent("""\
        BEGIN:VCALENDAR
        VERSION:2.0
        PRODID:-//OpenTalk Site//EN
        CALSCALE:GREGORIAN
        METHOD:REQUEST
        BEGIN:VEVENT
        SUMMARY:Planning\\; next\\, steps
        DTSTART:20261121T080000Z
        DTEND:20261121T083000Z
        DTSTAMP:20261121T080000Z
        UID:6a7b1c1e-0000-4000-8000-000000000001
        SEQUENCE:3
        ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=OPT-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=TRUE:mailto:b@example.org
        CREATED:20261101T093015Z
        LAST-MODIFIED:20261120T110000Z
        ORGANIZER;CN="Dept: Sales":mailto:olga@example.org
        STATUS:CONFIRMED
        TRANSP:OPAQUE
        END:VEVENT
        END:VCALENDAR
        """)


def test_all_day_series_is_dates_everywhere():
    series = all_day(
        "RRULE:FREQ=WEEKLY;UNTIL=20261220T230000Z", "EXDATE;TZID=Europe/Berlin:20261207T000000", "RDATE:20261223"
    )
    moved = replace(
        MOVED,
        original_starts_at=at(2026, 11, 30),
        starts_at=at(2026, 12, 1),
        ends_at=at(2026, 12, 3),
        is_all_day=True,
    )
    gone = replace(moved, original_starts_at=at(2026, 12, 14), is_cancelled=True)
    data = request(replace(MEETING, series=series, instances=(moved, gone)), ANNA, now=NOW)
    assert b"VTIMEZONE" not in data
    names = ("DTSTART", "DTEND", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "X-MICROSOFT-CDO-ALLDAYEVENT")
    assert lines_of(data, *names) == [
        "DTSTART;VALUE=DATE:20261123",
        "DTEND;VALUE=DATE:20261125",
        "RRULE:FREQ=WEEKLY;UNTIL=20261221",
        "RDATE;VALUE=DATE:20261223",
        "EXDATE;VALUE=DATE:20261207",
        "EXDATE;VALUE=DATE:20261214",
        "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE",
        "DTSTART;VALUE=DATE:20261201",
        "DTEND;VALUE=DATE:20261203",
        "RECURRENCE-ID;VALUE=DATE:20261130",
        "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE",
    ]


def test_request_of_one_instance_names_its_original_start():
    data = request_instance(MEETING, MOVED, ANNA, now=NOW)
    assert lines_of(data, "BEGIN", "METHOD", "RRULE", "DTSTART", "RECURRENCE-ID", "STATUS", "DESCRIPTION") == [
        "BEGIN:VEVENT",
        "DTSTART;TZID=Europe/Berlin:20261201T140000",
        "RECURRENCE-ID;TZID=Europe/Berlin:20261130T100000",
        "STATUS:CONFIRMED",
        "DESCRIPTION:Later",
    ]
    assert "METHOD:REQUEST" in text_of(data)


def test_cancel_of_one_instance_carries_no_secret():
    data = cancel_instance(MEETING, GONE, ANNA, now=NOW)
    assert "METHOD:CANCEL" in text_of(data)
    assert lines_of(
        data, "BEGIN", "RRULE", "RECURRENCE-ID", "STATUS", "DESCRIPTION", "URL", "LOCATION", "CONFERENCE"
    ) == [
        "BEGIN:VEVENT",
        "RECURRENCE-ID;TZID=Europe/Berlin:20261207T100000",
        "STATUS:CANCELLED",
    ]


def test_timed_instance_of_an_all_day_series_brings_its_zone():
    moved = replace(MOVED, original_starts_at=at(2026, 11, 30))
    data = request_instance(replace(MEETING, series=all_day("RRULE:FREQ=WEEKLY")), moved, ANNA, now=NOW)
    assert b"BEGIN:VTIMEZONE" in data
    assert lines_of(data, "DTSTART", "RECURRENCE-ID") == [
        "DTSTART;TZID=Europe/Berlin:20261201T140000",
        "RECURRENCE-ID;VALUE=DATE:20261130",
    ]


def test_all_day_instance_of_a_timed_series_keeps_the_zone_of_its_name():
    moved = replace(MOVED, starts_at=at(2026, 12, 1), ends_at=at(2026, 12, 2), is_all_day=True)
    data = request_instance(MEETING, moved, ANNA, now=NOW)
    assert b"BEGIN:VTIMEZONE" in data
    assert lines_of(data, "DTSTART", "RECURRENCE-ID") == [
        "DTSTART;VALUE=DATE:20261201",
        "RECURRENCE-ID;TZID=Europe/Berlin:20261130T100000",
    ]


# --- patterns ---


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (("RRULE:FREQ=MONTHLY;INTERVAL=1;BYDAY=+4MO",), ["RRULE:FREQ=MONTHLY;BYDAY=4MO"]),
        (("RRULE:FREQ=DAILY;UNTIL=20261130",), ["RRULE:FREQ=DAILY;UNTIL=20261130T090000Z"]),
        (("RRULE:FREQ=DAILY;UNTIL=20261130T120000",), ["RRULE:FREQ=DAILY;UNTIL=20261130T090000Z"]),
        (("RRULE:FREQ=DAILY;UNTIL=20261130T003000Z",), ["RRULE:FREQ=DAILY;UNTIL=20261130T003000Z"]),
        (
            ("RRULE:FREQ=DAILY", "EXDATE;TZID=America/New_York:20261124T040000,20261125T040000"),
            [
                "RRULE:FREQ=DAILY",
                "EXDATE;TZID=Europe/Berlin:20261124T100000",
                "EXDATE;TZID=Europe/Berlin:20261125T100000",
            ],
        ),
        (
            ("RRULE:FREQ=DAILY", "RDATE;VALUE=DATE:20261201", "EXDATE:20261124T090000Z"),
            [
                "RDATE;TZID=Europe/Berlin:20261201T100000",
                "RRULE:FREQ=DAILY",
                "EXDATE;TZID=Europe/Berlin:20261124T100000",
            ],
        ),
        (("RRULE:FREQ=DAILY", "EXRULE:FREQ=WEEKLY"), ["RRULE:FREQ=DAILY", "EXRULE:FREQ=WEEKLY"]),
    ],
)
def test_pattern_is_written_in_the_type_and_zone_of_the_start(pattern, expected):
    found = request(replace(MEETING, series=replace(weekly(), pattern=pattern)), ANNA, now=NOW)
    assert sorted(lines_of(found, "RRULE", "RDATE", "EXDATE", "EXRULE")) == sorted(expected)


def test_pattern_in_utc_is_written_in_utc():
    series = weekly("EXDATE;TZID=Europe/Berlin:20261130T110000", zone="Etc/UTC")
    found = request(replace(MEETING, series=series), ANNA, now=NOW)
    assert lines_of(found, "DTSTART", "EXDATE") == ["DTSTART:20261123T100000Z", "EXDATE:20261130T100000Z"]


def test_start_outside_its_rule_moves_to_the_first_occurrence():
    tuesdays = replace(weekly(), pattern=("RRULE:FREQ=WEEKLY;BYDAY=TU", "EXDATE:20261124T090000Z"))
    found = request(replace(MEETING, series=tuesdays), ANNA, now=NOW)
    assert lines_of(found, "DTSTART", "DTEND") == [
        "DTSTART;TZID=Europe/Berlin:20261124T100000",
        "DTEND;TZID=Europe/Berlin:20261124T110000",
    ]


def test_start_moves_to_a_day_of_the_rule_not_to_an_additional_date():
    tuesdays = replace(weekly(), pattern=("RRULE:FREQ=WEEKLY;BYDAY=TU", "RDATE:20261122T080000Z"))
    found = request(replace(MEETING, series=tuesdays), ANNA, now=NOW)
    assert lines_of(found, "DTSTART", "RDATE") == [
        "DTSTART;TZID=Europe/Berlin:20261124T100000",
        "RDATE;TZID=Europe/Berlin:20261122T090000",
    ]


def test_series_of_single_dates_starts_at_the_first_of_them():
    dates = replace(weekly(), pattern=("RDATE:20261128T120000Z,20261126T120000Z",))
    found = request(replace(MEETING, series=dates), ANNA, now=NOW)
    assert lines_of(found, "DTSTART", "RDATE") == [
        "DTSTART;TZID=Europe/Berlin:20261126T130000",
        "RDATE;TZID=Europe/Berlin:20261128T130000",
    ]


@pytest.mark.parametrize("hour", [0, 1])
def test_each_of_two_equal_wall_times_is_written_in_utc(hour):
    start = datetime(2026, 10, 25, hour, 30, tzinfo=UTC)
    single = replace(MEETING, series=Series(start, start + timedelta(hours=2), BERLIN))
    assert lines_of(request(single, ANNA, now=NOW), "DTSTART", "DTEND") == [
        f"DTSTART:20261025T0{hour}3000Z",
        f"DTEND;TZID=Europe/Berlin:20261025T0{hour + 3}3000",
    ]


def test_zone_reaches_back_to_a_past_start():
    start = at(1990, 6, 1, 10)
    old = replace(weekly(), starts_at=start, ends_at=start + timedelta(hours=1), pattern=("RRULE:FREQ=YEARLY",))
    assert "DTSTART:19900325T020000" in text_of(request(replace(MEETING, series=old), ANNA, now=NOW))


# --- many receivers ---


@pytest.mark.parametrize("name", ["Africa/Casablanca", "Europe/Berlin", "America/Sao_Paulo"])
@pytest.mark.parametrize("length", ["COUNT=60", "UNTIL=20270601T000000Z", "INTERVAL=1"])
def test_series_and_its_occurrences_define_the_zone_alike(name, length):
    """Programs keep one definition for each name, some the last that they see."""
    start = at(2026, 1, 12, 10, zone=name)
    series = Series(start, start + timedelta(hours=1), name, pattern=(f"RRULE:FREQ=WEEKLY;{length}",))
    later = start + timedelta(weeks=40)
    moved = replace(
        MOVED, original_starts_at=later, starts_at=later + timedelta(hours=3), ends_at=later + timedelta(hours=4)
    )
    meeting = replace(MEETING, series=series, instances=(moved, replace(moved, original_starts_at=start)))
    zones = {
        text_of(data).partition("BEGIN:VEVENT")[0].partition("BEGIN:VTIMEZONE")[2]
        for data in (
            request(meeting, ANNA, now=NOW),
            cancel(meeting, ANNA, now=NOW),
            *(request_instance(meeting, instance, ANNA, now=NOW) for instance in meeting.instances),
            *(cancel_instance(meeting, instance, ANNA, now=NOW) for instance in meeting.instances),
        )
    }
    assert len(zones) == 1
    assert f"TZID:{name}" in zones.pop()


def test_prepared_object_is_the_same_for_each_attendee():
    meeting = replace(MEETING, instances=(MOVED,))
    prepared = prepare(meeting, "REQUEST", now=NOW)
    for number in range(3):
        attendee = Attendee(address=f"a{number}@example.org", name=f"Name {number}")
        assert prepared.for_attendee(attendee) == request(meeting, attendee, now=NOW)


# --- as others read it ---


def starts_read_by_others(data: bytes, after: datetime, before: datetime) -> list[datetime]:
    calendar = icalendar.Calendar.from_ical(data)
    found = recurring_ical_events.of(calendar).between(after, before)
    return sorted(event["DTSTART"].dt.astimezone(UTC) for event in found)


@given(
    rule=st.sampled_from(
        ["FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY;BYDAY=MO,SU", "FREQ=MONTHLY;BYDAY=-1SU", "FREQ=YEARLY;BYMONTH=3,10",
         "FREQ=DAILY;COUNT=40", "FREQ=WEEKLY;INTERVAL=2;UNTIL=20270401T120000Z", "FREQ=MONTHLY;BYMONTHDAY=-1"]
    ),
    zone=st.sampled_from([BERLIN, "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"]),
    start=st.datetimes(datetime(2026, 1, 1, 6), datetime(2026, 12, 31, 20)),  # noqa: DTZ001
    moved=st.integers(0, 5),
    gone=st.integers(0, 5),
)  # fmt: skip
@settings(max_examples=25, deadline=None)
def test_other_readers_find_our_occurrences(rule, zone, start, moved, gone):
    begin = from_wall(start.replace(microsecond=0), zone)
    series = Series(begin, begin + timedelta(hours=1), zone, pattern=(f"RRULE:{rule}",))
    starts = [item.starts_at for item in recurrence.following(series, after=begin, count=6)]
    away = starts[moved % len(starts)]
    changed = Instance(
        original_starts_at=away, starts_at=away + timedelta(hours=5), ends_at=away + timedelta(hours=6),
        is_all_day=False, summary="", description="",
    )  # fmt: skip
    cancelled = replace(changed, original_starts_at=starts[gone % len(starts)], is_cancelled=True)
    instances = (changed,) if cancelled.original_starts_at == away else (changed, cancelled)
    overrides = [
        recurrence.Override(item.original_starts_at, item.starts_at, item.ends_at, is_cancelled=item.is_cancelled)
        for item in instances
    ]
    end = begin + timedelta(days=500)
    data = request(replace(MEETING, series=series, instances=instances), ANNA, now=NOW)
    ours = recurrence.occurrences(series, after=begin, before=end - timedelta(seconds=1), overrides=overrides)
    assert starts_read_by_others(data, begin, end) == [item.starts_at for item in ours if not item.is_cancelled]


def test_other_readers_find_our_days():
    series = all_day("RRULE:FREQ=WEEKLY;COUNT=4", "EXDATE:20261130")
    calendar = icalendar.Calendar.from_ical(request(replace(MEETING, series=series), ANNA, now=NOW))
    found = recurring_ical_events.of(calendar).between(date(2026, 11, 1), date(2027, 2, 1))
    assert [(event["DTSTART"].dt, event["DTEND"].dt) for event in found] == [
        (date(2026, 11, 23), date(2026, 11, 25)),
        (date(2026, 12, 7), date(2026, 12, 9)),
        (date(2026, 12, 14), date(2026, 12, 16)),
    ]


def test_request_says_what_another_program_says_of_the_entry():
    told = replace(
        MEETING, location="Board room", geo=("48.137", "11.575"), is_transparent=True, alarms=(15, 60), instances=()
    )
    found = text_of(request(told, ANNA, now=NOW)).splitlines()
    assert {"LOCATION:Board room", "GEO:48.137;11.575", "TRANSP:TRANSPARENT"} <= set(found)
    assert found[found.index("BEGIN:VALARM") :] == [
        *("BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:Planning\\; next\\, steps", "TRIGGER:-PT15M", "END:VALARM"),
        *("BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:Planning\\; next\\, steps", "TRIGGER:-PT60M", "END:VALARM"),
        *("END:VEVENT", "END:VCALENDAR"),
    ]
    cancelled = text_of(cancel(told, ANNA, now=NOW))
    assert not any(word in cancelled for word in ("GEO", "VALARM", "LOCATION"))


def test_one_object_can_name_several_attendees():
    bert = Attendee(address="bert@example.org", partstat="ACCEPTED")
    found = prepare(MEETING, "REQUEST", now=NOW).for_attendees([ANNA, bert])
    (event,) = icalendar.Calendar.from_ical(found).walk("VEVENT")
    assert [(str(one), one.params["PARTSTAT"]) for one in event["ATTENDEE"]] == [
        (f"mailto:{ANNA.address}", ANNA.partstat),
        ("mailto:bert@example.org", "ACCEPTED"),
    ]
