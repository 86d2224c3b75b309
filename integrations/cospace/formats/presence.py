"""Who comes and goes in a conference: for the sessions alone that subscribed to its detailed stream."""

from typing import Any

from activity.models import Activity
from integrations.cospace.formats.registry import Events, Reader, told
from integrations.objects.presence import Member


@told("participant.joined")
def joined(activity: Activity, reader: Reader) -> Events:
    """As the member is now; who has left already is told as somebody of whom nothing is known."""
    present = reader.present.get(activity.room_id)
    if present is None:
        return []
    member_id = activity.data["participant_id"]
    unknown = Member().told() | ({"user": activity.data["user_id"]} if activity.data["user_id"] else {})
    return _told("conference_join", activity, {member_id: present.get(member_id, unknown)})


@told("participant.left")
def left(activity: Activity, reader: Reader) -> Events:
    if activity.room_id not in reader.present:
        return []
    return _told("conference_leave", activity, [activity.data["participant_id"]])


def _told(name: str, activity: Activity, members: Any) -> Events:
    return [(name, {"conference": str(activity.room_id), "member": members})]
