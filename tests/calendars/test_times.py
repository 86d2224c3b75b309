"""Zones and the spellings of instants."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calendars.times import (
    UnknownZoneError,
    format_utc,
    from_wall,
    instance_id,
    is_utc,
    is_zone,
    parse_instance_id,
    to_wall,
    zone,
    zone_names,
)
from tests.sweeps import examples


def wall(*parts: int) -> datetime:
    return datetime(*parts)  # noqa: DTZ001


@pytest.mark.parametrize("name", ["Europe/Berlin", "Asia/Calcutta", "UTC", "Etc/GMT+5", "America/Argentina/Ushuaia"])
def test_iana_names_are_zones(name):
    assert is_zone(name)
    assert zone(name).key == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "europe/berlin",
        "Europe/Berlin ",
        "Europe/Berlin\n",
        "Europe/../Europe/Berlin",
        "/usr/share/zoneinfo/UTC",
        "../../etc/passwd",
        "Europe",
        "localtime",
        "posixrules",
        "posix/UTC",
        "right/UTC",
        "Factory",
        "tzdata.zi",
        "CEST",
        "W. Europe Standard Time",
        "Europe/Berlin\0",
    ],
)
def test_other_names_are_refused(name):
    assert not is_zone(name)
    with pytest.raises(UnknownZoneError):
        zone(name)


def test_every_listed_zone_can_be_used():
    assert len(zone_names()) > 500
    for name in zone_names():
        assert zone(name).utcoffset(wall(2026, 1, 1)) is not None


def test_utc_has_several_names():
    assert is_utc("UTC")
    assert is_utc("Etc/UTC")
    assert not is_utc("Europe/London")


def test_wall_time_in_a_gap_uses_the_offset_before_it():
    assert from_wall(wall(2026, 3, 29, 2, 30), "Europe/Berlin") == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_wall_time_in_a_fold_is_the_first():
    assert from_wall(wall(2026, 10, 25, 2, 30), "Europe/Berlin") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert from_wall(wall(2026, 10, 25, 2, 30).replace(fold=1), "Europe/Berlin").hour == 0


def test_results_are_naive_walls_and_utc_instants():
    local = to_wall(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "Europe/Berlin")
    assert (local, local.tzinfo, local.fold) == (wall(2026, 10, 25, 2, 30), None, 0)
    assert from_wall(wall(2026, 7, 1, 12), "Asia/Kolkata").tzinfo is UTC


@given(st.datetimes(wall(1900, 1, 1), wall(2100, 1, 1)), st.sampled_from(["Europe/Berlin", "Australia/Lord_Howe"]))
@settings(max_examples=examples(30, 60), deadline=None)
def test_walls_come_back_outside_gaps(local, name):
    instant = from_wall(local, name)
    back = to_wall(instant, name)
    assert back == local or timedelta(0) < back - local <= timedelta(hours=2)


def test_utc_is_written_without_fraction():
    instant = datetime(2024, 7, 5, 17, 0, 0, 999999, tzinfo=timezone(timedelta(hours=2)))
    assert format_utc(instant) == "2024-07-05T15:00:00Z"
    assert instance_id(instant) == "20240705T150000Z"
    assert instance_id(datetime(7, 1, 2, tzinfo=UTC)) == "00070102T000000Z"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20220215T180000Z", datetime(2022, 2, 15, 18, tzinfo=UTC)),
        ("20220215T190000+0100", datetime(2022, 2, 15, 18, tzinfo=UTC)),
        ("20220215T123000-0530", datetime(2022, 2, 15, 18, tzinfo=UTC)),
    ],
)
def test_instance_ids_are_read(text, expected):
    found = parse_instance_id(text)
    assert (found, found.tzinfo) == (expected, UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "20220215T180000",
        "20220215T180000z",
        "20220215t180000Z",
        "2022-02-15T18:00:00Z",
        "20220215T180000 0100",
        "20220215T180000+01:00",
        "20220215T180000+2400",
        "20220215T180000Z\n",
        "20221315T180000Z",
        "20220229T180000Z",
        "20220215T240000Z",
        "00010101T000000+0100",
        "99991231T235959-0100",
        "٢٠٢٢٠٢١٥T180000Z",
    ],
)
def test_other_instance_ids_are_refused(text):
    with pytest.raises(ValueError, match=r"."):
        parse_instance_id(text)


@given(st.datetimes(timezones=st.just(UTC)))
@settings(max_examples=examples(25, 50), deadline=None)
def test_instance_ids_come_back(instant):
    assert parse_instance_id(instance_id(instant)) == instant.replace(microsecond=0)


def test_a_year_has_four_digits():
    assert format_utc(datetime(999, 12, 31, 23, tzinfo=UTC)) == "0999-12-31T23:00:00Z"
