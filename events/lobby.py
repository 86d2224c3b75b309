"""The waiting room by the calendar: closed until some minutes before each occurrence, open until it ends."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from calendars import recurrence
from events.models import Event
from rooms.models import Room

# An occurrence is open at its very end.
JUST_AFTER = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True)
class Lobby:
    """`is_closed`: who comes now waits to be let in. `changes_at`: when this may be otherwise, None for never."""

    is_closed: bool
    changes_at: datetime | None = None


def has_waiting_room(room: Room, now: datetime) -> bool:
    """Whether who comes now waits to be let in."""
    return lobby(room, now).is_closed


def lobby(room: Room, now: datetime) -> Lobby:
    """The stored flag says whether the room has a waiting room at all."""
    if not room.waiting_room:
        return Lobby(is_closed=False)
    # The parts of a split series share the room.
    events = room.events.filter(lobby_opens_before_minutes__isnull=False).prefetch_related("exceptions")
    times = [time for event in events for time in _open_times(event, now)]
    changes = [moment for opens, ends in times for moment in (opens, ends + JUST_AFTER) if moment > now]
    is_open = any(opens <= now <= ends for opens, ends in times)
    return Lobby(is_closed=not is_open, changes_at=min(changes, default=None))


def _open_times(event: Event, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """From when to when the room is open: for all occurrences of now, and for the next one."""
    series, minutes = event.as_series(), event.lobby_opens_before_minutes
    if series is None or minutes is None:
        return
    overrides = [exception.as_override() for exception in event.exceptions.all()]
    for occurrence in recurrence.occurrences(series, after=now, overrides=overrides):
        if occurrence.is_cancelled:
            continue
        opens = occurrence.starts_at - timedelta(minutes=minutes)
        yield opens, occurrence.ends_at
        if opens > now:
            return
