"""shared_folder: the links of the meeting's folder; the one to write is for moderators.

A folder that is added or replaced while people meet is told to all of them. Clients know no message for one that is
gone.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from signaling.effects import Changed, Effect, Effects, Event, Joined, RoleChanged, Send, send
from signaling.room import Participant, Room


class State(msgspec.Struct):
    """What people were told last."""

    folder: dict[str, Any] | None = None


def welcome(room: Room, who: Participant) -> dict[str, Any] | None:
    folder = room.info.about.get("shared_folder")
    return _as_seen(folder, is_moderator=who.is_moderator) if folder else None


def react(room: Room, event: Event) -> Effects:
    folder = room.info.about.get("shared_folder")
    if folder is None:
        return ()
    match event:
        case Joined(who):
            return _told(room, folder, but=who)
        case Changed():
            return _told(room, folder)
        case RoleChanged(who) if who.is_joined:
            return [_updated([who], folder, is_moderator=who.is_moderator)]
    return ()


def _told(room: Room, folder: dict[str, Any], but: Participant | None = None) -> Iterator[Effect]:
    state = room.state(State)
    if state.folder == folder:
        return
    state.folder = folder
    others = [person for person in room.everyone() if but is None or person.id != but.id]
    for is_moderator in (True, False):
        people = [person for person in others if person.is_moderator == is_moderator]
        yield _updated(people, folder, is_moderator=is_moderator)


def _updated(to: Sequence[Participant], folder: dict[str, Any], *, is_moderator: bool) -> Send:
    return send(to, "updated", **_as_seen(folder, is_moderator=is_moderator))


def _as_seen(folder: dict[str, Any], *, is_moderator: bool) -> dict[str, Any]:
    return folder if is_moderator else {"read": folder["read"]}
