"""GET /v1/events (contract 9.9, 2.6)."""

import base64
import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from events import agenda
from events.models import Agenda, Event, Favorite
from tests import factories
from tests.api import Api
from tests.circle import GUEST, Circle
from users.models import User

pytestmark = pytest.mark.django_db

PATH = "/v1/events"
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def alice() -> User:
    return factories.user("alice")


def titles(user: User, **query: Any) -> list[str]:
    answer = Api(user).get(PATH, **query)
    assert answer.status_code == 200, answer.content
    return [row["title"] for row in answer.json()]


def plan(user: User, title: str, start: datetime | None = MONDAY, hours: int = 1, **fields: Any) -> Event:
    pattern = fields.pop("pattern", ())
    schedule = start and factories.schedule(starts_at=start, ends_at=start + timedelta(hours=hours), pattern=pattern)
    return factories.event(user, title=title, schedule=schedule, **fields)


def cursor(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def after(link: str) -> str:
    return link.partition("after=")[2].partition(">")[0]


@pytest.mark.parametrize(
    ("who", "status", "count"),
    [
        ("anonymous", 401, None),
        ("stranger", 200, 0),
        ("other tenant", 200, 0),
        ("guest", GUEST, None),
        ("invitee", 200, 1),
        ("creator", 200, 1),
    ],
)
def test_everybody_sees_the_events_he_is_in(who: str, status: int, count: int | None) -> None:
    answer = Circle().api(who).get(PATH)
    assert answer.status_code == status
    assert count is None or len(answer.json()) == count


def test_a_row_is_what_the_event_itself_answers() -> None:
    circle = Circle(password="open sesame")
    bob = circle.api("invitee")
    assert bob.get(PATH, invitees_max=5).json() == [bob.get(circle.path, invitees_max=5).json()]
    assert bob.get(PATH).json() == [bob.get(circle.path).json()]


def test_order_is_time_independent_then_start_then_creation_then_id(alice: User) -> None:
    plan(alice, "timed, early", MONDAY - timedelta(days=1))
    late = [plan(alice, f"timed {number}") for number in range(3)]
    plan(alice, "any time", None)
    plan(alice, "also any time", None)
    # Two of one moment.
    moment = late[0].created_at
    ids = sorted(event.pk for event in late[:2])
    Agenda.objects.filter(event__in=ids).update(created_at=moment)
    first, second = (Event.objects.get(pk=pk).title for pk in ids)
    assert titles(alice) == ["any time", "also any time", "timed, early", first, second, "timed 2"]


# --- Filters ---


def test_declined_events_are_listed_and_can_be_left_out() -> None:
    circle = Circle()
    bob = circle.bob
    circle.api("invitee").delete(f"{circle.path}/invite")
    assert titles(bob) == ["Team meeting"]
    assert titles(bob, invite_status="declined") == ["Team meeting"]
    assert titles(bob, invite_status="accepted,pending,tentative") == []
    assert titles(bob, invite_status=["accepted", "declined"]) == ["Team meeting"]


def test_status_accepted_covers_own_events(alice: User) -> None:
    plan(alice, "mine")
    assert titles(alice, invite_status="accepted") == ["mine"]
    assert titles(alice, invite_status="pending") == []


def test_favorites_true_filters_and_false_does_not(alice: User) -> None:
    loved = plan(alice, "loved")
    plan(alice, "other")
    Favorite.objects.create(user=alice, event=loved)
    agenda.sync(loved, users=[alice.pk])
    assert titles(alice, favorites="true") == ["loved"]
    assert titles(alice, favorites="false") == titles(alice) == ["loved", "other"]
    assert [row["is_favorite"] for row in Api(alice).get(PATH).json()] == [True, False]


def test_adhoc_and_time_independent_say_yes_no_or_both(alice: User) -> None:
    plan(alice, "adhoc", None, is_adhoc=True)
    plan(alice, "any time", None)
    plan(alice, "timed")
    assert titles(alice, adhoc="true") == ["adhoc"]
    assert titles(alice, adhoc="false") == ["any time", "timed"]
    assert titles(alice, time_independent="true") == ["adhoc", "any time"]
    assert titles(alice, time_independent="false") == ["timed"]
    assert titles(alice, time_independent="true", adhoc="false", favorites="false", per_page="4") == ["any time"]


def test_created_before_and_after(alice: User) -> None:
    event = plan(alice, "one")
    at = event.created_at
    assert titles(alice, created_after=(at - timedelta(seconds=1)).isoformat()) == ["one"]
    assert titles(alice, created_after=(at + timedelta(seconds=1)).isoformat()) == []
    assert titles(alice, created_before=(at + timedelta(seconds=1)).isoformat()) == ["one"]
    assert titles(alice, created_before=(at - timedelta(seconds=1)).isoformat()) == []


@pytest.mark.parametrize(
    ("time_min", "time_max", "is_listed"),
    [
        ("09:00:00Z", "10:00:00Z", True),
        ("10:00:00Z", None, True),  # an end at the very time_min is inside
        ("10:00:01Z", None, False),
        (None, "09:00:00Z", True),
        (None, "08:59:59Z", False),
        ("08:00:00Z", "08:59:59Z", False),
        ("08:00:00Z", "09:00:00Z", True),
        ("09:30:00Z", "09:31:00Z", True),  # wholly inside the meeting
        ("08:00:00Z", "12:00:00Z", True),
        ("10:30:00+01:00", "11:00:00+01:00", True),
        ("10:30:00.000Z", None, False),
    ],
)
def test_window_overlaps_inclusively(alice: User, time_min: str | None, time_max: str | None, is_listed: bool) -> None:
    plan(alice, "timed")
    plan(alice, "any time", None)
    query = {"time_min": time_min, "time_max": time_max}
    given = {name: f"2026-11-23T{text}" for name, text in query.items() if text}
    assert titles(alice, **given) == (["timed"] if is_listed else [])


def test_series_are_listed_until_their_real_end(alice: User) -> None:
    plan(alice, "endless", pattern=("RRULE:FREQ=WEEKLY",))
    plan(alice, "twice", pattern=("RRULE:FREQ=WEEKLY;COUNT=2",))
    plan(alice, "long", pattern=("RRULE:FREQ=YEARLY;COUNT=2",), hours=24 * 40)
    assert titles(alice, time_min="2026-11-30T10:00:00Z") == ["endless", "twice", "long"]
    assert titles(alice, time_min="2026-11-30T10:00:01Z") == ["endless", "long"]
    assert titles(alice, time_min="2028-01-02T09:00:01Z") == ["endless"]
    assert titles(alice, time_min="9000-01-01T00:00:00Z") == ["endless"]
    assert titles(alice, time_max="2026-11-23T08:59:59Z") == []


def test_offset_whose_plus_became_a_blank_is_understood(alice: User) -> None:
    plan(alice, "timed")
    assert len(Api(alice).get(f"{PATH}?time_min=2026-11-23T11:00:00+01:00").json()) == 1


@pytest.mark.parametrize(
    "query",
    [
        {"time_min": "yesterday"},
        {"time_min": "2026-11-23"},
        {"time_min": "2026-11-23T10:00:00"},
        {"time_min": "2026-02-30T10:00:00Z"},
        {"time_max": "9999-12-31T23:59:59-23:59"},
        {"time_max": "0001-01-01T00:00:00+23:59"},
        {"created_after": "now"},
        {"created_before": "12"},
        {"favorites": "1"},
        {"adhoc": ""},
        {"adhoc": "True"},
        {"time_independent": "maybe"},
        {"invite_status": "maybe"},
        {"invite_status": "accepted,\0"},
        {"per_page": "many"},
        {"per_page": "1_0"},
        {"per_page": "9" * 5000},
        {"invitees_max": "x"},
    ],
)
def test_wrong_query_is_a_bad_request(alice: User, query: dict[str, str]) -> None:
    answer = Api(alice).get(PATH, **query)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


# --- Pages ---


@pytest.mark.slow
def test_walk_sees_each_event_once(alice: User) -> None:
    for number in range(7):
        plan(alice, str(number), None if number < 3 else MONDAY + timedelta(hours=number // 2))
    # All of one moment: only the id tells them apart.
    moment = Event.objects.earliest("created_at").created_at
    Agenda.objects.update(created_at=moment)
    assert walk(alice, per_page=2) == titles(alice)
    assert walk(alice, per_page=3, adhoc="false") == titles(alice)


def walk(user: User, **query: Any) -> list[str]:
    seen: list[str] = []
    while True:
        answer = Api(user).get(PATH, **query)
        seen += [row["title"] for row in answer.json()]
        if "Link" not in answer:
            return seen
        query["after"] = after(answer["Link"])
        assert len(seen) < 100


def test_link_is_absolute_keeps_the_query_and_ends_with_the_cursor(alice: User) -> None:
    first, _second = plan(alice, "first"), plan(alice, "second")
    answer = Api(alice).get(f"{PATH}?per_page=1&adhoc=false&time_min=2026-11-01T00:00:00%2B01:00")
    key = ["2026-11-23T09:00:00+00:00", first.created_at.isoformat(), str(first.pk)]
    text = base64.urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode()).decode().rstrip("=")
    query = "per_page=1&adhoc=false&time_min=2026-11-01T00%3A00%3A00%2B01%3A00"
    assert answer["Link"] == f'<http://testserver/v1/events?{query}&after={text}>; rel="after"'
    # The frontend ignores longer ones.
    assert len(answer["Link"]) < 2000


def test_link_replaces_the_cursor_it_was_asked_with(alice: User) -> None:
    for number in range(3):
        plan(alice, str(number))
    first = Api(alice).get(PATH, per_page=1)["Link"]
    second = Api(alice).get(PATH, per_page=1, after=after(first))["Link"]
    assert second.count("after=") == 1
    assert titles(alice, per_page=1, after=after(second)) == ["2"]


def test_last_page_has_no_link_and_the_end_is_empty(alice: User) -> None:
    event = plan(alice, "only")
    assert "Link" not in Api(alice).get(PATH, per_page=1)
    end = cursor("2026-11-23T09:00:00+00:00", event.created_at.isoformat(), str(event.pk))
    answer = Api(alice).get(PATH, after=end)
    assert (answer.status_code, answer.json(), "Link" in answer) == (200, [], False)


def test_page_after_time_independent_events_misses_no_older_timed_one(alice: User) -> None:
    plan(alice, "timed, made first")
    plan(alice, "any time, made later", None)
    link = Api(alice).get(PATH, per_page=1)["Link"]
    assert titles(alice, after=after(link)) == ["timed, made first"]


def test_pages_hold_still_while_events_come_and_go(alice: User) -> None:
    events = [plan(alice, str(number), MONDAY + timedelta(hours=number)) for number in range(4)]
    link = Api(alice).get(PATH, per_page=2)["Link"]
    Api(alice).delete(f"{PATH}/{events[1].pk}")  # the very row of the cursor
    plan(alice, "new, before", MONDAY - timedelta(days=1))
    plan(alice, "new, behind", MONDAY + timedelta(days=1))
    assert titles(alice, after=after(link)) == ["2", "3", "new, behind"]


@pytest.mark.parametrize(("per_page", "count"), [("0", 1), ("-5", 1), ("1", 1), ("1000", 3)])
def test_per_page_is_clamped(alice: User, per_page: str, count: int) -> None:
    for number in range(3):
        plan(alice, str(number))
    assert len(titles(alice, per_page=per_page)) == count


GOOD = "2026-11-23T09:00:00+00:00"
SOME_ID = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "%%%",
        "ä",
        "\0",
        "null",
        cursor(),
        cursor(1, 2, 3),
        cursor(None, None, None),
        cursor(GOOD, GOOD),
        cursor(GOOD, GOOD, "not a uuid"),
        cursor(GOOD, GOOD, 5),
        cursor([], {}, SOME_ID),
        cursor("2026-11-23", GOOD, SOME_ID),
        cursor("9999-12-31T23:59:59-23:59", GOOD, SOME_ID),
        cursor(GOOD, "9999-12-31T23:59:59-23:59", SOME_ID),
        cursor("0001-01-01T00:00:00+23:59", GOOD, SOME_ID),
        cursor(*[GOOD] * 1000),
        base64.urlsafe_b64encode(b'{"a": 1}').decode(),
        base64.urlsafe_b64encode(b"[" * 5000).decode(),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    ],
)
def test_garbage_is_no_cursor(alice: User, text: str) -> None:
    plan(alice, "one")
    answer = Api(alice).get(PATH, after=text)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


def test_a_foreign_cursor_shows_nothing_foreign(alice: User) -> None:
    plan(alice, "hers")
    stranger = factories.user("stranger")
    end = cursor("0001-01-01T00:00:00+00:00", GOOD, str(uuid.uuid4()))
    assert titles(stranger, after=end) == []
    assert titles(alice, after=end) == ["hers"]


# --- exceptions (contract 9.2) ---


def cancel(user: User, event: Event, name: str, **body: Any) -> None:
    answer = Api(user).patch(f"/v1/events/{event.pk}/instances/{name}", body or {"status": "cancelled"})
    assert answer.status_code == 200, answer.content


@pytest.mark.slow
def test_series_is_followed_by_its_exceptions_as_the_frontend_matches_them(alice: User) -> None:
    """It hides the occurrence whose {datetime, timezone} equals this text for text."""
    event = plan(alice, "Team", pattern=("RRULE:FREQ=WEEKLY",))
    cancel(alice, event, "20261207T090000Z")
    cancel(
        alice,
        event,
        "20261130T090000Z",
        title="Review",
        starts_at={"datetime": "2026-12-01T09:00:00Z", "timezone": "UTC"},
    )
    series, first, second = Api(alice).get(PATH).json()
    own = {
        "id": f"{event.pk}_20261130T090000Z",
        "recurring_event_id": str(event.pk),
        "instance_id": "20261130T090000Z",
        "original_starts_at": {"datetime": "2026-11-30T09:00:00Z", "timezone": series["starts_at"]["timezone"]},
        "type": "exception",
        "status": "ok",
        "can_edit": True,
        "title": "Review",
        "starts_at": {"datetime": "2026-12-01T09:00:00Z", "timezone": "UTC"},
    }
    written = ("created_by", "created_at", "updated_by", "updated_at")
    assert {name: value for name, value in first.items() if name not in written} == own
    assert (first["created_by"], first["updated_by"]) == (series["created_by"], series["created_by"])
    assert (second["instance_id"], second["status"], "title" in second) == ("20261207T090000Z", "cancelled", False)


@pytest.mark.slow
def test_exceptions_are_told_whatever_the_window_and_do_not_count_as_rows_of_the_page(alice: User) -> None:
    event = plan(alice, "Team", pattern=("RRULE:FREQ=WEEKLY",))
    plan(alice, "Other", MONDAY + timedelta(hours=1))
    for name in ("20261130T090000Z", "20271129T090000Z"):
        cancel(alice, event, name)
    rows = Api(alice).get(PATH, per_page=2, time_max="2026-11-24T00:00:00Z").json()
    assert [row["type"] for row in rows] == ["recurring", "exception", "exception", "single"]


def test_invitee_may_not_edit_exceptions() -> None:
    circle = Circle(schedule=factories.schedule(pattern=("RRULE:FREQ=WEEKLY",)))
    cancel(circle.alice, circle.event, "20261130T090000Z")
    assert [row["can_edit"] for row in circle.api("invitee").get(PATH).json()] == [False, False]
