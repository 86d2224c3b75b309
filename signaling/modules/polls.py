"""polls: a question with choices, answered within a time; one at a time in each place."""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec

from signaling.commands import Command, ModeratorCommand
from signaling.effects import Arm, Disarm, Due, Effect, Effects, Event, error, send
from signaling.room import Participant, Place, Room

TOPIC_BYTES = range(2, 101)
CHOICES = range(2, 65)
CHOICE_BYTES = range(1, 101)
SECONDS = range(2, 3601)


class Start(ModeratorCommand, tag="start"):
    topic: str
    choices: list[str]
    duration: int
    live: bool = False
    multiple_choice: bool = False


class Vote(Command, tag="vote"):
    """Without a choice: an abstention."""

    poll_id: uuid.UUID
    choice_id: int | None = None  # goes before `choice_ids`
    choice_ids: list[int] | None = None


class Finish(ModeratorCommand, tag="finish"):
    id: uuid.UUID


Commands = Start | Vote | Finish


class Poll(msgspec.Struct):
    id: uuid.UUID
    topic: str
    live: bool  # counts are seen while it runs
    multiple_choice: bool
    choices: list[str]
    started: datetime
    duration: int
    votes: dict[uuid.UUID, list[int]]  # the last one of each participant


class State(msgspec.Struct):
    running: Poll | None = None


def handle(room: Room, who: Participant, command: Command) -> Effects:
    match command:
        case Start():
            return _start(room, who, command)
        case Vote():
            return _vote(room, who, command)
        case Finish():
            poll = _running(room, who, command.id)
            return _end(room, who.place) if poll else [error(who, "invalid_poll_id")]
    return ()


def welcome(room: Room, who: Participant) -> dict[str, Any] | None:
    poll = room.state(State, who.place).running
    if poll is None:
        return None
    return _shown(poll) | {"started": poll.started} | ({"results": _results(poll)} if poll.live else {})


def react(room: Room, event: Event) -> Effects:
    if isinstance(event, Due):
        return _end(room, uuid.UUID(event.key) if event.key else None)
    return ()


def _start(room: Room, who: Participant, command: Start) -> Iterator[Effect]:
    state = room.state(State, who.place)
    code = _wrong(command) or (state.running and "still_running")
    if code:
        yield error(who, code)
        return
    state.running = Poll(
        id=uuid.uuid4(),
        topic=command.topic,
        live=command.live,
        multiple_choice=command.multiple_choice,
        choices=command.choices,
        started=room.now,
        duration=command.duration,
        votes={},
    )
    yield Arm(_key(who.place), room.now + timedelta(seconds=command.duration))
    yield send(room.here(who), "started", **_shown(state.running))


def _wrong(command: Start) -> str:
    """The code of the first thing that is wrong, "" if nothing is."""
    if len(command.topic.encode()) not in TOPIC_BYTES:
        return "invalid_topic_length"
    if len(command.choices) not in CHOICES:
        return "invalid_choice_count"
    if any(len(choice.encode()) not in CHOICE_BYTES for choice in command.choices):
        return "invalid_choice_description"
    return "" if command.duration in SECONDS else "invalid_duration"


def _vote(room: Room, who: Participant, command: Vote) -> Iterator[Effect]:
    poll = _running(room, who, command.poll_id)
    chosen = sorted(set(command.choice_ids or ())) if command.choice_id is None else [command.choice_id]
    if poll is None:
        yield error(who, "invalid_poll_id")
    elif len(chosen) > 1 and not poll.multiple_choice:
        yield error(who, "multiple_choices_not_allowed")
    elif any(choice not in range(len(poll.choices)) for choice in chosen):
        yield error(who, "invalid_choice_id")
    else:
        poll.votes[who.id] = chosen
        if poll.live:
            yield send(room.here(who), "live_update", id=poll.id, results=_results(poll))


def _end(room: Room, place: Place) -> Iterator[Effect]:
    state = room.state(State, place)
    if state.running is not None:
        yield Disarm(_key(place))
        yield send(room.at(place), "done", id=state.running.id, results=_results(state.running))
    state.running = None


def _running(room: Room, who: Participant, poll_id: uuid.UUID) -> Poll | None:
    """The poll of the person's place if it is this one."""
    poll = room.state(State, who.place).running
    return poll if poll and poll.id == poll_id else None


def _shown(poll: Poll) -> dict[str, Any]:
    return {
        "id": poll.id,
        "topic": poll.topic,
        "live": poll.live,
        "multiple_choice": poll.multiple_choice,
        "choices": [{"id": number, "content": content} for number, content in enumerate(poll.choices)],
        "duration": poll.duration,
    }


def _results(poll: Poll) -> list[dict[str, int]]:
    counts = [0] * len(poll.choices)
    for chosen in poll.votes.values():
        for number in chosen:
            counts[number] += 1
    return [{"id": number, "count": count} for number, count in enumerate(counts)]


def _key(place: Place) -> str:
    return str(place) if place else ""
