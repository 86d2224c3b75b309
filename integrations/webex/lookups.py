"""What events tell beside the activity itself: looked up for a page together, in a constant number of statements.

Each function takes the page's activities and is called at most once for a page (`Facts.of`).
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet, Subquery, TextField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from activity.meeting_kinds import (
    ChatHistoryCleared,
    ChatMessageSent,
    MeetingEnded,
    MeetingStarted,
    ParticipantJoined,
    ParticipantLeft,
    RecordingStarted,
)
from activity.models import Activity
from activity.room_kinds import AssetCreated, RoomCreated
from rooms.models import Room
from signaling.models import Entry
from signaling.services import chat_records
from users.models import User

LIVE = {kind.name for kind in (ChatMessageSent, ChatHistoryCleared, ParticipantJoined, ParticipantLeft, AssetCreated)}
TRANSCRIPT = "transcript"  # the kind of a file


@dataclass
class Held:
    """A live meeting that is over: `attendees` are the accounts that joined it, each once."""

    host: str = ""
    host_email: str = ""
    is_recorded: bool = False
    is_transcribed: bool = False
    has_chat: bool = False
    attendees: list[str] = field(default_factory=list)


def emails(activities: Sequence[Activity]) -> dict[str, str]:
    """By the id of the account: of who acted, and of whom the activities name. Accounts that are gone have none."""
    named = {str(one.actor_id) for one in activities if one.actor_id}
    members = ("creator_id", "user_id", "owner_id")
    named |= {one.data[name] for one in activities for name in members if one.data.get(name)}
    found = User.objects.filter(pk__in=named).values_list("pk", "email")
    return {str(person_id): email for person_id, email in found}


def sessions(activities: Sequence[Activity]) -> dict[int, str]:
    """By position: the last live meeting that had begun in the room by then."""
    wanted = [one.pk for one in activities if one.kind in LIVE and one.room_id]
    begun = _begun().values("data__session")[:1]
    found = Activity.objects.filter(pk__in=wanted).annotate(session=Subquery(begun)) if wanted else ()
    return {one.pk: one.session for one in found if one.session}


def texts(activities: Sequence[Activity]) -> dict[str, str]:
    """By the message's id, where the site keeps chats."""
    wanted = [one.data["message_id"] for one in activities if one.kind == ChatMessageSent.name]
    if not wanted or not chat_records.are_kept():
        return {}
    said = Entry.objects.filter(session__in={*sessions(activities).values()}, namespace=chat_records.NAMESPACE)
    # The cast is for SQLite, where Django takes the ids for JSON; to PostgreSQL it is none, and so the index serves.
    named = said.alias(message=Cast(KT("data__id"), TextField()))
    kept = named.filter(message__in=wanted).values_list("data", flat=True)
    return {data["id"]: data["content"] for data in kept}


def hosts(activities: Sequence[Activity]) -> dict[uuid.UUID | None, tuple[str, str]]:
    """Id and address of whose room it is where a live meeting begins."""
    rooms = {one.room_id for one in activities if one.kind == MeetingStarted.name and one.room_id}
    return _owners(rooms) if rooms else {}


def held(activities: Sequence[Activity]) -> dict[int, Held]:
    """By the position of what says that it ended."""
    over = [one for one in activities if one.kind == MeetingEnded.name and one.room_id]
    if not over:
        return {}
    owners = _owners({one.room_id for one in over if one.room_id})
    found: dict[int, Held] = {}
    for one in _with_facts([one.pk for one in over]):
        host, email = owners.get(one.room_id, ("", ""))
        facts = {name: getattr(one, name) for name in ("is_recorded", "is_transcribed", "has_chat")}
        found[one.pk] = Held(host=host, host_email=email, **facts)
    for position, person_id in _attendees(list(found)):
        found[position].attendees.append(person_id)
    return found


def _begun() -> QuerySet[Activity]:
    """What began live meetings of the outer activity's room before it, the last one first."""
    rows = Activity.objects.filter(room_id=OuterRef("room_id"), kind=MeetingStarted.name)
    return rows.filter(position__lt=OuterRef("position")).order_by("-position")


def _with_facts(positions: list[int]) -> Iterable[Activity]:
    def has(kind: str, **more: str) -> Exists:
        rows = Activity.objects.filter(room_id=OuterRef("room_id"), kind=kind, **more)
        return Exists(rows.filter(position__gt=OuterRef("begun"), position__lt=OuterRef("position")))

    ended = Activity.objects.filter(pk__in=positions).annotate(begun=Subquery(_begun().values("position")[:1]))
    return ended.annotate(
        is_recorded=has(RecordingStarted.name),
        is_transcribed=has(AssetCreated.name, data__kind=TRANSCRIPT),
        has_chat=has(ChatMessageSent.name),
    )


# Each live meeting's own part of its room's log is one range of the index activity_live.
_JOINED = """
SELECT DISTINCT ended.position, joined.data ->> 'user_id' AS person
FROM activity_activity ended
JOIN activity_activity joined ON joined.room_id = ended.room_id
    AND joined.kind = 'participant.joined'
    AND joined.position < ended.position
    AND joined.position > (
        SELECT max(begun.position) FROM activity_activity begun
        WHERE begun.room_id = ended.room_id AND begun.kind = 'meeting.started' AND begun.position < ended.position
    )
WHERE ended.position IN ({})
ORDER BY ended.position, person
"""


def _attendees(positions: list[int]) -> list[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(_JOINED.format(", ".join(["%s"] * len(positions))), positions)
        return [(position, person) for position, person in cursor.fetchall() if person]


def _owners(rooms: set[uuid.UUID]) -> dict[uuid.UUID | None, tuple[str, str]]:
    """Id and address by room; of rooms that are gone as the log has who made them."""
    now = Room.objects.filter(pk__in=rooms).values_list("pk", "created_by", "created_by__email")
    found: dict[uuid.UUID | None, tuple[str, str]] = {room: (str(owner), email) for room, owner, email in now}
    gone = rooms - found.keys()
    if not gone:
        return found
    made = Activity.objects.filter(room_id__in=gone, kind=RoomCreated.name).values_list("room_id", "data__owner_id")
    makers = {room_id: owner for room_id, owner in made if owner}
    known = {str(pk): email for pk, email in User.objects.filter(pk__in=makers.values()).values_list("pk", "email")}
    return found | {room_id: (owner, known.get(owner, "")) for room_id, owner in makers.items()}
