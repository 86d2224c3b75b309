"""A room's files as a volume, read here and changed where rooms are: its id is the room's with another version.

So each is found by the other without a table: the room's random UUID has version 4, the volume's version 8 (RFC 9562:
made by a rule of one's own).
"""

import uuid
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from rest.errors import NotFound
from rooms import access as rooms
from rooms.models import Asset, Room
from users.models import User

_VERSION = (4 ^ 8) << 76  # the bits in which the two versions differ


def volume_id_of(room_id: uuid.UUID) -> uuid.UUID:
    return uuid.UUID(int=room_id.int ^ _VERSION)


room_id_of = volume_id_of  # there and back


@dataclass(frozen=True)
class RoomVolume:
    room: Room

    @property
    def id(self) -> uuid.UUID:
        return volume_id_of(self.room.pk)


def is_of_room(volume_id: uuid.UUID) -> bool:
    """Volumes that are objects have random ids."""
    return volume_id.version != 4


def visible(user: User) -> QuerySet[Room]:
    """Rooms within the person's reach that have files, newest first."""
    return rooms.visible(user).filter(Exists(Asset.objects.filter(room=OuterRef("pk"))))


def readable(user: User, volume_id: uuid.UUID) -> RoomVolume:
    """Raises NotFound."""
    room = rooms.visible(user).filter(pk=room_id_of(volume_id)).first()
    if room is None:
        raise NotFound
    return RoomVolume(room)


def asset_in(volume: RoomVolume, file_id: uuid.UUID) -> Asset:
    """Raises NotFound."""
    asset = volume.room.assets.filter(pk=file_id).first()
    if asset is None:
        raise NotFound
    return asset
