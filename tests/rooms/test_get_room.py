"""GET /v1/rooms/{id} (contract 4.3)."""

import uuid
from datetime import UTC, datetime

import pytest
import time_machine

from tests import factories
from tests.circle import GUEST, Circle
from tests.sweeps import sweep
from users.serializers import public_profile

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 10, 1, 8, 30, 15, 123456, tzinfo=UTC)


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
def test_only_people_of_its_meeting_may_read(who: str, status: int) -> None:
    circle = Circle()
    assert circle.api(who).get(circle.room_path).status_code == status


@time_machine.travel(NOW, tick=False)
def test_whole_answer_is_the_same_for_creator_and_invitee() -> None:
    circle = Circle(password="open sesame", waiting_room=True)
    expected = {
        "id": str(circle.event.room_id),
        "created_by": public_profile(circle.alice) | {"id": str(circle.alice.pk)},
        "created_at": "2026-10-01T08:30:15Z",
        "password": "open sesame",
        "waiting_room": True,
        "e2e_encryption": False,
    }
    for who in ("creator", "invitee"):
        assert circle.api(who).get(circle.room_path).json() == expected


def test_password_is_absent_where_there_is_none() -> None:
    circle = Circle()
    assert "password" not in circle.api("creator").get(circle.room_path).json()


@pytest.mark.parametrize("answer", ["accepted", "tentative", "declined"])
def test_invitee_reads_whatever_he_answered(answer: str) -> None:
    circle = Circle()
    bob = circle.api("invitee")
    bob.patch(f"{circle.path}/invite", {"status": answer})
    assert bob.get(circle.room_path).status_code == 200


def test_strangers_do_not_learn_whether_it_exists() -> None:
    circle = Circle()
    stranger = circle.api("stranger")
    existing, unknown = (stranger.get(path).json() for path in (circle.room_path, f"/v1/rooms/{uuid.uuid4()}"))
    assert existing["code"] == "forbidden"
    assert {**existing, "request_id": None} == {**unknown, "request_id": None}


def test_rooms_of_disabled_people_are_hidden() -> None:
    circle = Circle()
    circle.alice.disabled_since = NOW
    circle.alice.save()
    assert circle.api("invitee").get(circle.room_path).status_code == 403


def test_room_with_several_invitees_is_one_room() -> None:
    circle = Circle()
    circle.invite(factories.user("carl"))
    assert circle.api("creator").get(circle.room_path).status_code == 200
