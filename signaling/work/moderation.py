"""The waiting room as the calendar has it."""

import uuid
from dataclasses import asdict
from typing import Any

from django.utils import timezone

from events import lobby
from rooms.models import Room
from signaling.work import Failed


def about(room: Room) -> dict[str, Any]:
    return asdict(lobby.lobby(room, timezone.now()))


def look(*, room_id: uuid.UUID) -> dict[str, Any]:
    room = Room.objects.filter(pk=room_id).first()
    if room is None:
        raise Failed("not_found")
    return about(room)
