"""Tickets of breakout rooms: as long as the live meeting has the room."""

import uuid
from typing import Any

import pytest

from signaling.modules.breakout import BreakoutRoom, State
from signaling.room import Room
from signaling.services import sessions
from signaling.services.arrivals import open_socket
from signaling.steps import Outcome
from signaling.tickets import InvalidTicket
from tests.circle import Circle

pytestmark = pytest.mark.django_db
RED = uuid.UUID(int=7)


def furnish(circle: Circle, *rooms: uuid.UUID) -> None:
    """The live meeting has these breakout rooms and no others."""

    def act(room: Room) -> Outcome:
        room.state(State).rooms = [BreakoutRoom(made, "Red") for made in rooms]
        return Outcome()

    sessions.take_step(room_id=circle.event.room_id, act=act, is_opening=True)


def start(circle: Circle, breakout_room: uuid.UUID) -> Any:
    return circle.api("invitee").post(f"{circle.room_path}/start", {"breakout_room": str(breakout_room)})


def test_ticket_leads_into_the_breakout_room() -> None:
    circle = Circle()
    furnish(circle, RED)
    ticket = start(circle, RED).json()["ticket"]
    arrival = open_socket(ticket=ticket, connection=uuid.uuid4(), process=uuid.uuid4())
    assert arrival.comer.place == RED


@pytest.mark.parametrize(
    ("rooms", "code"), [([], "no_breakout_rooms"), ([uuid.UUID(int=8)], "invalid_breakout_room_id")]
)
def test_breakout_room_must_be_there(rooms: list[uuid.UUID], code: str) -> None:
    circle = Circle()
    furnish(circle, *rooms)
    answer = start(circle, RED)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_ticket_of_a_room_that_ended_opens_nothing() -> None:
    circle = Circle()
    furnish(circle, RED)
    ticket = start(circle, RED).json()["ticket"]
    furnish(circle)
    with pytest.raises(InvalidTicket):
        open_socket(ticket=ticket, connection=uuid.uuid4(), process=uuid.uuid4())
