"""The answers of /webex/v1/events, for the OpenAPI document."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from integrations.webex.filters import MOST
from integrations.webex.formats.table import RESOURCES, TYPES
from rest import fields


@extend_schema_field({"type": "object", "description": "What there is of the resource; all members are optional"})
class Data(serializers.JSONField):
    pass


class EventAnswer(serializers.Serializer[Any]):
    id = serializers.CharField(max_length=200)
    resource = serializers.ChoiceField(choices=RESOURCES)
    type = serializers.ChoiceField(choices=TYPES)
    actorId = serializers.CharField(max_length=200)  # noqa: N815 - Webex's names
    orgId = serializers.CharField(max_length=200)  # noqa: N815
    appId = serializers.CharField(max_length=200, required=False)  # noqa: N815
    created = serializers.CharField(max_length=32)
    data = Data()  # type: ignore[assignment]


class EventsAnswer(serializers.Serializer[Any]):
    items = fields.several(EventAnswer, MOST)
