"""recording: what of the meeting is recorded or streamed, who agrees to be seen in it, and who starts and stops it.

A recorder does it, a service that joins by POST /v1/services/recording/start (modules/recording_service.py).
"""

import uuid
from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import Any

import msgspec

from activity.meeting_kinds import RecordingConsentChanged
from signaling import presence, streams
from signaling.commands import Command, ModeratorCommand
from signaling.effects import Arm, Due, Effect, Effects, Event, Left, Record, Send, error, send
from signaling.room import Participant, Place, Room
from signaling.streams import Target, key_of

# How long people wait for a recorder to come.
PATIENCE = timedelta(seconds=30)


class SetConsent(Command, tag="set_consent"):
    consent: bool


class StartStream(ModeratorCommand, tag="start_stream"):
    target_ids: list[uuid.UUID]


class PauseStream(ModeratorCommand, tag="pause_stream"):
    target_ids: list[uuid.UUID]


class StopStream(ModeratorCommand, tag="stop_stream"):
    target_ids: list[uuid.UUID]


Commands = SetConsent | StartStream | PauseStream | StopStream


class State(msgspec.Struct):
    """Who agreed. Whoever leaves is asked anew when coming back."""

    consenting: set[uuid.UUID] = set()


def handle(room: Room, who: Participant, command: Command) -> Effects:
    match command:
        case SetConsent():
            return _consent(room, who, command.consent)
        case StartStream() | PauseStream() | StopStream():
            wanted = list(dict.fromkeys(command.target_ids))
            if not streams.targets(room).keys() >= set(wanted):
                return [error(who, "invalid_streaming_id")]
            match command:
                case StartStream():
                    return _start(room, who, wanted)
                case PauseStream():
                    return _ask(room, who, "pause_streams", _those(room, who, wanted, ("active",)))
                case StopStream():
                    return _stop(room, who, wanted)
    return ()


def welcome(room: Room, who: Participant) -> dict[str, Any] | None:
    if who.is_hidden:
        return None
    found = streams.targets(room).values()
    return {"client_type": "participant", "targets": {str(one.id): _shown(room, who.place, one) for one in found}}


def describe(room: Room, who: Participant, _viewer: Participant) -> dict[str, Any]:
    return {"consents_recording": who.id in room.state(State).consenting}


def react(room: Room, event: Event) -> Effects:
    match event:
        case Left(who) if who.is_hidden:
            return _recorder_left(room, who)
        case Left(who):
            room.state(State).consenting.discard(who.id)
        case Due(key=key):
            return _give_up(room, uuid.UUID(key) if key else None)
    return ()


def _consent(room: Room, who: Participant, is_given: bool) -> Iterator[Effect]:
    consenting = room.state(State).consenting
    if is_given != (who.id in consenting):
        yield Record(RecordingConsentChanged(**presence.facts(who), is_given=is_given), who)
    if is_given:
        consenting.add(who.id)
    else:
        consenting.discard(who.id)
    yield from presence.update(room, who)


def _start(room: Room, who: Participant, wanted: list[uuid.UUID]) -> Iterator[Effect]:
    """New ones, and those that pause."""
    streams.note_who(room, who, wanted)
    fresh = _those(room, who, wanted, ("inactive", "unavailable", "error"))
    yield from streams.change(room, who.place, fresh, "starting")
    fresh += _those(room, who, wanted, ("paused",))
    if not fresh:
        return
    if recorder := streams.recorder(room, who.place):
        yield _to_recorder(recorder, "start_streams", fresh)
    else:
        yield Arm(key_of(who.place), room.now + PATIENCE)


def _stop(room: Room, who: Participant, wanted: list[uuid.UUID]) -> Effects:
    wanted = _those(room, who, wanted, ("starting", "active", "paused"))
    if streams.recorder(room, who.place) or not wanted:
        return _ask(room, who, "stop_streams", wanted)
    return _withdraw(room, who.place, wanted)


def _withdraw(room: Room, place: Place, wanted: list[uuid.UUID]) -> Iterator[Effect]:
    """Before a recorder came."""
    yield from streams.change(room, place, wanted, "inactive")
    if not streams.running(room, place):
        yield streams.wait_no_more(place)


def _ask(room: Room, who: Participant, action: str, wanted: list[uuid.UUID]) -> Iterator[Effect]:
    """What becomes of it the recorder says."""
    recorder = streams.recorder(room, who.place)
    if recorder is None:
        yield error(who, "recorder_not_started")
    elif wanted:
        streams.note_who(room, who, wanted)
        yield _to_recorder(recorder, action, wanted)


def _to_recorder(recorder: Participant, action: str, wanted: list[uuid.UUID]) -> Send:
    """The recorder is commanded, and tells what happened: `action` and `message` are the other way round."""
    return Send([recorder], {"action": action, "target_ids": wanted}, "recording_service")


def _recorder_left(room: Room, who: Participant) -> Effects:
    if streams.recorder(room, who.place):
        return ()
    return streams.change(room, who.place, streams.running(room, who.place), "inactive")


def _give_up(room: Room, place: Place) -> Iterator[Effect]:
    yield from streams.change(room, place, streams.running(room, place), "inactive")
    moderators = [person for person in room.at(place) if person.is_moderator]
    yield send(moderators, "recorder_error", error="timeout")


def _those(room: Room, who: Participant, wanted: list[uuid.UUID], status: Collection[str]) -> list[uuid.UUID]:
    return [target for target in wanted if streams.stream_of(room, who.place, target).status in status]


def _shown(room: Room, place: Place, target: Target) -> dict[str, Any]:
    stream = streams.stream_of(room, place, target.id)
    shown: dict[str, Any] = {"name": target.name, "streaming_kind": target.kind, "status": stream.status}
    shown |= {"public_url": target.public_url} if target.public_url else {}
    return shown | ({"reason": msgspec.to_builtins(stream.reason)} if stream.reason else {})
