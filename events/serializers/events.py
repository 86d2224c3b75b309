"""Shapes of meetings on the wire."""

from typing import Any

from rest_framework import serializers

from events.schedule import Schedule
from events.serializers.invites import MOST_INVITEES, EventInvitee
from invites.models import Status
from rest import fields
from rest.errors import BadRequest
from rooms.models import StreamingTarget
from rooms.serializers import StreamingTargetInput
from rooms.streaming import MOST_STREAMS
from users.serializers import PublicUserProfile

TIMES = ("is_all_day", "starts_at", "ends_at")
PLAIN = (
    "title", "description", "is_adhoc", "show_meeting_details", "waiting_room", "e2e_encryption",
    "lobby_opens_before_minutes", "training_participation_report",
)  # fmt: skip
LONGEST_LOBBY_MINUTES = 7 * 24 * 60


class EventStreamingTargetInput(StreamingTargetInput):
    """One stream in an event's list; streams that the event already has keep their id."""

    id = fields.Identifier(required=False)
    kind = serializers.ChoiceField(StreamingTarget.Kind.choices, default=StreamingTarget.Kind.CUSTOM)
    streaming_key = fields.Text(min_length=1, max_length=2000, required=False)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if "id" not in data and "streaming_key" not in data:
            raise serializers.ValidationError({"streaming_key": "This field is required"}, code="required")
        return data


class TimeRange(serializers.Serializer[Any]):
    """A random moment within `within` seconds, beginning `after` seconds after the previous one."""

    after = fields.WholeNumber(min_value=60, max_value=36000)
    within = fields.WholeNumber(min_value=0, max_value=36000)


class TrainingParticipationReport(serializers.Serializer[Any]):
    """When the people of a training are asked whether they are there."""

    initial_checkpoint_delay = TimeRange()
    checkpoint_interval = TimeRange()


class EventInput(serializers.Serializer[Any]):
    """A meeting to be planned: once, all day, recurring, or without time."""

    # contract 9.5

    title = fields.Text(max_length=255)
    description = fields.Text(max_length=4096)
    password = fields.Text(min_length=1, max_length=255, required=False, allow_null=True)
    waiting_room = fields.Flag(required=False)
    e2e_encryption = fields.Flag(required=False)
    is_adhoc = fields.Flag(required=False)
    is_time_independent = fields.Flag()
    is_all_day = fields.Flag(required=False, allow_null=True)
    starts_at = fields.DateTimeTz(required=False, allow_null=True)
    ends_at = fields.DateTimeTz(required=False, allow_null=True)
    recurrence_pattern = fields.Items(child=fields.Text(max_length=1024), max_length=4, required=False, allow_null=True)
    streaming_targets = fields.several(EventStreamingTargetInput, MOST_STREAMS, required=False)
    has_shared_folder = fields.Flag(required=False)
    show_meeting_details = fields.Flag(required=False)
    lobby_opens_before_minutes = fields.WholeNumber(
        min_value=0, max_value=LONGEST_LOBBY_MINUTES, required=False, allow_null=True
    )
    training_participation_report = TrainingParticipationReport(required=False, allow_null=True)

    def validate_streaming_targets(self, value: list[dict[str, Any]]) -> list[dict[str, Any]]:
        ids = [target["id"] for target in value if "id" in target]
        if len(ids) != len(set(ids)):
            raise serializers.ValidationError("The same id appears twice", code="invalid_value")
        return value


class EventChange(EventInput):
    """What changes; absent members stay as they are."""

    # Not `partial`, which would make the members of a time optional too. The rules: contract 9.6.

    title = fields.Text(max_length=255, required=False)
    description = fields.Text(max_length=4096, required=False)
    is_time_independent = fields.Flag(required=False)


def creation(data: dict[str, Any]) -> dict[str, Any]:
    """Arguments of services.create_event from a validated EventInput."""
    given = [name for name in TIMES if data.get(name) is not None]
    if data["is_time_independent"]:
        ignored = given + (["recurrence_pattern"] if data.get("recurrence_pattern") else [])
        if ignored:
            raise BadRequest(f"A time independent event has no {', '.join(ignored)}")
        schedule = None
    else:
        missing = [name for name in TIMES if name not in given]
        if missing:
            raise BadRequest(f"An event that is not time independent needs {', '.join(missing)}")
        pattern = tuple(data.get("recurrence_pattern") or ())
        schedule = Schedule(is_all_day=data["is_all_day"], pattern=pattern, **times(data))
    arguments = {name: data[name] for name in PLAIN if name in data}
    return arguments | {
        "schedule": schedule,
        "password": data.get("password") or "",
        "streaming_targets": data.get("streaming_targets", []),
    }


def change(data: dict[str, Any]) -> dict[str, Any]:
    """Arguments of services.update_event from a validated EventChange: only what was given."""
    columns = {name: data[name] for name in PLAIN if name in data}
    if "password" in data:
        columns["password"] = data["password"] or ""
    return {
        "columns": columns,
        "schedule": _changed_schedule(data),
        "streaming_targets": data.get("streaming_targets"),
    }


def _changed_schedule(data: dict[str, Any]) -> dict[str, Any]:
    """Members of Schedule. A whole form without a pattern clears it: the frontend leaves it out for "once"."""
    given = {name: data[name] for name in ("is_time_independent", *TIMES) if data.get(name) is not None}
    if "recurrence_pattern" in data:
        given["pattern"] = tuple(data["recurrence_pattern"] or ())
    elif given.get("is_time_independent") is False and {"starts_at", "ends_at"} <= given.keys():
        given["pattern"] = ()
    return given | times(given)


def times(data: dict[str, Any]) -> dict[str, Any]:
    """The columns of starts_at and ends_at where they are given; null is null."""
    columns: dict[str, Any] = {}
    for name in ("starts_at", "ends_at"):
        if name in data:
            value = data[name] or {"datetime": None, "timezone": ""}
            columns |= {name: value["datetime"], f"{name}_zone": value["timezone"]}
    return columns


class CallIn(serializers.Serializer[Any]):
    tel = serializers.CharField(max_length=255)
    uri = serializers.CharField(max_length=255, required=False)
    id = serializers.CharField(max_length=64)
    password = serializers.CharField(max_length=255)


class EventRoomInfo(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    password = serializers.CharField(max_length=255, required=False)
    waiting_room = serializers.BooleanField()
    e2e_encryption = serializers.BooleanField()
    call_in = CallIn(required=False)


class SharedFolderAccess(serializers.Serializer[Any]):
    url = serializers.CharField(max_length=2000)
    password = serializers.CharField(max_length=255)


class SharedFolderResource(serializers.Serializer[Any]):
    read = SharedFolderAccess()
    read_write = SharedFolderAccess(required=False, help_text="Only for the event's creator")


class StreamingTargetResource(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField(max_length=255)
    kind = serializers.ChoiceField(StreamingTarget.Kind.choices)
    streaming_endpoint = serializers.CharField(max_length=2000)
    streaming_key = serializers.CharField(max_length=2000, required=False, help_text="Only for the event's creator")
    public_url = serializers.CharField(max_length=2000)


class StreamingLink(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=255)
    url = serializers.CharField(max_length=2000)


class MeetingDetails(serializers.Serializer[Any]):
    invite_code_id = serializers.UUIDField(required=False, help_text="A currently valid guest code")
    call_in = CallIn(required=False)
    streaming_links = fields.several(StreamingLink, MOST_STREAMS)


class EventInfo(serializers.Serializer[Any]):
    id = serializers.UUIDField(help_text="Of the event")
    room_id = serializers.UUIDField()
    title = serializers.CharField(max_length=255, allow_blank=True)
    is_adhoc = serializers.BooleanField()
    meeting_details = MeetingDetails(required=False)
    e2e_encryption = serializers.BooleanField()


class EventResource(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    created_by = PublicUserProfile()
    created_at = serializers.DateTimeField()
    updated_by = PublicUserProfile()
    updated_at = serializers.DateTimeField()
    title = serializers.CharField(max_length=255, allow_blank=True)
    description = serializers.CharField(max_length=4096, allow_blank=True)
    room = EventRoomInfo()
    invitees_truncated = serializers.BooleanField()
    invitees = fields.several(EventInvitee, MOST_INVITEES)
    is_time_independent = serializers.BooleanField()
    is_all_day = serializers.BooleanField(required=False)
    starts_at = fields.DateTimeTz(required=False)
    ends_at = fields.DateTimeTz(required=False, help_text="Of the first occurrence")
    recurrence_pattern = fields.Items(child=serializers.CharField(max_length=1024), max_length=4, required=False)
    is_adhoc = serializers.BooleanField()
    type = serializers.ChoiceField(["single", "recurring"])
    invite_status = serializers.ChoiceField(Status.choices)
    is_favorite = serializers.BooleanField()
    can_edit = serializers.BooleanField()
    shared_folder = SharedFolderResource(required=False)
    streaming_targets = fields.several(StreamingTargetResource, MOST_STREAMS, required=False)
    show_meeting_details = serializers.BooleanField()
    lobby_opens_before_minutes = serializers.IntegerField(
        required=False, help_text="The waiting room opens this long before each occurrence and closes at its end"
    )
    training_participation_report = TrainingParticipationReport(required=False)
