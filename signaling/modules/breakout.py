"""breakout: rooms beside the main one, for a time. People go there and back by a new ticket, as the same participant.

Who is in which room is the participants' `place`; only its people see them come and go in `control`, the others here.
"""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec

from signaling import presence
from signaling.commands import Command, ModeratorCommand
from signaling.effects import NORMAL, Arm, Close, Disarm, Due, Effect, Effects, Event, Joined, Left, Send, error, send
from signaling.room import Participant, Room, visible

MOST_ROOMS = 200
LONGEST = 7 * 24 * 3600  # seconds
# How long people may stay in a room that is no more, before their sockets are closed.
FAREWELL = timedelta(minutes=5)
EXPIRY = "expiry"  # a deadline; the others are ids of rooms whose people must have left by then

Name = Annotated[str, msgspec.Meta(max_length=255)]
Number = Annotated[int, msgspec.Meta(ge=0, le=MOST_ROOMS)]
Seconds = Annotated[int, msgspec.Meta(ge=1, le=LONGEST)]


class Wanted(msgspec.Struct):
    name: Name
    assignments: list[uuid.UUID] = []


class Start(ModeratorCommand, tag="start"):
    rooms: Annotated[list[Wanted], msgspec.Meta(max_length=MOST_ROOMS)] | Number
    duration: Seconds | None = None
    strategy: Literal["manual", "let_participants_choose"] = "manual"


class Stop(ModeratorCommand, tag="stop"):
    pass


Commands = Start | Stop


class BreakoutRoom(msgspec.Struct):
    id: uuid.UUID
    name: str


class State(msgspec.Struct):
    """Of the whole meeting. Without rooms nothing is running."""

    rooms: list[BreakoutRoom] = []
    expires: datetime | None = None

    def has(self, room_id: uuid.UUID) -> bool:
        return any(room.id == room_id for room in self.rooms)


def handle(room: Room, who: Participant, command: Command) -> Effects:
    match command:
        case Start():
            return _start(room, command)
        case Stop():
            return _end(room, "stopped") if room.state(State).rooms else [error(who, "inactive")]
    return ()


def welcome(room: Room, who: Participant) -> dict[str, Any] | None:
    state = room.state(State)
    if not state.rooms:
        return None
    elsewhere = [
        _seen_from_afar(person)
        for person in visible(room.participants.values())
        if person.place != who.place and person.joined_at and not person.is_waiting
    ]
    return {"current": who.place, "expires": state.expires, "rooms": _shown(state.rooms), "participants": elsewhere}


def react(room: Room, event: Event) -> Effects:
    match event:
        case Joined(who):
            return _came(room, who)
        case Left(who) if not who.is_hidden:
            return [send(_elsewhere(room, who), "left", id=who.id, breakout_room=who.place)]
        case Due(key=key) if key == EXPIRY:
            return _end(room, "expired")
        case Due(key=key):
            return _close(room, uuid.UUID(key))
    return ()


def _start(room: Room, command: Start) -> Iterator[Effect]:
    """Rooms that are there already give way to the new ones."""
    wanted = _wanted(command)
    if not wanted:
        return
    state = room.state(State)
    state.rooms = [BreakoutRoom(uuid.uuid4(), one.name) for one in wanted]
    state.expires = None if command.duration is None else room.now + timedelta(seconds=command.duration)
    yield Disarm(EXPIRY) if state.expires is None else Arm(EXPIRY, state.expires)
    yield from _say_farewell(room)
    for assignment, people in _assigned(room, command, wanted, state.rooms):
        yield _started(people, state, assignment)


def _started(people: Sequence[Participant], state: State, assignment: uuid.UUID | None) -> Send:
    return send(people, "started", rooms=_shown(state.rooms), expires=state.expires, assignment=assignment)


def _wanted(command: Start) -> Sequence[Wanted]:
    if isinstance(command.rooms, int):
        return [Wanted(f"Room {number}") for number in range(1, command.rooms + 1)]
    return command.rooms


def _assigned(
    room: Room, command: Start, wanted: Iterable[Wanted], rooms: Iterable[BreakoutRoom]
) -> Iterable[tuple[uuid.UUID | None, list[Participant]]]:
    """Who is to go where, with those who are to go nowhere or may choose; who is named twice goes to the first."""
    where: dict[uuid.UUID, uuid.UUID] = {}
    if command.strategy == "manual":
        for one, made in zip(wanted, rooms, strict=True):
            for person_id in one.assignments:
                where.setdefault(person_id, made.id)
    people: dict[uuid.UUID | None, list[Participant]] = {}
    for person in room.everyone():
        people.setdefault(where.get(person.id), []).append(person)
    return people.items()


def _end(room: Room, message: str) -> Iterator[Effect]:
    state = room.state(State)
    state.rooms, state.expires = [], None
    yield Disarm(EXPIRY)
    yield send(room.everyone(), message)
    yield from _say_farewell(room)


def _came(room: Room, who: Participant) -> Iterator[Effect]:
    if not who.is_hidden:
        yield send(_elsewhere(room, who), "joined", **_seen_from_afar(who))
    if _is_astray(room, who):  # the room ended while they came, or gave way to others
        state = room.state(State)
        yield _started([who], state, None) if state.rooms else send(who, "stopped")
        yield from _say_farewell(room)


def _say_farewell(room: Room) -> Iterator[Effect]:
    for place in {str(person.place) for person in room.everyone() if _is_astray(room, person)}:
        if f"breakout:{place}" not in room.deadlines:
            yield Arm(place, room.now + FAREWELL)


def _is_astray(room: Room, who: Participant) -> bool:
    return who.place is not None and not room.state(State).has(who.place)


def _close(room: Room, place: uuid.UUID) -> Iterator[Effect]:
    for person in room.at(place):
        yield Close([person], NORMAL)
        yield from presence.leave(room, person, "quit")


def _elsewhere(room: Room, who: Participant) -> list[Participant]:
    return [person for person in room.everyone() if person.place != who.place]


def _seen_from_afar(person: Participant) -> dict[str, Any]:
    return {
        "id": person.id,
        "breakout_room": person.place,
        "display_name": person.display_name,
        "role": person.role,
        "participation_kind": person.kind,
        "joined_at": person.joined_at,
        "left_at": person.left_at,
    } | ({"avatar_url": person.avatar_url} if person.avatar_url else {})


def _shown(rooms: Iterable[BreakoutRoom]) -> list[dict[str, Any]]:
    return [{"id": room.id, "name": room.name} for room in rooms]
