"""POST /v1/rooms/{id}/start_invited (contract 4.9)."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from activity.actors import Actor
from invites.services import create_code, revoke_code
from rooms.models import Guess
from signaling.models import Ticket
from tests import factories
from tests.api import Api
from tests.circle import Circle
from tests.traces import Traces

pytestmark = pytest.mark.django_db
PASSWORD = "open sesame"


class Door:
    """A room with a guest code."""

    def __init__(self, **fields: Any) -> None:
        self.circle = Circle(**fields)
        self.alice, self.room = self.circle.alice, self.circle.event.room
        self.code = create_code(room=self.room, user=self.alice, actor=Actor.by_api(self.alice))

    def enter(self, api: Api | None = None, *, room_id: Any = None, **body: Any) -> Any:
        path = f"/v1/rooms/{room_id or self.room.pk}/start_invited"
        return (api or Api()).post(path, {"invite_code": str(self.code.code)} | body)


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


@pytest.mark.parametrize("who", ["anonymous", "stranger", "other tenant", "guest", "invitee", "creator"])
def test_everybody_with_a_code_may_enter(who: str) -> None:
    door = Door()
    answer = door.enter(door.circle.api(who))
    assert answer.status_code == 200
    assert sorted(answer.json()) == ["resumption", "ticket"]
    assert len(answer.json()["ticket"]) == len(answer.json()["resumption"]) == 64


@pytest.mark.parametrize("authorization", ["Bearer expired", "Bearer", "InviteCode x", "Basic eDp5"])
def test_authorization_that_is_no_good_is_as_none(authorization: str) -> None:
    door = Door()
    assert door.enter(Api(authorization=authorization)).status_code == 200
    assert Ticket.objects.get().kind == "guest"


@pytest.mark.parametrize(("who", "kind"), [("invitee", "user"), ("creator", "user"), ("stranger", "guest")])
def test_people_of_the_meeting_come_as_themselves_by_a_guest_link(who: str, kind: str) -> None:
    door = Door()
    door.enter(door.circle.api(who))
    assert Ticket.objects.get().kind == kind


def test_people_of_the_meeting_need_no_password_by_a_guest_link_either() -> None:
    door = Door(password=PASSWORD)
    assert door.enter(door.circle.api("invitee"), password="wrong").status_code == 200
    assert code_of(door.enter(door.circle.api("stranger"))) == (401, "wrong_room_password")


def test_disabled_person_is_a_guest() -> None:
    door = Door()
    door.circle.bob.disabled_since = timezone.now()
    door.circle.bob.save()
    assert door.enter(door.circle.api("invitee")).status_code == 200
    assert Ticket.objects.get().kind == "guest"


# --- The password ---


def test_right_password_opens() -> None:
    assert Door(password=PASSWORD).enter(password=PASSWORD).status_code == 200


@pytest.mark.parametrize("given", ["wrong", "open sesame ", "Open sesame", "", None, pytest.param({}, id="absent")])
def test_wrong_room_password_is_a_401(given: Any) -> None:
    door = Door(password=PASSWORD)
    answer = door.enter() if given == {} else door.enter(password=given)
    assert code_of(answer) == (401, "wrong_room_password")
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("given", ["anything", "", None])
def test_password_is_ignored_where_the_room_has_none(given: Any) -> None:
    assert Door().enter(password=given).status_code == 200
    assert not Guess.objects.exists()


def test_wrong_passwords_are_counted_and_then_not_read() -> None:
    door = Door(password=PASSWORD)
    for _time in range(5):
        assert code_of(door.enter(password="wrong")) == (401, "wrong_room_password")
    answer = door.enter(password=PASSWORD)
    assert code_of(answer) == (429, "too_many_requests")
    assert 0 < int(answer["Retry-After"]) <= 10
    assert Guess.objects.count() == 5


def test_only_wrong_passwords_are_counted() -> None:
    door = Door(password=PASSWORD)
    for given in [PASSWORD, None, ""] * 3:
        door.enter(password=given)
    assert not Guess.objects.exists()


def test_creator_is_told_once_that_somebody_guesses() -> None:
    door = Door(password=PASSWORD)
    traces = Traces()
    for _time in range(6):
        door.enter(password="wrong")
    assert traces.activities() == [("room.guessed", ["alice"])]
    assert (traces.last("room.guessed").data, traces.last("room.guessed").actor_kind) == ({"wrong_guesses": 5}, "guest")


# --- The code ---


@pytest.mark.parametrize(
    "why", ["unknown", "revoked", "expired", "of another room", "owner is disabled", "room is gone"]
)
def test_code_that_opens_nothing_is_not_found(why: str) -> None:
    """A code of another room too: the 400 that older servers answer tells which rooms exist."""
    door = Door(password=PASSWORD)
    room_id: Any = None
    match why:
        case "unknown":
            door.code.code = uuid.uuid4()
        case "revoked":
            revoke_code(code=door.code, user=door.alice, actor=Actor.by_api(door.alice))
        case "expired":
            door.code.expiration = timezone.now() - timedelta(seconds=1)
            door.code.save()
        case "of another room":
            room_id = factories.event(door.alice).room_id
        case "owner is disabled":
            door.alice.disabled_since = timezone.now()
            door.alice.save()
        case "room is gone":
            door.room.delete()
    for api in (Api(), door.circle.api("invitee")):
        answer = door.enter(api, room_id=room_id or door.circle.event.room_id, password=PASSWORD)
        assert code_of(answer) == (404, "not_found")


@pytest.mark.parametrize("code", ["", "x", "0" * 31, "g" * 36, " "])
def test_code_that_is_no_uuid_is_a_validation_error(code: str) -> None:
    answer = Door().enter(invite_code=code)
    assert code_of(answer) == (422, "validation_failed")
    assert answer.json()["validation_errors"] == [
        {"field": "invite_code", "code": "invalid_value", "message": "Bad invite code format"}
    ]


@pytest.mark.parametrize(
    ("body", "status", "field", "code"),
    [
        ({"invite_code": None}, 400, "invite_code", "value_required"),
        ({"invite_code": 5}, 400, "invite_code", "invalid_value"),
        ({"invite_code": "x" * 129}, 422, "invite_code", "invalid_length"),
        ({"password": 5}, 400, "password", "invalid_value"),
        ({"password": "x" * 256}, 422, "password", "invalid_length"),
        ({"breakout_room": "x"}, 400, "breakout_room", "invalid_value"),
        ({"resumption": 5}, 400, "resumption", "invalid_value"),
    ],
)
def test_each_bad_value_has_its_entry(body: dict[str, Any], status: int, field: str, code: str) -> None:
    answer = Door().enter(**body)
    assert answer.status_code == status
    assert [(entry["field"], entry["code"]) for entry in answer.json()["validation_errors"]] == [(field, code)]


@pytest.mark.parametrize("body", [None, {}, [], "x", 5])
def test_body_without_a_code_is_invalid_json(body: Any) -> None:
    answer = Api().post(f"{Circle().room_path}/start_invited", body)
    assert code_of(answer) == (400, "invalid_json")


def test_breakout_room_needs_a_live_meeting_with_some() -> None:
    assert code_of(Door().enter(breakout_room=str(uuid.uuid4()))) == (400, "no_breakout_rooms")
