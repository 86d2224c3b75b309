"""The interval tree that finds what runs at a moment."""

from datetime import UTC, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from events.intervals import node_of, nodes_at
from events.models import Agenda

moments = st.datetimes(min_value=datetime(1, 1, 1), max_value=datetime(9999, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@given(st.lists(moments, min_size=3, max_size=3).map(sorted))
@example([NOON, NOON, NOON])
@example([Agenda.NO_TIME] * 3)
@example([NOON, NOON, NOON + timedelta(minutes=1)])
@example([Agenda.NO_TIME, NOON, Agenda.NO_END])
def test_whatever_holds_a_moment_is_at_one_of_its_nodes(three: list[datetime]) -> None:
    start, moment, end = three
    assert node_of(start, end) in nodes_at(moment)


@given(moments)
def test_a_moment_has_few_nodes(moment: datetime) -> None:
    assert len(nodes_at(moment)) < 40


def test_what_is_over_or_far_ahead_is_elsewhere() -> None:
    hour = timedelta(hours=1)
    nodes = [
        node_of(NOON + days * timedelta(days=1), NOON + days * timedelta(days=1) + hour) for days in range(-50, 50)
    ]
    assert sum(node in nodes_at(NOON) for node in nodes) < 5
