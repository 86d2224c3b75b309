"""What cospace tells of each kind of activity: one function for each, in a file for each family.

A function gets the activity and its reader, and returns the events with their payloads, in order. It knows no more
than the activity holds: what somebody may learn was decided when it was written, and reading asks no other table.

    @told("tag.deleted")
    def tag_deleted(activity: Activity, reader: Reader) -> Events:
        return [("tag_delete", {"tag": str(activity.subject_id)})]
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from activity.models import Activity

Events = list[tuple[str, dict[str, Any]]]


@dataclass(frozen=True)
class Reader:
    """Whose stream it is. Whether the person could read the object before, and can read it after the activity, tells a
    new object from a changed one and from one that is out of reach now.
    """

    user_id: uuid.UUID
    read_before: bool
    reads_after: bool
    # Of the conferences that the session has subscribed to, the members by their ids, as events have them.
    present: Mapping[uuid.UUID | None, Mapping[str, dict[str, Any]]] = field(default_factory=dict)
    # What the messages of chats say, by their ids: the log does not know it.
    texts: Mapping[str, str] = field(default_factory=dict)


Format = Callable[[Activity, Reader], Events]

FORMATS: dict[str, Format] = {}
# Kinds of which the seed knows no event.
NOT_SHOWN: set[str] = set()


def told(*kinds: str) -> Callable[[Format], Format]:
    def register(format_of: Format) -> Format:
        for kind in kinds:
            _only_once(kind)
            FORMATS[kind] = format_of
        return format_of

    return register


def not_shown(*kinds: str) -> None:
    for kind in kinds:
        _only_once(kind)
        NOT_SHOWN.add(kind)


def events_of(activity: Activity, reader: Reader) -> Events:
    """Nothing for kinds that are not shown, also for those that a later version of this program had written."""
    format_of = FORMATS.get(activity.kind)
    return format_of(activity, reader) if format_of else []


def without_empty(**members: Any) -> dict[str, Any]:
    """A payload without the members that are None or "": the seed leaves out what is not there."""
    return {name: value for name, value in members.items() if value not in (None, "")}


def actor_of(activity: Activity) -> str:
    """The id of the account that did it, "" where that is none."""
    is_person = activity.actor_kind in {Activity.ActorKind.USER, Activity.ActorKind.STAFF}
    return str(activity.actor_id) if is_person and activity.actor_id else ""


def _only_once(kind: str) -> None:
    if kind in FORMATS or kind in NOT_SHOWN:
        raise ValueError(f"{kind} stands twice in the formats of cospace")
