"""GET /v1/events/instances: all occurrences of all the caller's events, by start."""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activity.actors import Actor
from calendars import patterns, recurrence
from events import access
from events.instances import Found, Window, page
from events.models import Event
from events.services.instances import update_instance
from events.services.invitations import answer_invite
from tests import factories
from tests.api import Api
from tests.circle import GUEST, Circle
from tests.sweeps import examples, sweep
from users.models import User

pytestmark = pytest.mark.django_db
PATH = "/v1/events/instances"
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def alice() -> User:
    return factories.user("alice")


def plan(user: User, title: str, start: datetime | None = MONDAY, *pattern: str, hours: int = 1) -> Event:
    schedule = start and factories.schedule(starts_at=start, ends_at=start + timedelta(hours=hours), pattern=pattern)
    return factories.event(user, title=title, schedule=schedule)


def rows(user: User, **query: Any) -> list[tuple[str, str]]:
    """(title, day and hour of the start) of each."""
    answer = Api(user).get(PATH, **query)
    assert answer.status_code == 200, answer.content
    return [(row["title"], row["starts_at"]["datetime"][5:13] if "starts_at" in row else "") for row in answer.json()]


def all_pages(user: User, per_page: int, **query: Any) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    while True:
        answer = Api(user).get(PATH, per_page=per_page, **query)
        assert len(answer.json()) <= per_page
        found += [(row["title"], row["starts_at"]["datetime"]) for row in answer.json()]
        if "Link" not in answer:
            return found
        query["after"] = answer["Link"].partition("after=")[2].partition(">")[0]


@sweep(
    ("who", "status"),
    [
        ("anonymous", 401),
        ("stranger", 200),
        ("other tenant", 200),
        ("guest", GUEST),
        ("invitee", 200),
        ("creator", 200),
    ],
    fast=2,
)
def test_everybody_sees_the_instances_of_the_events_he_is_in(who: str, status: int) -> None:
    answer = Circle().api(who).get(PATH)
    assert answer.status_code == status
    if status == 200:
        assert len(answer.json()) == (who in {"invitee", "creator"})


def test_occurrences_of_all_events_follow_each_other_by_start(alice: User) -> None:
    plan(alice, "any time", None)
    plan(alice, "weekly", MONDAY, "RRULE:FREQ=WEEKLY;COUNT=2")
    plan(alice, "daily", MONDAY - DAY, "RRULE:FREQ=DAILY;COUNT=3")
    plan(alice, "once", MONDAY + DAY)
    assert rows(alice) == [
        ("any time", ""),
        ("daily", "11-22T09"),
        ("weekly", "11-23T09"),
        ("daily", "11-23T09"),
        ("daily", "11-24T09"),
        ("once", "11-24T09"),
        ("weekly", "11-30T09"),
    ]


def test_events_that_do_not_repeat_are_listed_as_themselves(alice: User) -> None:
    once, series = plan(alice, "once"), plan(alice, "weekly", MONDAY, "RRULE:FREQ=WEEKLY;COUNT=1")
    api = Api(alice)
    assert api.get(PATH, invitees_max=2).json() == [
        api.get(f"/v1/events/{once.pk}", invitees_max=2).json(),
        api.get(f"/v1/events/{series.pk}/instances/20261123T090000Z", invitees_max=2).json(),
    ]


def test_window_takes_what_overlaps_it(alice: User) -> None:
    plan(alice, "any time", None)
    plan(alice, "long", MONDAY, hours=100)
    plan(alice, "daily", MONDAY - 10 * DAY, "RRULE:FREQ=DAILY")
    found = rows(alice, time_min="2026-11-25T10:00:00Z", time_max="2026-11-26T09:00:00Z")
    assert found == [("long", "11-23T09"), ("daily", "11-25T09"), ("daily", "11-26T09")]


def test_occurrence_moved_out_of_its_series_extent_is_found(alice: User) -> None:
    event = plan(alice, "weekly", MONDAY, "RRULE:FREQ=WEEKLY;COUNT=2")
    how: dict[str, Any] = {"event": event, "actor": Actor.by_api(alice)}
    update_instance(original_starts_at=MONDAY, columns={"starts_at": MONDAY - 30 * DAY}, **how)
    update_instance(original_starts_at=MONDAY + 7 * DAY, columns={"starts_at": MONDAY + 90 * DAY}, **how)
    assert rows(alice, time_max="2026-11-01T00:00:00Z") == [("weekly", "10-24T09")]
    assert rows(alice, time_min="2027-01-01T00:00:00Z") == [("weekly", "02-21T09")]


@pytest.mark.slow
def test_occurrence_cancelled_after_it_was_moved_out_is_on_one_page(alice: User) -> None:
    event = plan(alice, "weekly", MONDAY, "RRULE:FREQ=WEEKLY;COUNT=2")
    for day in range(1, 4):
        plan(alice, "once", MONDAY - day * DAY)
    columns = {"starts_at": MONDAY - 4 * DAY, "starts_at_zone": "Europe/Berlin"}
    update_instance(
        event=event, original_starts_at=MONDAY, actor=Actor.by_api(alice), columns=columns, is_cancelled=True
    )
    assert [start[5:13] for _title, start in all_pages(alice, 1)] == [start for _title, start in rows(alice)]
    assert rows(alice, time_max="2026-11-20T00:00:00Z") == [("weekly", "11-19T09")]


def test_date_that_was_added_before_the_start_is_on_one_page(alice: User) -> None:
    plan(alice, "weekly", MONDAY, "RRULE:FREQ=WEEKLY;COUNT=2", "RDATE:20261101T090000Z")
    plan(alice, "once", MONDAY - DAY)
    assert [start[5:13] for _title, start in all_pages(alice, 1)] == ["11-01T09", "11-22T09", "11-23T09", "11-30T09"]
    assert rows(alice, time_max="2026-11-10T00:00:00Z") == [("weekly", "11-01T09")]


def test_cancelled_ones_can_be_left_out(alice: User) -> None:
    event = plan(alice, "weekly", MONDAY, "RRULE:FREQ=WEEKLY;COUNT=2")
    update_instance(event=event, original_starts_at=MONDAY, actor=Actor.by_api(alice), columns={}, is_cancelled=True)
    assert [row["status"] for row in Api(alice).get(PATH).json()] == ["cancelled", "ok"]
    assert rows(alice, include_cancelled="false") == [("weekly", "11-30T09")]


@pytest.mark.slow
def test_page_of_nothing_but_cancelled_ones_leads_on(alice: User) -> None:
    for number in range(3):
        event = plan(alice, f"cancelled {number}", MONDAY, "RRULE:FREQ=WEEKLY;COUNT=1")
        update_instance(
            event=event, original_starts_at=MONDAY, actor=Actor.by_api(alice), columns={}, is_cancelled=True
        )
    plan(alice, "once", MONDAY + DAY)
    assert [title for title, _start in all_pages(alice, 1, include_cancelled="false")] == ["once"]


def test_filters_are_those_of_the_events_list() -> None:
    circle = Circle()
    assert len(rows(circle.bob, invite_status="pending")) == 1
    answer_invite(invite=circle.event.invites.get(), status="declined", actor=Actor.by_api(circle.bob), via="api")
    assert rows(circle.bob, invite_status="pending,accepted") == []
    assert rows(circle.bob, time_independent="true") == []
    assert rows(circle.bob, adhoc="true") == []
    assert rows(circle.bob, favorites="true") == []


@pytest.mark.slow
def test_endless_series_need_no_window(alice: User) -> None:
    plan(alice, "weekly", MONDAY, "RRULE:FREQ=WEEKLY")
    assert len(rows(alice, per_page=100)) == 100
    assert rows(alice, time_min="9000-01-01T00:00:00Z", per_page=1) == [("weekly", "01-06T09")]


@pytest.mark.parametrize("cursor", ["x", "WyJ4Il0", "W10", "e30", "WzEsMiwzLDRd"])
def test_wrong_cursor_is_refused(alice: User, cursor: str) -> None:
    assert Api(alice).get(PATH, after=cursor).status_code == 400


@pytest.mark.parametrize("instant", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "", 5, None])
@pytest.mark.parametrize("place", [0, 1, 3])
def test_cursor_with_no_instant_is_refused(alice: User, place: int, instant: Any) -> None:
    cursor: list[Any] = ["2026-11-23T09:00:00Z", "2026-11-23T09:00:00Z", str(alice.pk), "2026-11-23T09:00:00Z"]
    cursor[place] = instant
    assert Api(alice).get(PATH, after=base64.urlsafe_b64encode(orjson.dumps(cursor)).decode()).status_code == 400


PLANS = st.lists(
    st.tuples(
        st.integers(-40, 40),
        st.sampled_from(["", "RRULE:FREQ=DAILY;COUNT=5", "RRULE:FREQ=WEEKLY;COUNT=4", "RRULE:FREQ=DAILY;INTERVAL=3"]),
        st.integers(0, 60),
        st.lists(st.tuples(st.integers(0, 3), st.integers(-50, 50)), max_size=2),
    ),
    max_size=7,
)


@pytest.mark.slow
@settings(max_examples=examples(10, 30), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plans=PLANS, count=st.integers(1, 5), window=st.tuples(st.integers(-60, 60), st.integers(0, 20)))
def test_pages_hold_each_occurrence_once(alice: User, plans: list[Any], count: int, window: tuple[int, int]) -> None:
    """Held against the engine, event by event: whatever the page length, in order and complete."""
    Event.objects.all().delete()
    wanted = Window(MONDAY + window[0] * DAY, MONDAY + (window[0] + window[1]) * DAY)
    expected: list[tuple[datetime, Any]] = []
    for day, pattern, hours, moves in plans:
        event = moved_about(alice, day, pattern, hours, moves)
        overrides = [exception.as_override() for exception in event.exceptions.all()]
        found = recurrence.occurrences(
            series_of(event), after=wanted.time_min, before=wanted.time_max, overrides=overrides
        )
        expected += [(item.starts_at, event.pk) for item in found]
    pages = list(pages_of(alice, wanted, count))
    assert all(len(page) <= count for page in pages)
    shown = [(item.key[0], item.event_id) for page in pages for item in page]
    assert sorted(shown) == sorted(expected)
    assert [start for start, _event in shown] == sorted(start for start, _event in shown)


def moved_about(alice: User, day: int, pattern: str, hours: int, moves: list[tuple[int, int]]) -> Event:
    """An event whose occurrences of these numbers were moved by so many days."""
    event = plan(alice, "x", MONDAY + day * DAY, *filter(None, [pattern]), hours=hours)
    names = [item.original_starts_at for item in islice(recurrence.occurrences(series_of(event)), 4)]
    for index, distance in moves if pattern else ():
        columns = {"starts_at": names[index] + distance * DAY, "starts_at_zone": "Europe/Berlin"}
        update_instance(event=event, original_starts_at=names[index], actor=Actor.by_api(alice), columns=columns)
    return Event.objects.get(pk=event.pk)


def series_of(event: Event) -> patterns.Series:
    series = event.as_series()
    assert series is not None
    return series


def pages_of(user: User, window: Window, count: int) -> Iterator[list[Found]]:
    cursor = None
    while True:
        found, cursor = page(access.agenda(user), window, cursor=cursor, count=count)
        yield found
        if cursor is None:
            return
