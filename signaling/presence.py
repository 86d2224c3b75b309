"""Coming and going, which several modules cause. Each function changes the room and returns what follows from it."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from activity.meeting_kinds import (
    MeetingEnded,
    MeetingStarted,
    ParticipantJoined,
    ParticipantLeft,
    ParticipantRoleChanged,
)
from signaling.effects import (
    NORMAL,
    Arm,
    By,
    Close,
    Disarm,
    Effect,
    Ending,
    Happened,
    Joined,
    Left,
    Record,
    RoleChanged,
    Send,
    Tell,
    Welcome,
    send,
    several,
)
from signaling.room import Participant, Role, Room, Where, visible

# How long an empty session is kept: whoever reloads the page comes back within, and finds the chat.
GRACE = timedelta(seconds=45)
EMPTY, TIME_LIMIT = "empty", "time_limit"  # control's deadlines


def control_of(person: Participant) -> dict[str, Any]:
    """All that others see of somebody; clients need every member each time."""
    member: dict[str, Any] = {
        "display_name": person.display_name,
        "role": person.role,
        "participation_kind": person.kind,
        "hand_is_up": person.hand_is_up,
        "joined_at": person.joined_at,
        "left_at": person.left_at,
        "hand_updated_at": person.hand_updated_at,
        "is_room_owner": person.is_owner,
    }
    return member | ({"avatar_url": person.avatar_url} if person.avatar_url else {})


def join(room: Room, person: Participant) -> Iterator[Effect]:
    """The person is in."""
    yield from _begin(room, person)
    person.where, person.is_admitted = Where.JOINED, True
    yield Welcome(person)
    if not person.is_hidden:
        yield Tell(room.others(person), "joined", person)
        yield Record(ParticipantJoined(**facts(person)), person)
    yield Happened(Joined(person))


def wait(room: Room, person: Participant) -> Iterator[Effect]:
    """The person is in the waiting room, new or sent back to it."""
    person.where, person.is_admitted = Where.WAITING, False
    if person.joined_at is None or person.left_at is not None:
        _reset(room, person)
    room.participants[person.id] = person
    yield Disarm(EMPTY, "control")
    yield Send([person], {"message": "in_waiting_room"}, "moderation")
    yield Send(room.moderators(), {"message": "joined_waiting_room", **waiting_member(person)}, "moderation")


def waiting_member(person: Participant) -> dict[str, Any]:
    return {"id": person.id, "control": control_of(person)}


def leave(room: Room, people: Participant | Sequence[Participant], reason: str, *, by: By = None) -> Iterator[Effect]:
    """They are out, and those who go together are not told of each other; the sockets are not touched.

    Who is sent to the waiting room leaves, and then waits. `by` is the moderator who wanted it, or staff.
    """
    gone = [(person, person.where) for person in several(people)]
    for person, _where in gone:
        person.where, person.left_at, person.hand_is_up = Where.LEFT, room.now, False
    for person, where in gone:
        if where == Where.JOINED:
            yield from _left(room, person, reason, by or person)
        elif where in (Where.WAITING, Where.ACCEPTED):
            yield from left_waiting_room(room, person)
    if gone and not visible(room.present()):
        yield Arm(EMPTY, room.now + GRACE, "control")


def left_waiting_room(room: Room, person: Participant) -> Iterator[Effect]:
    yield Send(room.moderators(), {"message": "left_waiting_room", "id": person.id}, "moderation")


def remove(
    room: Room,
    people: Participant | Sequence[Participant],
    reason: str,
    *,
    by: By = None,
    last_words: Send | None = None,
) -> Iterator[Effect]:
    """They leave, and their sockets are closed for good."""
    gone = several(people)
    for person in gone:
        person.is_admitted = False
    if last_words is not None:
        yield last_words
    yield Close(gone, NORMAL)
    yield from leave(room, gone, reason, by=by)


def change_role(room: Room, person: Participant, role: Role, *, by: Participant) -> Iterator[Effect]:
    person.role = role
    yield Record(ParticipantRoleChanged(**facts(person), role=str(role)), by)
    yield Send([person], {"message": "role_updated", "new_role": role}, "control")
    yield from update(room, person)
    yield Happened(RoleChanged(person))


def update(room: Room, person: Participant) -> Iterator[Effect]:
    """Others see the person as they are now."""
    if not person.is_hidden:
        yield Tell(room.others(person), "update", person)


def end(room: Room, *, by: By = None, last_words: Send | None = None) -> Iterator[Effect]:
    """Everybody is out, the session is over. `last_words` is for all of them."""
    people = room.present()
    if last_words is not None:
        yield last_words
    yield Close(people, NORMAL)
    for person in people:
        if person.is_joined and not person.is_hidden:
            yield Record(ParticipantLeft(**facts(person), reason="ended"), person)
        person.where, person.left_at = Where.LEFT, room.now
    yield Happened(Ending())
    room.ended_at = room.now
    room.deadlines.clear()
    if room.started_at is not None:
        yield Record(MeetingEnded(session=str(room.session)), by)


def time_is_up(room: Room) -> Iterator[Effect]:
    return end(room, last_words=send(room.present(), "time_limit_quota_elapsed"))


def _left(room: Room, person: Participant, reason: str, by: By) -> Iterator[Effect]:
    if not person.is_hidden:
        yield Send(room.here(person), {"message": "left", "id": person.id, "reason": reason}, "control")
        yield Record(ParticipantLeft(**facts(person), reason=reason), by)
    yield Happened(Left(person, reason))


def _begin(room: Room, person: Participant) -> Iterator[Effect]:
    is_first = room.started_at is None and not person.is_hidden
    _reset(room, person)
    room.participants[person.id] = person
    yield Disarm(EMPTY, "control")
    if not is_first:
        return
    room.started_at = room.now
    yield Record(MeetingStarted(session=str(room.session)))
    seconds = room.info.quota("room_time_limit_secs")
    if seconds is not None:
        room.closes_at = room.now + timedelta(seconds=seconds)
        yield Arm(TIME_LIMIT, room.closes_at, "control")


def _reset(room: Room, person: Participant) -> None:
    """Who comes, comes with the hand down."""
    person.joined_at = person.hand_updated_at = room.now
    person.left_at, person.hand_is_up = None, False


def facts(person: Participant) -> dict[str, Any]:
    """Of somebody, for the log."""

    def text(value: uuid.UUID | None) -> str | None:
        return str(value) if value else None

    return {
        "participant_id": str(person.id),
        "user_id": text(person.user_id),
        "display_name": person.display_name,
        "participation_kind": str(person.kind),
        "breakout_room": text(person.place),
    }
