"""What of the log a person reads, and until when: a person's rows are those of `Audience`, whoever asks."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.db.models import QuerySet

from activity import reader
from activity.models import Activity, Audience
from activity.reader import Cursor
from database.rows import plain_rows
from integrations.streams.told import frame, frame_to
from users.models import User

# With filters a page looks at so many of the person's activities; the next page goes on from there.
MOST_SEARCHED = 2000
# What one look of the feed reads of the log, and one of a client that catches up.
MOST_READ, MOST_CAUGHT_UP = 100, 100

Frames = Sequence[tuple[Cursor, bytes]]


@dataclass(frozen=True)
class Batch:
    """What the feed read: up to `cursor`, with the frames of the people who listen."""

    cursor: Cursor
    frames: Sequence[tuple[uuid.UUID, Cursor, bytes]]
    is_full: bool
    is_about_people: bool


def page(
    user_id: uuid.UUID, before: Cursor | None, wanted: int, filters: dict[str, Any]
) -> tuple[list[Audience], Cursor | None]:
    """The newest rows that the filters let pass, at most so many, and where the next page begins."""
    rows = reader.newest_seen_by(user_id, before)
    if not filters:
        found = list(rows.select_related("activity")[: wanted + 1])
        return found[:wanted], Cursor.of(found[wanted - 1]) if len(found) > wanted else None
    searched = rows.values("pk")[:MOST_SEARCHED]
    matching = Audience.objects.filter(pk__in=searched, **filters).order_by("-transaction_id", "-activity_id")
    found = list(matching.select_related("activity")[: wanted + 1])
    if len(found) > wanted:
        return found[:wanted], Cursor.of(found[wanted - 1])
    return found, _end_of(rows)


def _end_of(rows: QuerySet[Audience]) -> Cursor | None:
    last = rows.values_list("transaction_id", "activity_id")[MOST_SEARCHED - 1 : MOST_SEARCHED]
    return next((Cursor(*row) for row in last), None)


def caught_up(user_id: uuid.UUID, cursor: Cursor) -> Frames:
    """The next of one person's frames."""
    rows = reader.seen_by(user_id, cursor, limit=MOST_CAUGHT_UP)
    return [(Cursor.of(row), frame_to(row)) for row in rows]


def read_on(cursor: Cursor, people: Collection[uuid.UUID]) -> Batch:
    """The log's next activities, for those of these people who may know of them: two statements for all."""
    activities = {activity.position: activity for activity in reader.after(cursor, limit=MOST_READ)}
    if not activities:
        return Batch(cursor, [], is_full=False, is_about_people=False)
    concerned = _concerned().filter(activity_id__in=list(activities), user_id__in=people)
    frames: dict[tuple[int, bool, bool], bytes] = {}
    found = []
    for row in concerned:
        activity, key = activities[row.activity_id], (row.activity_id, row.read_before, row.reads_after)
        if key not in frames:
            frames[key] = frame(activity, read_before=row.read_before, reads_after=row.reads_after)
        found.append((row.user_id, Cursor.of(activity), frames[key]))
    is_about_people = any(activity.subject_type == "user" for activity in activities.values())
    last: Activity = next(reversed(activities.values()))
    return Batch(Cursor.of(last), found, len(activities) == MOST_READ, is_about_people)


class Concerned(NamedTuple):
    activity_id: int
    user_id: uuid.UUID
    read_before: bool
    reads_after: bool


@cache
def _concerned() -> QuerySet[Any, Concerned]:
    ordered = Audience.objects.order_by("transaction_id", "activity_id")
    return plain_rows(ordered, lambda row: row, {"": Concerned})


def sign_ins(people: Collection[uuid.UUID]) -> dict[uuid.UUID, datetime | None]:
    """Of those who may still sign in: since when tokens count."""
    active = User.objects.order_by().filter(pk__in=people, disabled_since=None)
    return dict(active.values_list("pk", "sessions_ended_at"))
