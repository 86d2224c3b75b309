"""Reports of devices and gateways, by the services that keep what these say. State endpoints tell the same."""

import ipaddress
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta

from activity.produced_kinds import UUID, Count, Line, Word
from integrations.objects.models import Object
from integrations.objects.services.boxes import report_heartbeat
from integrations.objects.services.calls import STATUSES, report_call, report_dtmf
from integrations.objects.services.chats import post_message
from integrations.objects.services.faxes import report_fax
from integrations.objects.services.sensors import report_samples
from integrations.producers.kinds import Produced, Report, produced
from rest.errors import NotFound, field_error
from rest.fields import FIRST_INSTANT, LAST_INSTANT, parse_rfc3339
from users.models import User

Type = Object.Type
OF_BOX = ("ip_addr", "mac_addr", "sw_version", "hw_version")
Instant = Annotated[str, Meta(max_length=40, extra_json_schema={"format": "date-time"})]
Status = Annotated[str, Meta(extra_json_schema={"enum": list(STATUSES)})]


@dataclass(kw_only=True)
class BoxHeartbeat:
    """The device is there, and says of itself what it is now."""

    ip_addr: Annotated[str, Meta(max_length=45)] | None = None
    mac_addr: Annotated[str, Meta(max_length=17)] | None = None
    sw_version: Word | None = None
    hw_version: Word | None = None


@dataclass(kw_only=True)
class SensorData:
    """Values by their time in milliseconds since 1970."""

    samples: Annotated[
        dict[Annotated[str, Meta(max_length=15)], Annotated[list[Any], Meta(max_length=100)]], Meta(max_length=500)
    ]


@dataclass(kw_only=True)
class CallUpdate:
    """All that is known of a call now; times are seconds since 1970."""

    status: Status
    direction: Line | None = None
    phone_from: Line | None = None
    phone_to: Line | None = None
    current_control: Line | None = None
    bridge: Line | None = None
    start_time: Count | None = None
    answer_time: Count | None = None
    end_time: Count | None = None
    dtmf: bool | None = None


@dataclass(kw_only=True)
class CallDtmf:
    """A key that the other side pressed, for so many milliseconds."""

    digit: Annotated[str, Meta(min_length=1, max_length=1)]
    duration: Annotated[int, Meta(ge=0, le=60_000)]


@dataclass(kw_only=True)
class FaxReport:
    """One transmission of a fax; the same `report_id` again replaces what was said before."""

    report_id: UUID
    incoming: bool
    sender: Word
    recipient: Word
    time_start: Instant
    status: Annotated[str, Meta(min_length=1, max_length=32)]
    time_end: Instant | None = None
    sip_status_code: Annotated[int, Meta(ge=0, le=999)] | None = None
    fax_error_code: Annotated[int, Meta(ge=0, le=32_767)] | None = None


@dataclass(kw_only=True)
class ChatMessage:
    """What a member of the chat wrote elsewhere."""

    user_id: UUID
    text: Annotated[str, Meta(min_length=1, max_length=10_000)]


def is_ip_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text  # a zone, which no column takes


def _heartbeat(report: Report) -> Any:
    address = report.data.get("ip_addr")
    if address is not None and not is_ip_address(address):
        raise field_error("ip_addr", "invalid_value", "This is no IP address")
    said = {name: report.data.get(name) or "" for name in OF_BOX}
    return report_heartbeat(box=report.object, actor=report.actor, **said)


def _samples(report: Report) -> Any:
    return report_samples(sensor=report.object, samples=report.data["samples"])


def _call(report: Report) -> Any:
    return report_call(call=report.object, state=report.data)


def _dtmf(report: Report) -> Any:
    return report_dtmf(call=report.object, **report.data)


def _fax(report: Report) -> Any:
    data = dict(report.data)
    times = {name: _instant(name, data.pop(name, None)) for name in ("time_start", "time_end")}
    report_id = uuid.UUID(data.pop("report_id"))
    return report_fax(fax=report.object, actor=report.actor, report_id=report_id, **data, **times)


def _instant(name: str, text: str | None) -> Any:
    found: datetime | None = parse_rfc3339(text) if text else None
    if text and found is None:
        raise field_error(name, "invalid_type", "This must be an RFC 3339 time with offset")
    if found is not None and not FIRST_INSTANT <= found <= LAST_INSTANT:
        raise field_error(name, "out_of_range", "This is too long ago, or too far ahead")
    return found


def _chat(report: Report) -> Any:
    writer = User.objects.filter(pk=report.data["user_id"], disabled_since=None).first()
    if writer is None:
        raise field_error("user_id", "invalid_value", "There is nobody with this id")
    try:
        return post_message(chat=report.object, user=writer, text=report.data["text"], actor=report.actor)
    except NotFound:
        raise field_error("user_id", "invalid_value", "This person is not in the chat") from None


DEVICE_REPORTS: dict[str, Produced] = {
    one.type: one
    for one in (
        produced("box.heartbeat", BoxHeartbeat, {Type.BOX}, _heartbeat),
        produced("sensor.data", SensorData, {Type.SENSOR}, _samples),
        produced("call.update", CallUpdate, {Type.CALL}, _call),
        produced("call.dtmf", CallDtmf, {Type.CALL}, _dtmf),
        produced("fax.report", FaxReport, {Type.FAX}, _fax),
        produced("chat.message", ChatMessage, {Type.CHAT}, _chat),
    )
}
