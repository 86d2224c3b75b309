"""Reads what API responses show of events: one SQL statement for all columns of an agenda's entries.

Each tuple lists the columns that are read from one table.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.db.models import Aggregate, JSONField, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from calendars.recurrence import Override
from database.rows import plain_rows
from events.models import Agenda, EventException, override_of
from invites.models import EmailInvite, EventInvite
from rooms.models import StreamingTarget
from users.rows import Limits, Person


class Entry(NamedTuple):
    """Of Agenda: the person's role and answer, and what lists are sorted by. `streams` is JSON of Stream, unsorted.

    `an_exception` is the id of any exception, None if the event has none.
    """

    event_id: uuid.UUID
    role: str
    invite_status: str
    is_favorite: bool
    sort_at: datetime
    created_at: datetime
    streams: list[dict[str, Any]] | None
    an_exception: uuid.UUID | None


class EventColumns(NamedTuple):
    updated_at: datetime
    title: str
    description: str
    is_time_independent: bool
    is_all_day: bool | None
    starts_at: datetime | None
    starts_at_zone: str
    ends_at: datetime | None
    ends_at_zone: str
    recurrence_pattern: list[str]
    is_adhoc: bool
    show_meeting_details: bool
    lobby_opens_before_minutes: int | None
    training_participation_report: dict[str, Any] | None


class RoomColumns(NamedTuple):
    id: uuid.UUID
    password: str
    waiting_room: bool
    e2e_encryption: bool


class CallInColumns(NamedTuple):
    sip_id: str
    password: str


class FolderColumns(NamedTuple):
    read_url: str
    read_password: str
    write_url: str
    write_password: str


class Stream(NamedTuple):
    position: int
    id: uuid.UUID
    name: str
    kind: str
    streaming_endpoint: str
    streaming_key: str
    public_url: str


class ExceptionColumns(NamedTuple):
    event_id: uuid.UUID
    original_starts_at: datetime
    kind: str
    title: str | None
    description: str | None
    is_all_day: bool | None
    starts_at: datetime | None
    starts_at_zone: str
    ends_at: datetime | None
    ends_at_zone: str
    created_at: datetime
    updated_at: datetime


@dataclass(slots=True)
class ExceptionRow:
    columns: ExceptionColumns
    created_by: Person
    updated_by: Person

    @property
    def event_id(self) -> uuid.UUID:
        return self.columns.event_id

    def as_override(self) -> Override:
        return override_of(self.columns, key=self)


@dataclass(slots=True)
class AgendaRow:
    """An event in a person's agenda. `tariff` is the creator's.

    `invitees` and `exceptions` are read by further statements in events.access.
    """

    entry: Entry
    event: EventColumns
    room: RoomColumns
    call_in: CallInColumns | None
    created_by: Person
    tariff: Limits | None
    updated_by: Person
    folder: FolderColumns | None
    invitees: Sequence[EventInvite | EmailInvite] = ()
    exceptions: Sequence[ExceptionRow] = ()
    # To single occurrences, by original start, where they are not those to the series: the person's own, and by the id
    # of the user or of the invitation by mail those of the people shown. events.instance_answers fills them in.
    own_answers: Mapping[datetime, str] = field(default_factory=dict)
    answers: Mapping[uuid.UUID, Mapping[datetime, str]] = field(default_factory=dict)

    @property
    def event_id(self) -> uuid.UUID:
        return self.entry.event_id

    @property
    def is_creators(self) -> bool:
        return self.entry.role == Agenda.Role.CREATOR

    @property
    def streams(self) -> list[Stream]:
        found = self.entry.streams
        return sorted(Stream(**values | {"id": uuid.UUID(values["id"])}) for values in found) if found else []


class JsonArray(Aggregate):
    """The values of a group as a JSON array; NULL or [] for an empty group, depending on the database."""

    function = "JSON_GROUP_ARRAY"
    output_field = JSONField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="JSONB_AGG", **context)


@cache
def agenda() -> QuerySet[Any, AgendaRow]:
    """The agenda entries of all people in the order of the list (contract 9.9), without those of disabled creators."""
    streams = StreamingTarget.objects.filter(room=OuterRef("event__room")).order_by().values("room")
    as_json = JsonArray(JSONObject(**{name: name for name in Stream._fields}))
    entries = Agenda.objects.order_by("sort_at", "created_at", "event_id").annotate(
        streams=Subquery(streams.annotate(found=as_json).values("found")),
        # Not EXISTS: PostgreSQL may run that as a hashed subplan over the whole table.
        an_exception=Subquery(EventException.objects.filter(event=OuterRef("event")).order_by().values("pk")[:1]),
    )
    parts: dict[str, type[Any]] = {
        "": Entry,
        "event": EventColumns,
        "event__room": RoomColumns,
        "event__room__sip_config": CallInColumns,
        "event__created_by": Person,
        "event__created_by__tariff": Limits,
        "event__updated_by": Person,
        "event__shared_folder": FolderColumns,
    }
    return plain_rows(entries, AgendaRow, parts).filter(event__created_by__disabled_since=None)


@cache
def exceptions() -> QuerySet[Any, ExceptionRow]:
    parts: dict[str, type[Any]] = {"": ExceptionColumns, "created_by": Person, "updated_by": Person}
    return plain_rows(EventException.objects.order_by("event_id", "original_starts_at"), ExceptionRow, parts)
