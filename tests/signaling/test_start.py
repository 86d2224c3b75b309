"""POST /v1/rooms/{id}/start (contract 4.8)."""

import re
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from signaling.models import Ticket
from signaling.tickets import redeem_ticket
from tests import factories
from tests.api import Api
from tests.circle import GUEST, Circle
from tests.sweeps import sweep
from tests.traces import Traces

pytestmark = pytest.mark.django_db
TOKEN = re.compile(r"[A-Za-z0-9#-]{64}")


def start(circle: Circle, who: str = "creator", body: Any = None) -> Any:
    return circle.api(who).post(f"{circle.room_path}/start", {} if body is None else body)


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
def test_only_people_of_the_meeting_may_start(who: str, status: int) -> None:
    assert start(Circle(), who).status_code == status


@pytest.mark.parametrize("answer", ["accepted", "tentative", "declined"])
def test_invitee_may_start_whatever_he_answered(answer: str) -> None:
    circle = Circle()
    circle.api("invitee").patch(f"{circle.path}/invite", {"status": answer})
    assert start(circle, "invitee").status_code == 200


def test_answer_is_a_ticket_and_a_resumption_token() -> None:
    circle = Circle()
    traces = Traces()
    answer = start(circle).json()
    assert sorted(answer) == ["resumption", "ticket"]
    assert TOKEN.fullmatch(answer["ticket"])
    assert answer["ticket"].startswith(f"{circle.event.room_id}#")
    assert re.fullmatch("[A-Za-z0-9]{64}", answer["resumption"])
    assert traces.is_empty()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"breakout_room": None},
        {"breakout_room": None, "resumption": None},
        {"breakout_room": None, "password": "x", "invite_code": "x", "resumption": ""},
    ],
)
def test_what_the_frontend_sends_is_accepted(body: dict[str, Any]) -> None:
    assert start(Circle(), body=body).status_code == 200


def test_no_body_at_all_is_accepted() -> None:
    circle = Circle()
    assert circle.api("creator").post(f"{circle.room_path}/start").status_code == 200


@pytest.mark.slow
def test_people_of_the_meeting_need_no_password() -> None:
    circle = Circle(password="open sesame")
    for body in ({}, {"password": "wrong"}):
        assert start(circle, "invitee", body).status_code == 200


def test_database_holds_neither_ticket_nor_resumption_token() -> None:
    answer = start(Circle(password="open sesame")).json()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM signaling_ticket")
        row = " ".join(map(str, cursor.fetchone()))
    assert not [secret for secret in (*answer.values(), answer["ticket"][37:], "open sesame") if secret in row]


def test_two_tickets_differ_and_are_two_participants() -> None:
    circle = Circle()
    first, second = (redeem_ticket(text=start(circle).json()["ticket"]).ticket for _time in range(2))
    assert first.participant_id != second.participant_id


def test_tickets_of_the_past_are_cleared_when_the_room_is_started_again() -> None:
    circle, other = Circle(), factories.event(factories.user("carl"))
    start(circle)
    Api(other.created_by).post(f"/v1/rooms/{other.room_id}/start", {})
    Ticket.objects.update(expires_at=timezone.now())
    start(circle)
    assert (Ticket.objects.filter(room=circle.event.room).count(), Ticket.objects.count()) == (1, 2)


@pytest.mark.parametrize("breakout_room", ["6b1b6e86-6d0b-4b8a-9f2f-2a9c6f9f1a51", 0, 5])
def test_breakout_room_needs_a_live_meeting_with_some(breakout_room: Any) -> None:
    answer = start(Circle(), body={"breakout_room": breakout_room})
    assert (answer.status_code, answer.json()["code"]) == (400, "no_breakout_rooms")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"breakout_room": "x"}, "breakout_room"),
        ({"breakout_room": True}, "breakout_room"),
        ({"breakout_room": -1}, "breakout_room"),
        ({"breakout_room": []}, "breakout_room"),
        ({"resumption": 5}, "resumption"),
        ({"resumption": ["x"]}, "resumption"),
    ],
)
def test_values_of_another_type_are_invalid_json(body: dict[str, Any], field: str) -> None:
    answer = start(Circle(), body=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json")
    assert [entry["field"] for entry in answer.json()["validation_errors"]] == [field]


def test_endless_resumption_token_is_refused() -> None:
    answer = start(Circle(), body={"resumption": "x" * 1001})
    assert answer.status_code == 422
    assert [(entry["field"], entry["code"]) for entry in answer.json()["validation_errors"]] == [
        ("resumption", "invalid_length")
    ]


def test_room_of_a_disabled_person_is_closed() -> None:
    circle = Circle()
    circle.alice.disabled_since = timezone.now()
    circle.alice.save()
    assert start(circle, "invitee").status_code == 403


def test_room_without_event_is_for_its_creator() -> None:
    circle = Circle()
    circle.event.delete()
    assert start(circle).status_code == 200
    assert start(circle, "invitee").status_code == 403
