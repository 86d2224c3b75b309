"""Use cases of all objects. What only one type has is written by the file of the type, in the same transaction."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from activity.actors import Actor
from activity.changes import Changes, in_json
from activity.log import record
from activity.object_kinds import ObjectCreated, ObjectPurged, ObjectRestored, ObjectTrashed, ObjectUpdated
from integrations.objects.access import circle, place, tags_of
from integrations.objects.models.objects import Object, ObjectTag
from integrations.objects.models.tags import Tag
from integrations.objects.services.locking import locked, locked_tags
from integrations.objects.services.sharing import snapshot
from rest.errors import Conflict
from rooms.models import Room
from users.models import User


class IsRoom(Conflict):
    code = "is_room"
    default_detail = "A conference is deleted as a room"


@transaction.atomic
def create_object(
    *,
    owner: User,
    type: str,  # noqa: A002 - the column's name
    actor: Actor,
    description: str = "",
    tags: Sequence[Tag] = (),
    room: Room | None = None,
    object_id: uuid.UUID | None = None,
) -> Object:
    """`tags` are those that `access.attachable` has allowed. Raises NotFound where one was deleted meanwhile."""
    held = locked_tags(tag.pk for tag in tags)
    now = timezone.now()
    one = Object(
        pk=object_id or uuid.uuid4(),
        type=type,
        owner=owner,
        room=room,
        description=description,
        created_at=now,
        modified_at=now,
    )
    one.save(force_insert=True)
    ObjectTag.objects.bulk_create(ObjectTag(object=one, tag=tag) for tag in held.values())
    kind = ObjectCreated(**snapshot(one), tags=tags_of([one])[one.pk])
    record(kind, actor=actor, subject=one, place=place(one), after=circle(one))
    return one


@transaction.atomic
def update_object(
    *, one: Object, actor: Actor, description: str | None = None, also: Changes | None = None
) -> tuple[Object, Changes]:
    """`also`: what the caller has changed in the type's own table, in JSON values. Nothing changed is no activity.

    Raises NotFound where it was deleted meanwhile.
    """
    one = locked(one)
    changes: Changes = dict(also or {})
    if description is not None and description != one.description:
        changes["description"] = (one.description, description)
        one.description = description
    if changes:
        one.modified_at = timezone.now()
        one.save(update_fields=["description", "modified_at"])
        _record(ObjectUpdated(**snapshot(one)), one, actor, changes=in_json(changes))
    return one, changes


@transaction.atomic
def delete_object(*, one: Object, actor: Actor) -> Object:
    """Puts it into the trash, with its tags. Raises NotFound where it was there already, IsRoom for a conference."""
    if one.type == Object.Type.CONFERENCE:
        raise IsRoom
    one = locked(one)
    before = circle(one)
    one.deleted_at = timezone.now()
    one.save(update_fields=["deleted_at"])
    record(ObjectTrashed(**snapshot(one)), actor=actor, subject=one, place=place(one), before=before, after=circle(one))
    return one


@transaction.atomic
def restore_object(*, one: Object, actor: Actor) -> Object:
    """Raises NotFound where it is no longer in the trash."""
    one = locked(one, in_trash=True)
    before = circle(one)
    one.deleted_at = None
    one.save(update_fields=["deleted_at"])
    kind = ObjectRestored(**snapshot(one), tags=tags_of([one])[one.pk])
    record(kind, actor=actor, subject=one, place=place(one), before=before, after=circle(one))
    return one


@transaction.atomic
def purge_object(*, one: Object, actor: Actor) -> None:
    """Deletes for good what is in the trash. Raises NotFound where it is not."""
    one = locked(one, in_trash=True)
    record(ObjectPurged(**snapshot(one)), actor=actor, subject=one, place=place(one), before=circle(one))
    remove_rows([one])


def remove_rows(objects: Sequence[Object]) -> None:
    """Deletes objects whose rows are held, with all that belongs to them."""
    Object.objects.filter(pk__in=[one.pk for one in objects]).delete()


def _record(kind: Any, one: Object, actor: Actor, **more: Any) -> None:
    people = circle(one)
    record(kind, actor=actor, subject=one, place=place(one), before=people, after=people, **more)
