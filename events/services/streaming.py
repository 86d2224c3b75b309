"""Add, change and remove live streams of a room. Everybody in its meeting is notified of each change."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from activity.actors import Actor
from activity.changes import assign, changes_of
from events.access import held_in
from events.services.events import announce_change, locked
from rest.errors import Conflict, NotFound
from rooms import services as rooms
from rooms.models import Room, StreamingTarget
from rooms.streaming import MOST_STREAMS


class TooManyStreams(Conflict):
    code = "too_many_streaming_targets"
    default_detail = f"A room has at most {MOST_STREAMS} live streams"


@transaction.atomic
def add_streaming_target(*, room: Room, actor: Actor, suppress_mail: bool = False, **values: Any) -> StreamingTarget:
    """Puts it behind the others. Raises TooManyStreams, and NotFound where the room was deleted meanwhile."""
    with _announced(room, actor, suppress_mail):
        if room.streaming_targets.count() >= MOST_STREAMS:
            raise TooManyStreams
        last: int | None = room.streaming_targets.aggregate(last=Max("position"))["last"]
        return StreamingTarget.objects.create(room=room, position=0 if last is None else last + 1, **values)


@transaction.atomic
def update_streaming_target(
    *, target: StreamingTarget, actor: Actor, suppress_mail: bool = False, **values: Any
) -> StreamingTarget:
    """What is already so changes nothing and mails nobody. Raises NotFound where it was deleted meanwhile."""
    with _announced(target.room, actor, suppress_mail) as announcement:
        try:
            target.refresh_from_db()
        except StreamingTarget.DoesNotExist:
            raise NotFound from None
        changes = changes_of(target, values)
        announcement.is_due = bool(changes)
        assign(target, changes)
        target.save(update_fields=list(changes))
    return target


@transaction.atomic
def delete_streaming_target(*, target: StreamingTarget, actor: Actor, suppress_mail: bool = False) -> None:
    """Raises NotFound where it was deleted meanwhile."""
    with _announced(target.room, actor, suppress_mail):
        deleted, _by_model = StreamingTarget.objects.filter(pk=target.pk).delete()
        if not deleted:
            raise NotFound


@dataclass
class _Announcement:
    is_due: bool = True


@contextmanager
def _announced(room: Room, actor: Actor, suppress_mail: bool) -> Iterator[_Announcement]:
    """Holds the room and its meetings, and tells everybody in them what the block has changed."""
    events = [locked(event) for event in held_in(room, timezone.now()).order_by("pk")]
    rooms.locked(room)
    old, announcement = _names(room), _Announcement()
    yield announcement
    if not announcement.is_due:
        return
    changes = {"streaming_targets": (old, _names(room))}
    if events:
        announce_change(events, actor, changes, suppress_mail=suppress_mail)
    else:
        rooms.record_update(room, actor, changes)


def _names(room: Room) -> list[str]:
    return list(room.streaming_targets.values_list("name", flat=True))
