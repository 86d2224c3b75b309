"""Two people who have 100,000 events each in their agenda, for measuring. Loaded by COPY, so PostgreSQL only."""

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import orjson
from django.db import connection, models
from psycopg.sql import SQL, Identifier
from psycopg.types.json import Jsonb

from calendars.recurrence import occurrences
from events import access, agenda
from events.models import Agenda, Event, EventException, Favorite
from invites.models import EventInvite, Reply, Status
from rooms.models import Room, SipConfig, StreamingTarget
from tests import factories
from users.models import User

COUNT = 100_000
PAGE = 30
# One row more tells whether another page follows; a few more are read and thrown away.
MOST = 40
FIRST = datetime(2017, 1, 2, 8, tzinfo=UTC)
APART = timedelta(minutes=105)  # so that they reach over twenty years
SERIES = ["RRULE:FREQ=WEEKLY"]
STATUSES = {1: Status.PENDING, 2: Status.TENTATIVE, 3: Status.DECLINED}


@dataclass(frozen=True)
class Request:
    """`besides` is how many rows of a table it may read beside those of its page."""

    name: str
    query: dict[str, Any] = field(default_factory=dict)
    path: str = "/v1/events"
    besides: int = 0


@dataclass(frozen=True)
class Crowd:
    alice: User  # created all events
    bob: User  # is invited to all of them

    def requests(self) -> list[Request]:
        """What bob may ask of the list; times and places are in the middle of all or deep in it."""
        middle = FIRST + COUNT // 2 * APART
        month = {"time_min": middle.isoformat(), "time_max": (middle + timedelta(days=31)).isoformat()}
        started = Agenda.objects.filter(user=self.bob, sort_at__lt=middle)
        running = started.filter(last_end_at__gte=middle).count()
        return [
            Request("first page"),
            Request("deep page", {"after": self._cursor(COUNT * 9 // 10)}),
            Request("month", month),
            Request("month, second page", month | {"after": self._cursor(COUNT // 2 + 100)}),
            Request("from now on", {"time_min": month["time_min"], "adhoc": "false", "time_independent": "false"}),
            Request("until now", {"time_max": month["time_min"], "adhoc": "false", "time_independent": "false"}),
            Request("without time", {"time_independent": "true", "adhoc": "false"}),
            Request("favourites", {"favorites": "true"}),
            Request("to be answered", {"invite_status": "pending"}),
            Request("not declined", {"invite_status": "accepted,pending,tentative"}),
            Request("with invitees", {"invitees_max": 20}),
            # A filter looks at all that runs when the window begins.
            Request("favourites, month", month | {"favorites": "true"}, besides=running),
            Request("to be answered, month", month | {"invite_status": "pending"}, besides=running),
            # Those that may have an occurrence on the page are read first, then what is shown of those that do.
            Request("instances, month", month, path="/v1/events/instances", besides=running + PAGE),
        ]

    def _cursor(self, number: int) -> str:
        rows = Agenda.objects.filter(user=self.bob).order_by("sort_at", "created_at", "event_id")
        return base64.urlsafe_b64encode(orjson.dumps(access.key(rows[number]))).decode().rstrip("=")


def load() -> Crowd:
    """Of 100 events two are series, of 1,000 one has no time, and of 5,000 one has no end."""
    alice, bob = factories.user("alice"), factories.user("bob")
    rooms = [Room(tenant=alice.tenant, created_by=alice) for _number in range(COUNT)]
    events = [_event(room, number) for number, room in enumerate(rooms)]
    _copy(rooms)
    _copy([SipConfig(room=room, sip_id=f"{number:010}") for number, room in enumerate(rooms)])
    _copy([_stream(room) for room in rooms[::10]])
    _copy(events)
    invites = [_invite(event, bob, number) for number, event in enumerate(events)]
    _copy(invites)
    _copy([_reply(invite) for invite in invites if invite.status != Status.PENDING])
    _copy([Favorite(user=person, event=event) for person in (alice, bob) for event in events[::1000]])
    _copy([row for event in events if event.is_recurring for row in _exceptions(event)])
    for start in range(0, COUNT, 10_000):
        _copy(agenda.expected(events[start : start + 10_000]))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return Crowd(alice, bob)


def _event(room: Room, number: int) -> Event:
    starts_at, creator = FIRST + number * APART, room.created_by
    columns: dict[str, Any] = {
        "is_all_day": False,
        "starts_at": starts_at,
        "starts_at_zone": "Europe/Berlin",
        "ends_at": starts_at + timedelta(minutes=30 * (1 + number % 4)),
        "ends_at_zone": "Europe/Berlin",
    }
    columns["series_ends_at"] = columns["ends_at"]
    if number % 50 == 0:
        is_endless = number % 5000 == 0
        columns |= {
            "recurrence_pattern": SERIES if is_endless else [f"{SERIES[0]};COUNT=13"],
            "series_ends_at": None if is_endless else columns["ends_at"] + timedelta(weeks=12),
        }
    if number % 1000 == 999:
        columns = {"is_time_independent": True}
    return Event(
        tenant=room.tenant, room=room, created_by=creator, updated_by=creator, title=f"Meeting {number}",
        description="What we did, what we do", uid=str(room.pk), series=room.pk, organizer_address=creator.email,
        **columns,
    )  # fmt: skip


def _stream(room: Room) -> StreamingTarget:
    return StreamingTarget(
        room=room, name="x", streaming_endpoint="rtmp://x", streaming_key="x", public_url="https://x"
    )


def _invite(event: Event, person: User, number: int) -> EventInvite:
    status = STATUSES.get(number % 100, Status.ACCEPTED)
    return EventInvite(event=event, invitee=person, created_by=event.created_by, status=status)


def _reply(invite: EventInvite) -> Reply:
    event, address = invite.event, invite.invitee.email
    return Reply(
        event_invite=invite, event_id=event.pk, invited_address=address, address=address, status=invite.status,
        via=Reply.Via.API, sequence=0, dtstamp=FIRST,
    )  # fmt: skip


def _exceptions(event: Event) -> Iterator[EventException]:
    """The second to the eleventh occurrence have another title."""
    series = event.as_series()
    for occurrence in islice(occurrences(series), 1, 11) if series else ():
        yield EventException(
            event=event,
            original_starts_at=occurrence.starts_at,
            kind=EventException.Kind.MODIFIED,
            title="Other",
            created_by=event.created_by,
            updated_by=event.created_by,
        )


def _copy(rows: Sequence[models.Model]) -> None:
    model = type(rows[0])
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)]
    names = [field.attname for field in fields]
    statement = SQL("COPY {} ({}) FROM STDIN").format(
        Identifier(model._meta.db_table), SQL(",").join(Identifier(field.column) for field in fields)
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            values = (getattr(row, name) for name in names)
            copy.write_row([Jsonb(value) if isinstance(value, list) else value for value in values])
