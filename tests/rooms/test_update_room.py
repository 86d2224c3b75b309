"""PATCH /v1/rooms/{id} (contract 4.4)."""

from typing import Any

import pytest

from activity.actors import Actor
from rest.errors import NotFound
from rooms.models import Room
from rooms.services import update_room
from tests import factories
from tests.api import Api
from tests.circle import GUEST, Circle
from tests.sweeps import sweep
from tests.traces import Traces

pytestmark = pytest.mark.django_db


def change(circle: Circle, body: Any) -> Any:
    return circle.api("creator").patch(circle.room_path, body)


@sweep(
    ("who", "status"),
    [
        ("anonymous", 401),
        ("stranger", 403),
        ("other tenant", 403),
        ("guest", GUEST),
        ("invitee", 403),
        ("creator", 200),
    ],
    fast=2,
)
def test_only_the_creator_may(who: str, status: int) -> None:
    circle = Circle()
    api, traces = circle.api(who), Traces()
    assert api.patch(circle.room_path, {"waiting_room": True}).status_code == status
    assert traces.is_empty() is (status != 200)
    assert Room.objects.get().waiting_room is (status == 200)


def test_what_is_not_given_stays() -> None:
    circle = Circle(password="open sesame")
    before = circle.api("creator").get(circle.room_path).json()
    traces = Traces()
    assert change(circle, {"waiting_room": True}).json() == before | {"waiting_room": True}
    assert circle.api("invitee").get(circle.room_path).json() == before | {"waiting_room": True}
    assert traces.activities() == [("room.updated", ["alice", "bob"])]
    assert traces.last("room.updated").changes == {"waiting_room": [False, True]}
    assert traces.mails() == []


def test_null_removes_the_password() -> None:
    circle = Circle(password="open sesame")
    traces = Traces()
    assert "password" not in change(circle, {"password": None}).json()
    assert "password" not in circle.api("creator").get(circle.room_path).json()
    assert traces.last("room.updated").changes == {"has_password": [True, False]}


def test_password_is_never_logged() -> None:
    circle = Circle(password="open sesame")
    traces = Traces()
    assert change(circle, {"password": "s3cr3t"}).json()["password"] == "s3cr3t"
    logged = str(traces.last("room.updated").__dict__)
    assert "s3cr3t" not in logged
    assert "open sesame" not in logged


@pytest.mark.parametrize("body", [None, {}, {"unknown": 1}, {"waiting_room": False}, {"password": None}])
def test_what_changes_nothing_leaves_no_trace(body: Any) -> None:
    circle = Circle()
    before = circle.api("creator").get(circle.room_path).json()
    traces = Traces()
    answer = change(circle, body)
    assert (answer.status_code, answer.json()) == (200, before)
    assert traces.is_empty()


@pytest.mark.parametrize(
    ("body", "status", "entries"),
    [
        ({"password": ""}, 422, [("password", "invalid_length")]),
        ({"password": "x" * 256}, 422, [("password", "invalid_length")]),
        ({"password": False}, 400, [("password", "invalid_value")]),
        ({"waiting_room": None}, 400, [("waiting_room", "value_required")]),
        (
            {"waiting_room": "no", "e2e_encryption": 0},
            400,
            [("waiting_room", "invalid_value"), ("e2e_encryption", "invalid_value")],
        ),
    ],
)
def test_bad_values_are_all_named(body: Any, status: int, entries: list[tuple[str, str]]) -> None:
    circle = Circle(password="open sesame")
    answer = change(circle, body)
    assert answer.status_code == status
    assert [(entry["field"], entry["code"]) for entry in answer.json()["validation_errors"]] == entries
    assert Room.objects.get().password == "open sesame"


def test_change_that_comes_after_the_deletion_is_a_404() -> None:
    """Both requests found the room; the second gets its turn when the row is gone."""
    alice = factories.user("alice")
    room_id = Api(alice).post("/v1/rooms", {}).json()["id"]
    room = Room.objects.get()
    Api(alice).delete(f"/v1/rooms/{room_id}")
    with pytest.raises(NotFound):
        update_room(room=room, actor=Actor.by_api(alice), waiting_room=True)


def test_change_is_compared_with_the_room_as_it_is() -> None:
    """Not as it was when the request was read."""
    circle = Circle()
    stale = Room.objects.get()
    Room.objects.update(waiting_room=True)
    changes = update_room(room=stale, actor=Actor.by_api(circle.alice), waiting_room=False)
    assert changes == {"waiting_room": (True, False)}
    assert not Room.objects.get().waiting_room
