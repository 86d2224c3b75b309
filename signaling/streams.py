"""Recordings and live streams: the module recording speaks of them with people, recording_service with the recorder.

The recorder is a participant whom nobody sees, one in each place that is recorded.
"""

import uuid
from collections.abc import Iterable, Iterator
from typing import Any, Literal

import msgspec

from signaling.effects import Disarm, Effect, Send
from signaling.room import Kind, Participant, Place, Room, visible

Status = Literal["inactive", "starting", "active", "paused", "unavailable", "error"]
RECORDING = "recording"


class Reason(msgspec.Struct):
    code: str
    message: str


class Stream(msgspec.Struct):
    status: Status = "inactive"
    reason: Reason | None = None


class State(msgspec.Struct):
    """Of a place. Targets that nobody ever started are not in it."""

    streams: dict[uuid.UUID, Stream] = {}


class Target(msgspec.Struct, frozen=True):
    """Where a picture of the meeting may go. The recorder alone sees `location`, which has the key."""

    id: uuid.UUID
    name: str
    kind: Literal["recording", "livestream"]
    public_url: str = ""
    location: str = ""


def targets(room: Room) -> dict[uuid.UUID, Target]:
    """A file of the room, and its live streams, as far as the tariff has them; none where the room is encrypted."""
    about = room.info.about.get(RECORDING)
    if about is None:
        return {}
    features = room.info.tariff["modules"].get(RECORDING, {}).get("features", ())
    found = []
    if "record" in features:
        found.append(Target(uuid.uuid5(room.id, RECORDING), "Recording", "recording"))
    if "stream" in features:
        found += [Target(kind="livestream", **one) for one in about["streams"]]
    return {target.id: target for target in found}


def stream_of(room: Room, place: Place, target: uuid.UUID) -> Stream:
    return room.state(State, place).streams.get(target) or Stream()


def running(room: Room, place: Place) -> list[uuid.UUID]:
    """Targets that somebody started and nobody stopped."""
    streams = room.state(State, place).streams
    return [target for target, stream in streams.items() if stream.status in ("starting", "active", "paused")]


def recorder(room: Room, place: Place) -> Participant | None:
    return next((person for person in room.at(place) if person.kind == Kind.RECORDER), None)


def change(
    room: Room, place: Place, wanted: Iterable[uuid.UUID], status: Status, reason: Reason | None = None
) -> Iterator[Effect]:
    """Everybody of the place hears it."""
    streams = room.state(State, place).streams
    for target in wanted:
        streams[target] = Stream(status, reason)
        said: dict[str, Any] = {"message": "stream_updated", "target_id": target, "status": status}
        why = {"reason": msgspec.to_builtins(reason)} if reason else {}
        yield Send(visible(room.at(place)), said | why, RECORDING)


def wait_no_more(place: Place) -> Disarm:
    """For a recorder."""
    return Disarm(key_of(place), RECORDING)


def key_of(place: Place) -> str:
    return str(place) if place else ""
