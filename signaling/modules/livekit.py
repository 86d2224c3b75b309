"""livekit: tokens for LiveKit, the server of pictures and sound, and what moderators do to people there.

Each place is a room of LiveKit. What a person may send is in their token; who is in already, is told by a call
(signaling/work/livekit.py), and after each call here is asked whether that is still what is wanted.
"""

import uuid
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from signaling import livekit_tokens
from signaling.commands import Command, ModeratorCommand
from signaling.effects import Answered, Ask, Effect, Ending, Event, Joined, Left, RoleChanged, error, send
from signaling.livekit_tokens import SCREEN, Server, Source, room_name
from signaling.room import Kind, Participant, Place, Room, visible


class CreateNewAccessToken(Command, tag="create_new_access_token"):
    pass


class RequestPopoutStreamAccessToken(Command, tag="request_popout_stream_access_token"):
    pass


class ForceMute(ModeratorCommand, tag="force_mute"):
    participants: list[uuid.UUID]


class GrantScreenSharePermission(ModeratorCommand, tag="grant_screen_share_permission"):
    participants: list[uuid.UUID]


class RevokeScreenSharePermission(ModeratorCommand, tag="revoke_screen_share_permission"):
    participants: list[uuid.UUID]


class EnableMicrophoneRestrictions(ModeratorCommand, tag="enable_microphone_restrictions"):
    unrestricted_participants: list[uuid.UUID]


class DisableMicrophoneRestrictions(ModeratorCommand, tag="disable_microphone_restrictions"):
    pass


Commands = (
    CreateNewAccessToken
    | RequestPopoutStreamAccessToken
    | ForceMute
    | GrantScreenSharePermission
    | RevokeScreenSharePermission
    | EnableMicrophoneRestrictions
    | DisableMicrophoneRestrictions
)


class State(msgspec.Struct):
    """Of a place."""

    speakers: list[uuid.UUID] | None = None  # who alone may use the microphone; None: everybody
    sharers: set[uuid.UUID] = set()  # who may share the screen, beside moderators
    popouts: int = 0  # how many tokens for windows were given
    rooms: list[str] = []  # in the main room's: LiveKit's rooms that people were in


def handle(room: Room, who: Participant, command: Command) -> Iterator[Effect]:
    match command:
        case CreateNewAccessToken():
            yield _open(room, who.place, who)
        case RequestPopoutStreamAccessToken():
            yield from _popout(room, who)
        case ForceMute(participants):
            chosen = [person.id for person in _chosen(room, who, participants)]
            yield Ask("mute", {"room": room_name(room, who.place), "participants": chosen, "by": who.id})
        case GrantScreenSharePermission(participants):
            yield from _let_share(room, who, participants, is_granted=True)
        case RevokeScreenSharePermission(participants):
            yield from _let_share(room, who, participants, is_granted=False)
        case EnableMicrophoneRestrictions(speakers):
            yield from _restrict(room, who, list(dict.fromkeys(speakers)))
        case DisableMicrophoneRestrictions():
            yield from _restrict(room, who, None)


def welcome(room: Room, who: Participant) -> dict[str, Any] | None:
    at = livekit_tokens.server(room)
    if at is None:
        return None
    speakers = room.state(State, who.place).speakers
    restriction = {"type": "disabled" if speakers is None else "enabled", "unrestricted_participants": speakers or []}
    return _credentials(room, at, who) | {"microphone_restriction_state": restriction}


def react(room: Room, event: Event) -> Iterator[Effect]:
    at = livekit_tokens.server(room)
    if at is None:
        return
    match event:
        case Joined(who) if len(room.here(who)) == 1:
            yield _open(room, who.place, None)
        case Left(who):
            yield from _remove(room, who)
        case RoleChanged(who) if who.is_joined and at.asks_before_screen_share:
            yield _permit(room, who, [who])
        case Ending():
            yield Ask("close_rooms", {"rooms": room.state(State).rooms})
        case Answered():
            yield from _answered(room, at, event)


# --- Tokens ---


def _open(room: Room, place: Place, who: Participant | None) -> Ask:
    """A room before people come. `who` gets a token once it is there; at joining nobody waits for it, for LiveKit
    usually makes rooms itself, and clients find out if it is down."""
    name, rooms = room_name(room, place), room.state(State).rooms
    if name not in rooms:
        rooms.append(name)
    return Ask("open_room", {"room": name, "by": who.id if who else None})


def _credentials(room: Room, at: Server, who: Participant) -> dict[str, Any]:
    name = room_name(room, who.place)
    token = livekit_tokens.of_participant(at, who, name, room.now, _sources(room, at, who))
    # Services beside this site go the same way as it does.
    service = {"service_url": at.service_url} if who.kind in (Kind.RECORDER, Kind.SIP) else {}
    return {"room": name, "token": token, "public_url": at.public_url} | service


def _popout(room: Room, who: Participant) -> Iterator[Effect]:
    at, state = livekit_tokens.server(room), room.state(State, who.place)
    if at is None:
        return
    state.popouts += 1
    token = livekit_tokens.of_participant(at, who, room_name(room, who.place), room.now, (), state.popouts)
    yield send(who, "popout_stream_access_token", token=token)


def _sources(room: Room, at: Server, who: Participant) -> list[Source]:
    """What the person may send."""
    if who.is_hidden:
        return []
    state = room.state(State, who.place)
    may_speak = state.speakers is None or who.id in state.speakers
    may_share = who.is_moderator or who.id in state.sharers or not at.asks_before_screen_share
    return ["camera", *(["microphone"] if may_speak else ()), *(SCREEN if may_share else ())]


# --- What moderators do ---


def _restrict(room: Room, who: Participant, speakers: list[uuid.UUID] | None) -> Iterator[Effect]:
    room.state(State, who.place).speakers = speakers
    if speakers is None:
        yield send(room.here(who), "microphone_restrictions_disabled")
    else:
        yield send(room.here(who), "microphone_restrictions_enabled", unrestricted_participants=speakers)
    yield _permit(room, who, room.here(who))


def _let_share(room: Room, who: Participant, ids: list[uuid.UUID], *, is_granted: bool) -> Iterator[Effect]:
    people = _chosen(room, who, ids)
    if not people:
        return
    chosen, sharers = [person.id for person in people], room.state(State, who.place).sharers
    if is_granted:
        sharers.update(chosen)
    else:
        sharers.difference_update(chosen)
    yield send(room.here(who), "screen_share_permissions_updated", grant=is_granted, participants=chosen)
    yield _permit(room, who, people)


def _chosen(room: Room, who: Participant, ids: list[uuid.UUID]) -> list[Participant]:
    """Those of them who are here."""
    return [person for person in visible(room.here(who)) if person.id in ids]


def _permit(room: Room, who: Participant, people: Iterable[Participant]) -> Ask:
    """People who are in LiveKit's room already may from now on send what they would get a token for."""
    at = livekit_tokens.server(room)
    permitted = {str(person.id): _sources(room, at, person) for person in visible(people)} if at else {}
    return Ask("permit", {"room": room_name(room, who.place), "permitted": permitted, "by": who.id})


def _remove(room: Room, who: Participant) -> Iterator[Effect]:
    room.state(State, who.place).sharers.discard(who.id)
    # Whoever came back since then by the same name stays.
    yield Ask("remove", {"room": room_name(room, who.place), "participant": str(who.id), "came_before": room.now})


# --- What LiveKit answered ---


def _answered(room: Room, at: Server, event: Answered) -> Iterator[Effect]:
    who = room.find(event.arguments["by"]) if event.arguments.get("by") else None
    if who is None:
        return
    if event.error:
        yield error(who, "livekit_unavailable")
    elif event.work == "open_room":
        yield send(who, "credentials", **_credentials(room, at, who))
    elif event.work == "mute":
        muted = [person for person in room.here(who) if str(person.id) in (event.result or {})["muted"]]
        yield send(muted, "force_muted", moderator=who.id)
    elif event.work == "permit":
        yield from _permit_again(room, at, who, event.arguments["permitted"])


def _permit_again(room: Room, at: Server, who: Participant, permitted: dict[str, list[Source]]) -> Iterator[Effect]:
    """Calls overtake each other: whoever was permitted something else than is wanted now is told once more."""
    people = [person for person in visible(room.here(who)) if str(person.id) in permitted]
    wrong = [person for person in people if _sources(room, at, person) != permitted[str(person.id)]]
    if wrong:
        yield _permit(room, who, wrong)
