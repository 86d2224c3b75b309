"""What the log takes, and what it refuses to take."""

import dataclasses
import re
import uuid
from functools import reduce
from operator import or_
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest
from django.db import IntegrityError, transaction

from activity.actors import Actor
from activity.audiences import Circle
from activity.kind import Kind
from activity.kinds import KINDS
from activity.log import record
from activity.models import Activity
from activity.room_kinds import RoomCreated, RoomDeleted
from rooms.models import Room
from tests import factories
from tests.api import Api
from users.models import User

ROOM: dict[str, Any] = {"title": "", "owner_id": "", "has_password": True, "waiting_room": False}
SECRET = re.compile("password|pin|(?<!status_)(?<!error_)code|token|secret|key|jwt|credential|link|url")


@pytest.fixture
def alice(db: None) -> User:
    return factories.user("alice")


@pytest.fixture
def room(alice: User) -> Room:
    return factories.event(alice).room


def deleted(room: Room, **fields: Any) -> Activity:
    values: dict[str, Any] = {"actor": Actor.by_api(room.created_by), "subject": room} | fields
    return Activity.objects.get(id=record(RoomDeleted(**ROOM), **values))


@pytest.mark.django_db(transaction=True)
def test_activity_is_recorded_in_a_transaction_only() -> None:
    room = factories.event(factories.user()).room
    before = Activity.objects.count()
    with pytest.raises(transaction.TransactionManagementError):
        deleted(room)
    assert Activity.objects.count() == before


@pytest.mark.django_db(transaction=True)
def test_activity_goes_with_its_transaction() -> None:
    room = factories.event(factories.user()).room
    before = Activity.objects.count()
    with transaction.atomic():
        deleted(room)
        transaction.set_rollback(True)
    assert Activity.objects.count() == before


def test_audience_has_everybody_once(room: Room) -> None:
    one, other = uuid.uuid4(), uuid.uuid4()
    activity = deleted(room, before=Circle(owner=one, readers=frozenset({one, other})))
    assert sorted(listener.user_id for listener in activity.audience.all()) == sorted([one, other])


def test_activity_without_audience_is_recorded(room: Room) -> None:
    assert not deleted(room).audience.exists()


def test_changes_and_data_are_json(room: Room) -> None:
    kind = RoomCreated(**ROOM)
    changes: dict[str, tuple[Any, Any]] = {"waiting_room": (False, True), "streaming_targets": ([], ["néw 🎉"])}
    activity_id = record(kind, actor=Actor.by_api(room.created_by), subject=room, changes=changes)
    activity = Activity.objects.get(id=activity_id)
    assert activity.data == ROOM
    assert activity.changes == {"waiting_room": [False, True], "streaming_targets": [[], ["néw 🎉"]]}


def test_same_id_of_a_source_undoes_the_second_transaction(room: Room) -> None:
    deleted(room, source="cronofy", source_id="1")

    def change_again() -> None:
        with transaction.atomic():
            User.objects.update(first_name="changed")
            deleted(room, source="cronofy", source_id="1")

    with pytest.raises(IntegrityError):
        change_again()
    assert not User.objects.filter(first_name="changed").exists()
    assert Activity.objects.filter(source="cronofy").count() == 1


def test_other_source_or_none_is_no_repetition(room: Room) -> None:
    for source, source_id in [("cronofy", "1"), ("webex", "1"), ("cronofy", "2"), ("", None), ("", None)]:
        deleted(room, source=source, source_id=source_id)
    assert Activity.objects.filter(kind="room.deleted").count() == 5


def test_request_id_is_that_of_the_answer(alice: User) -> None:
    answer = Api(alice).post("/v1/events", {"title": "A", "description": "", "is_time_independent": True})
    assert answer.status_code == 201
    assert Activity.objects.get(kind="event.created").request_id == answer["X-Request-Id"]


def test_activity_outside_of_requests_has_no_request_id(room: Room) -> None:
    assert deleted(room).request_id == ""


def test_actor_is_named_as_he_is_called_now(room: Room) -> None:
    alice = room.created_by
    activity = deleted(room, actor=Actor.by_api(alice))
    User.objects.filter(pk=alice.pk).update(display_name="Somebody else")
    activity.refresh_from_db()
    assert (activity.actor_id, activity.actor_name) == (alice.pk, str(alice))


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_no_kind_has_a_member_for_a_secret(kind: type[Kind]) -> None:
    suspicious = [member for member in dataclasses.fields(kind) if SECRET.search(member.name)]
    assert [member.name for member in suspicious if member.type not in (bool, "bool")] == []


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_members_are_json_types(kind: type[Kind]) -> None:
    maps = {dict[str, int], dict[str, Any]}
    maybe = {str | None, int | None, dict[str, Any] | None}
    known = {str, bool, int, list[str], list[dict[str, str]], dict[str, str], *maps, *maybe}
    assert {plain(member.type) for member in dataclasses.fields(kind)} <= known


def plain(kind: Any) -> Any:
    """Without bounds; a choice of words is a text."""
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return plain(parts[0])
    if origin is Literal:
        return str
    if origin in (list, dict):
        return origin[tuple(map(plain, parts))]
    return reduce(or_, map(plain, parts)) if origin in (Union, UnionType) else kind


def test_kinds_are_named_by_what_happened() -> None:
    assert all(name == kind.name and re.fullmatch(r"[a-z_]+\.[a-z_]+", name) for name, kind in KINDS.items())
