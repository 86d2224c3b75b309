"""recording_service: the recorder's own language, in which the server sends actions and the recorder messages."""

import uuid
from collections.abc import Iterator
from typing import Any

from signaling import streams
from signaling.commands import Command
from signaling.effects import Effect, Effects, Event, Joined, error
from signaling.room import Kind, Participant, Room
from signaling.streams import Reason, Status, Target

IS_ALWAYS_ON = True  # for recorders alone; what they may record is the tariff's


class StreamUpdated(Command, tag_field="message", tag="stream_updated"):
    target_id: uuid.UUID
    status: Status
    reason: Reason | None = None


Commands = StreamUpdated


def handle(room: Room, who: Participant, command: Command) -> Effects:
    if who.kind != Kind.RECORDER:
        return [error(who, "insufficient_permissions")]
    if not isinstance(command, StreamUpdated) or command.target_id not in streams.targets(room):
        return [error(who, "invalid_streaming_id")]
    return streams.change(room, who.place, [command.target_id], command.status, command.reason)


def welcome(room: Room, who: Participant) -> dict[str, Any] | None:
    """What is to be started already, the recorder starts by itself: `auto_connect`."""
    if who.kind != Kind.RECORDER:
        return None
    return {"streams": {str(one.id): _shown(room, who, one) for one in streams.targets(room).values()}}


def react(_room: Room, event: Event) -> Effects:
    return _came(event.who) if isinstance(event, Joined) and event.who.kind == Kind.RECORDER else ()


def _came(who: Participant) -> Iterator[Effect]:
    yield streams.wait_no_more(who.place)


def _shown(room: Room, who: Participant, target: Target) -> dict[str, Any]:
    status = streams.stream_of(room, who.place, target.id).status
    return {
        "stream_kind": "recording" if target.kind == "recording" else "streaming",
        "auto_connect": status == "starting",
        "start_paused": False,
        "status": status,
    } | ({"location": target.location} if target.location else {})
