"""Recordings and live streams: the module recording speaks of them with people, recording_service with the recorder.

The recorder is a participant whom nobody sees, one in each place that is recorded.
"""

import uuid
from collections.abc import Iterable, Iterator
from typing import Any, Literal

import msgspec

from activity.meeting_kinds import RecordingPaused, RecordingStarted, RecordingStopped
from signaling.effects import Disarm, Effect, Record, Send
from signaling.room import Kind, Participant, Place, Room, visible

Status = Literal["inactive", "starting", "active", "paused", "unavailable", "error"]
RECORDING = "recording"


class Reason(msgspec.Struct):
    code: str
    message: str


class Stream(msgspec.Struct):
    status: Status = "inactive"
    reason: Reason | None = None
    by: uuid.UUID | None = None  # the participant who asked for something last


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
    """Everybody of the place hears it, and the log."""
    streams = room.state(State, place).streams
    for target in wanted:
        before = streams.get(target) or Stream()
        streams[target] = Stream(status, reason, before.by)
        yield from _logged(room, place, target, before.status)
        said: dict[str, Any] = {"message": "stream_updated", "target_id": target, "status": status}
        why = {"reason": msgspec.to_builtins(reason)} if reason else {}
        yield Send(visible(room.at(place)), said | why, RECORDING)


def note_who(room: Room, who: Participant, wanted: Iterable[uuid.UUID]) -> None:
    """Asked for something of these targets, which the log tells when it has happened."""
    for target in wanted:
        stream = stream_of(room, who.place, target)
        room.state(State, who.place).streams[target] = Stream(stream.status, stream.reason, who.id)


def _logged(room: Room, place: Place, target: uuid.UUID, before: Status) -> Iterator[Effect]:
    stream, known = stream_of(room, place, target), targets(room).get(target)
    if known is None or stream.status == before:
        return
    facts: dict[str, Any] = {
        "target_id": str(target),
        "target": known.name,
        "target_kind": known.kind,
        "breakout_room": str(place) if place else None,
    }
    by = room.participants.get(stream.by) if stream.by else None
    if stream.status == "active":
        yield Record(RecordingStarted(**facts), by)
    elif stream.status == "paused":
        yield Record(RecordingPaused(**facts), by)
    elif before in ("active", "paused"):
        yield Record(RecordingStopped(**facts, reason=stream.reason.code if stream.reason else ""), by)


def wait_no_more(place: Place) -> Disarm:
    """For a recorder."""
    return Disarm(key_of(place), RECORDING)


def key_of(place: Place) -> str:
    return str(place) if place else ""
