"""training_participation_report: a trainer, who owns the room, has the others confirm now and then that they are there.

From when the first of them is there, they are asked at moments that come by chance; the report says who confirmed when.
It is of the whole meeting, breakout rooms included.
"""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec

from signaling.commands import Command
from signaling.effects import (
    Answered,
    Arm,
    Ask,
    Disarm,
    Due,
    Effect,
    Effects,
    Ending,
    Event,
    Joined,
    Left,
    error,
    send,
)
from signaling.reports import asker, told
from signaling.room import Participant, Room, visible

AFTER, WITHIN = range(1, 7 * 86400 + 1), range(7 * 86400 + 1)  # seconds
CHECKPOINT = "checkpoint"


class Delay(msgspec.Struct, frozen=True):
    """A moment by chance: `after` so many seconds at the earliest, and `within` so many from then on."""

    after: int
    within: int


FIRST, NEXT = Delay(600, 1200), Delay(6300, 1800)


class EnablePresenceLogging(Command, tag="enable_presence_logging"):
    initial_checkpoint_delay: Delay | None = None
    checkpoint_interval: Delay | None = None


class DisablePresenceLogging(Command, tag="disable_presence_logging"):
    pass


class ConfirmPresence(Command, tag="confirm_presence"):
    pass


Commands = EnablePresenceLogging | DisablePresenceLogging | ConfirmPresence


class Checkpoint(msgspec.Struct):
    at: datetime
    confirmed: dict[uuid.UUID, datetime] = {}  # by account, or participant without one


class State(msgspec.Struct):
    """`began` is None while the trainer is alone; `people` are all who have been there since."""

    is_enabled: bool = False
    is_unwanted: bool = False  # the trainer switched it off: what the event says of it no longer counts
    first: Delay = FIRST
    interval: Delay = NEXT
    began: datetime | None = None
    people: dict[uuid.UUID, str] = {}
    checkpoints: list[Checkpoint] = []


def handle(room: Room, who: Participant, command: Command) -> Effects:
    match command:
        case EnablePresenceLogging():
            return _enable(room, who, command)
        case DisablePresenceLogging():
            return _disable(room, who)
        case ConfirmPresence():
            return _confirm(room, who)
    return ()


def welcome(room: Room, who: Participant) -> dict[str, Any]:
    state = room.state(State)
    is_asked = state.checkpoints and not who.is_owner and _key(who) not in state.checkpoints[-1].confirmed
    return {"state": "waiting_for_confirmation" if is_asked else "enabled" if state.is_enabled else "disabled"}


def react(room: Room, event: Event) -> Effects:
    match event:
        case Joined(who=who) if not who.is_hidden:
            return _come(room, who)
        case Left(who=who) if not who.is_hidden:
            return _gone(room)
        case Due():
            return _ask_everybody(room)
        case Ending():
            return _report(room)
        case Answered():
            return told(room, event, failure="generate")
    return ()


# --- On and off ---


def _enable(room: Room, who: Participant, command: EnablePresenceLogging) -> Iterator[Effect]:
    state = room.state(State)
    first, interval = command.initial_checkpoint_delay or FIRST, command.checkpoint_interval or NEXT
    if not who.is_owner:
        yield error(who, "insufficient_permissions")
    elif state.is_enabled:
        yield error(who, "presence_logging_already_enabled")
    elif not all(delay.after in AFTER and delay.within in WITHIN for delay in (first, interval)):
        yield error(who, "invalid_parameters")
    else:
        state.is_enabled, state.is_unwanted, state.first, state.interval = True, False, first, interval
        yield send(who, "presence_logging_enabled")
        if _trainees(room):
            yield from _begin(room, "started_manually")


def _disable(room: Room, who: Participant) -> Iterator[Effect]:
    state = room.state(State)
    if not who.is_owner:
        yield error(who, "insufficient_permissions")
    elif not state.is_enabled:
        yield error(who, "presence_logging_not_enabled")
    else:
        yield send(who, "presence_logging_disabled")
        yield from _end(room, "stopped_manually")
        state.is_enabled, state.is_unwanted = False, True


def _come(room: Room, who: Participant) -> Iterator[Effect]:
    state = room.state(State)
    if state.began and not who.is_owner:
        state.people[_key(who)] = who.display_name
    planned = room.info.about.get("training_participation_report")
    if state.began or not _trainees(room):
        return
    if state.is_enabled:
        yield from _begin(room, "first_participant_joined")
    elif planned and not state.is_unwanted and _trainers(room):
        state.is_enabled = True
        state.first = msgspec.convert(planned["initial_checkpoint_delay"], Delay)
        state.interval = msgspec.convert(planned["checkpoint_interval"], Delay)
        yield from _begin(room, "autostart")


def _gone(room: Room) -> Iterator[Effect]:
    state = room.state(State)
    if not _trainers(room):
        yield from _end(room, "creator_left")
        state.is_enabled = False
    elif not _trainees(room):
        yield from _end(room, "last_participant_left")


# --- While it runs ---


def _begin(room: Room, reason: str) -> Iterator[Effect]:
    state = room.state(State)
    state.began = room.now
    state.people = {_key(person): person.display_name for person in _trainees(room)}
    at = _moment(room, state.first)
    yield Arm(CHECKPOINT, at)
    yield send(_trainees(room), "presence_logging_started")
    yield send(_trainers(room), "presence_logging_started", first_checkpoint=at, reason=reason)


def _ask_everybody(room: Room) -> Iterator[Effect]:
    state = room.state(State)
    state.checkpoints.append(Checkpoint(room.now))
    yield Arm(CHECKPOINT, _moment(room, state.interval))
    yield send(_trainees(room), "presence_confirmation_requested")


def _confirm(room: Room, who: Participant) -> Iterator[Effect]:
    """Once for each checkpoint; who says it again is told the same."""
    state = room.state(State)
    if state.began is None:
        yield error(who, "presence_logging_not_enabled")
    elif who.is_owner or not state.checkpoints:
        yield error(who, "presence_logging_not_allowed_for_participant")
    else:
        state.checkpoints[-1].confirmed.setdefault(_key(who), room.now)
        yield send(who, "presence_confirmation_logged")


def _end(room: Room, reason: str) -> Iterator[Effect]:
    """Of a round that had begun; the next one begins with the first who comes then."""
    state = room.state(State)
    if state.began is None:
        return
    yield Disarm(CHECKPOINT)
    yield send(visible(room.everyone()), "presence_logging_ended", reason=reason)
    yield from _report(room)
    state.began, state.people, state.checkpoints = None, {}, []


def _report(room: Room) -> Iterator[Effect]:
    """For the trainer, who may be gone; nobody was asked anything: none."""
    state = room.state(State)
    trainer = next((person for person in room.participants.values() if person.is_owner), None)
    if trainer and state.checkpoints:
        facts = {"began": state.began, "ended": room.now, "people": state.people, "asker": asker(trainer)}
        yield Ask("report", facts | {"checkpoints": [(one.at, one.confirmed) for one in state.checkpoints]})


def _moment(room: Room, delay: Delay) -> datetime:
    return room.now + timedelta(seconds=delay.after + room.chance(delay.within + 1))


def _trainers(room: Room) -> list[Participant]:
    return [person for person in room.everyone() if person.is_owner]


def _trainees(room: Room) -> list[Participant]:
    return [person for person in visible(room.everyone()) if not person.is_owner]


def _key(who: Participant) -> uuid.UUID:
    return who.user_id or who.id
