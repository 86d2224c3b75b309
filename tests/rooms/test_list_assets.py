"""GET /v1/rooms/{id}/assets and GET /v1/users/me/assets (contract 7)."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from activity.actors import Actor
from events.models import Event
from rooms.models import Asset
from rooms.services import create_room
from tests import factories
from tests.api import Api
from tests.circle import GUEST, Circle
from tests.rooms.assets import asset
from tests.rooms.conftest import Files
from tests.sweeps import sweep

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("disk")]

NOW = datetime(2026, 11, 23, 9, 0, 5, 123456, tzinfo=UTC)
MINE = "/v1/users/me/assets"


def room_assets(circle: Circle, count: int) -> list[str]:
    """Their ids, the oldest first."""
    made = []
    for number in range(count):
        with time_machine.travel(NOW + timedelta(seconds=number), tick=False):
            made.append(str(asset(circle.event.room, b"x").pk))
    return made


def ids(answer: Any) -> list[str]:
    rows = answer.json()
    return [row["id"] for row in (rows["owned_assets"] if isinstance(rows, dict) else rows)]


# --- rooms/{id}/assets ---


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
    fast=2,
)
def test_only_people_of_the_room_see_its_files(circle: Circle, who: str, status: int) -> None:
    assert circle.api(who).get(f"{circle.room_path}/assets").status_code == status


@time_machine.travel(NOW, tick=False)
def test_whole_answer_is_the_same_for_creator_and_invitee(circle: Circle) -> None:
    plain = asset(circle.event.room, b"12345")
    named = asset(circle.event.room, b"123", namespace="whiteboard", kind="pdf_export", file_extension="pdf")
    expected = [
        {
            "id": str(plain.pk),
            "filename": "2026-11-23_09-00-05-UTC_recording.webm",
            "created_at": "2026-11-23T09:00:05Z",
            "kind": "recording",
            "size": 5,
        },
        {
            "id": str(named.pk),
            "filename": "2026-11-23_09-00-05-UTC_pdf_export.pdf",
            "namespace": "whiteboard",
            "created_at": "2026-11-23T09:00:05Z",
            "kind": "pdf_export",
            "size": 3,
        },
    ]
    for who in ("creator", "invitee"):
        answer = circle.api(who).get(f"{circle.room_path}/assets").json()
        assert sorted(answer, key=lambda row: -row["size"]) == expected


def test_oldest_is_first_and_pages_are_numbered(circle: Circle) -> None:
    made = room_assets(circle, 5)
    api, path = circle.api("invitee"), f"{circle.room_path}/assets"
    assert ids(api.get(path)) == made
    pages = [api.get(path, per_page=2, page=number) for number in (1, 2, 3, 4)]
    assert [ids(page) for page in pages] == [made[:2], made[2:4], made[4:], []]
    url = f"http://testserver{path}?per_page=2"
    assert pages[0]["Link"] == f'<{url}&page=2>; rel="next",<{url}&page=3>; rel="last"'


@pytest.mark.parametrize("query", [{"page": 0}, {"page": -1}, {"page": "x"}, {"per_page": 0}, {"per_page": 101}])
@pytest.mark.parametrize("is_own", [True, False])
def test_pages_that_do_not_exist(circle: Circle, query: dict[str, Any], is_own: bool) -> None:
    answer = circle.api("creator").get(MINE if is_own else f"{circle.room_path}/assets", **query)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


def test_strangers_do_not_learn_whether_the_room_exists(circle: Circle) -> None:
    stranger = circle.api("stranger")
    paths = (circle.room_path, f"/v1/rooms/{uuid.uuid4()}")
    existing, unknown = (stranger.get(f"{path}/assets").json() for path in paths)
    assert {**existing, "request_id": None} == {**unknown, "request_id": None}


def test_other_rooms_files_are_not_in_it(circle: Circle) -> None:
    asset(factories.event(circle.alice).room)
    assert circle.api("creator").get(f"{circle.room_path}/assets").json() == []


# --- users/me/assets ---


@time_machine.travel(NOW, tick=False)
def test_own_files_with_their_room_and_event(circle: Circle) -> None:
    made = asset(circle.event.room, b"12345", namespace="recording")
    assert circle.api("creator").get(MINE).json() == {
        "owned_assets": [
            {
                "id": str(made.pk),
                "filename": "2026-11-23_09-00-05-UTC_recording.webm",
                "namespace": "recording",
                "created_at": "2026-11-23T09:00:05Z",
                "kind": "recording",
                "size": 5,
                "room_id": str(circle.event.room_id),
                "event_id": str(circle.event.pk),
            }
        ]
    }


def test_files_of_rooms_of_others_are_not_own(circle: Circle) -> None:
    asset(circle.event.room)
    assert circle.api("invitee").get(MINE).json() == {"owned_assets": []}


def test_room_without_event_has_no_event_id(circle: Circle) -> None:
    room = create_room(creator=circle.alice, actor=Actor.by_api(circle.alice))
    asset(room)
    (row,) = circle.api("creator").get(MINE).json()["owned_assets"]
    assert row["room_id"] == str(room.pk)
    assert "event_id" not in row


def test_file_of_a_split_series_is_listed_once_with_its_last_part(circle: Circle) -> None:
    first = circle.event
    last = Event.objects.get(pk=first.pk)
    last.pk, last.uid = uuid.uuid4(), "another"
    Event.objects.filter(pk=first.pk).update(continued_by=None)
    other_room = create_room(creator=circle.alice, actor=Actor.by_api(circle.alice))
    last.room = other_room
    last.save(force_insert=True)
    Event.objects.filter(pk=first.pk).update(continued_by=last)
    Event.objects.filter(pk=last.pk).update(room=first.room)
    asset(first.room)
    (row,) = circle.api("creator").get(MINE).json()["owned_assets"]
    assert row["event_id"] == str(last.pk)


@pytest.fixture
def three(circle: Circle) -> list[str]:
    """Each sort finds another order among them: the ids of the first, second, third that was made."""
    made = room_assets(circle, 3)
    rows = [
        {"filename": "b", "size": 30, "namespace": "z", "kind": "n"},
        {"filename": "c", "size": 10, "namespace": "", "kind": "m"},
        {"filename": "a", "size": 20, "namespace": "y", "kind": "n"},
    ]
    for asset_id, row in zip(made, rows, strict=True):
        Asset.objects.filter(pk=asset_id).update(**row)
    return made


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("", "012"), ("created_at", "012"), ("filename", "201"), ("size", "120"), ("namespace", "120"), ("kind", "102"),
    ],
)  # fmt: skip
def test_sorts(circle: Circle, three: list[str], sort: str, order: str) -> None:
    api, query = circle.api("creator"), {"sort": sort} if sort else {}
    expected = [three[int(place)] for place in order]
    assert ids(api.get(MINE, **query)) == expected
    assert ids(api.get(MINE, **query, order="ascending")) == expected
    assert ids(api.get(MINE, **query, order="descending")) == expected[::-1]


@pytest.mark.parametrize(
    "query",
    [
        {"sort": "id"},
        {"sort": "room__password"},
        {"sort": "-size"},
        {"sort": "size,kind"},
        {"sort": "Size"},
        {"order": "up"},
    ],
)
def test_other_sorts_are_refused(circle: Circle, query: dict[str, str]) -> None:
    answer = circle.api("creator").get(MINE, **query)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert next(iter(query)) in answer.json()["message"]


def test_pages_keep_the_sort(circle: Circle, three: list[str]) -> None:
    answer = Api(circle.alice).get(MINE, per_page=1, page=2, sort="size", order="descending")
    assert ids(answer) == [three[2]]
    assert f'<http://testserver{MINE}?per_page=1&sort=size&order=descending&page=3>; rel="next"' in answer["Link"]


@pytest.mark.slow
def test_files_that_sort_alike_are_on_one_page_each(circle: Circle) -> None:
    made = [str(asset(circle.event.room, b"x").pk) for _number in range(6)]
    Asset.objects.update(created_at=NOW, filename="same")
    api = circle.api("creator")
    for order in ("ascending", "descending"):
        found = [ids(api.get(MINE, per_page=1, page=page, sort="filename", order=order)) for page in range(1, 7)]
        assert sorted(found) == sorted([one] for one in made)


def test_used_storage_counts_the_own_rooms(circle: Circle, disk: Files) -> None:
    asset(circle.event.room, b"12345")
    asset(factories.event(circle.alice).room, b"123")
    asset(factories.event(circle.bob).room, b"1")
    used = [Api(user).get("/v1/users/me").json()["used_storage"] for user in (circle.alice, circle.bob)]
    assert used == [8, 1]
