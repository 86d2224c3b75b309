"""Which files a person can access: those of the rooms that the person can access."""

import uuid
from typing import Literal

from django.db.models import F, FilteredRelation, Q, QuerySet

from rest.errors import NotFound
from rooms import access as rooms
from rooms.models import Asset, Room
from users.models import User

SORTS = ("created_at", "filename", "size", "namespace", "kind")
ORDERS = ("ascending", "descending")


def of_room(room: Room) -> QuerySet[Asset]:
    return room.assets.order_by("created_at", "id")


def owned(user: User, *, sort: str, order: str) -> QuerySet[Asset]:
    """The files of the user's own rooms, each with the `event_id` of the meeting there, None without one."""
    sign: Literal["", "-"] = "-" if order == "descending" else ""
    # Of a series that was split only the last part has no other one behind it.
    event = FilteredRelation("room__events", condition=Q(room__events__continued_by=None))
    assets = Asset.objects.filter(room__created_by=user).annotate(event=event, event_id=F("event__id"))
    return assets.order_by(f"{sign}{sort}", f"{sign}created_at", f"{sign}id")


def readable(user: User, room_id: uuid.UUID, asset_id: uuid.UUID) -> Asset:
    """A file for everybody who reaches its room. Raises Forbidden, NotFound."""
    return _of(rooms.readable(user, room_id), asset_id)


def writable(user: User, room_id: uuid.UUID, asset_id: uuid.UUID) -> Asset:
    """A file for the creator of its room. Raises Forbidden, NotFound."""
    return _of(rooms.writable(user, room_id), asset_id)


def _of(room: Room, asset_id: uuid.UUID) -> Asset:
    asset = room.assets.filter(pk=asset_id).first()
    if asset is None:
        raise NotFound
    return asset
