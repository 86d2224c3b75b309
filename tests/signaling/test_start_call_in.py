"""POST /v1/services/call_in/start (contract 13.2)."""

from typing import Any

import pytest
from django.utils import timezone

from rooms.models import Guess
from signaling.models import Ticket
from tests.api import Api
from tests.circle import Circle
from tests.sweeps import sweep
from tests.traces import Traces
from tests.users.gateway import gateway

pytestmark = pytest.mark.django_db
PATH = "/v1/services/call_in/start"


@pytest.fixture(autouse=True)
def _reached_by_phone(settings: Any) -> None:
    settings.CALL_IN_TEL = "+493012345678"


def dial(circle: Circle, api: Api | None = None, **body: Any) -> Any:
    config = circle.event.room.sip_config
    return (api or gateway()).post(PATH, {"id": config.sip_id, "pin": config.password} | body)


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def other(digits: str) -> str:
    return digits[:-1] + ("1" if digits[-1] == "0" else "0")


def test_gateway_gets_a_ticket_for_its_caller() -> None:
    circle = Circle(password="open sesame")
    traces = Traces()
    answer = dial(circle)
    assert answer.status_code == 200
    assert answer.json()["ticket"].startswith(f"{circle.event.room_id}#")
    assert len(answer.json()["ticket"]) == len(answer.json()["resumption"]) == 64
    assert Ticket.objects.get().kind == "sip"
    assert traces.is_empty()


@pytest.mark.parametrize("who", ["stranger", "invitee", "creator"])
def test_people_are_no_gateway(who: str) -> None:
    circle = Circle()
    assert code_of(dial(circle, circle.api(who))) == (403, "forbidden")


def test_wrong_pin_and_unknown_id_are_the_same_error() -> None:
    circle = Circle()
    config = circle.event.room.sip_config
    api = gateway()
    wrong = dial(circle, api, pin=other(config.password)).json()
    unknown = dial(circle, api, id=other(config.sip_id)).json()
    assert wrong["code"] == "invalid_credentials"
    assert wrong["status"] == "400"
    assert wrong | {"request_id": ""} == unknown | {"request_id": ""}


@pytest.mark.slow
def test_wrong_pins_are_counted_and_then_not_read() -> None:
    circle = Circle()
    pin, api = circle.event.room.sip_config.password, gateway()
    traces = Traces()
    for _time in range(5):
        assert dial(circle, api, pin=other(pin)).status_code == 400
    answer = dial(circle, api)
    assert code_of(answer) == (429, "too_many_requests")
    assert 0 < int(answer["Retry-After"]) <= 10
    assert Guess.objects.count() == 5
    assert (traces.last("room.guessed").actor_kind, traces.last("room.guessed").actor_name) == ("service", "gateway")


@pytest.mark.parametrize("why", ["no number", "of the tariff", "of the server"])
def test_feature_that_is_off_is_forbidden(settings: Any, why: str) -> None:
    circle = Circle()
    match why:
        case "no number":
            settings.CALL_IN_TEL = ""
        case "of the server":
            settings.DISABLED_FEATURES = ["call_in"]
        case "of the tariff":
            circle.alice.tariff.disabled_features = ["core::call_in"]
            circle.alice.tariff.save()
    assert code_of(dial(circle)) == (403, "feature_disabled")


def test_encrypted_room_is_not_reached_by_phone() -> None:
    circle = Circle(e2e_encryption=True)
    assert code_of(dial(circle)) == (403, "service_unavailable")


def test_who_does_not_know_the_pin_learns_nothing_of_the_room() -> None:
    circle = Circle(e2e_encryption=True)
    assert dial(circle, pin=other(circle.event.room.sip_config.password)).status_code == 400


def test_room_of_a_disabled_person_is_no_room() -> None:
    circle = Circle()
    circle.alice.disabled_since = timezone.now()
    circle.alice.save()
    assert code_of(dial(circle)) == (400, "invalid_credentials")


@sweep("field", ["id", "pin"], fast=1)
@pytest.mark.parametrize(
    "value", ["123456789", "12345678901", "12345678 0", "١٢٣٤٥٦٧٨٩٠", "123456789a", "1234567890\n"]
)
def test_what_is_not_ten_digits_is_a_validation_error(field: str, value: str) -> None:
    answer = dial(Circle(), **{field: value})
    assert code_of(answer) == (422, "validation_failed")
    assert [(entry["field"], entry["code"]) for entry in answer.json()["validation_errors"]] == [
        (field, "invalid_value")
    ]


@pytest.mark.parametrize("field", ["id", "pin"])
def test_nothing_is_not_ten_digits(field: str) -> None:
    answer = dial(Circle(), **{field: ""})
    assert code_of(answer) == (422, "validation_failed")
    assert [entry["code"] for entry in answer.json()["validation_errors"]] == ["invalid_length"]


@pytest.mark.parametrize("body", [None, {}, [], {"id": 1234567890, "pin": None}])
def test_both_are_strings_and_both_are_named(body: Any) -> None:
    answer = gateway().post(PATH, body)
    assert code_of(answer) == (400, "invalid_json")
    if isinstance(body, dict) or body is None:
        assert [entry["field"] for entry in answer.json()["validation_errors"]] == ["id", "pin"]
