"""Shapes of single occurrences on the wire, and of the request that splits a series."""

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_serializer
from rest_framework import serializers

from events.serializers.events import EventRoomInfo, SharedFolderResource, TrainingParticipationReport, times
from events.serializers.invites import MOST_INVITEES, EventInvitee
from invites.models import Status
from rest import fields
from users.serializers import PublicUserProfile


class InstanceChange(serializers.Serializer[Any]):
    """What differs from the series in one occurrence; null returns a member to the series."""

    title = fields.Text(max_length=255, required=False, allow_null=True)
    description = fields.Text(max_length=4096, required=False, allow_null=True)
    is_all_day = fields.Flag(required=False, allow_null=True)
    starts_at = fields.DateTimeTz(required=False, allow_null=True)
    ends_at = fields.DateTimeTz(required=False, allow_null=True)
    status = serializers.ChoiceField(["ok", "cancelled"], required=False)


def instance_change(data: dict[str, Any]) -> dict[str, Any]:
    """Arguments of services.update_instance from a validated InstanceChange."""
    columns = {name: data[name] for name in ("title", "description", "is_all_day") if name in data}
    is_cancelled = data["status"] == "cancelled" if "status" in data else None
    return {"columns": columns | times(data), "is_cancelled": is_cancelled}


class Rescheduling(serializers.Serializer[Any]):
    """What changes from `from` on; absent and null mean "as before"."""

    starts_at = fields.DateTimeTz(required=False, allow_null=True)
    ends_at = fields.DateTimeTz(required=False, allow_null=True)
    is_all_day = fields.Flag(required=False, allow_null=True)
    recurrence_pattern = fields.Items(child=fields.Text(max_length=1024), max_length=4, required=False, allow_null=True)
    title = fields.Text(max_length=255, required=False, allow_null=True)
    description = fields.Text(max_length=4096, required=False, allow_null=True)
    show_meeting_details = fields.Flag(required=False, allow_null=True)

    def get_fields(self) -> dict[str, Any]:
        """With `from`, which Python keeps for itself."""
        first = fields.DateTimeTz(help_text="The new event begins with the first occurrence at or after this time")
        return {"from": first, **super().get_fields()}


def rescheduling(data: dict[str, Any]) -> dict[str, Any]:
    """Arguments of services.reschedule_event from a validated Rescheduling."""
    given = {name: value for name, value in data.items() if value is not None}
    schedule = times(given)
    if "is_all_day" in given:
        schedule["is_all_day"] = given["is_all_day"]
    if "recurrence_pattern" in given:
        schedule["pattern"] = tuple(given["recurrence_pattern"])
    columns = {name: given[name] for name in ("title", "description", "show_meeting_details") if name in given}
    return {"starts_from": data["from"]["datetime"], "schedule": schedule, "columns": columns}


@extend_schema_serializer(component_name="EventException")
class EventExceptionResource(serializers.Serializer[Any]):
    """One occurrence that differs from the series; contains only the members that differ."""

    id = serializers.CharField(max_length=64)
    recurring_event_id = serializers.UUIDField()
    instance_id = serializers.CharField(max_length=16)
    created_by = PublicUserProfile()
    created_at = serializers.DateTimeField()
    updated_by = PublicUserProfile()
    updated_at = serializers.DateTimeField()
    title = serializers.CharField(max_length=255, required=False, allow_blank=True)
    description = serializers.CharField(max_length=4096, required=False, allow_blank=True)
    is_all_day = serializers.BooleanField(required=False)
    starts_at = fields.DateTimeTz(required=False)
    ends_at = fields.DateTimeTz(required=False)
    original_starts_at = fields.DateTimeTz()
    type = serializers.ChoiceField(["exception"])
    status = serializers.ChoiceField(["ok", "cancelled"])
    can_edit = serializers.BooleanField()


class EventInstance(serializers.Serializer[Any]):
    """One occurrence, complete, with the answers to it where they differ from those to the series."""

    id = serializers.CharField(max_length=64)
    recurring_event_id = serializers.UUIDField()
    instance_id = serializers.CharField(max_length=16)
    created_by = PublicUserProfile()
    created_at = serializers.DateTimeField()
    updated_by = PublicUserProfile()
    updated_at = serializers.DateTimeField()
    title = serializers.CharField(max_length=255, allow_blank=True)
    description = serializers.CharField(max_length=4096, allow_blank=True)
    room = EventRoomInfo()
    invitees_truncated = serializers.BooleanField()
    invitees = fields.several(EventInvitee, MOST_INVITEES)
    is_all_day = serializers.BooleanField()
    starts_at = fields.DateTimeTz()
    ends_at = fields.DateTimeTz()
    type = serializers.ChoiceField(["instance"])
    status = serializers.ChoiceField(["ok", "cancelled"])
    invite_status = serializers.ChoiceField(Status.choices)
    is_favorite = serializers.BooleanField()
    can_edit = serializers.BooleanField()
    shared_folder = SharedFolderResource(required=False)
    training_participation_report = TrainingParticipationReport(required=False)


def either(name: str, *kinds: type[serializers.Serializer[Any]], max_length: int) -> PolymorphicProxySerializer:
    """A list whose items are of one of these kinds; each tells which by its `type`."""
    found = PolymorphicProxySerializer(
        component_name=name, serializers=list(kinds), resource_type_field_name=None, many=True
    )
    found.max_length = max_length  # type: ignore[attr-defined] # read by rest/schema.py
    return found
