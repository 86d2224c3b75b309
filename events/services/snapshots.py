"""What the log keeps of an event."""

import hashlib
from typing import Any

from activity.audiences import Circle
from activity.changes import plain
from events.models import Event


def snapshot(event: Event, people: Circle) -> dict[str, Any]:
    """The members that event.created, event.updated and event.deleted share."""
    return {
        "title": event.title,
        **people_and_text(event.description, people),
        "is_time_independent": event.is_time_independent,
        "is_all_day": bool(event.is_all_day),
        "is_adhoc": event.is_adhoc,
        "starts_at": plain(event.starts_at),
        "ends_at": plain(event.ends_at),
        "time_zone": event.starts_at_zone or None,
        "recurrence_pattern": event.recurrence_pattern,
        "sequence": event.sequence,
    }


def people_and_text(description: str, people: Circle) -> dict[str, Any]:
    """What the activities of single occurrences have, too."""
    return {
        "description_sha256": hashlib.sha256(description.encode()).hexdigest(),
        "creator_id": str(people.owner),
        "attendee_ids": sorted(map(str, people.readers)),
    }
