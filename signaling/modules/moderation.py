"""moderation: the waiting room, who must leave, names of guests, and whether hands may be raised."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from signaling import presence
from signaling.commands import Command, ModeratorCommand
from signaling.effects import (
    Answered,
    Arm,
    Ask,
    Changed,
    Disarm,
    Due,
    Effect,
    Effects,
    Event,
    HandChanged,
    Happened,
    Joined,
    RoleChanged,
    error,
    send,
)
from signaling.room import Kind, Participant, Role, Room, Where

IS_ALWAYS_ON = True  # without it nobody would be let in from a waiting room
NAME_LENGTH = 100
LOBBY = "lobby"  # the deadline at which the calendar may open or close the waiting room
# After which it is looked at again, should the process be gone that did.
RETRY = timedelta(minutes=1)


class EnableWaitingRoom(ModeratorCommand, tag="enable_waiting_room"):
    pass


class DisableWaitingRoom(ModeratorCommand, tag="disable_waiting_room"):
    pass


class Accept(ModeratorCommand, tag="accept"):
    target: uuid.UUID


class SendToWaitingRoom(ModeratorCommand, tag="send_to_waiting_room"):
    target: uuid.UUID


class Kick(ModeratorCommand, tag="kick"):
    target: uuid.UUID


class Ban(ModeratorCommand, tag="ban"):
    target: uuid.UUID


class Debrief(ModeratorCommand, tag="debrief"):
    kick_scope: Literal["guests", "users_and_guests", "all"]


class ChangeDisplayName(ModeratorCommand, tag="change_display_name"):
    target: uuid.UUID
    new_name: str


class EnableRaiseHands(ModeratorCommand, tag="enable_raise_hands"):
    pass


class DisableRaiseHands(ModeratorCommand, tag="disable_raise_hands"):
    pass


class ResetRaisedHands(ModeratorCommand, tag="reset_raised_hands"):
    """Of the target or targets, without any of everybody in the same place."""

    target: uuid.UUID | list[uuid.UUID] | None = None


Commands = (
    EnableWaitingRoom
    | DisableWaitingRoom
    | Accept
    | SendToWaitingRoom
    | Kick
    | Ban
    | Debrief
    | ChangeDisplayName
    | EnableRaiseHands
    | DisableRaiseHands
    | ResetRaisedHands
)


class State(msgspec.Struct):
    """`is_decided`: a moderator decided about the waiting room, which does not follow the calendar any more."""

    is_decided: bool = False
    hands_disabled_by: uuid.UUID | None = None


def handle(room: Room, who: Participant, command: Command) -> Iterator[Effect]:
    """A target that is not there (any more) is ignored."""
    match command:
        case EnableWaitingRoom() | DisableWaitingRoom():
            _decide(room)
            yield from _waiting_room(room, is_on=isinstance(command, EnableWaitingRoom))
        case Accept(target):
            yield from _accept(room, target)
        case SendToWaitingRoom(target):
            yield from _send_to_waiting_room(room, who, target)
        case Kick(target):
            yield from _kick(room, who, target)
        case Ban(target):
            yield from _ban(room, who, target)
        case Debrief(scope):
            yield from _debrief(room, who, scope)
        case ChangeDisplayName():
            yield from _rename(room, who, command)
        case _:
            yield from _hands(room, who, command)


def welcome(room: Room, who: Participant) -> dict[str, Any]:
    member: dict[str, Any] = {"raise_hands_enabled": room.allows_hands}
    if not who.is_moderator:
        return member
    # First who waits, then who may enter.
    waiting = sorted(room.waiting(), key=lambda person: person.where == Where.ACCEPTED)
    return member | {
        "waiting_room_enabled": room.has_waiting_room,
        "waiting_room_participants": [
            presence.waiting_member(person) | {"waiting_room_state": person.where} for person in waiting
        ],
    }


def react(room: Room, event: Event) -> Effects:
    match event:
        case Joined(who) if not room.allows_hands:
            # Clients do not look at `raise_hands_enabled`.
            return [send(who, "raise_hands_disabled", issued_by=room.state(State).hands_disabled_by)]
        case RoleChanged(who) if who.is_moderator:
            return _inform(room, who)
        case Changed() if "moderation" in room.info.about:
            return _follow(room, **room.info.about["moderation"])
        case Due(key="lobby"):
            return [Ask("look", {}), Arm(LOBBY, room.now + RETRY)]
        case Answered(result=dict(result)):
            return _follow(room, **result)
    return ()


def _inform(room: Room, who: Participant) -> Iterator[Effect]:
    """A new moderator of the waiting room, as `welcome` does who comes as one."""
    if room.has_waiting_room:
        yield send(who, "waiting_room_enabled")
    for person in room.waiting():
        yield send(who, "joined_waiting_room", **presence.waiting_member(person))


# --- The waiting room ---


def _waiting_room(room: Room, *, is_on: bool) -> Iterator[Effect]:
    """Switched off it lets nobody in: those who wait are accepted one by one."""
    room.has_waiting_room = is_on
    yield send(room.everyone(), "waiting_room_enabled" if is_on else "waiting_room_disabled")


def _decide(room: Room) -> None:
    room.state(State).is_decided = True


def _follow(room: Room, *, is_closed: bool, changes_at: datetime | None) -> Iterator[Effect]:
    """The waiting room is as the calendar has it; where it opens, whoever waits is let in."""
    if room.state(State).is_decided:
        yield Disarm(LOBBY)
        return
    yield Arm(LOBBY, changes_at) if changes_at else Disarm(LOBBY)
    if room.has_waiting_room == is_closed:
        return
    yield from _waiting_room(room, is_on=is_closed)
    for person in [] if is_closed else room.waiting():
        yield from _accept(room, person.id)


def _accept(room: Room, target_id: uuid.UUID) -> Iterator[Effect]:
    target = room.participants.get(target_id)
    if target is not None and target.where == Where.WAITING:
        target.where, target.is_admitted = Where.ACCEPTED, True
        yield send(target, "accepted")


def _send_to_waiting_room(room: Room, who: Participant, target_id: uuid.UUID) -> Iterator[Effect]:
    target = room.find(target_id)
    if target is None:
        return
    if target.is_owner:
        yield error(who, "cannot_send_room_owner_to_waiting_room")
        return
    _decide(room)
    if not room.has_waiting_room:
        yield from _waiting_room(room, is_on=True)
    yield send(target, "sent_to_waiting_room")
    yield from presence.leave(room, target, "sent_to_waiting_room", by=who)
    yield from presence.wait(room, target)


# --- Who must leave ---


def _kick(room: Room, who: Participant, target_id: uuid.UUID) -> Iterator[Effect]:
    target = _present(room, target_id)
    if target is not None:
        yield from presence.remove(room, target, "kicked", by=who, last_words=send(target, "kicked"))


def _ban(room: Room, who: Participant, target_id: uuid.UUID) -> Iterator[Effect]:
    """The account stays out until the session ends, with all that it is here by."""
    target = _present(room, target_id)
    if target is None:
        return
    if target.user_id is None:
        yield error(who, "cannot_ban_guest")
        return
    if target.is_owner:
        yield error(who, "insufficient_permissions")
        return
    target.is_banned = True
    people = [person for person in room.present() if person.user_id == target.user_id]
    yield from presence.remove(room, people, "banned", by=who, last_words=send(people, "banned"))


def _debrief(room: Room, who: Participant, scope: str) -> Iterator[Effect]:
    """Some stay; the others come back through the waiting room only."""
    _decide(room)
    if not room.has_waiting_room:
        yield from _waiting_room(room, is_on=True)
    leaving = [person for person in room.everyone() if _is_meant(person, scope)]
    staying = [person for person in room.everyone() if not _is_meant(person, scope)]
    last_words = send(leaving, "session_ended", issued_by=who.id)
    yield from presence.remove(room, leaving, "kicked", by=who, last_words=last_words)
    yield send(staying, "debriefing_started", issued_by=who.id)


def _is_meant(person: Participant, scope: str) -> bool:
    match scope:
        case "all":
            return True
        case "users_and_guests":
            return not (person.is_moderator or person.is_hidden)
    return person.role == Role.GUEST and not person.is_hidden


def _present(room: Room, target_id: uuid.UUID) -> Participant | None:
    """Somebody in the room or in its waiting room."""
    found = room.participants.get(target_id)
    return found if found and found.is_present and not found.is_hidden else None


# --- Names ---


def _rename(room: Room, who: Participant, command: ChangeDisplayName) -> Iterator[Effect]:
    target, name = room.find(command.target), " ".join(command.new_name.split())
    if target is None:
        return
    if target.kind not in (Kind.GUEST, Kind.SIP):
        yield error(who, "cannot_change_name_of_registered_users")
    elif not 0 < len(name) <= NAME_LENGTH:
        yield error(who, "invalid_display_name")
    else:
        old_name, target.display_name = target.display_name, name
        names = {"old_name": old_name, "new_name": name}
        yield send(room.everyone(), "display_name_changed", target=target.id, issued_by=who.id, **names)
        yield from presence.update(room, target)


# --- Hands ---


def _hands(room: Room, who: Participant, command: Command) -> Iterator[Effect]:
    match command:
        case EnableRaiseHands():
            room.allows_hands, room.state(State).hands_disabled_by = True, None
            yield send(room.everyone(), "raise_hands_enabled", issued_by=who.id)
        case DisableRaiseHands():
            room.allows_hands, room.state(State).hands_disabled_by = False, who.id
            yield from _lower(room, _raised(room.everyone()))
            yield send(room.everyone(), "raise_hands_disabled", issued_by=who.id)
        case ResetRaisedHands(target):
            wanted = {target} if isinstance(target, uuid.UUID) else target
            people = [person for person in _raised(room.here(who)) if wanted is None or person.id in wanted]
            yield send(people, "raised_hand_reset_by_moderator", issued_by=who.id)
            yield from _lower(room, people)


def _raised(people: Iterable[Participant]) -> list[Participant]:
    return [person for person in people if person.hand_is_up]


def _lower(room: Room, people: Sequence[Participant]) -> Iterator[Effect]:
    for person in people:
        person.hand_is_up, person.hand_updated_at = False, room.now
        yield from presence.update(room, person)
        yield Happened(HandChanged(person))
