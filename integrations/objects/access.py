"""Who can access an object: its owner, whom a tag names, who can access the room that it is of, who is in a chat.

What lies in the trash is its owner's alone, and found only there.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import Max, QuerySet

from activity.audiences import Circle, Place
from integrations.objects.models.chats import ChatMember
from integrations.objects.models.comments import Comment
from integrations.objects.models.objects import Object, ObjectTag
from integrations.objects.models.tags import Grant, Level, Tag
from rest.errors import Forbidden, NotFound
from rooms import access as rooms
from rooms.models import Room
from users.models import User

EVERYTHING = uuid.UUID("5e1ec7ed-0b7e-4c75-a1a1-7a6a110b7ec7")  # what the ids of built-in tags are made of


def tag_all(user: User) -> uuid.UUID:
    """The id of the built-in tag of all that the person can access. It has no row, and nobody attaches it."""
    return uuid.uuid5(EVERYTHING, str(user.pk))


def visible(user: User) -> QuerySet[Object]:
    """All that the person can access, without the trash. By ids, because OR over joins defeats the indexes."""
    own = Object.objects.filter(owner=user).order_by().values("pk")
    tagged = ObjectTag.objects.filter(tag__in=tags(user).order_by().values("pk")).values("object")
    in_rooms = Object.objects.filter(room__in=rooms.visible(user).order_by().values("pk")).order_by().values("pk")
    chats = ChatMember.objects.filter(user=user).values("chat")
    return Object.objects.filter(pk__in=own.union(tagged, in_rooms, chats), deleted_at=None)


def tags(user: User) -> QuerySet[Tag]:
    """The person's own tags, and those whose policy names the person."""
    own = Tag.objects.filter(owner=user).order_by().values("pk")
    return Tag.objects.filter(pk__in=own.union(Grant.objects.filter(user=user).values("tag")))


def found(user: User, object_id: uuid.UUID, *, of_type: str = "", level: Level = Level.READ) -> Object:
    """The object, for who has that level. Raises NotFound for who cannot read it, Forbidden for who can only read.

    A room that has no row yet is found as well: its object is not stored, which `services.locking.locked` does.
    """
    kept = Object.objects.filter(pk=object_id, deleted_at=None)
    one = kept.select_related("owner", "room").first() or _conference(user, object_id)
    if one is None or (of_type and one.type != of_type):
        raise NotFound
    held = level_of(user, one)
    if held == Level.NONE:
        raise NotFound
    if held < level:
        raise Forbidden
    describe([one])
    return one


def in_trash(user: User) -> QuerySet[Object]:
    """What the person has put there, the latest first."""
    return Object.objects.filter(owner=user, deleted_at__isnull=False).order_by("-deleted_at", "id")


def found_in_trash(user: User, object_id: uuid.UUID) -> Object:
    one = in_trash(user).select_related("owner", "room").filter(pk=object_id).first()
    if one is None:
        raise NotFound
    return one


def tag(user: User, tag_id: uuid.UUID, *, level: Level = Level.READ) -> Tag:
    """Raises NotFound for who has no access to the tag, Forbidden for who has too little."""
    one = tags(user).select_related("owner").filter(pk=tag_id).first()
    if one is None:
        raise NotFound
    if level_in(user, one) < level:
        raise Forbidden
    return one


def level_in(user: User, one: Tag) -> Level:
    if one.owner_id == user.pk:
        return Level.OWNER
    return Level(one.grants.filter(user=user).values_list("level", flat=True).first() or 0)


def level_of(user: User, one: Object) -> Level:
    """Who owns a tag that somebody else attached may do with the object all but delete it."""
    if one.owner_id == user.pk:
        return Level.OWNER
    if one.tags.filter(tag__owner=user).exists():
        return Level.PROPAGATE
    granted = Grant.objects.filter(user=user, tag__attachments__object=one).aggregate(best=Max("level"))["best"]
    if granted is None and one.room_id is not None and rooms.visible(user).filter(pk=one.room_id).exists():
        return Level.READ
    if granted is None and one.type == Object.Type.CHAT and ChatMember.objects.filter(chat=one.pk, user=user).exists():
        return Level.READ
    return Level(granted or 0)


def comment(user: User, comment_id: uuid.UUID) -> Comment:
    """A comment on what the person can access. Raises NotFound."""
    one = Comment.objects.select_related("object__owner", "object__room", "owner").filter(pk=comment_id).first()
    if one is None or one.object.deleted_at is not None or level_of(user, one.object) == Level.NONE:
        raise NotFound
    describe([one.object])
    return one


def circle(one: Object) -> Circle:
    return circles([one])[one.pk]


def circles(objects: Sequence[Object]) -> dict[uuid.UUID, Circle]:
    """The people of each now, in two statements, and one more where there are chats."""
    readers: dict[uuid.UUID, set[uuid.UUID]] = {one.pk: set() for one in objects}
    attached = ObjectTag.objects.filter(object__in=readers).values_list("object", "tag__owner", "tag__grants__user")
    for object_id, *people in attached:
        readers[object_id].update(person for person in people if person is not None)
    in_rooms = [one for one in objects if one.room is not None]
    at_rooms = rooms.circles({one.room.pk: one.room for one in in_rooms if one.room}.values()) if in_rooms else {}
    for one in in_rooms:
        readers[one.pk] |= at_rooms[one.room_id].everybody if one.room_id else frozenset()
    if chats := [one.pk for one in objects if one.type == Object.Type.CHAT]:
        for chat_id, person in ChatMember.objects.filter(chat__in=chats).values_list("chat", "user"):
            readers[chat_id].add(person)
    return {
        one.pk: Circle(owner=one.owner_id, readers=frozenset() if one.deleted_at else frozenset(readers[one.pk]))
        for one in objects
    }


def circle_in(one: Tag) -> Circle:
    """The people who have access to the tag."""
    return Circle(owner=one.owner_id, readers=frozenset(one.grants.values_list("user", flat=True)))


def place(one: Object) -> Place:
    return Place(tenant_id=one.owner.tenant_id, room_id=one.room_id)


def describe(objects: Iterable[Object]) -> None:
    """Calls each conference as the meeting in it is called now, in one statement."""
    conferences = {one.room_id: one for one in objects if one.room_id and one.type == Object.Type.CONFERENCE}
    if not conferences:
        return
    held = Room.objects.filter(pk__in=conferences, events__continued_by=None).order_by()
    titles = {room_id: title for room_id, title in held.values_list("pk", "events__title") if title}
    for room_id, one in conferences.items():
        one.description = titles.get(room_id, "")[:255]


def _conference(user: User, room_id: uuid.UUID) -> Object | None:
    room = rooms.visible(user).filter(pk=room_id).first()
    return conference_of(room) if room else None


def conference_of(room: Room) -> Object:
    """The room as an object that has no row."""
    kind = Object.Type.CONFERENCE
    return Object(pk=room.pk, type=kind, owner=room.created_by, room=room, created_at=room.created_at)


def tags_of(objects: Sequence[Object]) -> dict[uuid.UUID, list[str]]:
    """The tags of each in the order in which they were attached."""
    found: dict[uuid.UUID, list[str]] = defaultdict(list)
    attached = ObjectTag.objects.filter(object__in=[one.pk for one in objects]).order_by("pk")
    for object_id, tag_id in attached.values_list("object", "tag"):
        found[object_id].append(str(tag_id))
    return found
