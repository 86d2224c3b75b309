"""GET, PUT and DELETE /v1/rooms/{id}/invites/{code} (contract 5.3 to 5.5)."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from activity.actors import Actor
from invites.models import InviteCode
from invites.services import create_code, update_code
from rest.errors import NotFound
from tests import factories
from tests.api import Api
from tests.circle import GUEST, Circle
from tests.sweeps import sweep
from tests.traces import Traces
from users.serializers import public_profile

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 10, 1, 8, 30, 15, 123456, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


class World(Circle):
    """With one permanent code, an hour old."""

    def __init__(self, **fields: Any) -> None:
        super().__init__()
        values = {"created_at": NOW, "updated_at": NOW, "created_by": self.alice, "updated_by": self.alice} | fields
        self.code = InviteCode.objects.create(room=self.event.room, **values)
        self.code_path = f"{self.room_path}/invites/{self.code.code}"

    def put(self, body: Any) -> Any:
        return self.api("creator").put(self.code_path, body)


@sweep(
    ("who", "status"),
    [
        ("anonymous", 401),
        ("stranger", 403),
        ("other tenant", 403),
        ("guest", GUEST),
        ("invitee", 403),
    ],
    fast=5,
)
@sweep("method", ["GET", "PUT", "DELETE"], fast=1)
def test_only_the_creator_may(who: str, status: int, method: str) -> None:
    world = World()
    api, traces = world.api(who), Traces()
    assert api.request(method, world.code_path, {}).status_code == status
    assert traces.is_empty()


@pytest.mark.parametrize("active", [True, False])
def test_whole_answer(active: bool) -> None:
    world = World(active=active, expiration=NOW)
    alice = public_profile(world.alice) | {"id": str(world.alice.pk)}
    assert world.api("creator").get(world.code_path).json() == {
        "invite_code": str(world.code.code),
        "created": "2026-10-01T08:30:15Z",
        "created_by": alice,
        "updated": "2026-10-01T08:30:15Z",
        "updated_by": alice,
        "room_id": str(world.event.room_id),
        "room": str(world.event.room_id),
        "active": active,
        "expiration": "2026-10-01T08:30:15Z",
    }


@sweep("method", ["GET", "PUT", "DELETE"], fast=1)
@pytest.mark.parametrize("which", ["unknown", "of another room of hers", "of somebody else's room"])
def test_code_that_the_room_has_not_is_not_found(method: str, which: str) -> None:
    world = World()
    owner = factories.user("carl") if which == "of somebody else's room" else world.alice
    room = factories.event(owner).room
    other = create_code(room=room, user=owner, actor=Actor.by_api(owner))
    code = uuid.uuid4() if which == "unknown" else other.pk
    answer = world.api("creator").request(method, f"{world.room_path}/invites/{code}", {})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    other.refresh_from_db()
    assert (other.active, other.expiration) == (True, None)


@pytest.mark.parametrize("code", ["x", "00000000-0000-4000-8000-00000000000", "%00"])
def test_what_is_no_code_is_not_found(code: str) -> None:
    world = World()
    answer = Api(world.alice).client.get(f"{world.room_path}/invites/{code}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@time_machine.travel(LATER, tick=False)
def test_expiration_is_set() -> None:
    world = World()
    before = world.api("creator").get(world.code_path).json()
    traces = Traces()
    answer = world.put({"expiration": "2026-10-02T12:00:00.5+02:00"})
    assert answer.status_code == 200
    assert answer.json() == before | {"expiration": "2026-10-02T10:00:00Z", "updated": "2026-10-01T09:30:15Z"}
    assert world.api("creator").get(world.code_path).json() == answer.json()
    assert traces.activities() == [("code.updated", ["alice"])]
    assert traces.last("code.updated").data == {"expiration": "2026-10-02T10:00:00Z"}
    assert traces.last("code.updated").changes == {"expiration": [None, "2026-10-02T10:00:00Z"]}
    assert str(world.code.code) not in str(traces.last("code.updated").__dict__)
    assert traces.mails() == []


@time_machine.travel(LATER, tick=False)
@pytest.mark.parametrize("body", [None, {}, {"expiration": None}, {"unknown": 1}])
def test_left_out_and_null_both_mean_no_end(body: Any) -> None:
    world = World(expiration=NOW + timedelta(days=1))
    answer = world.put(body)
    assert (answer.status_code, answer.json()["expiration"]) == (200, None)
    assert answer.json()["updated"] == "2026-10-01T09:30:15Z"


def test_put_does_not_bring_a_revoked_code_back() -> None:
    world = World(active=False)
    assert world.put({}).json()["active"] is False


def test_who_changed_it_is_named() -> None:
    carl = factories.user("carl")
    world = World(created_by=carl, updated_by=carl)
    answer = world.put({}).json()
    assert (answer["created_by"]["id"], answer["updated_by"]["id"]) == (str(carl.pk), str(world.alice.pk))


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    ("expiration", "status", "code"),
    [
        ("2026-10-01T08:30:15Z", 422, "invalid_value"),
        ("0001-01-02T00:00:00Z", 422, "invalid_value"),
        ("9999-12-31T23:59:59-23:59", 422, "out_of_range"),
        ("2030-01-01T00:00:00", 400, "invalid_value"),
        ("tomorrow", 400, "invalid_value"),
        (1900000000, 400, "invalid_value"),
        ("", 400, "invalid_value"),
    ],
)
def test_time_that_cannot_be_is_refused(expiration: Any, status: int, code: str) -> None:
    world = World()
    answer = world.put({"expiration": expiration})
    assert answer.status_code == status
    assert [(entry["field"], entry["code"]) for entry in answer.json()["validation_errors"]] == [("expiration", code)]
    world.code.refresh_from_db()
    assert (world.code.expiration, world.code.updated_at) == (None, NOW)


@pytest.mark.slow
def test_deleted_code_opens_nothing_and_stays_listed() -> None:
    world = World()
    traces = Traces()
    answers = [world.api("creator").delete(world.code_path) for _time in range(2)]
    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b"")] * 2
    assert Api().post("/v1/invite/verify", {"invite_code": str(world.code.code)}).status_code == 404
    listed = world.api("invitee").get(f"{world.room_path}/invites").json()
    assert [(row["invite_code"], row["active"]) for row in listed] == [(str(world.code.code), False)]
    assert world.api("creator").get(world.code_path).json() == listed[0]
    assert traces.activities() == [("code.revoked", ["alice"])]


def test_code_made_for_one_address_can_be_revoked_by_who_knows_it() -> None:
    circle = Circle()
    circle.invite("dora@example.org")
    code = InviteCode.objects.get()
    assert circle.api("creator").delete(f"{circle.room_path}/invites/{code.code}").status_code == 204
    code.refresh_from_db()
    assert code.active is False


@pytest.mark.slow
def test_permanent_code_is_brought_back_onto_the_page_that_the_frontend_reads() -> None:
    """It takes the first page alone, and repeats its POST while no permanent code is on it."""
    world = World()
    for number in range(30):
        changed = {"created_by": world.alice, "updated_by": world.alice, "updated_at": NOW + timedelta(minutes=number)}
        InviteCode.objects.create(room=world.event.room, active=False, **changed)
    path, api = f"{world.room_path}/invites", world.api("creator")
    InviteCode.objects.filter(updated_at=NOW).exclude(pk=world.code.pk).update(updated_at=NOW + timedelta(seconds=1))
    assert str(world.code.code) not in str(api.get(path).json())
    assert api.post(path, {}).json()["invite_code"] == str(world.code.code)
    assert api.get(path).json()[0]["invite_code"] == str(world.code.code)
    traces = Traces()
    assert api.post(path, {}).json() == api.get(path).json()[0]
    assert traces.is_empty()


@pytest.mark.slow
def test_change_that_comes_after_the_rooms_deletion_is_a_404() -> None:
    world = World()
    code = InviteCode.objects.select_related("room").get()
    world.api("creator").delete(world.room_path)
    how = {"user": world.alice, "actor": Actor.by_api(world.alice), "expiration": None}
    with pytest.raises(NotFound):
        update_code(code=code, **how)
    with pytest.raises(NotFound):
        create_code(room=code.room, **how)
