"""Rooms are objects of the type conference: their owner, and whoever is invited to what is held in them, read them."""

from typing import Any

from activity.models import Activity
from integrations.cospace.formats.people import invitation
from integrations.cospace.formats.registry import Events, Reader, actor_of, told, without_empty

# What a change of a meeting has in common with the one of its room, which is told by itself.
OF_ROOM = {"has_password", "waiting_room", "e2e_encryption"}


def conference(activity: Activity) -> dict[str, Any]:
    """What all events of objects begin with; `user` is whoever did it, where that is an account."""
    return without_empty(
        object=str(activity.room_id),
        type="conference",
        owner=str(activity.owner_id or ""),
        user=actor_of(activity),
        description=activity.title,
    )


@told("room.created")
def room_created(activity: Activity, reader: Reader) -> Events:
    return [("object_new", _without_user(conference(activity)) | {"tag": []})]


@told("room.updated", "event.instance_updated", "sip.created", "sip.updated", "sip.deleted")
def room_updated(activity: Activity, reader: Reader) -> Events:
    return [("object_modify", conference(activity))]


@told("event.updated")
def event_updated(activity: Activity, reader: Reader) -> Events:
    """Where it is a change of the room as well, room.updated is told."""
    return [] if activity.changes and activity.changes.keys() <= OF_ROOM else room_updated(activity, reader)


@told("event.handed_over")
def event_handed_over(activity: Activity, reader: Reader) -> Events:
    """Those who were in it already learn of the new owner by room.updated."""
    if not reader.read_before:
        return [("object_share", conference(activity) | {"tag": []})]
    return [] if reader.reads_after else [("object_unshare", conference(activity))]


@told("room.deleted")
def room_deleted(activity: Activity, reader: Reader) -> Events:
    """There is no trash for rooms."""
    return [("object_delete", conference(activity) | {"purge": True})]


@told("invite.added", "invite.claimed")
def invite_added(activity: Activity, reader: Reader) -> Events:
    """For the one who is invited the conference comes within reach by it."""
    shared: Events = [] if reader.read_before else [("object_share", conference(activity) | {"tag": []})]
    return shared + invitation("invitation_new", activity)


@told("invite.removed")
def invite_removed(activity: Activity, reader: Reader) -> Events:
    gone: Events = [] if reader.reads_after else [("object_unshare", conference(activity))]
    return invitation("invitation_delete", activity) + gone


@told("invite.answered")
def invite_answered(activity: Activity, reader: Reader) -> Events:
    """Who declines deletes the invitation, and has it back with another answer; the meeting stays within reach."""
    former, status = activity.data.get("former_status"), activity.data["status"]
    if former is None or not activity.data["is_by_invitee"] or activity.data["occurrence"] is not None:
        return []
    if (former == "declined") == (status == "declined"):
        return []
    return invitation("invitation_delete" if status == "declined" else "invitation_new", activity)


@told("meeting.started", "meeting.ended")
def meeting_live(activity: Activity, reader: Reader) -> Events:
    name = "conference_start" if activity.kind == "meeting.started" else "conference_stop"
    payload = without_empty(
        conference=str(activity.room_id), owner=str(activity.owner_id or ""), description=activity.title
    )
    return [(name, payload)]


def _without_user(payload: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in payload.items() if name != "user"}
