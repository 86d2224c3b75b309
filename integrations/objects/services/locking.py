"""Rows read anew and held until the transaction ends."""

import uuid
from collections.abc import Iterable

from integrations.objects.access import describe
from integrations.objects.models.objects import Object
from integrations.objects.models.tags import Tag
from rest.errors import NotFound
from rooms.models import Room


def locked(one: Object, *, in_trash: bool | None = False) -> Object:
    """A conference gets its row here. `in_trash` None is either.

    Raises NotFound where the object is gone, or the trash has it unexpectedly.
    """
    if one.type == Object.Type.CONFERENCE:
        _keep_conference(one)
    found = next(iter(locked_all([one.pk])), None)
    if found is None or found.type != one.type or in_trash not in (None, found.deleted_at is not None):
        raise NotFound
    describe([found])
    return found


def locked_all(object_ids: Iterable[uuid.UUID]) -> list[Object]:
    """Those that are still there, in the trash or not."""
    rows = Object.objects.select_for_update(no_key=True, of=("self",)).select_related("owner", "room")
    return list(rows.filter(pk__in=set(object_ids)).order_by("pk"))


def locked_tags(tag_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Tag]:
    """Raises NotFound where one of them is gone."""
    wanted = set(tag_ids)
    rows = Tag.objects.select_for_update(no_key=True, of=("self",)).select_related("owner")
    found = {tag.pk: tag for tag in rows.filter(pk__in=wanted).order_by("pk")}
    if found.keys() != wanted:
        raise NotFound
    return found


def _keep_conference(one: Object) -> None:
    room = Room.objects.select_for_update(no_key=True).filter(pk=one.pk).first()
    if room is None:
        raise NotFound
    row = Object(pk=room.pk, type=one.type, owner_id=room.created_by_id, room=room, created_at=room.created_at)
    Object.objects.bulk_create([row], ignore_conflicts=True)
