"""What is a room's goes with it to another owner: its conference and its volume."""

from collections.abc import Iterable
from typing import Any

from activity.models import Activity
from activity.room_kinds import RoomUpdated
from integrations.objects.models.objects import Object

OF_ROOM = (Object.Type.CONFERENCE, Object.Type.VOLUME)


def follow_rooms(sender: Any, activities: Iterable[Activity], **_signal: Any) -> None:
    """Receives activity.signals.recorded, in the transaction that hands the room over. room.updated tells of it."""
    for activity in activities:
        if activity.kind == RoomUpdated.name and "created_by" in activity.changes:
            own = Object.objects.filter(room=activity.room_id, type__in=OF_ROOM)
            own.update(owner=activity.data["owner_id"])
