"""The seed's samples of start, start_invited, call_in and turn: each is accepted, or produced with its keys and types.

The samples are templates ("string", 0) with no value that exists, so values are put in; keys and types stay.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from activity.actors import Actor
from invites.services import create_code
from tests import factories
from tests.api import Api
from tests.circle import Circle
from tests.users.gateway import gateway

pytestmark = pytest.mark.django_db
FOLDER = Path(__file__).parent.parent / "seeds/rest"
# What the contract corrects, each with its section.
CORRECTED = {
    "breakout_room": "a UUID, not a number; null where there are no breakout rooms (4.8)",
    "turn": "204 where nothing is configured, not 500 (13.1)",
    "stun": "no operation of its own: the seed shows GET /turn again under this heading (13.1)",
}


def sample(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text())


def filled(name: str, **values: Any) -> dict[str, Any]:
    """The sample's body with values of the same type in it, what the contract corrects aside."""
    request = sample(name)["request"]
    given = values | {member: None for member in CORRECTED if member in request}
    assert set(given) | {"resumption"} >= set(request)
    for member, value in given.items():
        assert member in CORRECTED or type(value) is type(request[member])
    return request | given


def has_shape_of(answer: Any, template: Any) -> bool:
    if isinstance(template, dict):
        return template.keys() <= answer.keys() and all(has_shape_of(answer[key], template[key]) for key in template)
    if isinstance(template, list):
        return isinstance(answer, list) and bool(answer) and all(has_shape_of(item, template[0]) for item in answer)
    return type(answer) is type(template)


def test_start() -> None:
    circle = Circle()
    answer = circle.api("invitee").post(f"{circle.room_path}/start", filled("start"))
    assert answer.status_code == 200
    assert has_shape_of(answer.json(), sample("start")["answer"])
    assert answer.json().keys() == sample("start")["answer"].keys()


def test_start_invited() -> None:
    circle = Circle(password="open sesame")
    code = create_code(room=circle.event.room, user=circle.alice, actor=Actor.by_api(circle.alice))
    body = filled("start_invited", password="open sesame", invite_code=str(code.code))
    answer = Api().post(f"{circle.room_path}/start_invited", body)
    assert answer.status_code == 200
    assert has_shape_of(answer.json(), sample("start_invited")["answer"])
    assert answer.json().keys() == sample("start_invited")["answer"].keys()


def test_call_in_start(settings: Any) -> None:
    settings.CALL_IN_TEL = "+493012345678"
    config = Circle().event.room.sip_config
    answer = gateway().post(
        "/v1/services/call_in/start", filled("call_in_start", id=config.sip_id, pin=config.password)
    )
    assert answer.status_code == 200
    assert has_shape_of(answer.json(), sample("call_in_start")["answer"])
    assert answer.json().keys() == sample("call_in_start")["answer"].keys()


def test_turn(settings: Any) -> None:
    settings.TURN_URIS, settings.TURN_SECRET = ["turn:turn.example.org"], "north"
    answer = Api(factories.user()).get("/v1/turn")
    assert answer.status_code == 200
    assert has_shape_of(answer.json(), sample("turn")["answer"])


@pytest.mark.parametrize("name", ["start", "start_invited"])
def test_breakout_room_as_the_sample_has_it_is_understood_too(name: str) -> None:
    """Nothing but that there is no such breakout room is wrong with it."""
    circle = Circle()
    code = create_code(room=circle.event.room, user=circle.alice, actor=Actor.by_api(circle.alice))
    body = sample(name)["request"]
    if name == "start_invited":
        body["invite_code"] = str(code.code)
    answer = circle.api("invitee").post(f"{circle.room_path}/{name}", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "no_breakout_rooms")
