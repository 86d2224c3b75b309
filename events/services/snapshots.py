"""What the log keeps of an event, and who may read it."""

import uuid
from datetime import datetime
from typing import Any

from events.models import Event
from rest.renderers import timestamp


def snapshot(event: Event) -> dict[str, Any]:
    """The members that event.created, event.updated and event.deleted share."""
    return {
        "title": event.title,
        "is_time_independent": event.is_time_independent,
        "is_adhoc": event.is_adhoc,
        "starts_at": plain(event.starts_at),
        "ends_at": plain(event.ends_at),
        "time_zone": event.starts_at_zone or None,
        "recurrence_pattern": event.recurrence_pattern,
        "sequence": event.sequence,
    }


def place(event: Event) -> dict[str, Any]:
    """Where an activity happened, for activity.log.record."""
    return {"tenant_id": event.tenant_id, "room_id": event.room_id, "event_id": event.pk}


def audience(event: Event) -> list[uuid.UUID]:
    """The creator and everybody who is invited by account."""
    return [event.created_by_id, *event.invites.values_list("invitee", flat=True)]


def changed(changes: dict[str, tuple[Any, Any]]) -> dict[str, tuple[Any, Any]]:
    """Changes in JSON values."""
    return {field: (plain(old), plain(new)) for field, (old, new) in changes.items()}


def plain(value: Any) -> Any:
    return timestamp(value) if isinstance(value, datetime) else value
