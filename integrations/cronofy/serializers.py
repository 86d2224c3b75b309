"""What an application sends, with its limits, and what it gets: the classes below `Answer` only describe that."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.validators import URLValidator
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from calendars.addresses import canonical
from calendars.times import is_zone
from events.schedule import InvalidEvent, Schedule
from integrations.cronofy import times
from integrations.cronofy.models import ID_LENGTH
from integrations.deliveries import guard
from invites.models import Status
from rest import fields
from rest.errors import field_error
from rest.fields import FIRST_INSTANT, LAST_INSTANT

MOST_RECIPIENTS = 100
MOST_REMINDERS = 5
LONGEST_REMINDER = 4 * 7 * 24 * 60
METHODS = ("request", "cancel", "remove")
TIME = {"type": "string", "maxLength": 64}
ZONE = {"type": "string", "maxLength": 64}


@dataclass(frozen=True)
class Moment:
    """A day or an instant, and the zone where it was given with one."""

    value: datetime | date
    zone: str = ""


@extend_schema_field(
    {"oneOf": [TIME, {"type": "object", "properties": {"time": TIME, "tzid": ZONE}, "required": ["time"]}]}
)
class MomentField(serializers.Field[Any, Any, Any, Any]):
    """A time or a date as text, or as `{"time", "tzid"}`."""

    default_error_messages = {
        "invalid": "This must be a time with offset such as 2026-11-23T09:00:00Z, or a date such as 2026-11-23",
        "out_of_range": "This date is out of range",
        "unknown_zone": "This is not the name of an IANA time zone",
    }

    def to_internal_value(self, data: Any) -> Moment:
        text, zone = (data.get("time"), data.get("tzid") or "") if isinstance(data, Mapping) else (data, "")
        value = times.parse(text) if isinstance(text, str) and len(text) <= 64 else None
        if value is None:
            self.fail("invalid")
        if not (isinstance(zone, str) and (zone == "" or is_zone(zone))):
            self.fail("unknown_zone")
        # The zone of a day may move it by hours: the ends of the calendar are left out.
        day = value.date() if isinstance(value, datetime) else value
        if not FIRST_INSTANT.date() < day < LAST_INSTANT.date():
            self.fail("out_of_range")
        return Moment(value.replace(microsecond=0) if isinstance(value, datetime) else value, zone)


@extend_schema_field({"oneOf": [{"type": "string", "maxLength": 32}, {"type": "number"}]})
class Degrees(serializers.Field[Any, Any, Any, Any]):
    """A decimal number as text or as a number; kept as text."""

    default_error_messages = {"invalid": "This must be a number of degrees such as 48.137154"}

    def __init__(self, most: int, **kwargs: Any) -> None:
        self.most = most
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> str:
        text = str(data) if isinstance(data, str | int | float) and not isinstance(data, bool) else ""
        if isinstance(data, float):
            text = f"{Decimal(text):f}"  # a small one is 1e-05 in Python
        if not re.fullmatch(r"-?\d{1,3}(\.\d{1,20})?", text, re.ASCII) or abs(float(text)) > self.most:
            self.fail("invalid")
        return text


class PlaceInput(serializers.Serializer[Any]):
    description = fields.Text(max_length=1024, required=False)
    lat = Degrees(90, required=False)
    long = Degrees(180, required=False)


class ReminderInput(serializers.Serializer[Any]):
    minutes = fields.WholeNumber(min_value=0, max_value=LONGEST_REMINDER)


class SmartInviteEventInput(serializers.Serializer[Any]):
    summary = fields.Text(max_length=255, min_length=1)
    description = fields.Text(max_length=4096, required=False, allow_null=True)
    start = MomentField()
    end = MomentField()
    tzid = fields.ZoneName(max_length=64, required=False, allow_null=True)
    url = serializers.CharField(
        max_length=2000,
        required=False,
        allow_null=True,
        allow_blank=True,
        validators=[URLValidator(["http", "https"], code="invalid_url")],
    )
    location = PlaceInput(required=False, allow_null=True)
    reminders = fields.several(ReminderInput, MOST_REMINDERS, required=False)
    transparency = serializers.ChoiceField(["opaque", "transparent"], required=False)
    color = fields.Text(max_length=32, required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs["schedule"] = self._schedule(attrs["start"], attrs["end"], attrs.get("tzid") or times.UTC_ZONE)
        return attrs

    def _schedule(self, start: Moment, end: Moment, zone: str) -> Schedule:
        is_all_day = not isinstance(start.value, datetime)
        if is_all_day == isinstance(end.value, datetime):
            raise field_error("end", "invalid", "start and end must both be times, or both be dates")
        starts_at, ends_at = _instant(start, zone), _instant(end, zone)
        schedule = Schedule(
            is_all_day=is_all_day,
            starts_at=starts_at,
            starts_at_zone=start.zone or zone,
            ends_at=ends_at,
            ends_at_zone=end.zone or zone,
        )
        try:
            schedule.columns()
        except InvalidEvent as error:
            raise field_error("end", "invalid", str(error.detail)) from None
        return schedule


def _instant(moment: Moment, zone: str) -> datetime:
    value = moment.value
    return value if isinstance(value, datetime) else times.midnight(value, moment.zone or zone)


class RecipientInput(serializers.Serializer[Any]):
    email = fields.EmailAddress(max_length=255)
    status = serializers.ChoiceField(Status.choices, required=False)


class OrganizerInput(serializers.Serializer[Any]):
    name = fields.Text(max_length=255, required=False)
    email = fields.EmailAddress(max_length=255, required=False)


class SmartInviteInput(serializers.Serializer[Any]):
    """Either `recipient` or `recipients`. `event` only where the method is request, which is the default."""

    method = serializers.ChoiceField(METHODS, default="request")
    smart_invite_id = fields.Text(max_length=ID_LENGTH, min_length=1)
    callback_url = serializers.CharField(
        max_length=guard.MAX_LENGTH, required=False, allow_null=True, allow_blank=True, trim_whitespace=False
    )
    recipient = RecipientInput(required=False)
    recipients = fields.several(RecipientInput, MOST_RECIPIENTS, required=False, allow_empty=False)
    event = SmartInviteEventInput(required=False)
    organizer = OrganizerInput(required=False, allow_null=True)

    def validate_callback_url(self, value: str | None) -> str:
        if value:
            guard.check_url(value, field="")
        return value or ""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("recipient" in attrs) == ("recipients" in attrs):
            raise field_error("recipient", "value_required", "Either recipient or recipients must be given")
        if attrs["method"] == "request" and "event" not in attrs:
            raise field_error("event", "value_required", "This field is required.")
        addresses = [canonical(person["email"]) for person in people(attrs)]
        if len(addresses) > len(set(addresses)):
            raise field_error("recipients", "invalid", "Each recipient may be named only once")
        return attrs


def people(values: dict[str, Any]) -> list[dict[str, Any]]:
    """The recipients, in whichever member they are."""
    several: list[dict[str, Any]] = values.get("recipients") or [values["recipient"]]
    return several


# --- Answers ---


class TimeAnswer(serializers.Serializer[Any]):
    time = serializers.CharField(max_length=64)
    tzid = serializers.CharField(max_length=64)


class ProposalAnswer(serializers.Serializer[Any]):
    start = TimeAnswer()
    end = TimeAnswer()


class RecipientAnswer(serializers.Serializer[Any]):
    """A recipient's state, or one answer. Somebody who has said nothing has neither comment nor proposal."""

    email = serializers.EmailField(max_length=255)
    status = serializers.ChoiceField(Status.choices)
    comment = serializers.CharField(max_length=10_000, required=False)
    proposal = ProposalAnswer(required=False)


class PlaceAnswer(serializers.Serializer[Any]):
    description = serializers.CharField(max_length=1024, required=False)
    lat = serializers.CharField(max_length=32, required=False)
    long = serializers.CharField(max_length=32, required=False)


class ReminderAnswer(serializers.Serializer[Any]):
    minutes = serializers.IntegerField()


class SmartInviteEvent(serializers.Serializer[Any]):
    summary = serializers.CharField(max_length=255)
    description = serializers.CharField(max_length=4096, required=False)
    start = TimeAnswer(required=False)
    end = TimeAnswer(required=False)
    url = serializers.CharField(max_length=2000, required=False)
    location = PlaceAnswer(required=False)
    reminders = fields.several(ReminderAnswer, MOST_REMINDERS, required=False)
    transparency = serializers.ChoiceField(["opaque", "transparent"], required=False)
    color = serializers.CharField(max_length=32, required=False)


class RemovedAnswer(serializers.Serializer[Any]):
    email = serializers.EmailField(max_length=255)
    icalendar = serializers.CharField(max_length=1_000_000)


class AttachmentsAnswer(serializers.Serializer[Any]):
    """`icalendar` is the object to mail; `removed` the one to mail to the recipient who was removed."""

    icalendar = serializers.CharField(max_length=1_000_000)
    removed = RemovedAnswer(required=False)


class SmartInviteAnswer(serializers.Serializer[Any]):
    """`replies` are the answers of people to whom a recipient has passed the invitation on."""

    recipient = RecipientAnswer(required=False)
    recipients = fields.several(RecipientAnswer, MOST_RECIPIENTS, required=False)
    replies = fields.several(RecipientAnswer, MOST_RECIPIENTS, required=False)
    smart_invite_id = serializers.CharField(max_length=ID_LENGTH)
    callback_url = serializers.CharField(max_length=guard.MAX_LENGTH, required=False)
    method = serializers.ChoiceField(["request", "cancel"])
    event = SmartInviteEvent()
    attachments = AttachmentsAnswer(required=False)
