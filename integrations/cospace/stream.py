"""The stream of a session: what the log has for its person, and what passes, as events with contiguous ids.

Numbers are given when somebody reads: under the lock of the session's row, the log is read on from its cursor, and what
passed since. So all clients of a session see the same numbers, nothing is lost or told twice, and a session that
nobody reads costs nothing.
"""

import heapq
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from activity import reader
from activity.models import Audience
from activity.reader import Cursor
from integrations.cospace import sessions
from integrations.cospace.dialect import Json
from integrations.cospace.errors import NoAuth, NoSession
from integrations.cospace.formats import Reader, events_of
from integrations.cospace.models import PassingEvent, Session, StreamEvent, Subscription
from integrations.cospace.subscriptions import can_read, readable, states_of
from integrations.objects import presence
from integrations.objects.services import chats

# Of the log, and of what passed: one transaction numbers no more. A call that finds nothing to tell goes on so often.
BATCH = 500
ROUNDS = 10
# States of subscriptions that one transaction tells: each asks the database. The others come with the next look.
MOST_DUE = 20
PRESENCE = {"participant.joined", "participant.left"}


@dataclass(frozen=True)
class Page:
    """`first` is the oldest id that is kept, or the next one where none is. `status_at`: when there is more to tell
    without anybody doing anything. `is_behind`: not all that happened is numbered yet; who waits looks again at once.
    """

    events: list[Json]
    first: int
    status_at: datetime | None
    is_behind: bool = False

    def told(self) -> Json:
        return {"event": self.events, "first": self.first}


def look(session_id: uuid.UUID, user_id: uuid.UUID, *, first: int, count: int) -> Page:
    """The events from this id on. Raises NoSession where it has ended, NoAuth where somebody else has signed in."""
    session = sessions.by_id(session_id)
    if session is None:
        raise NoSession
    if session.user_id != user_id:
        raise NoAuth
    sessions.note_call(session)
    is_behind = _is_behind(session) and _catch_up(session, first)
    rows = StreamEvent.objects.filter(session=session_id, number__gte=first).order_by("number")[:count]
    events = [event_told(row) for row in rows]
    oldest = StreamEvent.objects.filter(session=session_id).aggregate(oldest=Min("number"))["oldest"]
    return Page(events, session.next_number if oldest is None else oldest, _status_at(session), is_behind)


def event_told(row: StreamEvent) -> Json:
    return {"id": row.number, "event": row.name, "time": row.time, **row.payload}


def _catch_up(session: Session, first: int) -> bool:
    """Until there is something to tell from this id on: much of what happens is no event of cospace. Whether there is
    more to number.
    """
    for _round in range(ROUNDS):
        is_full = advance(session)
        if not is_full or session.next_number > first:
            return is_full
    return True


@transaction.atomic
def advance(session: Session) -> bool:
    """Numbers what is new; whether there may be more than that. Raises NoSession."""
    held = Session.objects.select_for_update(of=("self",), no_key=True).select_related("user").filter(pk=session.pk)
    row = held.first()
    if row is None or row.user is None:
        raise NoSession
    rows = reader.seen_by(row.user.pk, cursor_of(row), limit=BATCH)
    if rows:
        row.transaction_id, row.position = Cursor.of(rows[-1])
    passed = _passed(row)
    objects, due = _still_readable(row, passed)
    new = [*heapq.merge(_of_log(row, rows), _readable(passed, objects), key=lambda event: event[0])]
    new += _states(due)
    StreamEvent.objects.bulk_create(
        StreamEvent(session=row, number=number, name=name, payload=payload, time=int(at))
        for number, (at, name, payload) in enumerate(new, row.next_number)
    )
    row.next_number += len(new)
    row.save(update_fields=["transaction_id", "position", "next_number"])
    session.transaction_id, session.position = row.transaction_id, row.position
    session.next_number = row.next_number
    return BATCH in (len(rows), len(passed))


# The time in seconds, the name and the payload.
New = tuple[float, str, dict[str, Any]]


def _of_log(session: Session, rows: Sequence[Audience]) -> Iterable[New]:
    present, texts = _present(session, rows), _texts(rows)
    for row in rows:
        whose = Reader(row.user_id, row.read_before, row.reads_after, present, texts)
        for name, payload in events_of(row.activity, whose):
            yield row.activity.occurred_at.timestamp(), name, payload


def _present(session: Session, rows: Sequence[Audience]) -> dict[uuid.UUID | None, dict[str, Json]]:
    """The members of the conferences in which somebody came or went, and to which the session has subscribed."""
    rooms = {row.activity.room_id for row in rows if row.activity.kind in PRESENCE}
    if not rooms:
        return {}
    listened = session.subscriptions.filter(kind=Subscription.Kind.CONFERENCE, object_id__in=rooms)
    return {
        room_id: {str(key): member.told() for key, member in presence.members(room_id).items()}
        for room_id in listened.values_list("object_id", flat=True)
        if room_id is not None
    }


def _texts(rows: Sequence[Audience]) -> dict[str, str]:
    """Of all messages of chats at once."""
    posted = [row.activity.data["message_id"] for row in rows if row.activity.kind == "chat.message_posted"]
    return chats.texts(posted) if posted else {}


def _passed(session: Session) -> list[PassingEvent]:
    """Takes them out of the queue: all but those which somebody is about to replace."""
    queue = PassingEvent.objects.select_for_update(skip_locked=True).filter(session=session)
    rows = list(queue.order_by("at", "pk")[:BATCH])
    PassingEvent.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return rows


def _still_readable(
    session: Session, passed: Sequence[PassingEvent]
) -> tuple[set[uuid.UUID | None], list[Subscription]]:
    """The objects of which something passed, and the subscriptions whose time has come, where the person can still read
    the object. The others end.
    """
    due = list(session.subscriptions.filter(status_at__lte=timezone.now()).order_by("status_at", "pk")[:MOST_DUE])
    objects = {row.object_id for row in passed if row.object_id is not None}
    told = list(session.subscriptions.filter(object_id__in=objects)) if objects else []
    kept = readable(session, {one.object_id for one in due + told if one.object_id is not None})
    lost = [one.pk for one in due + told if not can_read(one, kept)]
    if lost:
        Subscription.objects.filter(pk__in=lost).delete()
    return {one.object_id for one in told if can_read(one, kept)}, [one for one in due if can_read(one, kept)]


def _readable(passed: Sequence[PassingEvent], objects: set[uuid.UUID | None]) -> Iterable[New]:
    for row in passed:
        if row.object_id is None or row.object_id in objects:
            yield row.at / 1_000_000, row.name, row.payload


def _states(due: Sequence[Subscription]) -> Iterable[New]:
    now = timezone.now().timestamp()
    for told in states_of(due):
        yield now, *told


def _is_behind(session: Session) -> bool:
    """Asked without the lock: most calls find nothing."""
    user_id = session.user_id
    return (
        bool(user_id and reader.seen_by(user_id, cursor_of(session), limit=1))
        or session.passing.exists()
        or session.subscriptions.filter(status_at__lte=timezone.now()).exists()
    )


def _status_at(session: Session) -> datetime | None:
    found: datetime | None = session.subscriptions.aggregate(next=Min("status_at"))["next"]
    return found


def cursor_of(session: Session) -> Cursor:
    return Cursor(session.transaction_id, session.position)
