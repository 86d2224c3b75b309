"""POST /v1/invite/verify (contract 5.6)."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from invites.models import InviteCode
from tests.api import Api
from tests.circle import Circle
from tests.traces import Traces

pytestmark = pytest.mark.django_db


def verify(code: Any, api: Api | None = None) -> Any:
    return (api or Api()).post("/v1/invite/verify", {"invite_code": str(code) if isinstance(code, uuid.UUID) else code})


def made(circle: Circle, **fields: Any) -> InviteCode:
    values = {"room": circle.event.room, "created_by": circle.alice, "updated_by": circle.alice} | fields
    return InviteCode.objects.create(**values)


@pytest.mark.parametrize("password", ["", "open sesame"])
def test_anybody_learns_the_room_and_whether_it_has_a_password(password: str) -> None:
    circle = Circle(password=password)
    code = made(circle)
    traces = Traces()
    answer = verify(code.code)
    assert answer.status_code == 200
    assert answer.json() == {"room_id": str(circle.event.room_id), "password_required": bool(password)}
    assert traces.is_empty()


@pytest.mark.parametrize("authorization", ["Bearer expired", "Bearer", "InviteCode x", "Basic eDp5"])
def test_authorization_is_ignored(authorization: str) -> None:
    assert verify(made(Circle()).code, Api(authorization=authorization)).status_code == 200


def test_code_that_ends_later_is_valid() -> None:
    assert verify(made(Circle(), expiration=timezone.now() + timedelta(minutes=1)).code).status_code == 200


def test_id_of_the_row_opens_nothing() -> None:
    """It stands in addresses of the admin."""
    assert verify(made(Circle()).pk).status_code == 404


@pytest.mark.parametrize("why", ["unknown", "revoked", "expired", "both", "owner is disabled", "room is gone"])
def test_code_that_opens_nothing_is_not_found(why: str) -> None:
    circle = Circle()
    is_expired = why in {"expired", "both"}
    code = made(
        circle,
        active=why not in {"revoked", "both"},
        expiration=timezone.now() - timedelta(seconds=1) if is_expired else None,
    )
    if why == "owner is disabled":
        circle.alice.disabled_since = timezone.now()
        circle.alice.save()
    if why == "room is gone":
        circle.event.room.delete()
    answer = verify(uuid.uuid4() if why == "unknown" else code.code)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "code", ["", "x", "a" * 36, 5, True, None, [], {}, "00000000-0000-4000-8000-00000000000", "\0"]
)
def test_what_is_no_uuid_is_invalid_json(code: Any) -> None:
    answer = verify(code)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json")
    assert [entry["field"] for entry in answer.json()["validation_errors"]] == ["invite_code"]


@pytest.mark.parametrize("body", [None, {}, [], "x", 5])
def test_body_without_a_code_is_invalid_json(body: Any) -> None:
    answer = Api().post("/v1/invite/verify", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json")
