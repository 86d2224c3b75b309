"""Tags are attached to objects and taken off: how people share them."""

import uuid
from collections.abc import Collection

from django.db import transaction

from activity.actors import Actor
from activity.audiences import Circle, People
from activity.log import record
from activity.object_kinds import ObjectTagged
from integrations.objects.access import circle, level_in, level_of, place, tags_of
from integrations.objects.models.objects import Object, ObjectTag
from integrations.objects.models.tags import Grant, Level, Tag
from integrations.objects.services.locking import locked, locked_tags
from integrations.objects.services.sharing import record_sharing, snapshot
from rest.errors import Conflict, Forbidden
from users.models import User

MOST_TAGS_ON_ONE = 100
MOST_OBJECTS = 5000  # with one tag: all of them are looked at when its policy changes


class TooManyOnObject(Conflict):
    code = "too_many_tags"
    default_detail = f"An object has at most {MOST_TAGS_ON_ONE} tags"


class TagIsFull(Conflict):
    code = "tag_is_full"
    default_detail = f"A tag is on at most {MOST_OBJECTS} objects"


@transaction.atomic
def change_tags(
    *,
    one: Object,
    by: User | None,
    actor: Actor,
    add: Collection[uuid.UUID] = (),
    remove: Collection[uuid.UUID] = (),
) -> Object:
    """Attaches tags and takes others off, at once; `by` is None for staff, who may take off each.

    What is there already is not attached again, what is not there not taken off. Raises Forbidden, TooManyOnObject,
    TagIsFull, and NotFound where the object or a tag is gone.
    """
    tags = locked_tags({*add, *remove})
    one = locked(one)
    attached = set(one.tags.filter(tag__in=tags).values_list("tag", flat=True))
    added = [tags[key] for key in dict.fromkeys(add) if key not in attached and key not in remove]
    removed = [tags[key] for key in dict.fromkeys(remove) if key in attached]
    if by is not None:
        require_attachable(one, by, added)
        _require_removable(one, by, removed)
    if not (added or removed):
        return one
    before = circle(one)
    one.tags.filter(tag__in=removed).delete()
    ObjectTag.objects.bulk_create(ObjectTag(object=one, tag=tag) for tag in added)
    _require_room(one, added)
    _record_tags(one, actor, before, added, removed)
    record_sharing(objects=[one], before={one.pk: before}, actor=actor)
    return one


def require_attachable(one: Object, by: User, tags: Collection[Tag]) -> None:
    """Own tags, to what the person may propagate; tags of others, where these let them be used, to own objects."""
    if not tags:
        return
    held = Level.OWNER if one.owner_id == by.pk else level_of(by, one)
    for tag in tags:
        is_lent = held == Level.OWNER and tag.foreign_use and level_in(by, tag) >= Level.PROPAGATE
        if not is_lent and (tag.owner_id != by.pk or held < Level.PROPAGATE):
            raise Forbidden


def _require_removable(one: Object, by: User, tags: Collection[Tag]) -> None:
    """The object's owner takes off each, everybody else the own ones."""
    if one.owner_id != by.pk and any(tag.owner_id != by.pk for tag in tags):
        raise Forbidden


def _require_room(one: Object, added: Collection[Tag]) -> None:
    if added and one.tags.count() > MOST_TAGS_ON_ONE:
        raise TooManyOnObject
    if any(tag.attachments.count() > MOST_OBJECTS for tag in added):
        raise TagIsFull


def _record_tags(one: Object, actor: Actor, before: Circle, added: list[Tag], removed: list[Tag]) -> None:
    """For those who could read the object and still can, if they have access to one of these tags."""
    touched = _people_of([*added, *removed])
    after = circle(one)
    kind = ObjectTagged(
        **snapshot(one),
        tags=tags_of([one])[one.pk],
        added=[str(tag.pk) for tag in added],
        removed=[str(tag.pk) for tag in removed],
    )
    before, after = _within(before, touched), _within(after, touched)
    record(kind, actor=actor, subject=one, place=place(one), before=before, after=after)


def _people_of(tags: Collection[Tag]) -> People:
    named = Grant.objects.filter(tag__in=tags).values_list("user", flat=True)
    return frozenset(named) | {tag.owner_id for tag in tags}


def _within(people: Circle, touched: People) -> Circle:
    return Circle(owner=people.owner if people.owner in touched else None, readers=people.everybody & touched)
