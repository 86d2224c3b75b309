"""The kinds of reports: whose members their data has, which objects they are about, and the service that records them.

Here stand those that only producers report; what devices report besides is in `device_reports.py`. What staff
registered is in the database.
"""

import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from activity.actors import Actor
from activity.audiences import Circle
from activity.kind import Kind
from activity.log import record
from activity.produced_kinds import (
    AttachmentActionCreated,
    BusinessTextCreated,
    CallRecordCreated,
    ConvergedRecordingCreated,
    ExtraReported,
    FileTranscodingCreated,
    MeetingMessageCreated,
    MeetingMessageDeleted,
    TranscriptCreated,
)
from integrations.objects.access import place
from integrations.objects.models import Object
from integrations.producers.models import ExtraKind
from integrations.producers.schemas import Json, schema_of, validator

Type = Object.Type
EVERY_TYPE = frozenset(Type.values)


@dataclass(frozen=True, kw_only=True)
class Report:
    """A report that may be recorded. `people` are those of its object."""

    id: str
    source: str
    type: str
    time: datetime
    data: Json
    object: Object
    people: Circle
    actor: Actor

    @property
    def at(self) -> str:
        return self.time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def record(self, kind: Kind) -> uuid.UUID:
        return record(
            kind, actor=self.actor, subject=self.object, place=place(self.object), before=self.people, after=self.people
        )


@dataclass(frozen=True, kw_only=True)
class Produced:
    """`about`: types of objects. `deliver` raises ApiError and ValidationFailed where the report does not fit."""

    type: str
    schema: Json
    about: frozenset[str]
    deliver: Callable[[Report], Any]
    description: str = field(default="")

    @property
    def scope(self) -> str:
        return scope_of(self.type)

    @property
    def is_extra(self) -> bool:
        return self.type.startswith("x_")

    @cached_property
    def validator(self) -> Any:
        return validator(self.schema)


def scope_of(kind: str) -> str:
    """The role that a service needs to report it."""
    return f"produce:{kind.partition('.')[0]}"


def produced(kind: str, data: type, about: Collection[str], deliver: Callable[[Report], Any]) -> Produced:
    schema = schema_of(data, without=("at",))
    return Produced(
        type=kind, schema=schema, about=frozenset(about), deliver=deliver, description=schema.get("description", "")
    )


def _call_record(report: Report) -> Any:
    return report.record(CallRecordCreated(at=report.at, **report.data))


def _transcript(report: Report) -> Any:
    return report.record(TranscriptCreated(at=report.at, **report.data))


def _recording(report: Report) -> Any:
    return report.record(ConvergedRecordingCreated(at=report.at, **report.data))


def _attachment_action(report: Report) -> Any:
    return report.record(AttachmentActionCreated(at=report.at, **report.data))


def _business_text(report: Report) -> Any:
    return report.record(BusinessTextCreated(at=report.at, **report.data))


def _transcoding(report: Report) -> Any:
    return report.record(FileTranscodingCreated(at=report.at, **report.data))


def _message(report: Report) -> Any:
    return report.record(MeetingMessageCreated(at=report.at, **report.data))


def _message_gone(report: Report) -> Any:
    return report.record(MeetingMessageDeleted(at=report.at, **report.data))


def _extra(report: Report) -> Any:
    return report.record(ExtraReported(at=report.at, report_type=report.type, content=report.data))


OF_MEETINGS = {Type.CONFERENCE, Type.RECORDING, Type.CALL}
OF_FILES = {Type.VOLUME, Type.PRESENTATION, Type.FAX, Type.ANNOUNCEMENT, Type.RECORDING, Type.CONFERENCE}
REPORTED: dict[str, Produced] = {
    one.type: one
    for one in (
        produced(CallRecordCreated.name, CallRecordCreated, {Type.CALL, Type.CONFERENCE}, _call_record),
        produced(TranscriptCreated.name, TranscriptCreated, OF_MEETINGS, _transcript),
        produced(ConvergedRecordingCreated.name, ConvergedRecordingCreated, OF_MEETINGS, _recording),
        produced(
            AttachmentActionCreated.name, AttachmentActionCreated, {Type.CHAT, Type.CONFERENCE}, _attachment_action
        ),
        produced(BusinessTextCreated.name, BusinessTextCreated, {Type.CHAT, Type.CALL}, _business_text),
        produced(FileTranscodingCreated.name, FileTranscodingCreated, OF_FILES, _transcoding),
        produced(MeetingMessageCreated.name, MeetingMessageCreated, {Type.CONFERENCE}, _message),
        produced(MeetingMessageDeleted.name, MeetingMessageDeleted, {Type.CONFERENCE}, _message_gone),
    )
}


def registered() -> dict[str, Produced]:
    """Those of staff, in one statement."""
    rows = ExtraKind.objects.filter(disabled_since=None)
    return {
        row.type: Produced(
            type=row.type, schema=row.schema, about=EVERY_TYPE, deliver=_extra, description=row.description
        )
        for row in rows
    }
