"""What the rest of the site does to a room or its people: the live meeting looks at once what has become of it.

The log tells. A process that misses a message finds out by itself within seconds (`watch.py`).
"""

import uuid
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q

from activity.models import Activity
from signaling.bus import Publication, bus
from signaling.models import Participant, RoomSession

# Who may be in the room, when its waiting room opens, and what its modules read of other apps.
OF_A_ROOM = frozenset({
    "room.updated", "room.deleted", "event.updated", "event.instance_updated", "event.handed_over", "event.deleted",
    "invite.removed", "code.revoked",
})  # fmt: skip
OF_AN_ACCOUNT = "user.updated"


def hear(sender: Any, activities: Iterable[Activity], **_signal: Any) -> None:
    """Receives activity.signals.recorded."""
    rooms = {activity.room_id for activity in activities if activity.kind in OF_A_ROOM and activity.room_id}
    disabled = [
        activity.subject_id
        for activity in activities
        if activity.kind == OF_AN_ACCOUNT and "disabled_since" in activity.changes
    ]
    if disabled:
        rooms.update(_rooms_of(disabled))
    if rooms:
        transaction.on_commit(lambda: _tell(rooms), robust=True)


def _rooms_of(users: list[uuid.UUID]) -> Iterable[uuid.UUID]:
    """Whose live meetings they own, or are in."""
    present = Participant.objects.filter(user_id__in=users, where__in=Participant.PRESENT)
    theirs = Q(room__created_by__in=users) | Q(pk__in=present.values("session"))
    return RoomSession.objects.filter(theirs, ended_at=None).values_list("room_id", flat=True)


def _tell(rooms: Iterable[uuid.UUID]) -> None:
    for room_id in rooms:
        bus.publish(Publication(room_id))
