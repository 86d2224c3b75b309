"""The seed's samples of rooms, guest codes, dial-in and streams: each is accepted, or produced with its keys and types.

rest/<operation>.json holds them as they are drawn; `{}` and `[]` stand where the drawing leaves something out.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import time_machine

from tests import factories
from tests.api import Api
from tests.circle import Circle
from tests.sweeps import sweep

pytestmark = pytest.mark.django_db

SAMPLES = Path(__file__).parent / "rest"
# Where the contract corrects the drawing (docs/contract.md): what differs, and why.
CREATOR = {"created_by: str, here dict": "an object since the first release; the frontend compares its id (contract 4)"}
ENCRYPTION = {"e2e_encryption: only here": "added after the seed was written (contract 2.4)"}
ROOM_ID = {"room_id: only here": "its name on the wire; the drawn `room` is sent too (contract 5)"}
CORRECTED: dict[str, dict[str, str]] = {
    "rooms_post": CREATOR | ENCRYPTION,
    "room_get": CREATOR | ENCRYPTION,
    "room_patch": CREATOR | ENCRYPTION,
    "roomTariff_get": {
        "modules: list, here dict": "keyed by the module's name; the frontend reads it so (contract 4.6)"
    },
    "roomEvent_get": ROOM_ID | ENCRYPTION,
    "roomInvites_post": ROOM_ID,
    "roomInvite_put": ROOM_ID,
    "roomInvite_get": {": list, here dict": "one code is one object (contract 5.3)"},
}
# What stands in a drawn request for a value of its kind, or is left out of the drawing.
FILLED: dict[str, dict[str, Any]] = {
    "sip_put": {"password": "0123456789"},  # "string" is not the ten digits of the table above it
    "streamingTargets_post": factories.STREAM,
    "streamingTarget_patch": factories.STREAM | {"name": "Other"},
}
# The drawn answer is the body of an error, because success has none (contract 1).
ERRORS = {"room_delete", "roomInvite_delete"}


class World(Circle):
    def __init__(self) -> None:
        super().__init__(password="pa$$word", streaming_targets=[factories.STREAM])
        self.code = self.api("creator").post(f"{self.room_path}/invites", {}).json()["invite_code"]
        streams = f"{self.room_path}/streaming_targets"
        self.paths = {
            "rooms": "/v1/rooms",
            "room": self.room_path,
            "roomTariff": f"{self.room_path}/tariff",
            "roomEvent": f"{self.room_path}/event",
            "roomInvites": f"{self.room_path}/invites",
            "roomInvite": f"{self.room_path}/invites/{self.code}",
            "sip": f"{self.room_path}/sip",
            "streamingTargets": streams,
            "streamingTarget": f"{streams}/{self.event.room.streaming_targets.get().pk}",
            "verifyInvite": "/v1/invite/verify",
        }


def differences(seed: Any, ours: Any, at: str = "") -> list[str]:
    """Keys and types alone; what the drawing leaves out may be anything of its kind."""
    if type(seed) is not type(ours):
        return [f"{at}: {type(seed).__name__}, here {type(ours).__name__}"]
    if isinstance(seed, list) and seed:
        return [found for item in ours for found in differences(seed[0], item, at)]
    if not isinstance(seed, dict) or not seed:
        return []
    found = [f"{at}{key}: only here" for key in ours if key not in seed]
    found += [f"{at}{key}: missing here" for key in seed if key not in ours]
    return found + [line for key in seed if key in ours for line in differences(seed[key], ours[key], f"{at}{key}")]


def sample(operation: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((SAMPLES / f"{operation}.json").read_text())
    return read


OPERATIONS = [
    "rooms_get", "rooms_post", "room_get", "room_patch", "room_delete", "roomTariff_get", "roomEvent_get",
    "roomInvites_get", "roomInvites_post", "roomInvite_get", "roomInvite_put", "roomInvite_delete",
    "verifyInvite_post", "sip_get", "sip_put",
    "streamingTargets_get", "streamingTargets_post", "streamingTarget_get", "streamingTarget_patch",
]  # fmt: skip


@sweep("operation", OPERATIONS, fast=10)
@time_machine.travel("2019-08-01T00:00:00Z", tick=False)  # before the times that the samples set
def test_sample_is_accepted_and_answered_as_drawn(operation: str) -> None:
    world, drawn = World(), sample(operation)
    name, _underscore, method = operation.partition("_")
    body = drawn.get("request")
    if body is not None:
        body |= FILLED.get(operation, {}) | ({"invite_code": world.code} if name == "verifyInvite" else {})
    caller = Api(world.bob) if operation in ERRORS else Api(world.alice)
    answer = caller.request(method.upper(), world.paths[name], body)
    assert (answer.status_code < 300) is (operation not in ERRORS), answer.content
    answered = answer.json()
    if operation in ERRORS:
        answered = {key: answered[key] for key in drawn["response"]}
    assert sorted(differences(drawn["response"], answered)) == sorted(CORRECTED.get(operation, {}))


def test_drawings_that_leave_everything_out_are_of_lists_with_rows() -> None:
    """Else a list that is always empty would be as drawn."""
    world = World()
    for name in ("rooms", "roomInvites", "streamingTargets"):
        assert sample(f"{name}_get")["response"] == [{}]
        assert len(Api(world.alice).get(world.paths[name]).json()) == 1
