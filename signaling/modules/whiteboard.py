"""whiteboard: a surface that everybody of a place draws on, at a Spacedeck (signaling/work/whiteboard.py).

It is made once, when a moderator wants it, and deleted with the session; a PDF of it stays.
"""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Literal

import msgspec

from signaling.commands import Command, ModeratorCommand
from signaling.effects import Answered, Arm, Ask, Disarm, Due, Effect, Ending, Event, error, send
from signaling.reports import asker
from signaling.room import Participant, Place, Room

# A process that died over it must not keep others from trying again.
PATIENCE = timedelta(minutes=2)


class Initialize(ModeratorCommand, tag="initialize"):
    pass


class GeneratePdf(ModeratorCommand, tag="generate_pdf"):
    pass


Commands = Initialize | GeneratePdf


class State(msgspec.Struct):
    """Of a place; `spaces` is in the main room's, and has those of all places."""

    status: Literal["not_initialized", "initializing", "initialized"] = "not_initialized"
    space: str = ""
    url: str = ""
    spaces: list[str] = []


def handle(room: Room, who: Participant, command: Command) -> Iterator[Effect]:
    state = room.state(State, who.place)
    match command, state.status:
        case _, "initializing":
            yield error(who, "currently_initializing")
        case Initialize(), "initialized":
            yield error(who, "already_initialized")
        case Initialize(), _:
            state.status = "initializing"
            yield Arm(_key(who.place), room.now + PATIENCE)
            yield Ask("create", {"place": who.place, "by": who.id})
        case GeneratePdf(), "initialized":
            yield Ask("generate_pdf", {"space": state.space, "place": who.place, "by": who.id, "asker": asker(who)})
        case _:
            yield error(who, "initialization_failed")


def welcome(room: Room, who: Participant) -> dict[str, Any] | None:
    if "whiteboard" not in room.info.about:
        return None
    state = room.state(State, who.place)
    return {"status": state.status} | ({"url": state.url} if state.url else {})


def react(room: Room, event: Event) -> Iterator[Effect]:
    if "whiteboard" not in room.info.about:
        return
    match event:
        case Answered(work="create"):
            yield from _created(room, event)
        case Answered(work="generate_pdf"):
            yield from _pdf(room, event)
        case Due(key):
            room.state(State, uuid.UUID(key) if key else None).status = "not_initialized"
        case Ending() if room.state(State).spaces:
            yield Ask("delete", {"spaces": room.state(State).spaces})


def _created(room: Room, event: Answered) -> Iterator[Effect]:
    place: Place = event.arguments["place"]
    state = room.state(State, place)
    if event.result is not None:
        room.state(State).spaces.append(event.result["space"])
    if state.status == "initialized":  # by another one, when this was given up already
        return
    yield Disarm(_key(place))
    if event.result is None:
        state.status = "not_initialized"
        yield from _failed(room, event, "initialization_failed")
        return
    state.status, state.space, state.url = "initialized", event.result["space"], event.result["url"]
    yield send(room.at(place), "space_url", url=state.url)


def _pdf(room: Room, event: Answered) -> Iterator[Effect]:
    if event.result is None:
        known = event.error == "storage_exceeded"
        yield from _failed(room, event, event.error if known else "initialization_failed")
        return
    yield send(room.at(event.arguments["place"]), "pdf_asset", **event.result)


def _failed(room: Room, event: Answered, code: str) -> Iterator[Effect]:
    who = room.find(event.arguments["by"])
    if who:
        yield error(who, code)


def _key(place: Place) -> str:
    return str(place) if place else ""
