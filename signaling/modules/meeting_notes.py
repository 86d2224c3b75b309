"""meeting_notes: a text that chosen people of a place write and the others read, at an Etherpad
(signaling/work/meeting_notes.py).

It is made when a moderator first chooses a writer, and deleted with the session; a PDF of it stays. Etherpad tells
writers from readers by the address that they know: each has a session of their own, which ends when that changes.
"""

import uuid
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, Literal

import msgspec

from signaling import presence
from signaling.commands import Command, ModeratorCommand
from signaling.effects import Answered, Arm, Ask, Disarm, Due, Effect, Ending, Event, Joined, Left, error, send
from signaling.reports import asker
from signaling.room import Participant, Place, Room, visible

# A process that died over it must not keep others from trying again.
PATIENCE = timedelta(minutes=2)


class SelectWriter(ModeratorCommand, tag="select_writer"):
    participant_ids: list[uuid.UUID]


class DeselectWriter(ModeratorCommand, tag="deselect_writer"):
    participant_ids: list[uuid.UUID]


class GeneratePdf(ModeratorCommand, tag="generate_pdf"):
    pass


Commands = SelectWriter | DeselectWriter | GeneratePdf


class Session(msgspec.Struct):
    id: str
    readonly: bool


class Pad(msgspec.Struct):
    group: str
    pad: str
    read_only: str


class State(msgspec.Struct):
    """Of a place; `groups` is in the main room's, and has those of all places."""

    status: Literal["not_initialized", "initializing", "initialized"] = "not_initialized"
    pad: Pad | None = None
    writers: set[uuid.UUID] = set()
    sessions: dict[uuid.UUID, Session] = {}
    groups: list[str] = []


def handle(room: Room, who: Participant, command: Command) -> Iterator[Effect]:
    state = room.state(State, who.place)
    if state.status == "initializing":
        yield error(who, "currently_initializing")
        return
    match command:
        case SelectWriter(ids) if _people(room, who, ids):
            yield from _select(room, who, state, ids)
        case DeselectWriter(ids) if _people(room, who, ids):
            if state.pad is None:
                yield error(who, "not_initialized")
                return
            state.writers.difference_update(ids)
            yield from _admit(room, state.pad, _people(room, who, ids), who.place, by=who)
        case GeneratePdf():
            yield from _ask_for_pdf(who, state)
        case _:
            yield error(who, "invalid_participant_selection")


def describe(room: Room, who: Participant, viewer: Participant) -> dict[str, Any] | None:
    if not viewer.is_moderator or "meeting_notes" not in room.info.about:
        return None
    session = room.state(State, who.place).sessions.get(who.id)
    return {"readonly": session.readonly} if session else None


def react(room: Room, event: Event) -> Iterator[Effect]:
    if "meeting_notes" not in room.info.about:
        return
    match event:
        case Joined(who) if not who.is_hidden:
            pad = room.state(State, who.place).pad
            if pad is not None:
                yield from _admit(room, pad, [who], who.place)
        case Left(who):
            state = room.state(State, who.place)
            state.writers.discard(who.id)
            session = state.sessions.pop(who.id, None)
            if session:
                yield Ask("dismiss", {"sessions": [session.id]})
        case Due(key):
            room.state(State, uuid.UUID(key) if key else None).status = "not_initialized"
        case Ending() if room.state(State).groups:
            yield Ask("delete", {"groups": room.state(State).groups})
        case Answered():
            yield from _answered(room, event)


# --- What moderators want ---


def _people(room: Room, who: Participant, ids: Sequence[uuid.UUID]) -> list[Participant]:
    """All of them, or nobody where one is not here."""
    people = [person for person in visible(room.here(who)) if person.id in ids]
    return people if {person.id for person in people} == set(ids) else []


def _select(room: Room, who: Participant, state: State, ids: Sequence[uuid.UUID]) -> Iterator[Effect]:
    state.writers.update(ids)
    if state.pad is not None:
        yield from _admit(room, state.pad, _people(room, who, ids), who.place, by=who)
        return
    state.status = "initializing"
    yield Arm(_key(who.place), room.now + PATIENCE)
    yield Ask("create", {"session": room.session, "place": who.place, "by": who.id})


def _admit(
    room: Room, pad: Pad, people: Sequence[Participant], place: Place, by: Participant | None = None
) -> Iterator[Effect]:
    """Those whose access is another than they have."""
    state = room.state(State, place)
    wanted = []
    for person in people:
        session, readonly = state.sessions.get(person.id), person.id not in state.writers
        if session is None or session.readonly != readonly:
            wanted.append({"id": person.id, "name": person.display_name, "readonly": readonly})
    if wanted:
        about = {"people": wanted, "place": place, "by": by.id if by else None}
        yield Ask("admit", msgspec.to_builtins(pad) | about)


def _ask_for_pdf(who: Participant, state: State) -> Iterator[Effect]:
    if state.pad is None:
        yield error(who, "not_initialized")
        return
    about = {"place": who.place, "by": who.id, "asker": asker(who)}
    yield Ask("generate_pdf", {"group": state.pad.group, "pad": state.pad.pad} | about)


# --- What Etherpad answered ---


def _answered(room: Room, event: Answered) -> Iterator[Effect]:
    if event.work == "create":
        yield from _created(room, event)
    elif event.result is None:
        code = "storage_exceeded" if event.error == "storage_exceeded" else "failed_initialization"
        yield from _failed(room, event, code)
    elif event.work == "admit":
        yield from _admitted(room, event.arguments, event.result["sessions"])
    elif event.work == "generate_pdf":
        yield send(room.at(event.arguments["place"]), "pdf_asset", **event.result)


def _created(room: Room, event: Answered) -> Iterator[Effect]:
    """Asked twice, Etherpad has one pad for a place."""
    place: Place = event.arguments["place"]
    state = room.state(State, place)
    if state.pad is not None:
        return
    yield Disarm(_key(place))
    if event.result is None:
        state.status = "not_initialized"
        state.writers.clear()
        yield from _failed(room, event, "failed_initialization")
        return
    state.status, state.pad = "initialized", Pad(**event.result)
    room.state(State).groups.append(state.pad.group)
    yield from _admit(room, state.pad, visible(room.at(place)), place, by=room.find(event.arguments["by"]))


def _admitted(room: Room, asked: dict[str, Any], sessions: dict[str, dict[str, str]]) -> Iterator[Effect]:
    """Answers overtake each other: a session that is no longer wanted, or was replaced, ends."""
    place: Place = asked["place"]
    state, over = room.state(State, place), []
    for one in asked["people"]:
        made, person = sessions[str(one["id"])], room.find(one["id"])
        is_wanted = person and person.place == place and (one["id"] not in state.writers) == one["readonly"]
        if person is None or not is_wanted:
            over.append(made["session"])
            continue
        former = state.sessions.get(person.id)
        over += [former.id] if former else []
        state.sessions[person.id] = Session(made["session"], one["readonly"])
        yield send(person, "read_url" if one["readonly"] else "write_url", url=made["url"])
        yield from presence.update(room, person)
    if over:
        yield Ask("dismiss", {"sessions": over})


def _failed(room: Room, event: Answered, code: str) -> Iterator[Effect]:
    who = room.find(event.arguments["by"]) if event.arguments.get("by") else None
    if who:
        yield error(who, code)


def _key(place: Place) -> str:
    return str(place) if place else ""
