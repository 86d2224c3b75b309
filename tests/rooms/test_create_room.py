"""POST /v1/rooms (contract 4.2)."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from rooms.models import Room, SipConfig
from tests import factories
from tests.api import Api
from tests.traces import Traces
from users.serializers import public_profile

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 10, 1, 8, 30, 15, 123456, tzinfo=UTC)


def create(body: Any = None, **fields: Any) -> Any:
    return Api(factories.user("alice", **fields)).post("/v1/rooms", body)


@time_machine.travel(NOW, tick=False)
def test_whole_answer() -> None:
    traces = Traces()
    alice = factories.user("alice")
    body = {"password": "open sesame", "enable_sip": False, "waiting_room": True, "e2e_encryption": True, "unknown": 1}
    answer = Api(alice).post("/v1/rooms", body)
    room = Room.objects.get()
    assert answer.status_code == 201
    assert answer["Location"] == f"/v1/rooms/{room.pk}"
    assert answer.json() == {
        "id": str(room.pk),
        "created_by": public_profile(alice) | {"id": str(alice.pk)},
        "created_at": "2026-10-01T08:30:15Z",
        "password": "open sesame",
        "waiting_room": True,
        "e2e_encryption": True,
    }
    assert Api(alice).get(answer["Location"]).json() == answer.json()
    assert (room.tenant, room.created_by) == (alice.tenant, alice)
    assert traces.activities() == [("room.created", ["alice"])]
    assert traces.last("room.created").data == {
        "title": "",
        "owner_id": str(alice.pk),
        "has_password": True,
        "waiting_room": True,
    }
    assert traces.mails() == []


@pytest.mark.parametrize("body", [None, {}, {"password": None, "enable_sip": False}])
def test_everything_may_be_left_out(body: Any) -> None:
    answer = create(body)
    assert answer.status_code == 201
    assert "password" not in answer.json()
    assert (answer.json()["waiting_room"], answer.json()["e2e_encryption"]) == (False, False)
    assert not SipConfig.objects.exists()


def test_dial_in_is_made_on_demand() -> None:
    room = create({"enable_sip": True}).json()["id"]
    assert str(SipConfig.objects.get().room_id) == room


@pytest.mark.parametrize("enable_sip", [True, False])
def test_dial_in_needs_the_tariffs_feature(enable_sip: bool) -> None:
    alice = factories.user("alice")
    alice.tariff.disabled_features = ["call_in"]
    alice.tariff.save()
    answer = Api(alice).post("/v1/rooms", {"enable_sip": enable_sip})
    assert answer.status_code == (403 if enable_sip else 201)
    assert answer.json().get("code") == ("feature_disabled" if enable_sip else None)
    assert Room.objects.exists() is not enable_sip


def test_room_has_no_meeting() -> None:
    alice = factories.user("alice")
    room = Api(alice).post("/v1/rooms", {}).json()["id"]
    answer = Api(alice).get(f"/v1/rooms/{room}/event")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert Api(alice).get("/v1/events").json() == []


@pytest.mark.parametrize(
    ("body", "status", "entries"),
    [
        ({"password": ""}, 422, [("password", "invalid_length")]),
        ({"password": "x" * 256}, 422, [("password", "invalid_length")]),
        ({"password": 5}, 400, [("password", "invalid_value")]),
        ({"waiting_room": "true"}, 400, [("waiting_room", "invalid_value")]),
        ({"waiting_room": None}, 400, [("waiting_room", "value_required")]),
        ({"e2e_encryption": 1}, 400, [("e2e_encryption", "invalid_value")]),
        ({"enable_sip": "yes"}, 400, [("enable_sip", "invalid_value")]),
        (
            {"password": "", "waiting_room": 0, "enable_sip": None},
            400,
            [("password", "invalid_length"), ("waiting_room", "invalid_value"), ("enable_sip", "value_required")],
        ),
    ],
)
def test_bad_values_are_all_named(body: Any, status: int, entries: list[tuple[str, str]]) -> None:
    answer = create(body)
    assert answer.status_code == status
    assert answer.json()["code"] == {400: "invalid_json", 422: "validation_failed"}[status]
    assert [(entry["field"], entry["code"]) for entry in answer.json()["validation_errors"]] == entries
    assert not Room.objects.exists()


@pytest.mark.parametrize("body", [[], "x", 5, [{}]])
def test_body_that_is_no_object_is_invalid_json(body: Any) -> None:
    answer = create(body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json")


def test_password_of_the_greatest_length_in_any_script() -> None:
    assert create({"password": "ü" * 255}).json()["password"] == "ü" * 255
