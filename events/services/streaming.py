"""The live streams of a meeting's room."""

from collections.abc import Sequence
from typing import Any

from rooms.models import Room, StreamingTarget

FIELDS = ("name", "kind", "streaming_endpoint", "streaming_key", "public_url")


def replace_streaming_targets(room: Room, wanted: Sequence[dict[str, Any]]) -> bool:
    """Makes the room's targets these, in this order; those that come back with their id keep it.

    The frontend echoes the whole list in each PATCH; an echoed target without its key keeps the stored one.
    Returns whether anything changed.
    """
    stored = {target.pk: target for target in room.streaming_targets.all()}
    is_changed = False
    for position, values in enumerate(wanted):
        known = stored.pop(values["id"], None) if "id" in values else None
        target = known or StreamingTarget(room=room)
        new = {name: values[name] for name in FIELDS if name in values} | {"position": position}
        if target._state.adding or any(getattr(target, name) != value for name, value in new.items()):
            for name, value in new.items():
                setattr(target, name, value)
            target.save()
            is_changed = True
    if stored:
        StreamingTarget.objects.filter(pk__in=list(stored)).delete()
    return is_changed or bool(stored)
