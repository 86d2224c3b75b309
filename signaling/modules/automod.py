"""automod: a talking stick. One person at a time speaks, and who is next follows from the way of selection.

playlist     in the order of a list, which ends the session when it is empty
random       drawn from those who remain
nomination   the speaker names the next one
none         moderators choose
"""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Any, Literal

import msgspec

from signaling.commands import Command, ModeratorCommand
from signaling.effects import Arm, Disarm, Due, Effect, Effects, Event, Joined, Left, error, send
from signaling.room import Participant, Place, Room, visible

# How long clients show that somebody is drawn.
ANIMATION = timedelta(seconds=8)


class Config(msgspec.Struct, kw_only=True):
    selection_strategy: Literal["none", "playlist", "random", "nomination"]
    show_list: bool
    consider_hand_raise: bool
    time_limit: Annotated[int, msgspec.Meta(ge=1, le=86_400_000)] | None = None  # milliseconds
    allow_double_selection: bool
    animation_on_random: bool
    auto_append_on_join: bool = False


class Start(ModeratorCommand, Config, tag="start"):
    allow_list: list[uuid.UUID] = []
    playlist: list[uuid.UUID] = []


class Edit(ModeratorCommand, tag="edit"):
    allow_list: list[uuid.UUID] | None = None
    playlist: list[uuid.UUID] | None = None


class Stop(ModeratorCommand, tag="stop"):
    pass


class Select(ModeratorCommand, tag="select"):
    how: Literal["none", "random", "next", "specific"]
    participant: uuid.UUID | None = None
    keep_in_remaining: bool = False


class Yield(Command, tag="yield"):
    next: uuid.UUID | None = None


Commands = Start | Edit | Stop | Select | Yield


class Session(msgspec.Struct, kw_only=True):
    config: Config
    issued_by: uuid.UUID
    remaining: list[uuid.UUID]
    history: list[uuid.UUID] = []  # who has spoken, and who does
    speaker: uuid.UUID | None = None
    drawn: uuid.UUID | None = None  # while clients show that somebody is drawn

    @property
    def is_playlist(self) -> bool:
        return self.config.selection_strategy == "playlist"

    def shown(self) -> dict[str, Any]:
        config = {name: value for name, value in msgspec.structs.asdict(self.config).items() if value is not None}
        return config | {"history": self.history, "remaining": self.remaining, "issued_by": self.issued_by}


class State(msgspec.Struct):
    """Of a place."""

    running: Session | None = None


def handle(room: Room, who: Participant, command: Command) -> Effects:
    if isinstance(command, Start):
        return _start(room, who, command)
    session = room.state(State, who.place).running
    return _of_running(room, who, session, command) if session else ()


def _of_running(room: Room, who: Participant, session: Session, command: Command) -> Effects:
    match command:
        case Edit():
            return _edit(room, who, session, command)
        case Stop():
            return _stop(room, who.place, reason="stopped_by_moderator", issued_by=who.id)
        case Select():
            return _select(room, who, session, command)
        case Yield():
            return _yield(room, who, session, command)
    return ()


def welcome(room: Room, who: Participant) -> dict[str, Any] | None:
    session = room.state(State, who.place).running
    return {"config": session.shown(), "speaker": session.speaker} if session else None


def react(room: Room, event: Event) -> Effects:
    match event:
        case Joined(who=who) if not who.is_hidden:
            return _come(room, who)
        case Left(who=who):
            return _gone(room, who)
        case Due(key=key):
            return _due(room, uuid.UUID(key) if key else None)
    return ()


# --- Beginning and end ---


def _start(room: Room, who: Participant, command: Start) -> Iterator[Effect]:
    config = msgspec.convert(command, Config, from_attributes=True)
    remaining = command.playlist if config.selection_strategy == "playlist" else _once(command.allow_list)
    state = room.state(State, who.place)
    if state.running:
        yield error(who, "session_already_running")
    elif not remaining or not _are_here(room, who, [*command.allow_list, *command.playlist]):
        yield error(who, "invalid_selection")
    else:
        state.running = Session(config=config, issued_by=who.id, remaining=remaining)
        yield send(room.here(who), "started", **state.running.shown())


def _edit(room: Room, who: Participant, session: Session, command: Edit) -> Iterator[Effect]:
    """The list by which people are selected; the other one is of no use."""
    wanted = command.playlist if session.is_playlist else command.allow_list
    if wanted is None:
        return
    if not wanted or not _are_here(room, who, wanted):
        yield error(who, "invalid_selection")
        return
    session.remaining = wanted if session.is_playlist else _once(wanted)
    yield send(room.here(who), "remaining_updated", remaining=session.remaining)


def _stop(room: Room, place: Place, **why: Any) -> Iterator[Effect]:
    room.state(State, place).running = None
    yield Disarm(_key(place))
    yield send(room.at(place), "stopped", **why)


# --- Who speaks ---


def _select(room: Room, who: Participant, session: Session, command: Select) -> Iterator[Effect]:
    match command.how:
        case "none":
            yield from _speak(room, who.place, session, None)
        case "next":
            yield from _next(room, who.place, session)
        case "random":
            yield from _draw(room, who.place, session)
        case "specific":
            chosen = command.participant
            if chosen is None or not _may_speak(room, who, session, chosen):
                yield error(who, "invalid_selection")
                return
            if not command.keep_in_remaining:
                _take_off(session, chosen)
            yield from _speak(room, who.place, session, chosen)


def _yield(room: Room, who: Participant, session: Session, command: Yield) -> Iterator[Effect]:
    if session.speaker != who.id:
        yield error(who, "insufficient_permissions")
    elif session.config.selection_strategy != "nomination" or not session.remaining:
        yield from _next(room, who.place, session)
    elif command.next is None or not _may_speak(room, who, session, command.next):
        yield error(who, "invalid_selection")
    else:
        _take_off(session, command.next)
        yield from _speak(room, who.place, session, command.next)


def _next(room: Room, place: Place, session: Session) -> Effects:
    """Nobody, where a person has to choose."""
    match session.config.selection_strategy:
        case "playlist" if session.remaining:
            return _speak(room, place, session, session.remaining.pop(0))
        case "playlist":
            return _stop(room, place, reason="session_finished")
        case "random":
            return _draw(room, place, session)
    return _speak(room, place, session, None)


def _draw(room: Room, place: Place, session: Session) -> Iterator[Effect]:
    pool = session.remaining
    drawn = pool[room.chance(len(pool))] if pool else None
    if drawn and session.config.animation_on_random and not session.is_playlist and len(pool) > 1:
        session.speaker, session.drawn = None, drawn
        yield Arm(_key(place), room.now + ANIMATION)
        yield send(room.at(place), "start_animation", pool=pool, result=drawn)
        return
    if drawn:
        _take_off(session, drawn)
    yield from _speak(room, place, session, drawn)


def _speak(room: Room, place: Place, session: Session, speaker: uuid.UUID | None) -> Iterator[Effect]:
    session.speaker, session.drawn = speaker, None
    yield Disarm(_key(place))
    if speaker:
        session.history.append(speaker)
        if session.config.time_limit is not None:
            yield Arm(_key(place), room.now + timedelta(milliseconds=session.config.time_limit))
    lists = {"history": session.history, "remaining": session.remaining}
    yield send(room.at(place), "speaker_updated", speaker=speaker, **lists)


def _due(room: Room, place: Place) -> Iterator[Effect]:
    """Somebody was drawn, or has spoken long enough."""
    session = room.state(State, place).running
    if session and session.drawn:
        _take_off(session, session.drawn)
        yield from _speak(room, place, session, session.drawn)
    elif session:
        yield from _next(room, place, session)


# --- Coming and going ---


def _come(room: Room, who: Participant) -> Iterator[Effect]:
    session = room.state(State, who.place).running
    if session and session.config.auto_append_on_join and who.id not in {*session.history, *session.remaining}:
        session.remaining.append(who.id)
        yield send(room.here(who), "remaining_updated", remaining=session.remaining)


def _gone(room: Room, who: Participant) -> Iterator[Effect]:
    session = room.state(State, who.place).running
    if session is None:
        return
    if who.id in session.remaining:
        session.remaining = [one for one in session.remaining if one != who.id]
        yield send(room.at(who.place), "remaining_updated", remaining=session.remaining)
    if session.drawn == who.id:
        yield from _speak(room, who.place, session, None)
    elif session.speaker == who.id:
        yield from _next(room, who.place, session)


def _may_speak(room: Room, who: Participant, session: Session, chosen: uuid.UUID) -> bool:
    return _are_here(room, who, [chosen]) and (session.is_playlist or chosen in session.remaining)


def _take_off(session: Session, speaker: uuid.UUID) -> None:
    if speaker in session.remaining and (session.is_playlist or not session.config.allow_double_selection):
        session.remaining.remove(speaker)


def _are_here(room: Room, who: Participant, named: list[uuid.UUID]) -> bool:
    return {person.id for person in visible(room.here(who))}.issuperset(named)


def _once(named: list[uuid.UUID]) -> list[uuid.UUID]:
    return list(dict.fromkeys(named))


def _key(place: Place) -> str:
    return str(place) if place else ""
