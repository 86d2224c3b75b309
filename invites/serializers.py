"""Guest codes on the wire (contract 5)."""

from typing import Any

from rest_framework import serializers

from invites.models import InviteCode
from rest import fields
from rest.renderers import timestamp
from users.serializers import PublicUserProfile, public_profile


def invite_resource(code: InviteCode) -> dict[str, Any]:
    """`expiration` is an explicit null: without it the frontend creates codes in an endless loop."""
    return {
        "invite_code": code.code,
        "created": timestamp(code.created_at),
        "created_by": public_profile(code.created_by),
        "updated": timestamp(code.updated_at),
        "updated_by": public_profile(code.updated_by),
        "room_id": code.room_id,
        "room": code.room_id,
        "active": code.active,
        "expiration": timestamp(code.expiration) if code.expiration else None,
    }


class InviteResource(serializers.Serializer[Any]):
    invite_code = serializers.UUIDField()
    created = serializers.DateTimeField()
    created_by = PublicUserProfile()
    updated = serializers.DateTimeField()
    updated_by = PublicUserProfile()
    room_id = serializers.UUIDField()
    room = serializers.UUIDField(help_text="The same as room_id, under the name older clients know")
    active = serializers.BooleanField()
    expiration = serializers.DateTimeField(allow_null=True)


class InviteInput(serializers.Serializer[Any]):
    expiration = fields.Instant(required=False, allow_null=True)


class VerifyInput(serializers.Serializer[Any]):
    invite_code = fields.Identifier()


class VerifiedCode(serializers.Serializer[Any]):
    room_id = serializers.UUIDField()
    password_required = serializers.BooleanField()
