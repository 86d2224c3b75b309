"""chat: to everybody, to one, to a group; the history, and who has seen how much of it."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec

from activity.meeting_kinds import ChatHistoryCleared, ChatMessageSent
from signaling import presence
from signaling.commands import Command, ModeratorCommand
from signaling.effects import Effect, Effects, Event, Forget, Keep, Left, Record, error, send
from signaling.room import Entry, Participant, Room

IS_ALWAYS_ON = True  # clients need its member; where the tariff has no chat it is disabled
CONTENT_BYTES = 4096

Scope = Literal["global", "group", "private"]


class SendMessage(Command, tag="send_message"):
    scope: Scope
    content: str
    target: str | None = None  # a participant's id, or a group's name


class SetLastSeenTimestamp(Command, tag="set_last_seen_timestamp"):
    scope: Scope
    timestamp: datetime
    target: str | None = None


class EnableChat(ModeratorCommand, tag="enable_chat"):
    pass


class DisableChat(ModeratorCommand, tag="disable_chat"):
    pass


class ClearHistory(ModeratorCommand, tag="clear_history"):
    pass


Commands = SendMessage | SetLastSeenTimestamp | EnableChat | DisableChat | ClearHistory
PASSING = (SetLastSeenTimestamp,)  # clients send it at each message that they show


class LastSeen(msgspec.Struct):
    """By participant and group."""

    everybody: datetime | None = None
    private: dict[str, datetime] = {}
    group: dict[str, datetime] = {}


class State(msgspec.Struct):
    """Of the whole room. `last_seen` has those who left."""

    is_disabled: bool = False
    last_seen: dict[str, LastSeen] = {}


def handle(room: Room, who: Participant, command: Command) -> Effects:
    match command:
        case SendMessage():
            return _message(room, who, command)
        case SetLastSeenTimestamp():
            _note(_seen_by(room, who), command)
        case EnableChat() | DisableChat():
            return _switch(room, who, is_disabled=isinstance(command, DisableChat))
        case ClearHistory():
            return [
                Forget(who.place, {"scope": "global"}),
                Record(ChatHistoryCleared(**presence.facts(who)), who),
                send(room.here(who), "history_cleared", issued_by=who.id),
            ]
    return ()


def welcome(room: Room, who: Participant) -> dict[str, Any]:
    entries = room.entries("chat", who.place)
    seen = _seen_by(room, who)
    return {
        "enabled": _is_enabled(room),
        "room_history": [_stored(entry) for entry in entries if entry.data["scope"] == "global"],
        "groups_history": [
            {"name": group, "history": [_stored(entry) for entry in entries if _is_of_group(entry, group)]}
            for group in who.groups
        ],
        "private_history": _private(entries, str(who.id)),
        "last_seen_timestamps_private": seen.private,
        "last_seen_timestamps_group": seen.group,
    } | ({"last_seen_timestamp_global": seen.everybody} if seen.everybody else {})


def describe(_room: Room, who: Participant, viewer: Participant) -> dict[str, Any]:
    return {"groups": [group for group in who.groups if group in viewer.groups]}


def react(room: Room, event: Event) -> Effects:
    if isinstance(event, Left) and (seen := room.memory.pop(_key(event.who), None)):
        room.state(State).last_seen[str(event.who.id)] = seen
    return ()


def _message(room: Room, who: Participant, command: SendMessage) -> Iterator[Effect]:
    if not _is_enabled(room):
        yield error(who, "chat_disabled")
        return
    content = _cut(command.content)
    to, target = _receivers(room, who, command)
    if not content or not to:
        return
    message = {"id": uuid.uuid4(), "source": who.id, "scope": command.scope, "content": content} | target
    yield Keep(message, who.place)
    if command.scope == "global":
        yield Record(ChatMessageSent(**presence.facts(who), message_id=str(message["id"])), who, is_late=True)
    yield send(to, "message_sent", **message)


def _receivers(room: Room, who: Participant, command: SendMessage) -> tuple[Sequence[Participant], dict[str, Any]]:
    """Who gets it, nobody where the target is unknown; and the member `target`."""
    target = command.target or ""
    match command.scope:
        case "global":
            return room.here(who), {}
        case "group" if target in who.groups:
            return [person for person in room.here(who) if target in person.groups], {"target": target}
        case "private":
            found = next((person for person in room.others(who) if str(person.id) == target.lower()), None)
            return ([found, who], {"target": found.id}) if found and not found.is_hidden else ((), {})
    return (), {}


def _cut(content: str) -> str:
    return content.encode()[:CONTENT_BYTES].decode(errors="ignore") if len(content) > CONTENT_BYTES // 4 else content


def _switch(room: Room, who: Participant, *, is_disabled: bool) -> Iterator[Effect]:
    room.state(State).is_disabled = is_disabled
    # Clients read `id`, the published types have `issued_by`.
    yield send(room.everyone(), "chat_disabled" if is_disabled else "chat_enabled", id=who.id, issued_by=who.id)


def _is_enabled(room: Room) -> bool:
    return "chat" in room.info.modules and not room.state(State).is_disabled


# --- History ---


def _stored(entry: Entry) -> dict[str, Any]:
    return entry.data | {"timestamp": entry.at}


def _is_of_group(entry: Entry, group: str) -> bool:
    return (entry.data["scope"], entry.data.get("target")) == ("group", group)


def _private(entries: Sequence[Entry], own_id: str) -> list[dict[str, Any]]:
    """By correspondent."""
    histories: dict[str, list[dict[str, Any]]] = {}
    for entry in entries:
        ends = [str(entry.data["source"]), str(entry.data.get("target"))]
        if entry.data["scope"] == "private" and own_id in ends:
            ends.remove(own_id)
            histories.setdefault(ends[0], []).append(_stored(entry))
    return [{"correspondent": person, "history": history} for person, history in histories.items()]


# --- Last seen: in memory while somebody is here, saved when they leave ---


def _key(who: Participant) -> tuple[str, uuid.UUID]:
    return "chat", who.id


def _seen_by(room: Room, who: Participant) -> LastSeen:
    if _key(who) not in room.memory:
        room.memory[_key(who)] = room.state(State).last_seen.get(str(who.id)) or LastSeen()
    return room.memory[_key(who)]  # type: ignore[no-any-return]


def _note(seen: LastSeen, command: SetLastSeenTimestamp) -> None:
    target = command.target or ""
    match command.scope:
        case "global":
            seen.everybody = command.timestamp
        case "private":
            seen.private[target] = command.timestamp
        case "group":
            seen.group[target] = command.timestamp
