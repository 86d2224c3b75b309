"""GET, PUT and DELETE /v1/rooms/{id}/sip (contract 6)."""

import uuid
from functools import partial
from typing import Any

import pytest

from activity.actors import Actor
from rest.errors import NotFound
from rooms import services
from rooms.models import Room, SipConfig
from tests.circle import GUEST, Circle
from tests.sweeps import sweep
from tests.traces import Traces

pytestmark = pytest.mark.django_db

WHO = [
    ("anonymous", 401),
    ("stranger", 403),
    ("other tenant", 403),
    ("guest", GUEST),
    ("invitee", 403),
]


class World(Circle):
    """The event's room has a dial-in from the start."""

    def __init__(self, *, has_config: bool = True, **fields: Any) -> None:
        super().__init__(**fields)
        if not has_config:
            SipConfig.objects.all().delete()
        self.sip_path = f"{self.room_path}/sip"

    def put(self, body: Any) -> Any:
        return self.api("creator").put(self.sip_path, body)


@sweep(("who", "status"), WHO, fast=5)
@sweep("method", ["GET", "PUT", "DELETE"], fast=1)
def test_only_the_creator_may(who: str, status: int, method: str) -> None:
    world = World()
    api, traces = world.api(who), Traces()
    assert api.request(method, world.sip_path, {"lobby": True}).status_code == status
    assert traces.is_empty()
    assert SipConfig.objects.get().lobby is False


def test_whole_answer() -> None:
    world = World()
    config = SipConfig.objects.get()
    assert world.api("creator").get(world.sip_path).json() == {
        "room": str(world.event.room_id),
        "sip_id": config.sip_id,
        "password": config.password,
        "lobby": False,
    }


def test_none_is_not_found() -> None:
    world = World(has_config=False)
    answer = world.api("creator").get(world.sip_path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("body", "password", "lobby"),
    [
        ({"lobby": True}, None, True),
        ({"password": "0123456789"}, "0123456789", False),
        ({"password": "9876543210", "lobby": True, "unknown": 1}, "9876543210", True),
    ],
)
def test_put_makes_it_where_there_is_none(body: Any, password: str | None, lobby: bool) -> None:
    world = World(has_config=False)
    traces = Traces()
    answer = world.put(body)
    config = SipConfig.objects.get()
    assert answer.status_code == 201
    assert answer.json() == world.api("creator").get(world.sip_path).json()
    assert (config.room_id, config.lobby) == (world.event.room_id, lobby)
    assert config.password == password or (password is None and config.password.isdigit())
    assert len(config.sip_id) == len(config.password) == 10
    assert traces.activities() == [("sip.created", ["alice", "bob"])]
    assert config.password not in str(traces.last("sip.created").__dict__)
    assert traces.mails() == []


@pytest.mark.slow
def test_put_changes_what_it_names() -> None:
    world = World()
    before = world.api("creator").get(world.sip_path).json()
    traces = Traces()
    first, second = world.put({"password": "0123456789"}), world.put({"lobby": True})
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == before | {"password": "0123456789"}
    assert second.json() == before | {"password": "0123456789", "lobby": True}
    assert world.api("creator").get(world.sip_path).json() == second.json()
    assert traces.activities() == [("sip.updated", ["alice", "bob"])] * 2
    assert "0123456789" not in str([row.__dict__ for row in traces.log()])


def test_put_of_what_is_already_so_leaves_no_trace() -> None:
    world = World()
    before = world.api("creator").get(world.sip_path).json()
    traces = Traces()
    answer = world.put({"password": before["password"], "lobby": False})
    assert (answer.status_code, answer.json()) == (200, before)
    assert traces.is_empty()


def test_id_is_taken_by_no_other_room(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    config = SipConfig.objects.get()
    monkeypatch.setattr(SipConfig._meta.get_field("sip_id"), "_get_default", iter([config.sip_id, "1" * 10]).__next__)
    room = services.create_room(creator=world.alice, actor=Actor.by_api(world.alice), enable_sip=True)
    assert room.sip_config.sip_id == "1" * 10


@sweep(
    ("body", "status", "entries"),
    [
        (None, 422, [(None, "missing_values")]),
        ({}, 422, [(None, "missing_values")]),
        ({"unknown": 1}, 422, [(None, "missing_values")]),
        ({"password": "123456789"}, 422, [("password", "invalid_length")]),
        ({"password": "12345678901"}, 422, [("password", "invalid_length")]),
        ({"password": "123456789x"}, 422, [("password", "invalid_value")]),
        ({"password": "١٢٣٤٥٦٧٨٩٠"}, 422, [("password", "invalid_value")]),
        ({"password": "123456789\n"}, 422, [("password", "invalid_value")]),
        ({"password": ""}, 422, [("password", "invalid_length")]),
        ({"password": 1234567890}, 400, [("password", "invalid_value")]),
        ({"password": None}, 400, [("password", "value_required")]),
        ({"lobby": "true", "password": "1"}, 400, [("password", "invalid_length"), ("lobby", "invalid_value")]),
    ],
    fast=4,
)
def test_bad_values_are_all_named(body: Any, status: int, entries: list[tuple[str | None, str]]) -> None:
    world = World()
    before = world.api("creator").get(world.sip_path).json()
    answer = world.put(body)
    assert (answer.status_code, answer.json()["code"]) == (
        status,
        {400: "invalid_json", 422: "validation_failed"}[status],
    )
    assert [(entry.get("field"), entry["code"]) for entry in answer.json()["validation_errors"]] == entries
    assert world.api("creator").get(world.sip_path).json() == before


@pytest.mark.parametrize("has_config", [True, False])
def test_delete_closes_it_and_may_be_repeated(has_config: bool) -> None:
    world = World(has_config=has_config)
    traces = Traces()
    answers = [world.api("creator").delete(world.sip_path).status_code for _time in range(2)]
    assert answers == [204, 204]
    assert not SipConfig.objects.exists()
    assert traces.activities() == [("sip.deleted", ["alice", "bob"])] * has_config
    assert "call_in" not in world.api("creator").get(world.path).json()["room"]


def test_switched_off_feature_is_not_sold() -> None:
    world = World()
    world.alice.tariff.disabled_features = ["core::call_in"]
    world.alice.tariff.save()
    answer = world.put({"lobby": True})
    assert (answer.status_code, answer.json()["code"]) == (403, "feature_disabled")
    assert world.api("creator").get(world.sip_path).json()["lobby"] is False


def test_changed_pin_is_the_one_that_people_are_shown(settings: Any) -> None:
    settings.CALL_IN_TEL = "+493012345678"
    world = World()
    world.put({"password": "0123456789"})
    call_in = world.api("invitee").get(world.path).json()["room"]["call_in"]
    assert call_in == {"tel": "+493012345678", "id": SipConfig.objects.get().sip_id, "password": "0123456789"}


@pytest.mark.parametrize(
    "change", [partial(services.set_sip_config, lobby=True), services.delete_sip_config], ids=["set", "delete"]
)
def test_change_that_comes_after_the_rooms_deletion_is_a_404(change: Any) -> None:
    world = World()
    room = Room.objects.get()
    world.api("creator").delete(world.room_path)
    with pytest.raises(NotFound):
        change(room=room, actor=Actor.by_api(world.alice))


def test_unknown_room_is_forbidden() -> None:
    assert World().api("creator").get(f"/v1/rooms/{uuid.uuid4()}/sip").status_code == 403
