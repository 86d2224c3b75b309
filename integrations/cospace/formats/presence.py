"""Who comes and goes in a live meeting: for those alone who subscribed to the conference's detailed stream."""

from typing import Any

from activity.models import Activity
from integrations.cospace.formats.registry import Events, Reader, told, without_empty

# What is not known of a participant is as in the seed's example of one who just dialled in.
UNKNOWN: dict[str, Any] = {"mute": False, "deaf": False, "talk": False, "floor": False, "volume_in": 0, "volume_out": 0}


@told("participant.joined")
def joined(activity: Activity, reader: Reader) -> Events:
    """Whoever goes to a breakout room stays in the conference."""
    if activity.room_id not in reader.listens_to or activity.data["breakout_room"] is not None:
        return []
    member = without_empty(user=activity.data["user_id"]) | UNKNOWN
    members = {activity.data["participant_id"]: member}
    return [("conference_join", {"conference": str(activity.room_id), "member": members})]


@told("participant.left")
def left(activity: Activity, reader: Reader) -> Events:
    if activity.room_id not in reader.listens_to or activity.data["breakout_room"] is not None:
        return []
    gone = [activity.data["participant_id"]]
    return [("conference_leave", {"conference": str(activity.room_id), "member": gone})]
