"""How a kind of activity becomes events: each line of a family's FORMATS is one that it may give, in a fixed order.

    FORMATS: Formats = {
        RoomCreated: [Event("rooms", "created", room)],
        AssetCreated: [Event("files", "created", file), Event("convergedRecordings", "created", recording)],
    }
    NOT_SHOWN: NotShown = {RoomGuessed}

A function gets a `Told` and returns the event's `data`, or None where this activity is no such event. An id is made of
the activity's and the line's place: new lines of a kind go to the end.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from activity.kind import Kind
from activity.models import Activity
from integrations.webex.facts import Facts

Json = dict[str, Any]


@dataclass(frozen=True)
class Told:
    """An activity, and what is looked up for all of a page together."""

    activity: Activity
    facts: Facts

    @property
    def data(self) -> Json:
        """As the kind had it when it was written: members of later versions may be missing."""
        return dict(self.activity.data)


Write = Callable[[Told], Json | None]


@dataclass(frozen=True)
class Event:
    """`is_listed` is False for what only webhooks tell: the events' resources are the seed's thirteen."""

    resource: str
    type: str
    write: Write
    is_listed: bool = True


Formats = Mapping[type[Kind], list[Event]]
NotShown = frozenset[type[Kind]]

RESOURCES = (
    "attachmentActions", "businessTexts", "call_records", "convergedRecordings", "file_transcodings", "files",
    "meetingMessages", "meetings", "meetingTranscripts", "memberships", "messages", "rooms", "tabs",
)  # fmt: skip
TYPES = ("created", "updated", "deleted", "ended")
