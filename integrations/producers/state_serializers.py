"""The states that services report, and the answers."""

import uuid
from typing import Any

from rest_framework import serializers

from integrations.objects.models.conferences import LOUDEST
from integrations.objects.services.calls import STATUSES
from integrations.objects.services.values import MOST_SAMPLES, MOST_VALUES
from integrations.producers.device_reports import is_ip_address
from integrations.producers.objects import REGISTERED
from rest import fields

MOST_MEMBERS = 500
MOST_TAGS = 100
LARGEST_TIME = 2**53
TTL_SECONDS = 90


def _maybe(kind: Any, **how: Any) -> Any:
    return kind(required=False, allow_null=True, **how)


class ObjectInput(serializers.Serializer[Any]):
    """`owner_id` is needed for a new object but a conference, which is a room."""

    type = serializers.ChoiceField([str(kind) for kind in REGISTERED])
    owner_id = _maybe(fields.Identifier)
    description = _maybe(fields.Text, max_length=255)
    tags = _maybe(fields.Items, child=fields.Identifier(), max_length=MOST_TAGS)

    def validate_description(self, value: str | None) -> str | None:
        return _plain(value)


class ObjectAnswer(serializers.Serializer[Any]):
    object_id = serializers.UUIDField()
    type = serializers.CharField(max_length=16)
    owner_id = serializers.UUIDField()
    description = serializers.CharField(max_length=255)


class MemberInput(serializers.Serializer[Any]):
    """Somebody in a conference. `user_id` is an account; volumes are from -4 to 4."""

    user_id = _maybe(fields.Identifier)
    phone = _maybe(fields.Text, max_length=64)
    display_name = _maybe(fields.Text, max_length=255)
    mute = fields.Flag(default=False)
    deaf = fields.Flag(default=False)
    talk = fields.Flag(default=False)
    floor = fields.Flag(default=False)
    volume_in = fields.WholeNumber(default=0, min_value=-LOUDEST, max_value=LOUDEST)
    volume_out = fields.WholeNumber(default=0, min_value=-LOUDEST, max_value=LOUDEST)


class MembersInput(serializers.Serializer[Any]):
    members = fields.Map(
        child=MemberInput(), max_length=MOST_MEMBERS, help_text="Everybody who is there now, by a UUID of the service"
    )
    ttl = fields.WholeNumber(
        default=TTL_SECONDS, min_value=10, max_value=3600, help_text="Seconds, after which silence means that all left"
    )

    def to_internal_value(self, data: Any) -> Any:
        given = data.get("members") if isinstance(data, dict) else None
        if isinstance(given, dict):
            if len(given) > MOST_MEMBERS:
                raise _error("members", f"At most {MOST_MEMBERS} members", "max_length")
            for key in given:
                if not _is_uuid(key):
                    raise _error("members", f"This is no UUID: {key[:50]}", "invalid")
        return super().to_internal_value(data)


class HeartbeatInput(serializers.Serializer[Any]):
    """What the device is now."""

    ip_addr = _maybe(fields.Text, max_length=45)
    mac_addr = _maybe(fields.Text, max_length=17)
    sw_version = _maybe(fields.Text, max_length=64)
    hw_version = _maybe(fields.Text, max_length=64)

    def validate_ip_addr(self, value: str | None) -> str | None:
        if value is not None and not is_ip_address(value):
            raise serializers.ValidationError("This is no IP address", "invalid_value")
        return value


class SensorDataInput(serializers.Serializer[Any]):
    samples = fields.Map(
        child=serializers.ListField(child=serializers.JSONField(), max_length=MOST_VALUES),
        max_length=MOST_SAMPLES,
        help_text="Values by their time in milliseconds since 1970",
    )


class ActionAnswer(serializers.Serializer[Any]):
    action_id = serializers.UUIDField()
    time_ms = serializers.IntegerField()
    values = serializers.ListField(child=serializers.JSONField(), max_length=MOST_VALUES)


class ActionDoneInput(serializers.Serializer[Any]):
    action_id = fields.Identifier()


class ActionDoneAnswer(serializers.Serializer[Any]):
    """`replaced`: a newer action had come before this one was done."""

    action_id = serializers.UUIDField()
    state = serializers.ChoiceField(["ok", "replaced"])


class CallInput(serializers.Serializer[Any]):
    """All that is known of the call now; times are seconds since 1970."""

    status = serializers.ChoiceField(STATUSES)
    direction = _maybe(fields.Text, max_length=255)
    phone_from = _maybe(fields.Text, max_length=255)
    phone_to = _maybe(fields.Text, max_length=255)
    current_control = _maybe(fields.Text, max_length=255)
    bridge = _maybe(fields.Text, max_length=255)
    start_time = _maybe(fields.WholeNumber, min_value=0, max_value=LARGEST_TIME)
    answer_time = _maybe(fields.WholeNumber, min_value=0, max_value=LARGEST_TIME)
    end_time = _maybe(fields.WholeNumber, min_value=0, max_value=LARGEST_TIME)
    dtmf = _maybe(fields.Flag)


class DtmfInput(serializers.Serializer[Any]):
    digit = fields.Text(min_length=1, max_length=1)
    duration = fields.WholeNumber(min_value=0, max_value=60_000, help_text="Milliseconds")


class FaxReportInput(serializers.Serializer[Any]):
    """One transmission; the same `report_id` again replaces what was said before."""

    report_id = fields.Identifier()
    incoming = fields.Flag()
    sender = fields.Text(max_length=64)
    recipient = fields.Text(max_length=64)
    time_start = fields.Instant()
    time_end = _maybe(fields.Instant)
    status = fields.Text(min_length=1, max_length=32)
    sip_status_code = _maybe(fields.WholeNumber, min_value=0, max_value=999)
    fax_error_code = _maybe(fields.WholeNumber, min_value=0, max_value=32_767)


class ChatMessageInput(serializers.Serializer[Any]):
    user_id = fields.Identifier(help_text="Who wrote it: a member of the chat")
    text = fields.Text(min_length=1, max_length=10_000)


class RegistrationInput(serializers.Serializer[Any]):
    """`expires` in seconds from now; 0 ends the registration."""

    user = fields.Text(min_length=1, max_length=64)
    domain = fields.Text(min_length=1, max_length=255)
    contact = fields.Text(min_length=1, max_length=255)
    expires = fields.WholeNumber(min_value=0, max_value=86_400)


class CallReverseInput(serializers.Serializer[Any]):
    user_id = fields.Identifier(help_text="Whose dialplan calls back")
    phone_from = fields.Text(max_length=64)
    phone_to = fields.Text(max_length=64)
    is_active = fields.Flag(help_text="Whether it goes on; false: it is over")


def _plain(value: str | None) -> str | None:
    if value and "\0" in value:
        raise serializers.ValidationError("This has a NUL character", "invalid_value")
    return value


def _error(name: str, message: str, code: str) -> serializers.ValidationError:
    return serializers.ValidationError({name: [serializers.ErrorDetail(message, code)]})


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return len(text) == 36
