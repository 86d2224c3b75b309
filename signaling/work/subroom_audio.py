"""The rooms of LiveKit for whispering, called as those of livekit are."""

import uuid
from typing import Any

from signaling.work import livekit
from signaling.work.livekit import close_rooms, remove

__all__ = ["close_rooms", "open_room", "remove"]


def open_room(*, room_id: uuid.UUID, room: str, by: uuid.UUID, invited: list[uuid.UUID]) -> dict[str, Any]:
    return livekit.open_room(room_id=room_id, room=room, by=by)
