"""What a connection to PostgreSQL is told."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from events.models import Agenda

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL's own"),
]


def answer(sql: str, *params: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchone()[0]


@pytest.mark.parametrize(
    "instant",
    [
        Agenda.NO_TIME,
        Agenda.NO_END,
        datetime(2026, 11, 23, 9, tzinfo=UTC),
        datetime(2026, 11, 23, 9, 0, 0, 120000, tzinfo=UTC),
        datetime(1883, 11, 18, 17, 0, 1, 1, tzinfo=UTC),
    ],
)
def test_time_comes_back_as_it_went(instant: datetime) -> None:
    found = answer("SELECT %s::timestamptz", instant)
    assert (found, found.utcoffset()) == (instant, timedelta(0))


def test_time_without_value_is_none() -> None:
    assert answer("SELECT NULL::timestamptz") is None


def test_only_long_joins_are_planned_in_the_order_in_which_they_are_written() -> None:
    assert answer("SHOW join_collapse_limit") == "6"
