"""Rooms on the wire (contract 4)."""

from typing import Any

from rest_framework import serializers

from rest.renderers import timestamp
from rooms.models import Room
from users.serializers import PublicUserProfile, public_profile


def room_resource(room: Room) -> dict[str, Any]:
    resource = {
        "id": room.pk,
        "created_by": public_profile(room.created_by),
        "created_at": timestamp(room.created_at),
        "waiting_room": room.waiting_room,
        "e2e_encryption": room.e2e_encryption,
    }
    return resource | {"password": room.password} if room.password else resource


class RoomResource(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    created_by = PublicUserProfile()
    created_at = serializers.DateTimeField()
    password = serializers.CharField(required=False)
    waiting_room = serializers.BooleanField()
    e2e_encryption = serializers.BooleanField()
