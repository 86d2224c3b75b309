"""subroom_audio: groups of people who whisper, each in a room of LiveKit that only sound goes through.

A group is there as long as somebody is in it. The rest of the meeting learns nothing of it.
"""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

import msgspec

from signaling import livekit_tokens
from signaling.commands import Command
from signaling.effects import Answered, Ask, Effect, Ending, Event, Left, Send, error, send
from signaling.livekit_tokens import Server
from signaling.room import Participant, Room, visible


class CreateWhisperGroup(Command, tag="create_whisper_group"):
    participant_ids: list[uuid.UUID]


class InviteToWhisperGroup(Command, tag="invite_to_whisper_group"):
    whisper_id: uuid.UUID
    participant_ids: list[uuid.UUID]


class KickWhisperParticipants(Command, tag="kick_whisper_participants"):
    whisper_id: uuid.UUID
    participant_ids: list[uuid.UUID]


class AcceptWhisperInvite(Command, tag="accept_whisper_invite"):
    whisper_id: uuid.UUID


class DeclineWhisperInvite(Command, tag="decline_whisper_invite"):
    whisper_id: uuid.UUID


class LeaveWhisperGroup(Command, tag="leave_whisper_group"):
    whisper_id: uuid.UUID


Commands = (
    CreateWhisperGroup
    | InviteToWhisperGroup
    | KickWhisperParticipants
    | AcceptWhisperInvite
    | DeclineWhisperInvite
    | LeaveWhisperGroup
)
Part = Literal["creator", "invited", "accepted"]
Group = dict[uuid.UUID, Part]  # in the order in which they were invited


class State(msgspec.Struct):
    groups: dict[uuid.UUID, Group] = {}


def handle(room: Room, who: Participant, command: Command) -> Iterator[Effect]:
    if isinstance(command, CreateWhisperGroup):
        yield from _create(room, who, command.participant_ids)
        return
    whisper_id: uuid.UUID = command.whisper_id  # type: ignore[attr-defined]
    group = room.state(State).groups.get(whisper_id)
    if group is None:
        yield error(who, "invalid_whisper_id")
        return
    match command:
        case InviteToWhisperGroup(participant_ids=ids):
            yield from _invite(room, who, whisper_id, group, ids)
        case KickWhisperParticipants(participant_ids=ids):
            yield from _kick(room, who, whisper_id, group, ids)
        case AcceptWhisperInvite():
            yield from _accept(room, who, whisper_id, group)
        case DeclineWhisperInvite():
            yield from _decline(room, who, whisper_id, group)
        case LeaveWhisperGroup() if who.id in group:
            yield from _leave(room, who, whisper_id, group)
        case _:
            yield error(who, "not_invited")


def react(room: Room, event: Event) -> Iterator[Effect]:
    if livekit_tokens.server(room) is None:
        return
    match event:
        case Left(who):
            for whisper_id, group in list(room.state(State).groups.items()):
                if who.id in group:
                    yield from _leave(room, who, whisper_id, group)
        case Ending():
            yield Ask("close_rooms", {"rooms": list(map(str, room.state(State).groups))})
        case Answered(work="open_room"):
            yield from _opened(room, event)


# --- Groups begin ---


def _create(room: Room, who: Participant, ids: list[uuid.UUID]) -> Iterator[Effect]:
    wrong = _wrong(room, who, ids)
    if wrong:
        yield wrong
        return
    invited = list(dict.fromkeys(ids))
    yield Ask("open_room", {"room": str(uuid.uuid4()), "by": who.id, "invited": invited})


def _opened(room: Room, event: Answered) -> Iterator[Effect]:
    """Those who left while LiveKit made its room are not of it."""
    who, at = room.find(event.arguments["by"]), livekit_tokens.server(room)
    if who is None or at is None:
        yield Ask("close_rooms", {"rooms": [event.arguments["room"]]})
        return
    if event.error:
        yield error(who, "livekit_unavailable")
        return
    whisper_id = uuid.UUID(event.arguments["room"])
    invited = [person for person in room.here(who) if person.id in event.arguments["invited"]]
    group: Group = {who.id: "creator"}
    group.update(dict.fromkeys((person.id for person in invited), "invited"))
    room.state(State).groups[whisper_id] = group
    token = _token(room, at, who, whisper_id)
    yield send(who, "whisper_group_created", whisper_id=whisper_id, token=token, participants=_shown(group))
    yield _invitation(invited, who, whisper_id, group)


def _invite(
    room: Room, who: Participant, whisper_id: uuid.UUID, group: Group, ids: list[uuid.UUID]
) -> Iterator[Effect]:
    """Who is in the group already is not invited again."""
    if group.get(who.id) != "creator":
        yield error(who, "insufficient_permissions")
        return
    wrong = _wrong(room, who, ids)
    if wrong:
        yield wrong
        return
    fresh = [person for person in room.here(who) if person.id in ids and person.id not in group]
    if not fresh:
        return
    members = _people(room, group)
    group.update(dict.fromkeys((person.id for person in fresh), "invited"))
    yield send(members, "participants_invited", whisper_id=whisper_id, participant_ids=[person.id for person in fresh])
    yield _invitation(fresh, who, whisper_id, group)


def _invitation(to: Sequence[Participant], who: Participant, whisper_id: uuid.UUID, group: Group) -> Send:
    return send(to, "whisper_invite", issuer=who.id, whisper_id=whisper_id, participants=_shown(group))


def _wrong(room: Room, who: Participant, ids: list[uuid.UUID]) -> Send | None:
    if not ids:
        return error(who, "empty_participant_list")
    possible = {person.id for person in visible(room.others(who))}
    strangers = [one for one in dict.fromkeys(ids) if one not in possible]
    return error(who, "invalid_participant_targets", participant_ids=strangers) if strangers else None


# --- The invited ---


def _accept(room: Room, who: Participant, whisper_id: uuid.UUID, group: Group) -> Iterator[Effect]:
    at, refusal = livekit_tokens.server(room), _not_invited(who, group)
    if refusal or at is None:
        yield refusal or error(who, "livekit_unavailable")
        return
    group[who.id] = "accepted"
    yield send(who, "whisper_token", whisper_id=whisper_id, token=_token(room, at, who, whisper_id))
    yield _told(room, who, whisper_id, group, "whisper_invite_accepted")


def _decline(room: Room, who: Participant, whisper_id: uuid.UUID, group: Group) -> Iterator[Effect]:
    refusal = _not_invited(who, group)
    if refusal:
        yield refusal
        return
    del group[who.id]
    yield _told(room, who, whisper_id, group, "whisper_invite_declined")


def _not_invited(who: Participant, group: Group) -> Send | None:
    match group.get(who.id):
        case None:
            return error(who, "not_invited")
        case "invited":
            return None
    return error(who, "already_accepted")


# --- Groups end ---


def _kick(room: Room, who: Participant, whisper_id: uuid.UUID, group: Group, ids: list[uuid.UUID]) -> Iterator[Effect]:
    if group.get(who.id) != "creator":
        yield error(who, "insufficient_permissions")
        return
    if not ids:
        yield error(who, "empty_participant_list")
        return
    strangers = [one for one in dict.fromkeys(ids) if one == who.id or one not in group]
    if strangers:
        yield error(who, "invalid_participant_targets", participant_ids=strangers)
        return
    for person in _people(room, ids):
        yield send(person, "kicked", whisper_id=whisper_id)
        yield from _leave(room, person, whisper_id, group)


def _leave(room: Room, who: Participant, whisper_id: uuid.UUID, group: Group) -> Iterator[Effect]:
    """Also of who is only invited. When the last is gone who was in it, there is no group any more."""
    was_in = group.pop(who.id) != "invited"
    yield _told(room, who, whisper_id, group, "left_whisper_group")
    if all(part == "invited" for part in group.values()):
        del room.state(State).groups[whisper_id]
        yield send(_people(room, group), "whisper_group_disbanded", whisper_id=whisper_id)
        yield Ask("close_rooms", {"rooms": [str(whisper_id)]})
    elif was_in:
        gone = {"room": str(whisper_id), "participant": str(who.id), "came_before": room.now}
        yield Ask("remove", gone)


# --- Who hears what ---


def _told(room: Room, who: Participant, whisper_id: uuid.UUID, group: Group, message: str) -> Send:
    others = [person for person in _people(room, group) if person.id != who.id]
    return send(others, message, whisper_id=whisper_id, participant_id=who.id)


def _people(room: Room, ids: Iterable[uuid.UUID]) -> list[Participant]:
    return [person for person in map(room.find, dict.fromkeys(ids)) if person]


def _shown(group: Group) -> list[dict[str, Any]]:
    return [{"participant_id": one, "state": part} for one, part in group.items()]


def _token(room: Room, at: Server, who: Participant, whisper_id: uuid.UUID) -> str:
    return livekit_tokens.of_participant(at, who, str(whisper_id), room.now, ("microphone",))
