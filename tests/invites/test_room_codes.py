"""GET and POST /v1/rooms/{id}/invites (contract 5.1, 5.2)."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from invites.models import InviteCode
from tests.circle import GUEST, Circle
from tests.sweeps import sweep
from tests.traces import Traces
from users.serializers import public_profile

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 10, 1, 8, 30, 15, 123456, tzinfo=UTC)


def ask(circle: Circle, body: Any = None) -> Any:
    return circle.api("creator").post(f"{circle.room_path}/invites", {} if body is None else body)


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
def test_people_in_the_meeting_see_the_codes(who: str, status: int) -> None:
    circle = Circle()
    assert circle.api(who).get(f"{circle.room_path}/invites").status_code == status


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
def test_only_the_creator_makes_them(who: str, status: int) -> None:
    circle = Circle()
    api = circle.api(who)
    traces = Traces()
    assert api.post(f"{circle.room_path}/invites", {}).status_code == status
    assert traces.is_empty() is (status != 200)


def test_unknown_room_is_forbidden() -> None:
    api = Circle().api("creator")
    path = f"/v1/rooms/{uuid.uuid4()}/invites"
    assert (api.get(path).status_code, api.post(path, {}).status_code) == (403, 403)


@time_machine.travel(NOW, tick=False)
def test_whole_answer_has_an_explicit_null_for_no_expiration() -> None:
    circle = Circle()
    traces = Traces()
    answer = ask(circle)
    code = InviteCode.objects.get()
    alice = public_profile(circle.alice) | {"id": str(circle.alice.pk)}
    assert answer.status_code == 200
    assert answer.json() == {
        "invite_code": str(code.code),
        "created": "2026-10-01T08:30:15Z",
        "created_by": alice,
        "updated": "2026-10-01T08:30:15Z",
        "updated_by": alice,
        "room_id": str(circle.event.room_id),
        "room": str(circle.event.room_id),
        "active": True,
        "expiration": None,
    }
    assert circle.api("invitee").get(f"{circle.room_path}/invites").json() == [answer.json()]
    assert traces.activities() == [("code.created", ["alice"])]
    assert traces.last("code.created").data == {"expiration": None, "address": ""}
    assert str(code.code) not in str(traces.last("code.created").__dict__)
    assert traces.mails() == []


def test_permanent_code_exists_once() -> None:
    circle = Circle()
    answers = [ask(circle, body).json() for body in ({}, {"expiration": None}, {"unknown": 1}, {})]
    assert all(answer == answers[0] for answer in answers)
    assert InviteCode.objects.count() == 1


def test_post_without_body_is_the_permanent_code() -> None:
    circle = Circle()
    assert circle.api("creator").post(f"{circle.room_path}/invites").status_code == 200


def test_code_of_an_address_is_not_the_rooms() -> None:
    circle = Circle()
    circle.invite("dora@example.org")
    personal = InviteCode.objects.get()
    assert ask(circle).json()["invite_code"] != str(personal.pk)
    assert InviteCode.objects.count() == 2


def test_revoked_permanent_code_is_replaced() -> None:
    circle = Circle()
    first = ask(circle).json()["invite_code"]
    InviteCode.objects.update(active=False)
    assert ask(circle).json()["invite_code"] != first


@time_machine.travel(NOW, tick=False)
def test_codes_that_end_are_new_each_time() -> None:
    circle = Circle()
    body = {"expiration": "2026-10-01T12:00:00.5+02:00"}
    first, second = ask(circle, body).json(), ask(circle, body).json()
    assert first["invite_code"] != second["invite_code"]
    assert first["expiration"] == "2026-10-01T10:00:00Z"
    assert InviteCode.objects.filter(expiration=datetime(2026, 10, 1, 10, tzinfo=UTC)).count() == 2


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("expiration", ["2026-10-01T08:30:15Z", "2026-10-01T10:30:14+02:00", "0001-01-02T00:00:00Z"])
def test_expired_in_the_past_is_an_invalid_value(expiration: str) -> None:
    circle = Circle()
    answer = ask(circle, {"expiration": expiration})
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")
    assert [(entry["field"], entry["code"]) for entry in answer.json()["validation_errors"]] == [
        ("expiration", "invalid_value")
    ]
    assert not InviteCode.objects.exists()


@pytest.mark.parametrize(
    "expiration",
    ["tomorrow", "2030-01-01", "2030-01-01T00:00:00", 1900000000, True, "", ["2030-01-01T00:00:00Z"]],
)
def test_what_is_no_time_with_offset_is_invalid_json(expiration: Any) -> None:
    answer = ask(Circle(), {"expiration": expiration})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json")


def test_time_beyond_the_calendar_is_out_of_range() -> None:
    answer = ask(Circle(), {"expiration": "9999-12-31T23:59:59-23:59"})
    assert (answer.status_code, answer.json()["validation_errors"][0]["code"]) == (422, "out_of_range")


def test_newest_change_comes_first_and_codes_that_are_over_are_listed() -> None:
    circle = Circle()
    for number in range(3):
        InviteCode.objects.create(
            room=circle.event.room,
            created_by=circle.alice,
            updated_by=circle.alice,
            updated_at=NOW + timedelta(hours=number),
            active=number != 1,
            expiration=NOW if number == 2 else None,
        )
    seen = circle.api("creator").get(f"{circle.room_path}/invites").json()
    assert [(row["updated"], row["active"], row["expiration"]) for row in seen] == [
        ("2026-10-01T10:30:15Z", True, "2026-10-01T08:30:15Z"),
        ("2026-10-01T09:30:15Z", False, None),
        ("2026-10-01T08:30:15Z", True, None),
    ]


def test_pages() -> None:
    circle = Circle()
    for number in range(5):
        InviteCode.objects.create(
            room=circle.event.room,
            created_by=circle.alice,
            updated_by=circle.alice,
            updated_at=NOW + timedelta(hours=number),
        )
    url = f"http://testserver{circle.room_path}/invites?per_page=2&page="
    links = []
    seen = []
    for page in (1, 2, 3, 4):
        answer = circle.api("invitee").get(f"{circle.room_path}/invites", page=page, per_page=2)
        links.append(answer.get("Link", ""))
        seen += [row["updated"][11:13] for row in answer.json()]
    assert seen == ["12", "11", "10", "09", "08"]
    assert links == [
        f'<{url}2>; rel="next",<{url}3>; rel="last"',
        f'<{url}1>; rel="first",<{url}1>; rel="prev",<{url}3>; rel="next",<{url}3>; rel="last"',
        f'<{url}1>; rel="first",<{url}2>; rel="prev"',
        f'<{url}1>; rel="first",<{url}3>; rel="prev"',
    ]


def test_codes_of_disabled_people_are_hidden() -> None:
    circle = Circle()
    ask(circle)
    circle.alice.disabled_since = NOW
    circle.alice.save()
    assert circle.api("invitee").get(f"{circle.room_path}/invites").status_code == 403


def test_code_made_for_one_person_is_not_listed() -> None:
    """The frontend shows the first permanent code as the link for everybody."""
    circle = Circle()
    circle.api("creator").post(f"{circle.path}/invites", {"email": "dora@example.org"})
    assert InviteCode.objects.filter(room=circle.event.room, emailinvites__isnull=False).exists()
    assert circle.api("creator").get(f"/v1/rooms/{circle.event.room_id}/invites").json() == []
