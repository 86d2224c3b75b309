"""Rooms on the wire (contract 4, 6, 8)."""

from typing import Any

from django.core.validators import RegexValidator
from rest_framework import serializers

from rest import fields
from rest.renderers import timestamp
from rooms.models import Room, SipConfig, StreamingTarget
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


def sip_resource(config: SipConfig) -> dict[str, Any]:
    return {"room": config.room_id, "sip_id": config.sip_id, "password": config.password, "lobby": config.lobby}


class RoomResource(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    created_by = PublicUserProfile()
    created_at = serializers.DateTimeField()
    password = serializers.CharField(max_length=255, required=False)
    waiting_room = serializers.BooleanField()
    e2e_encryption = serializers.BooleanField()


class RoomChange(serializers.Serializer[Any]):
    password = fields.Text(min_length=1, max_length=255, required=False, allow_null=True, help_text="null removes it")
    waiting_room = fields.Flag(required=False)
    e2e_encryption = fields.Flag(required=False)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        return data | {"password": data["password"] or ""} if "password" in data else data


class RoomInput(RoomChange):
    enable_sip = fields.Flag(required=False)


class SipResource(serializers.Serializer[Any]):
    room = serializers.UUIDField()
    sip_id = serializers.CharField(max_length=10, help_text="Ten digits")
    password = serializers.CharField(max_length=255, help_text="Ten digits")
    lobby = serializers.BooleanField()


class SipInput(serializers.Serializer[Any]):
    password = fields.Text(
        min_length=10,
        max_length=10,
        required=False,
        validators=[RegexValidator(r"\A[0-9]*\Z", "This must be digits", "invalid_value")],
    )
    lobby = fields.Flag(required=False)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if not data:
            raise serializers.ValidationError("Either password or lobby must be given", code="missing_values")
        return data


class StreamingTargetInput(serializers.Serializer[Any]):
    name = fields.Text(min_length=1, max_length=255)
    kind = serializers.ChoiceField(StreamingTarget.Kind.choices)
    streaming_endpoint = fields.AnyAddress(max_length=2000)
    streaming_key = fields.Text(min_length=1, max_length=2000)
    public_url = fields.WebAddress(max_length=2000)


class StreamingTargetChange(StreamingTargetInput):
    """Any of the members; the address, key and link may come without `kind`."""

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        for field in fields.values():
            field.required = False
        return fields
