"""The live streams of a meeting's room."""

from collections.abc import Sequence
from typing import Any

from activity.changes import changes_of
from rest.errors import field_error
from rooms.models import Room, StreamingTarget

# Everybody in the meeting gets them with each event of a list.
MOST_STREAMS = 10
FIELDS = ("name", "kind", "streaming_endpoint", "streaming_key", "public_url")


def replace_streaming_targets(room: Room, wanted: Sequence[dict[str, Any]]) -> tuple[list[str], list[str]] | None:
    """Makes the room's targets these, in this order; those that come back with their id keep it.

    The frontend echoes the whole list in each PATCH; an echoed target without its key keeps the stored one.
    Returns the names before and after, None when nothing changed.
    """
    stored = {target.pk: target for target in room.streaming_targets.all()}
    old_names = [target.name for target in stored.values()]
    is_changed = False
    for position, values in enumerate(wanted):
        known = stored.pop(values["id"], None) if "id" in values else None
        if known is None and "streaming_key" not in values:
            field = f"streaming_targets.{position}.streaming_key"
            raise field_error(field, "value_required", "A new target needs its key")
        target = known or StreamingTarget(room=room)
        new = {name: values[name] for name in FIELDS if name in values} | {"position": position}
        if target._state.adding or changes_of(target, new):
            for name, value in new.items():
                setattr(target, name, value)
            target.save()
            is_changed = True
    if stored:
        StreamingTarget.objects.filter(pk__in=list(stored)).delete()
    return (old_names, [values["name"] for values in wanted]) if is_changed or stored else None
