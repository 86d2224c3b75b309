"""Times and patterns that are none: each gets its error at every door that takes them, and nothing changes."""

from typing import Any

import pytest
from django.http import HttpResponse

from events.models import Event, EventException
from tests import factories
from tests.circle import Circle
from tests.events.changes import WEEKLY, time
from tests.sweeps import sweep
from tests.traces import Traces

pytestmark = pytest.mark.django_db
SECOND = "20261130T090000Z"
# Where a time is wrong as text: 400 says that the body is not what the operation reads.
UNREADABLE = [
    time("2026-12-07T09:00:00Z", "Mars/Base"),
    time("2026-12-07T24:00:00Z"),
    time("2026-02-30T09:00:00Z"),
    time("2026-12-07T09:00:00"),
    time("２０２６-12-07T09:00:00Z"),
    time("2026-12-07T09:00:00Z", ""),
    {"datetime": "2026-12-07T09:00:00Z"},
    "2026-12-07T09:00:00Z",
    1796634000,
]
# Where a pattern is wrong in what it says.
IMPOSSIBLE = [
    ["RRULE:FREQ=WEEKLY;UNTIL=20200101T000000Z"],
    ["RRULE:FREQ=WEEKLY;UNTIL=20270101T090000"],
    ["RRULE:FREQ=WEEKLY;UNTIL=20270132T090000Z"],
    ["DTSTART:20261123T090000Z", "RRULE:FREQ=WEEKLY"],
    ["RRULE:FREQ=WEEKLY;DTSTART=20261123T090000Z"],
    ["RRULE:FREQ=WEEKLY\r\nDTSTART:20261123T090000Z"],
    ["RRULE:freq=weekly"],
    ["rrule:FREQ=WEEKLY"],
    ["RRULE:FREQ=WEEKLY;COUNT=٣"],
    ["RDATE:99990101T090000Z"],
    ["RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"],
    ["RRULE:FREQ=WEEKLY;INTERVAL=0"],
    ["RRULE:FREQ=MINUTELY"],
    ["RRULE:FREQ=DAILY;BYHOUR=9,10"],
    ["FREQ=WEEKLY"],
]
LONG = "RRULE:FREQ=WEEKLY;BYDAY="
TOO_MUCH = [["RDATE:20261207T090000Z"] * 5, [LONG + "M" * (1025 - len(LONG))], "RRULE:FREQ=WEEKLY", [1]]


@pytest.fixture
def circle() -> Circle:
    return Circle(schedule=factories.schedule(pattern=WEEKLY))


def doors(circle: Circle, members: dict[str, Any]) -> list[HttpResponse]:
    """What POST, PATCH and reschedule answer to the same members."""
    api = circle.api("creator")
    return [
        api.post("/v1/events", factories.WEEKLY | members),
        api.patch(circle.path, members),
        api.post(f"{circle.path}/reschedule", {"from": time("2026-12-07T09:00:00Z")} | members),
    ]


def judge(answers: list[HttpResponse], status: int, code: str, before: list[Any], traces: Traces) -> None:
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(status, code)] * len(answers)
    assert list(Event.objects.values()) == before
    assert not EventException.objects.exists()
    assert traces.is_empty()


@pytest.mark.slow
@sweep("value", UNREADABLE, fast=3)
def test_time_that_cannot_be_read_is_invalid_json(circle: Circle, value: Any) -> None:
    before, traces = list(Event.objects.values()), Traces()
    answers = doors(circle, {"starts_at": value})
    answers.append(circle.api("creator").patch(f"{circle.path}/instances/{SECOND}", {"starts_at": value}))
    judge(answers, 400, "invalid_json", before, traces)


@sweep("pattern", IMPOSSIBLE, fast=5)
def test_pattern_that_cannot_be_is_an_invalid_event(circle: Circle, pattern: list[str]) -> None:
    before, traces = list(Event.objects.values()), Traces()
    judge(doors(circle, {"recurrence_pattern": pattern}), 422, "invalid_event", before, traces)


@pytest.mark.parametrize("pattern", TOO_MUCH)
def test_pattern_of_another_size_or_type_is_refused_by_name(circle: Circle, pattern: Any) -> None:
    before, traces = list(Event.objects.values()), Traces()
    answers = doors(circle, {"recurrence_pattern": pattern})
    assert {answer.status_code for answer in answers} <= {400, 422}
    assert {entry["field"].split(".")[0] for answer in answers for entry in answer.json()["validation_errors"]} == {
        "recurrence_pattern"
    }
    judge([], 0, "", before, traces)


@pytest.mark.parametrize("name", ["20261130T100000Z", "20261124T090000Z", "20261116T090000Z", "2026-11-30T09:00:00Z"])
def test_instances_that_are_not_of_this_event_are_not_found(circle: Circle, name: str) -> None:
    before, traces = list(Event.objects.values()), Traces()
    answer = circle.api("creator").patch(f"{circle.path}/instances/{name}", {"status": "cancelled"})
    judge([answer], 404, "not_found", before, traces)
