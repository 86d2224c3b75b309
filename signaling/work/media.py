"""Whether there is a Janus for pictures and sound."""

from typing import Any

from django.conf import settings

from rooms.models import Room


def about(_room: Room) -> dict[str, Any] | None:
    return {} if settings.JANUS_URL else None
