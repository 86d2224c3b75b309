"""GET /v1/events/{id}/instances and …/instances/{instance_id} (contract 9.3, 9.4, 9.10, 9.11)."""

from typing import Any

import pytest

from tests import factories
from tests.circle import GUEST, Circle
from tests.events.changes import WEEKLY, time
from tests.sweeps import sweep

pytestmark = pytest.mark.django_db
FIRST, SECOND, THIRD = "20261123T090000Z", "20261130T090000Z", "20261207T090000Z"


@pytest.fixture
def circle() -> Circle:
    return Circle(schedule=factories.schedule(pattern=WEEKLY))


def override(circle: Circle, name: str, body: dict[str, Any]) -> None:
    answer = circle.api("creator").patch(f"{circle.path}/instances/{name}", body)
    assert answer.status_code == 200, answer.content


def names(circle: Circle, **query: Any) -> list[str]:
    answer = circle.api("creator").get(f"{circle.path}/instances", **query)
    assert answer.status_code == 200, answer.content
    return [row["instance_id"] for row in answer.json()]


@sweep(
    ("who", "status"),
    [
        ("anonymous", 401),
        ("stranger", 403),
        ("other tenant", 403),
        ("guest", GUEST),
        ("invitee", 200),
        ("creator", 200),
    ],
    fast=3,
)
def test_everybody_in_the_event_sees_its_instances(circle: Circle, who: str, status: int) -> None:
    api = circle.api(who)
    assert api.get(f"{circle.path}/instances").status_code == status
    assert api.get(f"{circle.path}/instances/{SECOND}").status_code == status


def test_instance_is_the_event_at_its_own_time(circle: Circle) -> None:
    seen = circle.api("invitee").get(f"{circle.path}/instances/{SECOND}", invitees_max=5).json()
    event = circle.api("invitee").get(circle.path, invitees_max=5).json()
    own = ["is_time_independent", "is_adhoc", "show_meeting_details", "recurrence_pattern"]
    assert seen == {name: value for name, value in event.items() if name not in own} | {
        "id": f"{circle.event.pk}_{SECOND}",
        "recurring_event_id": str(circle.event.pk),
        "instance_id": SECOND,
        "starts_at": time("2026-11-30T09:00:00Z"),
        "ends_at": time("2026-11-30T10:00:00Z"),
        "type": "instance",
        "status": "ok",
    }


@pytest.mark.slow
def test_list_shows_what_each_instance_answers(circle: Circle) -> None:
    override(circle, SECOND, {"title": "Review", "status": "cancelled"})
    rows = circle.api("invitee").get(f"{circle.path}/instances", per_page=3, invitees_max=1).json()
    one_by_one = [
        circle.api("invitee").get(f"{circle.path}/instances/{name}", invitees_max=1).json()
        for name in (FIRST, SECOND, THIRD)
    ]
    assert rows == one_by_one
    assert [row["status"] for row in rows] == ["ok", "cancelled", "ok"]


def test_window_takes_what_overlaps_it_at_both_ends(circle: Circle) -> None:
    window = {"time_min": "2026-11-23T10:00:00Z", "time_max": "2026-12-07T09:00:00Z"}
    assert names(circle, **window) == [FIRST, SECOND, THIRD]
    assert names(circle, time_min="2026-11-23T10:00:01Z", time_max="2026-12-07T08:59:59Z") == [SECOND]


@pytest.mark.slow
def test_moved_instance_counts_where_it_is_now(circle: Circle) -> None:
    override(circle, FIRST, {"starts_at": time("2026-12-01T10:00:00+01:00")})
    assert names(circle, time_min="2026-11-29T00:00:00Z", time_max="2026-12-02T00:00:00Z") == [FIRST, SECOND]
    assert names(circle, time_max="2026-11-24T00:00:00Z") == []


@pytest.mark.slow
def test_pages_follow_the_original_starts_without_gap_or_repetition(circle: Circle) -> None:
    override(circle, SECOND, {"starts_at": time("2026-12-24T10:00:00+01:00")})
    seen: list[str] = []
    query: dict[str, Any] = {}
    for _page in range(3):
        answer = circle.api("creator").get(f"{circle.path}/instances", per_page=2, **query)
        seen += [row["instance_id"] for row in answer.json()]
        query = {"after": answer["Link"].partition("after=")[2].partition(">")[0]}
    assert seen == [FIRST, SECOND, THIRD, "20261214T090000Z", "20261221T090000Z", "20261228T090000Z"]


def test_cursor_may_be_called_as_in_the_seed(circle: Circle) -> None:
    answer = circle.api("creator").get(f"{circle.path}/instances", per_page=1)
    cursor = answer["Link"].partition("after=")[2].partition(">")[0]
    assert names(circle, per_page=1, cursor=cursor) == [SECOND]


def test_last_page_has_no_link() -> None:
    circle = Circle(schedule=factories.schedule(pattern=("RRULE:FREQ=WEEKLY;COUNT=2",)))
    answer = circle.api("creator").get(f"{circle.path}/instances", per_page=2)
    assert (len(answer.json()), "Link" in answer) == (2, False)


@pytest.mark.parametrize("cursor", ["x", "WyJ4Il0", "W10", "WzFd", "e30"])
def test_wrong_cursor_is_refused(circle: Circle, cursor: str) -> None:
    assert circle.api("creator").get(f"{circle.path}/instances", after=cursor).status_code == 400


@pytest.mark.slow
def test_cancelled_ones_can_be_left_out(circle: Circle) -> None:
    override(circle, SECOND, {"status": "cancelled"})
    assert names(circle, per_page=2, include_cancelled="false") == [FIRST, THIRD]


def test_single_event_is_its_own_instance() -> None:
    circle = Circle()
    assert names(circle) == [FIRST]
    assert circle.api("creator").get(f"{circle.path}/instances/{FIRST}").json()["type"] == "instance"


def test_event_without_time_has_no_instance() -> None:
    circle = Circle(schedule=None)
    assert names(circle) == []
    assert circle.api("creator").get(f"{circle.path}/instances/{FIRST}").status_code == 404


def test_endless_series_with_far_window_answers_at_once(circle: Circle) -> None:
    assert names(circle, time_min="9000-01-01T00:00:00Z", per_page=1) == ["90000106T090000Z"]
    assert names(circle, time_min="9999-01-01T00:00:00Z") == []


@pytest.mark.parametrize("name", ["20261130T100000+0100", "20261130T100000%2B0100", "20261130T040000-0500"])
def test_instance_id_may_have_an_offset(circle: Circle, name: str) -> None:
    assert circle.api("creator").get(f"{circle.path}/instances/{name}").json()["instance_id"] == SECOND


@pytest.mark.parametrize(
    "name",
    [
        "20261201T090000Z",
        "20261123",
        "x",
        "20261130T090000",
        "20261316T090000Z",
        "00010101T000000+1400",
        "\uff120261130T090000Z",
    ],
)
def test_what_names_no_occurrence_is_not_found(circle: Circle, name: str) -> None:
    assert circle.api("creator").get(f"{circle.path}/instances/{name}").status_code == 404


def test_instance_of_another_event_is_not_found(circle: Circle) -> None:
    other = factories.event(circle.alice, schedule=factories.schedule(pattern=("RRULE:FREQ=MONTHLY",)))
    assert circle.api("creator").get(f"/v1/events/{other.pk}/instances/{SECOND}").status_code == 404
