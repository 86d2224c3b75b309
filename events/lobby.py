"""The waiting room by the calendar: closed until some minutes before each occurrence, open until it ends."""

from datetime import datetime, timedelta

from calendars import recurrence
from events.models import Event
from rooms.models import Room


def has_waiting_room(room: Room, now: datetime) -> bool:
    """Whether who comes now waits to be let in. The stored flag says whether the room has a waiting room at all."""
    if not room.waiting_room:
        return False
    # The parts of a split series share the room.
    opening = room.events.filter(lobby_opens_before_minutes__isnull=False).prefetch_related("exceptions")
    return not any(_is_open(event, now) for event in opening)


def _is_open(event: Event, now: datetime) -> bool:
    series, minutes = event.as_series(), event.lobby_opens_before_minutes
    if series is None or minutes is None:
        return False
    overrides = [exception.as_override() for exception in event.exceptions.all()]
    soon = recurrence.occurrences(series, after=now, before=now + timedelta(minutes=minutes), overrides=overrides)
    return any(not occurrence.is_cancelled for occurrence in soon)
