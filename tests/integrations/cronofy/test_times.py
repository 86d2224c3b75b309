"""How times are read and written."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from integrations.cronofy import times
from tests.integrations.cronofy.world import BOARD, PATH, application, client, invite

HALF_PAST_NINE = datetime(2027, 1, 21, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2027-01-21T09:30:00Z", HALF_PAST_NINE),
        ("2027-01-21T10:30:00+01:00", HALF_PAST_NINE),
        ("2027-01-21 09:30:00Z", HALF_PAST_NINE),  # C#
        ("2027-01-21 10:30:00 +0100", HALF_PAST_NINE),  # Ruby
        ("2027-01-21 09:30:00 UTC", HALF_PAST_NINE),
        ("2027-01-21T09:30:00UTC", HALF_PAST_NINE),
        ("2027-01-21t09:30:00z", HALF_PAST_NINE),
        ("2027-01-21T09:30:00.000Z", HALF_PAST_NINE),
        ("2027-01-21", date(2027, 1, 21)),
        ("2027-01-21T09:30:00", None),  # where?
        ("2027-02-30", None),
        ("2027-02-30T09:30:00Z", None),
        ("tomorrow", None),
        ("", None),
        ("٢٠٢٧-٠١-٢١", None),
    ],
)
def test_spellings(text: str, value: Any) -> None:
    assert times.parse(text) == value


@pytest.mark.parametrize(
    ("instant", "zone", "time"),
    [
        (HALF_PAST_NINE, "Europe/Paris", "2027-01-21T10:30:00+01:00"),
        (datetime(2027, 7, 21, 9, 30, tzinfo=UTC), "Europe/Paris", "2027-07-21T11:30:00+02:00"),
        # The last instant of winter and the first of summer.
        (datetime(2027, 3, 28, 0, 59, 59, tzinfo=UTC), "Europe/Paris", "2027-03-28T01:59:59+01:00"),
        (datetime(2027, 3, 28, 1, tzinfo=UTC), "Europe/Paris", "2027-03-28T03:00:00+02:00"),
        # Half past two comes twice.
        (datetime(2027, 10, 31, 0, 30, tzinfo=UTC), "Europe/Paris", "2027-10-31T02:30:00+02:00"),
        (datetime(2027, 10, 31, 1, 30, tzinfo=UTC), "Europe/Paris", "2027-10-31T02:30:00+01:00"),
        (HALF_PAST_NINE, "Europe/London", "2027-01-21T09:30:00Z"),
        (datetime(2027, 7, 21, 9, 30, tzinfo=UTC), "Europe/London", "2027-07-21T10:30:00+01:00"),
        (HALF_PAST_NINE, "Etc/UTC", "2027-01-21T09:30:00Z"),
        (HALF_PAST_NINE, "America/St_Johns", "2027-01-21T06:00:00-03:30"),
        # Nine minutes and 21 seconds, which RFC 3339 cannot write.
        (datetime(1900, 1, 21, 9, 30, tzinfo=UTC), "Europe/Paris", "1900-01-21T09:30:00Z"),
    ],
)
def test_offset_is_that_of_the_zone_then(instant: datetime, zone: str, time: str) -> None:
    assert times.written(instant, zone, is_all_day=False) == {"time": time, "tzid": zone}
    assert times.parse(time) == instant


def test_day_is_a_date() -> None:
    midnight = times.midnight(date(2027, 7, 21), "Europe/Paris")
    assert midnight == datetime(2027, 7, 20, 22, tzinfo=UTC)
    assert times.written(midnight, "Europe/Paris", is_all_day=True) == {"time": "2027-07-21", "tzid": "Europe/Paris"}
    assert times.is_midnight(midnight, "Europe/Paris")
    assert not times.is_midnight(midnight, "Europe/London")


PARIS = {"tzid": "Europe/Paris"}
UTC_ZONE = {"tzid": "Etc/UTC"}


@pytest.mark.slow
@pytest.mark.django_db
def test_all_of_them_are_taken_and_answered_in_one_spelling() -> None:
    given: list[tuple[dict[str, Any], list[dict[str, str]]]] = [
        (
            {"start": "2027-01-21T09:30:00Z", "end": "2027-01-21T11:00:00+01:00", "tzid": "Europe/Paris"},
            [{"time": "2027-01-21T10:30:00+01:00"} | PARIS, {"time": "2027-01-21T11:00:00+01:00"} | PARIS],
        ),
        (
            {"start": "2027-07-21 09:30:00Z", "end": {"time": "2027-07-21T12:00:00+02:00", "tzid": "Europe/Paris"}},
            [{"time": "2027-07-21T09:30:00Z"} | UTC_ZONE, {"time": "2027-07-21T12:00:00+02:00"} | PARIS],
        ),
        (
            {"start": "2027-07-21", "end": "2027-07-23", "tzid": "Europe/Paris"},
            [{"time": "2027-07-21"} | PARIS, {"time": "2027-07-23"} | PARIS],
        ),
        # An end that is the start means one day; the day behind it is answered, as calendars have it.
        (
            {"start": {"time": "2027-07-21"} | PARIS, "end": {"time": "2027-07-21"} | PARIS},
            [{"time": "2027-07-21"} | PARIS, {"time": "2027-07-22"} | PARIS],
        ),
    ]
    api = client(application())
    for number, (members, told) in enumerate(given):
        event = {name: BOARD[name] for name in ("summary", "description")} | members
        answer = api.post(PATH, invite(f"inv-{number}", event=event))
        assert answer.status_code == 200, answer.content
        assert [answer.json()["event"][name] for name in ("start", "end")] == told
