"""Pages of objects, the newest first, in a constant number of statements."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Self, TypeVar

from django.db.models import Model, Q, QuerySet

from integrations.objects.access import conference_of, describe, visible
from integrations.objects.models.objects import Object
from integrations.objects.models.tags import Tag
from rooms import access as rooms
from users.models import User

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Row = TypeVar("Row", bound=Model)


class Place(NamedTuple):
    """Behind which the next page begins; as text it is the query parameter `after`."""

    time: datetime
    id: uuid.UUID

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError."""
        microseconds, _dot, key = text.partition(".")
        if not (microseconds.isascii() and microseconds.isdigit() and len(microseconds) < 18):
            raise ValueError(text)
        return cls(EPOCH + timedelta(microseconds=int(microseconds)), uuid.UUID(key))

    def __str__(self) -> str:
        return f"{(self.time - EPOCH) // timedelta(microseconds=1)}.{self.id}"


def everything(user: User, *, of_type: str = "", after: Place | None, count: int) -> tuple[list[Object], Place | None]:
    """What the person can access, rooms included whether they have a row or not; and where the next page begins."""
    found: list[Object] = []
    if of_type != Object.Type.CONFERENCE:
        others = _of_type(visible(user), of_type).exclude(type=Object.Type.CONFERENCE)
        found += _behind(others.select_related("owner"), after)[: count + 1]
    if of_type in ("", Object.Type.CONFERENCE):
        found += [conference_of(room) for room in _behind(rooms.visible(user), after)[: count + 1]]
    found.sort(key=lambda one: (EPOCH - one.created_at, one.pk))
    return _page(found, count)


def with_tag(tag: Tag, *, of_type: str = "", after: Place | None, count: int) -> tuple[list[Object], Place | None]:
    """What the tag is attached to; whoever has access to the tag can read it."""
    tagged = Object.objects.filter(tags__tag=tag, deleted_at=None).select_related("owner")
    return _page(list(_behind(_of_type(tagged, of_type), after)[: count + 1]), count)


def page_of(rows: QuerySet[Row], *, after: Place | None, count: int, time: str = "created_at") -> Any:
    """A page of any rows, and where the next one begins."""
    return _cut(list(_behind(rows, after, time)[: count + 1]), count, time)


def _of_type(objects: QuerySet[Object], of_type: str) -> QuerySet[Object]:
    return objects.filter(type=of_type) if of_type else objects


def _behind(rows: QuerySet[Row], after: Place | None, time: str = "created_at") -> QuerySet[Row]:
    if after is not None:
        rows = rows.filter(Q((f"{time}__lt", after.time)) | Q((time, after.time), pk__gt=after.id))
    return rows.order_by(f"-{time}", "pk")


def _page(found: Sequence[Object], count: int) -> tuple[list[Object], Place | None]:
    page, behind = _cut(found, count, "created_at")
    describe(page)
    return page, behind


def _cut(found: Sequence[Any], count: int, time: str) -> tuple[list[Any], Place | None]:
    page = list(found[:count])
    if len(found) <= count or not page:
        return page, None
    return page, Place(getattr(page[-1], time), page[-1].pk)
