"""The waiting room by the calendar: open from so many minutes before each occurrence until its end."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from events.lobby import has_waiting_room, lobby
from events.models import Event, EventException
from signaling.tickets import issue_ticket, redeem_ticket
from tests import factories
from tests.api import Api
from tests.circle import Circle
from tests.events.changes import FORM, change
from tests.traces import Traces

pytestmark = pytest.mark.django_db
WEEKLY = ("RRULE:FREQ=WEEKLY",)


def meeting(minutes: int | None = 15, *, waiting_room: bool = True, **schedule: Any) -> Event:
    """Mondays 10 to 11 in Berlin, from 23 November 2026."""
    return factories.event(
        factories.user(),
        waiting_room=waiting_room,
        lobby_opens_before_minutes=minutes,
        schedule=factories.schedule(**{"pattern": WEEKLY} | schedule),
    )


def is_closed(event: Event, *moment: int) -> bool:
    """At a moment in UTC."""
    return has_waiting_room(event.room, datetime(*moment, tzinfo=UTC))  # type: ignore[arg-type,misc]


def exception(event: Event, original: datetime, **fields: Any) -> None:
    values = {"event": event, "kind": "modified", "created_by": event.created_by, "updated_by": event.created_by}
    EventException.objects.create(original_starts_at=original, **values | fields)


@pytest.mark.parametrize(
    ("hour", "minute", "closed"),
    [(8, 44, True), (8, 45, False), (9, 0, False), (9, 59, False), (10, 0, False), (10, 1, True), (12, 0, True)],
)
def test_open_from_some_minutes_before_until_the_end(hour: int, minute: int, closed: bool) -> None:
    event = meeting()
    for day in (23, 30):
        assert is_closed(event, 2026, 11, day, hour, minute) == closed


@pytest.mark.parametrize(("minutes", "closed"), [(None, True), (0, False), (60, False)])
def test_without_minutes_the_room_always_waits(minutes: int | None, closed: bool) -> None:
    assert is_closed(meeting(minutes), 2026, 11, 23, 9, 30) == closed


def test_zero_minutes_open_at_the_start() -> None:
    event = meeting(0)
    assert is_closed(event, 2026, 11, 23, 8, 59)
    assert not is_closed(event, 2026, 11, 23, 9, 0)


def test_room_without_waiting_room_never_waits() -> None:
    event = meeting(15, waiting_room=False)
    assert not is_closed(event, 2026, 11, 22, 12)


def test_days_between_occurrences_are_closed() -> None:
    assert is_closed(meeting(), 2026, 11, 24, 9, 30)


@pytest.mark.parametrize(
    ("moment", "closed"),
    [
        ((2026, 3, 22, 8, 44), True),  # winter: 10 in Berlin is 9 in UTC
        ((2026, 3, 22, 8, 45), False),
        ((2026, 3, 29, 7, 44), True),  # summer begins on this very morning
        ((2026, 3, 29, 7, 45), False),
        ((2026, 3, 29, 9, 30), True),
        ((2026, 10, 18, 7, 45), False),
        ((2026, 10, 25, 7, 45), True),  # winter again
        ((2026, 10, 25, 8, 45), False),
    ],
)
def test_occurrences_keep_their_wall_time_across_changes_of_the_clock(moment: tuple[int, ...], closed: bool) -> None:
    event = meeting(
        starts_at=datetime(2026, 3, 1, 9, tzinfo=UTC),
        ends_at=datetime(2026, 3, 1, 10, tzinfo=UTC),
    )
    assert is_closed(event, *moment) == closed


def test_minutes_before_are_real_minutes_also_when_the_clock_is_put_forward_meanwhile() -> None:
    """Three in the night in Berlin, an hour after one o'clock."""
    event = meeting(
        90,
        starts_at=datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
        ends_at=datetime(2026, 3, 29, 2, 30, tzinfo=UTC),
    )
    assert is_closed(event, 2026, 3, 28, 23, 59)
    assert not is_closed(event, 2026, 3, 29, 0, 0)


def test_cancelled_occurrence_opens_nothing() -> None:
    event = meeting()
    exception(event, datetime(2026, 11, 30, 9, tzinfo=UTC), kind="cancelled")
    assert is_closed(event, 2026, 11, 30, 9, 30)
    assert not is_closed(event, 2026, 12, 7, 9, 30)


def test_moved_occurrence_opens_where_it_is_now() -> None:
    event = meeting()
    starts_at = datetime(2026, 12, 3, 15, tzinfo=UTC)
    exception(event, datetime(2026, 11, 30, 9, tzinfo=UTC), starts_at=starts_at, ends_at=starts_at + timedelta(hours=3))
    assert is_closed(event, 2026, 11, 30, 9, 30)
    assert is_closed(event, 2026, 12, 3, 14, 44)
    assert not is_closed(event, 2026, 12, 3, 14, 45)
    assert not is_closed(event, 2026, 12, 3, 17, 59)


def test_all_day_event_is_open_from_before_midnight_in_its_zone() -> None:
    event = meeting(
        is_all_day=True,
        starts_at=datetime(2026, 11, 22, 23, tzinfo=UTC),
        ends_at=datetime(2026, 11, 23, 23, tzinfo=UTC),
    )
    assert is_closed(event, 2026, 11, 22, 22, 44)
    assert not is_closed(event, 2026, 11, 22, 22, 45)
    assert not is_closed(event, 2026, 11, 23, 22, 59)
    assert is_closed(event, 2026, 11, 23, 23, 1)


@pytest.mark.parametrize(
    ("moment", "then"),
    [
        ((2026, 11, 22, 8, 0), (2026, 11, 23, 8, 45, 0)),
        ((2026, 11, 23, 8, 45), (2026, 11, 23, 10, 0, 1)),
        ((2026, 11, 23, 10, 0), (2026, 11, 23, 10, 0, 1)),
        ((2026, 11, 23, 10, 1), (2026, 12, 7, 8, 45, 0)),
    ],
)
def test_it_says_when_that_changes(moment: tuple[int, ...], then: tuple[int, ...]) -> None:
    event = meeting()
    exception(event, datetime(2026, 11, 30, 9, tzinfo=UTC), kind="cancelled")
    found = lobby(event.room, datetime(*moment, tzinfo=UTC))  # type: ignore[arg-type,misc]
    assert found.changes_at == datetime(*then, tzinfo=UTC)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(("minutes", "waiting_room"), [(None, True), (15, False)])
def test_without_rule_it_never_changes(minutes: int | None, waiting_room: bool) -> None:
    event = meeting(minutes, waiting_room=waiting_room)
    found = lobby(event.room, datetime(2026, 11, 22, 8, tzinfo=UTC))
    assert (found.is_closed, found.changes_at) == (waiting_room, None)


def test_event_without_time_opens_nothing() -> None:
    event = factories.event(factories.user(), schedule=None, waiting_room=True, lobby_opens_before_minutes=15)
    assert is_closed(event, 2026, 11, 23, 9, 30)


def test_room_without_event_waits() -> None:
    event = meeting()
    room = event.room
    event.delete()
    assert has_waiting_room(room, datetime(2026, 11, 23, 9, 30, tzinfo=UTC))


def test_each_part_of_a_split_series_opens_by_its_own_minutes() -> None:
    event = meeting()
    last = factories.event(
        event.created_by,
        schedule=factories.schedule(
            starts_at=datetime(2026, 12, 8, 9, tzinfo=UTC), ends_at=datetime(2026, 12, 8, 10, tzinfo=UTC)
        ),
        lobby_opens_before_minutes=60,
    )
    Event.objects.filter(pk=event.pk).update(continued_by=last)
    Event.objects.filter(pk=last.pk).update(room=event.room, series=event.series)
    assert not is_closed(event, 2026, 12, 8, 8, 0)
    assert not is_closed(event, 2026, 11, 30, 8, 45)
    assert is_closed(event, 2026, 11, 30, 8, 44)


@pytest.mark.parametrize(("minute", "waits"), [(44, True), (45, False)])
def test_ticket_decides_when_it_is_used(minute: int, waits: bool) -> None:
    event = meeting()
    with time_machine.travel(datetime(2026, 11, 30, 8, 44, 50, tzinfo=UTC), tick=False) as clock:
        issued = issue_ticket(room=event.room, user=event.created_by)
        clock.move_to(datetime(2026, 11, 30, 8, minute, 55 if waits else 5, tzinfo=UTC))
        assert redeem_ticket(text=issued.ticket).has_waiting_room == waits


def test_it_costs_two_statements_for_any_number_of_exceptions(django_assert_num_queries: Any) -> None:
    event = meeting()
    room = event.room
    for weeks in (range(1, 2), range(2, 40)):
        for week in weeks:
            exception(event, datetime(2026, 11, 23, 9, tzinfo=UTC) + timedelta(weeks=week), kind="cancelled")
        with django_assert_num_queries(2):
            assert has_waiting_room(room, datetime(2026, 11, 30, 9, 30, tzinfo=UTC))


# --- The setting on the wire ---


BODY = factories.WEEKLY | {"waiting_room": True}


def test_it_is_stored_and_answered_and_the_waiting_room_stays_what_it_is() -> None:
    api = Api(factories.user())
    created = api.post("/v1/events", BODY | {"lobby_opens_before_minutes": 15}).json()
    read = api.get(f"/v1/events/{created['id']}").json()
    for answer in (created, read):
        assert answer["lobby_opens_before_minutes"] == 15
        assert answer["room"]["waiting_room"] is True


@pytest.mark.parametrize("body", [{}, {"lobby_opens_before_minutes": None}])
def test_it_is_absent_where_it_is_not_set(body: dict[str, Any]) -> None:
    answer = Api(factories.user()).post("/v1/events", BODY | body)
    assert "lobby_opens_before_minutes" not in answer.json()


def test_zero_is_a_value() -> None:
    assert (
        Api(factories.user())
        .post("/v1/events", BODY | {"lobby_opens_before_minutes": 0})
        .json()["lobby_opens_before_minutes"]
        == 0
    )


@pytest.mark.slow
def test_patch_sets_it_null_removes_it_and_the_frontends_form_keeps_it() -> None:
    circle = Circle(schedule=factories.schedule())
    assert change(circle, {"lobby_opens_before_minutes": 5}).json()["lobby_opens_before_minutes"] == 5
    assert change(circle, FORM).json()["lobby_opens_before_minutes"] == 5
    assert "lobby_opens_before_minutes" not in change(circle, {"lobby_opens_before_minutes": None}).json()


@pytest.mark.slow
def test_change_is_logged_and_mails_nobody() -> None:
    """No mail and no calendar shows it."""
    circle, traces = Circle(), Traces()
    change(circle, {"lobby_opens_before_minutes": 5})
    assert traces.mails() == []
    assert traces.last("event.updated").changes == {"lobby_opens_before_minutes": [None, 5]}
    change(circle, {"lobby_opens_before_minutes": 6, "title": "Review"})
    assert traces.mails() != []


@pytest.mark.parametrize(
    ("value", "status", "code"),
    [(-1, 422, "out_of_range"), (10081, 422, "out_of_range"), (10**15, 422, "out_of_range")]
    + [(value, 400, "invalid_value") for value in ("5", 5.0, 1.5, True, [], {})],
)
def test_bad_value_has_its_entry(value: Any, status: int, code: str) -> None:
    bob = Api(factories.user())
    answers = [bob.post("/v1/events", BODY | {"lobby_opens_before_minutes": value})]
    answers.append(change(Circle(), {"lobby_opens_before_minutes": value}))
    for answer in answers:
        assert answer.status_code == status
        assert [(entry["field"], entry["code"]) for entry in answer.json()["validation_errors"]] == [
            ("lobby_opens_before_minutes", code)
        ]
