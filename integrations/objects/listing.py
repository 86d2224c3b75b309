"""Pages of objects, the newest first, in a constant number of statements."""

from typing import Any

from django.db.models import QuerySet

from integrations.objects.access import conference_of, describe, visible
from integrations.objects.models.objects import Object
from integrations.objects.models.tags import Tag
from rooms import access as rooms
from rooms.models import Room
from users.models import User


def everything(user: User, *, of_type: str = "", first: int, count: int) -> list[Object]:
    """What the person can access; rooms are conferences, whether they have a row as objects or not."""
    others = visible(user).exclude(type=Object.Type.CONFERENCE).order_by()
    held = rooms.visible(user).order_by()
    rows: QuerySet[Any, Any]
    if of_type == Object.Type.CONFERENCE:
        rows = held.values_list("pk", "created_at")
    elif of_type:
        rows = others.filter(type=of_type).values_list("pk", "created_at")
    else:
        rows = others.values_list("pk", "created_at").union(held.values_list("pk", "created_at"), all=True)
    ids = [key for key, _time in rows.order_by("-created_at", "id")[first : first + count]]
    found = {one.pk: one for one in Object.objects.filter(pk__in=ids).select_related("owner")}
    missing = [key for key in ids if key not in found]
    for room in Room.objects.filter(pk__in=missing).select_related("created_by") if missing else ():
        found[room.pk] = conference_of(room)
    page = [found[key] for key in ids if key in found]
    describe(page)
    return page


def with_tag(tag: Tag, *, of_type: str = "", first: int, count: int) -> list[Object]:
    """What the tag is attached to; whoever has access to the tag can read it."""
    tagged = Object.objects.filter(tags__tag=tag, deleted_at=None).select_related("owner")
    rows = tagged.filter(type=of_type) if of_type else tagged
    page = list(rows.order_by("-created_at", "id")[first : first + count])
    describe(page)
    return page
