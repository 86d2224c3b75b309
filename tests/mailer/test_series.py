"""What a mail says of a series: its next date, exceptions and added dates, in the receiver's zone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import translation
from msgspec.structs import replace

from mailer.contents import Fact, contents
from mailer.messages import Recipient, Time
from mailer.protocol import DateException, EventMessage
from mailer.samples import sample

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
START = datetime(2026, 11, 23, 9, tzinfo=UTC)  # a Monday, ten o'clock in Berlin
BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
FIRST = "Monday, 23 November 2026, 10:00\u00a0– 11:00 (CET)"


def at(instant: datetime) -> Time:
    return Time(instant, BERLIN)


def series(
    *pattern: str, start: datetime = START, kind: str = "registered_event_invite", **members: Any
) -> EventMessage:
    message = sample(kind, "single", "en")
    times = {"start_time": at(start), "end_time": at(start + HOUR), "rrule": "\n".join(pattern)}
    event = replace(message.event, name="Planning", **times | members)
    return replace(message, event=event, recipient=Recipient("en", BERLIN))


def said(message: EventMessage) -> dict[str, Any]:
    with translation.override("en"):
        return contents(message, "en", NOW)


def cancelled(week: int) -> DateException:
    return DateException(at(START + week * WEEK), "canceled")


def moved(week: int, by: timedelta, **members: Any) -> DateException:
    start = START + week * WEEK
    return DateException(at(start), "modified", starts_at=at(start + by), ends_at=at(start + by + HOUR), **members)


# --- the next date ---


def test_series_that_has_not_begun_shows_its_first_date() -> None:
    told = said(series("RRULE:FREQ=WEEKLY;COUNT=30"))
    assert (told["when_label"], told["when"].text) == ("", FIRST)
    assert told["repeats"].text == "every week on Monday, 30 times"


def test_series_that_runs_shows_its_next_date_and_its_last_day() -> None:
    told = said(series("RRULE:FREQ=WEEKLY;COUNT=60", start=START - 52 * WEEK))
    assert (told["when_label"], told["when"].text) == ("Next date", FIRST)
    assert told["repeats"].text == "every week on Monday until 11 January 2027"


def test_next_date_is_one_that_takes_place() -> None:
    told = said(series("RRULE:FREQ=WEEKLY;COUNT=30", exceptions=[cancelled(0), moved(1, DAY)]))
    assert (told["when_label"], told["when"].text) == (
        "Next date",
        "Tuesday, 1 December 2026, 10:00\u00a0– 11:00 (CET)",
    )
    assert told["repeats"].text == "every week on Monday until 14 June 2027"


def test_series_that_is_over_shows_its_last_date() -> None:
    told = said(series("RRULE:FREQ=WEEKLY;COUNT=2", start=START - 3 * WEEK))
    assert (told["when_label"], told["when"].text) == (
        "Last date",
        "Monday, 9 November 2026, 10:00\u00a0– 11:00 (CET)",
    )


@pytest.mark.parametrize("exdate", [(), ("EXDATE:20261207T090000Z",)])
def test_number_of_times_is_said_where_all_of_them_take_place(exdate: tuple[str, ...]) -> None:
    told = said(series("RRULE:FREQ=WEEKLY;COUNT=4", *exdate))
    assert told["repeats"].text == "every week on Monday" + (" until 14 December 2026" if exdate else ", 4 times")


def test_running_series_that_moves_tells_its_next_date_before_and_now() -> None:
    """A cancelled date and a moved one stay what they are; the first one of all is long over."""
    start = START - 52 * WEEK
    old = {"starts_at": "2025-11-24T08:45:00Z", "ends_at": "2025-11-24T09:45:00Z"}
    new = {"starts_at": "2025-11-24T09:00:00Z", "ends_at": "2025-11-24T10:00:00Z"}
    message = series("RRULE:FREQ=WEEKLY", start=start, kind="registered_event_update", exceptions=[cancelled(0)])
    told = said(replace(message, changes={name: (old[name], new[name]) for name in old}))
    assert told["when"] == Fact(
        "Monday, 30 November 2026, 10:00\u00a0– 11:00 (CET)", "Monday, 30 November 2026, 09:45\u00a0– 10:45 (CET)"
    )
    assert told["exceptions"] == ["Mon, 23 Nov 2026: cancelled"]


def test_new_pattern_alone_does_not_move_the_next_date() -> None:
    message = series("RRULE:FREQ=WEEKLY", start=START - WEEK, kind="registered_event_update")
    told = said(replace(message, changes={"recurrence_pattern": (["RRULE:FREQ=DAILY"], ["RRULE:FREQ=WEEKLY"])}))
    assert told["when"] == Fact(FIRST)
    assert told["repeats"] == Fact("every week on Monday", "every day")


# --- exceptions and added dates ---


def test_exceptions_ahead_are_named() -> None:
    exceptions = [
        cancelled(-1),
        cancelled(1),
        moved(2, DAY + 4 * HOUR),
        moved(3, DAY, title="With guests"),
        DateException(at(START + 4 * WEEK), "modified", title="Retrospective"),
        DateException(at(START + 5 * WEEK), "modified", description="Bring cake"),
        DateException(at(START + WEEK + DAY), "canceled"),  # no date of the series
    ]
    told = said(series("RRULE:FREQ=WEEKLY", start=START - 4 * WEEK, exceptions=exceptions))
    assert told["exceptions"] == [
        "Mon, 30 Nov 2026: cancelled",
        "Mon, 7 Dec 2026 → Tue, 8 Dec 2026, 14:00\u00a0– 15:00",
        "Mon, 14 Dec 2026 → Tue, 15 Dec 2026, 10:00\u00a0– 11:00: With guests",
        "Mon, 21 Dec 2026: Retrospective",
        "Mon, 28 Dec 2026: different description",
    ]


def test_five_exceptions_are_named_and_the_others_counted() -> None:
    told = said(series("RRULE:FREQ=WEEKLY", exceptions=[cancelled(week) for week in range(1, 9)]))
    assert told["exceptions"][4:] == ["Mon, 28 Dec 2026: cancelled", "and 3 more"]


def test_excluded_dates_are_named_as_cancelled_ones() -> None:
    """Those that the rule does not yield, or that are over, mean nothing."""
    told = said(
        series("RRULE:FREQ=WEEKLY", "EXDATE:20261102T090000Z,20261201T090000Z,20261207T090000Z", start=START - 3 * WEEK)
    )
    assert told["exceptions"] == ["Mon, 7 Dec 2026: cancelled"]


def test_added_dates_are_named_beside_the_rule() -> None:
    """Not those that the rule yields anyway, and not those that are cancelled or over."""
    lines = (
        "RRULE:FREQ=WEEKLY",
        "RDATE:20261104T090000Z,20261130T090000Z,20261209T130000Z,20261210T090000Z,20261211T090000Z",
    )
    gone = DateException(at(datetime(2026, 12, 10, 9, tzinfo=UTC)), "canceled")
    told = said(series(*lines, start=START - 3 * WEEK, exceptions=[gone]))
    assert told["repeats"].text == "every week on Monday"
    assert told["dates"] == ["Wed, 9 Dec 2026, 14:00\u00a0– 15:00", "Fri, 11 Dec 2026, 10:00\u00a0– 11:00"]


def test_series_of_single_dates_names_them() -> None:
    dates = ",".join(f"202612{day:02}T090000Z" for day in range(1, 9))
    told = said(series(f"RDATE:{dates}"))
    assert told["repeats"].text == "on several dates"
    assert told["dates"] == [
        *(f"{day} Dec 2026, 10:00\u00a0– 11:00" for day in ("Tue, 1", "Wed, 2", "Thu, 3", "Fri, 4", "Sat, 5")),
        "and 3 more",
    ]


def test_all_day_exceptions_are_days_of_their_own_zone() -> None:
    midnight = datetime(2026, 11, 22, 23, tzinfo=UTC)
    exceptions = [DateException(at(midnight + WEEK), "canceled")]
    message = series("RRULE:FREQ=WEEKLY", "RDATE;VALUE=DATE:20261209", start=midnight, exceptions=exceptions)
    event = replace(message.event, is_all_day=True, end_time=at(midnight + DAY))
    told = said(replace(message, event=event, recipient=Recipient("en", NEW_YORK)))
    assert told["exceptions"] == ["Mon, 30 Nov 2026: cancelled"]
    assert told["dates"] == ["Wed, 9 Dec 2026 (all day)"]


@pytest.mark.parametrize("kind", ["registered_event_cancellation", "registered_event_uninvite"])
def test_who_is_out_is_not_told_of_exceptions(kind: str) -> None:
    told = said(series("RRULE:FREQ=WEEKLY", "RDATE:20261209T090000Z", kind=kind, exceptions=[cancelled(1)]))
    assert (told["exceptions"], told["dates"]) == ([], [])


def test_single_dates_that_change_alone_are_told_of() -> None:
    message = series("RRULE:FREQ=WEEKLY", "EXDATE:20261207T090000Z", kind="registered_event_update")
    lines = ["RRULE:FREQ=WEEKLY", "EXDATE:20261207T090000Z"]
    told = said(replace(message, changes={"recurrence_pattern": (lines[:1], lines)}))
    assert [change.label for change in told["changes"]] == ["Individual dates were added or removed."]


# --- in the receiver's zone ---

NIGHT = datetime(2026, 11, 29, 23, 30, tzinfo=UTC)  # on a Monday in Berlin, on a Sunday in New York


def occurrence(kind: str, zone: str) -> EventMessage:
    message = series("RRULE:FREQ=WEEKLY", start=NIGHT, kind="registered_event_update")
    return replace(
        message,
        event_exception=DateException(at(NIGHT + WEEK), kind, title="Other"),
        recipient=Recipient("en", zone),
    )


@pytest.mark.parametrize("kind", ["modified", "canceled"])
def test_occurrence_is_named_by_the_receivers_day_and_the_planners_where_that_is_another(kind: str) -> None:
    told = said(occurrence(kind, NEW_YORK))
    assert told["day"] == "Sunday, 6 December 2026 (Monday, 7 December 2026, CET)"
    assert told["subject_title"].endswith("(Sun, 6 Dec 2026)")


def test_occurrence_is_named_once_where_the_days_are_the_same() -> None:
    told = said(occurrence("modified", "Europe/Paris"))
    assert told["day"] == "Monday, 7 December 2026"
    assert told["subject_title"] == "Other (Mon, 7 Dec 2026)"


def test_exceptions_are_named_by_the_receivers_day_as_well() -> None:
    exceptions = [DateException(at(NIGHT + WEEK), "canceled")]
    message = series("RRULE:FREQ=WEEKLY", start=NIGHT, exceptions=exceptions)
    told = said(replace(message, recipient=Recipient("en", NEW_YORK)))
    assert told["exceptions"] == ["Sun, 6 Dec 2026 (Mon, 7 Dec 2026, CET): cancelled"]


@pytest.mark.parametrize(("hour", "zone"), [(0, "CEST"), (1, "CET")])
def test_of_two_equal_times_the_mail_says_which_one_is_meant(hour: int, zone: str) -> None:
    start = datetime(2027, 10, 31, hour, 30, tzinfo=UTC)
    message = series("RRULE:FREQ=WEEKLY", start=start - 52 * WEEK, kind="registered_event_update")
    exception = DateException(at(start), "modified", starts_at=at(start), ends_at=at(start + HOUR / 4))
    told = said(replace(message, event_exception=exception))
    assert told["when"].text == f"Sunday, 31 October 2027, 02:30\u00a0– 02:45 ({zone})"


# --- a series that was split ---


def test_first_part_says_that_the_meeting_goes_on_and_when() -> None:
    told = said(sample("registered_event_update", "following", "en"))
    assert told["goes_on"] == {
        "day": "Tuesday, 2 February 2027",
        "when": "Tuesday, 2 February 2027, 08:00\u00a0– 09:00 (New York), every week on Tuesday",
    }


def test_later_part_tells_its_old_time() -> None:
    told = said(sample("registered_event_invite", "following", "en"))
    assert told["when"].before == "Monday, 30 November 2026, 03:00\u00a0– 04:00 (New York)"
