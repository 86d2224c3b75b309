"""Tickets on the wire (contract 4.8, 4.9, 13.2)."""

import uuid
from typing import Any

from django.core.validators import RegexValidator
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from rest import fields
from signaling.tickets import Issued

ten_digits = RegexValidator(r"\A[0-9]{10}\Z", "This must be ten digits", code="invalid_value")


@extend_schema_field({"type": "string", "pattern": "^[0-9]{10}$", "minLength": 10, "maxLength": 10})
class TenDigits(fields.Text):
    """Its one message is about the digits, whatever the length."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_length=1, validators=[ten_digits], **kwargs)


@extend_schema_field(OpenApiTypes.UUID)
class BreakoutRoom(serializers.UUIDField):
    """A UUID; older descriptions of the API have a number here."""

    def to_internal_value(self, data: Any) -> uuid.UUID:
        if isinstance(data, bool):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


class StartInput(serializers.Serializer[Any]):
    breakout_room = BreakoutRoom(required=False, allow_null=True)
    resumption = fields.Text(max_length=1000, required=False, allow_null=True)


class StartInvitedInput(StartInput):
    invite_code = fields.Text(max_length=128)
    password = fields.Text(max_length=255, required=False, allow_null=True)

    def validate_invite_code(self, value: str) -> uuid.UUID:
        try:
            return uuid.UUID(value)
        except ValueError:
            raise serializers.ValidationError("Bad invite code format", code="invalid_value") from None


class CallInStartInput(serializers.Serializer[Any]):
    id = TenDigits()
    pin = TenDigits()


class RecordingStartInput(serializers.Serializer[Any]):
    room_id = serializers.UUIDField()
    breakout_room = BreakoutRoom(required=False, allow_null=True)


class StartAnswer(serializers.Serializer[Any]):
    ticket = serializers.CharField(max_length=64, help_text="For Sec-WebSocket-Protocol: valid once, for 30 seconds")
    resumption = serializers.CharField(max_length=64, help_text="Lets the same participant rejoin")


def start_answer(issued: Issued) -> dict[str, str]:
    return {"ticket": issued.ticket, "resumption": issued.resumption}
