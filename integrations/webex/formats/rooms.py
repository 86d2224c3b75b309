"""Rooms, what is set in them, and their files."""

from activity.room_kinds import (
    AssetCreated,
    AssetDeleted,
    CodeCreated,
    CodeRevoked,
    CodeUpdated,
    RoomCreated,
    RoomDeleted,
    RoomGuessed,
    RoomUnlocked,
    RoomUpdated,
    SipCreated,
    SipDeleted,
    SipUpdated,
)
from integrations.webex import ids, lookups
from integrations.webex.formats import common
from integrations.webex.formats.table import Event, Formats, Json, NotShown, Told

RECORDING = "recording"  # the kind of a file


def room(one: Told) -> Json:
    owner = one.data.get("owner_id")
    told = common.base(one) | {"id": ids.written(ids.ROOM, one.activity.subject_id), "type": "group"}
    told |= {"creatorId": ids.written(ids.PERSON, owner)} if owner else {}
    return told | ({"title": one.data["title"]} if one.data.get("title") else {})


def new_room(one: Told) -> Json:
    return room(one) | common.created(one)


def file(one: Told) -> Json:
    told = common.base(one) | {"id": ids.written(ids.FILE, one.activity.subject_id), "text": one.data["filename"]}
    return told | common.actor(one)


def new_file(one: Told) -> Json:
    return file(one) | common.created(one)


def recording(one: Told) -> Json | None:
    return _of_meeting(one) if one.data["kind"] == RECORDING else None


def transcript(one: Told) -> Json | None:
    return _of_meeting(one) if one.data["kind"] == lookups.TRANSCRIPT else None


def _of_meeting(one: Told) -> Json:
    activity = one.activity
    held_in = activity.event_id or activity.room_id
    return new_file(one) | ({"meetingId": common.meeting_id(held_in, common.session(one))} if held_in else {})


FORMATS: Formats = {
    RoomCreated: [Event("rooms", "created", new_room)],
    RoomUpdated: [Event("rooms", "updated", room)],
    RoomDeleted: [Event("rooms", "deleted", room)],
    AssetCreated: [
        Event("files", "created", new_file),
        Event("convergedRecordings", "created", recording),
        Event("meetingTranscripts", "created", transcript),
        Event("recordings", "created", recording, is_listed=False),
    ],
    AssetDeleted: [Event("files", "deleted", file)],
}
# Guest codes are secrets of a room; dial-in and wrong passwords have no resource.
NOT_SHOWN: NotShown = frozenset({
    CodeCreated, CodeUpdated, CodeRevoked, RoomGuessed, RoomUnlocked, SipCreated, SipUpdated, SipDeleted,
})  # fmt: skip
