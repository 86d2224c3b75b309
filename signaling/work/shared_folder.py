"""The folder of the room's event, once the file service has made it."""

from typing import Any

from django.utils import timezone

from events import access as events
from events.models import SharedFolder
from events.resources import shared_folder
from rooms.models import Room


def about(room: Room) -> dict[str, Any] | None:
    event = events.latest_of_room(room, timezone.now())
    folder = SharedFolder.objects.filter(event=event).exclude(read_url="").first() if event else None
    return shared_folder(folder, with_write=True) if folder else None
