"""An activity in our own words, for people who may know of it (`Audience`).

Left out is what is for staff alone: the request, the source, the words it is found by, and which of the staff it was.
Of a secret only that it changed is told, as in the admin's history; a guest has the name that the meeting showed.
"""

import re
from typing import Any

import orjson

from activity.history.values import is_untold
from activity.models import Activity, Audience
from activity.reader import Cursor
from rest import live
from rest.errors import BadRequest
from rest.renderers import OPTIONS

NAMED = frozenset({Activity.ActorKind.USER, Activity.ActorKind.GUEST, Activity.ActorKind.PARTICIPANT})
# A guest's id is that of the invitation.
IDENTIFIED = frozenset({Activity.ActorKind.USER, Activity.ActorKind.PARTICIPANT})
LONGEST_CURSOR = 33
_CURSOR = re.compile(r"([0-9a-f]{1,16})-([0-9a-f]{1,16})")
MOST = 2**63 - 1


def cursor_text(cursor: Cursor) -> str:
    return f"{cursor.transaction_id:x}-{cursor.position:x}"


def cursor_of(text: str) -> Cursor | None:
    found = _CURSOR.fullmatch(text)
    cursor = Cursor(int(found[1], 16), int(found[2], 16)) if found else None
    return cursor if cursor and max(cursor) <= MOST else None


def told(activity: Activity, *, read_before: bool, reads_after: bool) -> dict[str, Any]:
    kind = activity.actor_kind
    return {
        "id": cursor_text(Cursor.of(activity)),
        "kind": activity.kind,
        "time": activity.occurred_at,
        "actor": {
            "kind": kind,
            "id": activity.actor_id if kind in IDENTIFIED else None,
            "name": activity.actor_name if kind in NAMED else "",
        },
        "subject": {"type": activity.subject_type, "id": activity.subject_id},
        "room": activity.room_id,
        "event": activity.event_id,
        "title": activity.title,
        "data": activity.data,
        "changes": {
            name: None if is_untold(activity.subject_type, name) else {"old": pair[0], "new": pair[1]}
            for name, pair in activity.changes.items()
        },
        "read_before": read_before,
        "reads_after": reads_after,
    }


def told_to(row: Audience) -> dict[str, Any]:
    return told(row.activity, read_before=row.read_before, reads_after=row.reads_after)


def frame(activity: Activity, *, read_before: bool, reads_after: bool) -> bytes:
    """An event of the stream."""
    resource = told(activity, read_before=read_before, reads_after=reads_after)
    return live.event(orjson.dumps(resource, option=OPTIONS), name="activity", event_id=resource["id"])


def frame_to(row: Audience) -> bytes:
    return frame(row.activity, read_before=row.read_before, reads_after=row.reads_after)


def read_cursor(text: str, what: str) -> Cursor:
    """Raises BadRequest."""
    cursor = cursor_of(text)
    if cursor is None:
        raise BadRequest(f"{what} is not an id of this stream")
    return cursor
