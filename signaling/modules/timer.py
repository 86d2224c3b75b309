"""timer: a countdown or a stopwatch, also for coffee breaks; one at a time in each place."""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec

from signaling.commands import Command, ModeratorCommand
from signaling.effects import Arm, Disarm, Due, Effect, Effects, Event, Left, error, send
from signaling.room import Participant, Place, Room

LONGEST = 7 * 24 * 3600  # seconds

Kind = Literal["countdown", "stopwatch"]
Text = Annotated[str, msgspec.Meta(max_length=255)]


class Start(ModeratorCommand, tag="start"):
    kind: Kind
    duration: int | None = None
    style: Text | None = None  # the clients' own word, "coffee-break" among them
    title: Text | None = None
    enable_ready_check: bool = False


class Stop(ModeratorCommand, tag="stop"):
    timer_id: uuid.UUID
    reason: Text | None = None


class UpdateReadyStatus(Command, tag="update_ready_status"):
    timer_id: uuid.UUID
    status: bool


Commands = Start | Stop | UpdateReadyStatus


class Timer(msgspec.Struct, omit_defaults=True, kw_only=True):
    """As it is on the wire."""

    timer_id: uuid.UUID
    started_at: datetime
    kind: Kind
    ready_check_enabled: bool
    ends_at: datetime | None = None
    style: str | None = None
    title: str | None = None


class State(msgspec.Struct):
    running: Timer | None = None
    ready: set[uuid.UUID] = set()


def handle(room: Room, who: Participant, command: Command) -> Effects:
    match command:
        case Start():
            return _start(room, who, command)
        case Stop():
            return _stop(room, who, command)
        case UpdateReadyStatus():
            return _ready(room, who, command)
    return ()


def welcome(room: Room, who: Participant) -> dict[str, Any] | None:
    timer = room.state(State, who.place).running
    if timer is None:
        return None
    return _shown(timer) | ({"ready_status": False} if timer.ready_check_enabled else {})


def describe(room: Room, who: Participant, _viewer: Participant) -> dict[str, Any] | None:
    state = room.state(State, who.place)
    if state.running is None or not state.running.ready_check_enabled:
        return None
    return {"ready_status": who.id in state.ready}


def react(room: Room, event: Event) -> Effects:
    match event:
        case Left(who):
            room.state(State, who.place).ready.discard(who.id)
        case Due(key):
            return _end(room, uuid.UUID(key) if key else None, kind="expired")
    return ()


def _start(room: Room, who: Participant, command: Start) -> Iterator[Effect]:
    state = room.state(State, who.place)
    is_countdown = command.kind == "countdown"
    seconds = (command.duration or 0) if is_countdown else 0
    if is_countdown and not 1 <= seconds <= LONGEST:
        yield error(who, "invalid_duration")
        return
    if state.running is not None:
        yield error(who, "timer_already_running")
        return
    state.running = Timer(
        timer_id=uuid.uuid4(),
        started_at=room.now,
        kind=command.kind,
        ready_check_enabled=command.enable_ready_check,
        ends_at=room.now + timedelta(seconds=seconds) if is_countdown else None,
        style=command.style,
        title=command.title,
    )
    if state.running.ends_at is not None:
        yield Arm(_key(who.place), state.running.ends_at)
    yield send(room.here(who), "started", **_shown(state.running))


def _stop(room: Room, who: Participant, command: Stop) -> Effects:
    if _running(room, who, command.timer_id) is None:
        return ()
    reason = {} if command.reason is None else {"reason": command.reason}
    return _end(room, who.place, kind="by_moderator", participant_id=who.id, **reason)


def _end(room: Room, place: Place, **how: Any) -> Iterator[Effect]:
    state = room.state(State, place)
    if state.running is not None:
        yield Disarm(_key(place))
        yield send(room.at(place), "stopped", timer_id=state.running.timer_id, **how)
    state.running = None
    state.ready.clear()


def _ready(room: Room, who: Participant, command: UpdateReadyStatus) -> Iterator[Effect]:
    timer = _running(room, who, command.timer_id)
    if timer is None or not timer.ready_check_enabled:
        return
    ready = room.state(State, who.place).ready
    if command.status:
        ready.add(who.id)
    else:
        ready.discard(who.id)
    yield send(
        room.here(who), "updated_ready_status", timer_id=timer.timer_id, participant_id=who.id, status=command.status
    )


def _running(room: Room, who: Participant, timer_id: uuid.UUID) -> Timer | None:
    """The timer of the person's place if it is this one; a client may speak of one that is over."""
    timer = room.state(State, who.place).running
    return timer if timer and timer.timer_id == timer_id else None


def _shown(timer: Timer) -> dict[str, Any]:
    shown: dict[str, Any] = msgspec.to_builtins(timer)
    return shown


def _key(place: Place) -> str:
    return str(place) if place else ""
