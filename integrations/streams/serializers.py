"""What the OpenAPI document says of the answers, which `told.py` writes."""

from typing import Any

from rest_framework import serializers

from activity.models import Activity
from integrations.streams.told import LONGEST_CURSOR
from rest import fields

# Of one activity; no kind has as many.
MOST_MEMBERS = 100


class ActivityActor(serializers.Serializer[Any]):
    """Guests have no id; of staff, jobs and services only the kind is told."""

    kind = serializers.ChoiceField(choices=Activity.ActorKind.choices)
    id = serializers.UUIDField(allow_null=True)
    name = serializers.CharField(max_length=255)


class ActivitySubject(serializers.Serializer[Any]):
    type = serializers.CharField(max_length=32)
    id = serializers.UUIDField()


class ActivityChange(serializers.Serializer[Any]):
    """Any value, null among them."""

    old = serializers.JSONField()
    new = serializers.JSONField()


class ActivityResource(serializers.Serializer[Any]):
    """`id` is where a stream resumes. `data` is the kind's snapshot; `changes` are by field, null for a secret."""

    id = serializers.CharField(max_length=LONGEST_CURSOR)
    kind = serializers.CharField(max_length=64)
    time = serializers.DateTimeField()
    actor = ActivityActor()
    subject = ActivitySubject()
    room = serializers.UUIDField(allow_null=True)
    event = serializers.UUIDField(allow_null=True)
    title = serializers.CharField(max_length=255)
    data = fields.Map(max_length=MOST_MEMBERS)  # type: ignore[assignment] # DRF's own `data`
    changes = fields.Map(max_length=MOST_MEMBERS, child=ActivityChange(allow_null=True))
    read_before = serializers.BooleanField()
    reads_after = serializers.BooleanField()
