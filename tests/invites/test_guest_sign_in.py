"""`Authorization: InviteCode <code>`, at the doors that a code opens (contract 1.1, 4.6, 4.7)."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from invites.models import InviteCode
from rooms.models import Room
from tests import factories
from tests.api import Api
from tests.circle import Circle
from tests.sweeps import sweep
from users.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.parametrize("door", ["event", "tariff"])]


def made(circle: Circle, **fields: Any) -> uuid.UUID:
    values = {"room": circle.event.room, "created_by": circle.alice, "updated_by": circle.alice} | fields
    return InviteCode.objects.create(**values).code


def knock(circle: Circle, door: str, authorization: str) -> Any:
    return Api(authorization=authorization).get(f"{circle.room_path}/{door}")


@pytest.mark.parametrize("scheme", ["InviteCode", "invitecode", "Bearer", "InviteCode "])
def test_valid_code_opens_under_either_scheme(door: str, scheme: str) -> None:
    """The frontend writes Bearer before a code in places (contract 1.1)."""
    circle = Circle()
    assert knock(circle, door, f"{scheme} {made(circle)}").status_code == 200


@sweep("scheme", ["InviteCode", "Bearer"], fast=1)
@pytest.mark.parametrize("why", ["unknown", "revoked", "expired", "another room's", "owner is disabled"])
def test_code_that_does_not_open_this_room_is_not_found(door: str, scheme: str, why: str) -> None:
    circle = Circle()
    over = timezone.now() - timedelta(seconds=1) if why == "expired" else None
    code = made(circle, active=why != "revoked", expiration=over)
    if why == "unknown":
        code = uuid.uuid4()
    if why == "another room's":
        code = made(circle, room=factories.event(circle.alice).room)
    if why == "owner is disabled":
        User.objects.filter(pk=circle.alice.pk).update(disabled_since=timezone.now())
    answer = knock(circle, door, f"{scheme} {code}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_code_of_a_room_without_guests_is_not_found(door: str) -> None:
    circle = Circle()
    code = made(circle)
    Room.objects.update(e2e_encryption=True)
    answer = knock(circle, door, f"InviteCode {code}")
    assert (answer.status_code, answer.json()["code"]) == (404, "service_unavailable")


@pytest.mark.parametrize(
    "authorization",
    ["InviteCode", "InviteCode x", f"InviteCode {uuid.UUID(int=5).hex}", f"InviteCode {'x' * 36}", "Basic eDp5"],
)
def test_what_is_no_code_is_told_so_in_the_words_the_frontend_compares(door: str, authorization: str) -> None:
    answer = knock(Circle(), door, authorization)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert answer.json()["message"] == "Unable to parse access token or invite code"
    assert answer["WWW-Authenticate"]


def test_person_with_a_bad_token_is_told_to_refresh_it(door: str) -> None:
    answer = knock(Circle(), door, "Bearer a.b.c")
    assert (answer.status_code, answer.json()["message"]) == (401, "Authentication failed")


def test_code_opens_no_unknown_room(door: str) -> None:
    circle = Circle()
    answer = Api(authorization=f"InviteCode {made(circle)}").get(f"/v1/rooms/{uuid.uuid4()}/{door}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_code_made_for_one_address_opens_too(door: str) -> None:
    circle = Circle()
    circle.invite("dora@example.org")
    assert knock(circle, door, f"InviteCode {InviteCode.objects.get().code}").status_code == 200
