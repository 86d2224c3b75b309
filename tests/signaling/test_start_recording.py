"""POST /v1/services/recording/start (contract 13.3)."""

import uuid
from typing import Any

import pytest

from rooms.models import Room
from signaling import work
from signaling.models import Ticket
from signaling.room import Kind, Role
from signaling.services.arrivals import open_socket
from signaling.tickets import InvalidTicket
from tests.api import Api
from tests.circle import Circle
from tests.users.gateway import gateway

pytestmark = pytest.mark.django_db
PATH = "/v1/services/recording/start"


def start(room_id: uuid.UUID, api: Api | None = None, **body: Any) -> Any:
    return (api or gateway("opentalk-recorder")).post(PATH, {"room_id": str(room_id)} | body)


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_recorder_comes_by_its_ticket() -> None:
    circle = Circle(password="open sesame")
    answer = start(circle.event.room_id)
    assert answer.status_code == 200
    assert sorted(answer.json()) == ["resumption", "ticket"]
    assert Ticket.objects.get().kind == "recorder"
    arrival = open_socket(ticket=answer.json()["ticket"], connection=uuid.uuid4(), process=uuid.uuid4())
    comer = arrival.comer
    assert (comer.kind, comer.role, comer.display_name) == (Kind.RECORDER, Role.GUEST, "Recorder")


@pytest.mark.parametrize("who", ["stranger", "creator"])
def test_people_are_no_recorder(who: str) -> None:
    circle = Circle()
    assert code_of(start(circle.event.room_id, circle.api(who))) == (403, "forbidden")


def test_telephone_gateway_is_no_recorder() -> None:
    assert start(Circle().event.room_id, gateway()).status_code in (401, 403)


def test_room_must_exist_and_have_the_breakout_room() -> None:
    circle, api = Circle(), gateway("opentalk-recorder")
    assert start(uuid.uuid4(), api).status_code == 404
    answer = start(circle.event.room_id, api, breakout_room=str(uuid.uuid4()))
    assert code_of(answer) == (400, "no_breakout_rooms")


def test_tariff_must_record_or_stream() -> None:
    circle, api = Circle(), gateway("opentalk-recorder")
    ticket = start(circle.event.room_id, api).json()["ticket"]
    tariff = circle.alice.tariff
    tariff.disabled_features = ["recording::record"]
    tariff.save()
    assert start(circle.event.room_id, api).status_code == 200
    tariff.disabled_features = ["recording::record", "recording::stream"]
    tariff.save()
    assert code_of(start(circle.event.room_id, api)) == (403, "feature_disabled")
    with pytest.raises(InvalidTicket):
        open_socket(ticket=ticket, connection=uuid.uuid4(), process=uuid.uuid4())


def test_nobody_records_an_encrypted_room() -> None:
    circle, api = Circle(e2e_encryption=True), gateway("opentalk-recorder")
    assert code_of(start(circle.event.room_id, api)) == (403, "service_unavailable")


def test_room_that_became_encrypted_lets_no_recorder_in() -> None:
    circle = Circle()
    ticket = start(circle.event.room_id).json()["ticket"]
    Room.objects.update(e2e_encryption=True)
    with pytest.raises(InvalidTicket):
        open_socket(ticket=ticket, connection=uuid.uuid4(), process=uuid.uuid4())


def test_meeting_in_an_encrypted_room_offers_no_recording() -> None:
    circle = Circle()
    assert work.about(circle.event.room)["recording"] == {"streams": []}
    circle.event.room.e2e_encryption = True
    assert "recording" not in work.about(circle.event.room)
