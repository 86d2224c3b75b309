"""Who was in a meeting, as a file."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from events import access as events
from signaling.documents import Author, Document, Section, Table, keep
from signaling.models import Participant, RoomSession
from users.models import User

KINDS = {
    Participant.Kind.USER: gettext_lazy("with an account"),
    Participant.Kind.GUEST: gettext_lazy("guest"),
    Participant.Kind.SIP: gettext_lazy("by phone"),
}


@dataclass
class Attendee:
    """`times` may overlap: somebody comes with two devices."""

    name: str
    kind: str
    email: str = ""
    times: list[tuple[datetime, datetime]] = field(default_factory=list)
    is_here: bool = False


def attendance(*, room_id: uuid.UUID, session_id: uuid.UUID, asker: Any, with_addresses: bool) -> dict[str, Any]:
    author = Author(room_id, asker)
    session, now = RoomSession.objects.get(pk=session_id), timezone.now()
    event = events.latest_of_room(author.room, now)
    title = event.title if event else ""
    people = attendees(session, now)
    with author.speaks():
        facts = [
            (gettext("Began"), author.moment(session.started_at or session.opened_at)),
            (gettext("As of"), author.moment(now)),
            (gettext("People"), str(len(people))),
        ]
        document = Document(
            title=gettext("Attendance report"),
            lead=[title] if title else [],
            sections=[
                Section(heading=gettext("The meeting"), facts=facts),
                Section(heading=gettext("People"), table=_table(people, author, with_addresses=with_addresses)),
            ],
        )
    return keep(document, author=author, kind="attendance_report", title=title, namespace="meeting_report")


def attendees(session: RoomSession, now: datetime) -> list[Attendee]:
    """In the order in which they first came; an account is one of them, however often it came. Recorders are not."""
    rows = {row.participant_id: row for row in session.participants.exclude(kind=Participant.Kind.RECORDER)}
    emails = dict(User.objects.filter(pk__in={row.user_id for row in rows.values()}).values_list("pk", "email"))
    found: dict[uuid.UUID, Attendee] = {}
    for span in session.spans.filter(participant_id__in=rows).order_by("joined_at", "pk"):
        row = rows[span.participant_id]
        attendee = found.setdefault(row.user_id or row.participant_id, Attendee(row.display_name, row.kind))
        attendee.email = emails.get(row.user_id, "") if row.user_id else ""
        attendee.times.append((span.joined_at, span.left_at or now))
        attendee.is_here |= span.left_at is None
    return list(found.values())


def total(times: Iterable[tuple[datetime, datetime]]) -> timedelta:
    """How long they are together; what overlaps counts once."""
    passed, until = timedelta(), None
    for begin, end in sorted(times):
        start = begin if until is None or begin > until else until
        if end > start:
            passed += end - start
            until = end
    return passed


def _table(people: list[Attendee], author: Author, *, with_addresses: bool) -> Table:
    header = [gettext("Name"), gettext("Kind"), gettext("Came"), gettext("Left"), gettext("Present")]
    rows = [
        [
            person.name,
            str(KINDS[Participant.Kind(person.kind)]),
            author.moment(min(begin for begin, _end in person.times)),
            gettext("still here") if person.is_here else author.moment(max(end for _begin, end in person.times)),
            author.lasting(total(person.times)),
        ]
        for person in people
    ]
    if with_addresses:
        header.insert(1, gettext("E-mail address"))
        for row, person in zip(rows, people, strict=True):
            row.insert(1, person.email or "–")
    return Table(header=header, rows=rows)
