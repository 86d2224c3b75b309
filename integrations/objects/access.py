"""Who can access an object: its owner, whom a tag of it names, and for a conference whoever can access the room.

What lies in the trash is its owner's alone, and found only there.
"""

import uuid
from collections.abc import Sequence

from django.db.models import Max, Q, QuerySet

from activity.audiences import Circle, Place
from integrations.objects.models.objects import Object, ObjectTag
from integrations.objects.models.tags import Grant, Level, Tag
from rest.errors import Forbidden, NotFound
from rooms import access as rooms
from users.models import User


def visible(user: User) -> QuerySet[Object]:
    """All that the person can access, without the trash. By ids, because OR over joins defeats the indexes."""
    own = Object.objects.filter(owner=user).order_by().values("pk")
    tagged = ObjectTag.objects.filter(tag__in=tags(user)).values("object")
    in_rooms = Object.objects.filter(room__in=rooms.visible(user).order_by().values("pk")).order_by().values("pk")
    return Object.objects.filter(pk__in=own.union(tagged, in_rooms), deleted_at=None)


def tags(user: User) -> QuerySet[Tag]:
    """The person's own tags, and those whose policy names the person."""
    own = Tag.objects.filter(owner=user).order_by().values("pk")
    return Tag.objects.filter(pk__in=own.union(Grant.objects.filter(user=user).values("tag")))


def found(user: User, object_id: uuid.UUID, *, of_type: str = "", level: Level = Level.READ) -> Object:
    """The object, for who has that level. Raises NotFound for who cannot read it, Forbidden for who can only read."""
    kept = Object.objects.filter(Q(type=of_type) if of_type else Q(), pk=object_id, deleted_at=None)
    one = kept.select_related("owner", "room").first()
    held = level_of(user, one) if one else Level.NONE
    if one is None or held == Level.NONE:
        raise NotFound
    if held < level:
        raise Forbidden
    return one


def level_of(user: User, one: Object) -> Level:
    """Who owns a tag that somebody else attached may do with the object all but delete it."""
    if one.owner_id == user.pk:
        return Level.OWNER
    if one.tags.filter(tag__owner=user).exists():
        return Level.PROPAGATE
    granted = Grant.objects.filter(user=user, tag__objects__object=one).aggregate(best=Max("level"))["best"]
    if granted is None and one.room_id is not None and rooms.visible(user).filter(pk=one.room_id).exists():
        return Level.READ
    return Level(granted or 0)


def circle(one: Object) -> Circle:
    return circles([one])[one.pk]


def circles(objects: Sequence[Object]) -> dict[uuid.UUID, Circle]:
    """The people of each now: in one statement, and one more for each conference."""
    readers: dict[uuid.UUID, set[uuid.UUID]] = {one.pk: set() for one in objects}
    attached = ObjectTag.objects.filter(object__in=readers).values_list("object", "tag__owner", "tag__grants__user")
    for object_id, *people in attached:
        readers[object_id].update(person for person in people if person is not None)
    for one in objects:
        if one.room is not None:
            readers[one.pk] |= rooms.circle(one.room).everybody
    return {
        one.pk: Circle(owner=one.owner_id, readers=frozenset() if one.deleted_at else frozenset(readers[one.pk]))
        for one in objects
    }


def place(one: Object) -> Place:
    return Place(tenant_id=one.owner.tenant_id, room_id=one.room_id)
