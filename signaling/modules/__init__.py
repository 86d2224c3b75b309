"""The catalogue: one module per namespace of the wire, in the order in which they speak and react.

A module is a file of plain functions over `signaling.room` and `signaling.effects`, without sockets, database or clock:

    Commands     union of its `Command` classes, or None
    handle       (room, participant, command) -> effects, for who is joined (control: for everybody)
    welcome      (room, participant) -> its member of join_success, None: left out
    describe     (room, participant, viewer) -> its member of `participant` as `viewer` sees it, None: left out
    react        (room, event) -> effects of what happened elsewhere
    PASSING      classes of commands that change and keep nothing: they never reach the database
    IS_ALWAYS_ON whether it works in every tariff
    KEEPS_ENTRIES whether its entries outlive the session

docs/signaling.md shows how to add one. No module imports another.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import msgspec

from signaling.commands import Command
from signaling.effects import Effects, Event
from signaling.modules import (
    automod,
    breakout,
    chat,
    control,
    legal_vote,
    livekit,
    media,
    meeting_notes,
    meeting_report,
    moderation,
    polls,
    recording,
    recording_service,
    shared_folder,
    subroom_audio,
    timer,
    training_participation_report,
    whiteboard,
)
from signaling.room import Participant, Room


@dataclass(frozen=True, kw_only=True)
class Module:
    name: str
    decoder: msgspec.json.Decoder[Command]
    handle: Callable[[Room, Participant, Any], Effects]
    welcome: Callable[[Room, Participant], dict[str, Any] | None]
    describe: Callable[[Room, Participant, Participant], dict[str, Any] | None] | None
    react: Callable[[Room, Event], Effects]
    passing: tuple[type[Command], ...]
    is_always_on: bool
    keeps_entries: bool

    def is_on(self, room: Room) -> bool:
        return self.is_always_on or self.name in room.info.modules


def _module(source: ModuleType) -> Module:
    commands = getattr(source, "Commands", None)
    return Module(
        name=source.__name__.rpartition(".")[2],
        decoder=msgspec.json.Decoder(commands or _Never),
        handle=getattr(source, "handle", _nothing),
        welcome=getattr(source, "welcome", _nothing_to_say),
        describe=getattr(source, "describe", None),
        react=getattr(source, "react", _no_reaction),
        passing=getattr(source, "PASSING", ()),
        is_always_on=getattr(source, "IS_ALWAYS_ON", False),
        keeps_entries=getattr(source, "KEEPS_ENTRIES", False),
    )


class _Never(Command, tag="\0"):
    """Of modules that only speak."""


def _nothing(_room: Room, _who: Participant, _command: Command) -> Effects:
    return ()


def _nothing_to_say(_room: Room, _who: Participant) -> None:
    return None


def _no_reaction(_room: Room, _event: Event) -> Effects:
    return ()


MODULES: dict[str, Module] = {
    module.name: module
    for module in map(
        _module,
        (
            control,
            moderation,
            chat,
            breakout,
            polls,
            legal_vote,
            timer,
            livekit,
            automod,
            subroom_audio,
            whiteboard,
            meeting_notes,
            shared_folder,
            recording,
            recording_service,
            meeting_report,
            training_participation_report,
            media,
        ),
    )
}
