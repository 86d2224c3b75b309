"""What the event says of when people are asked, and the report of who confirmed."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext

from events import access as events
from rooms.models import Room
from signaling.documents import Author, Document, Section, Table, keep


def about(room: Room) -> dict[str, Any] | None:
    event = events.latest_of_room(room, timezone.now())
    return (event.training_participation_report or None) if event else None


def report(
    *,
    room_id: uuid.UUID,
    began: datetime,
    ended: datetime,
    people: dict[uuid.UUID, str],
    checkpoints: Sequence[tuple[datetime, dict[uuid.UUID, datetime]]],
    asker: Any,
) -> dict[str, Any]:
    """Each of `checkpoints` has its moment, and those of who confirmed."""
    author = Author(room_id, asker)
    event = events.latest_of_room(author.room, ended)
    title = event.title if event else ""
    with author.speaks():
        facts = [
            (gettext("Trainer"), asker["display_name"]),
            (gettext("Began"), author.moment(began)),
            (gettext("Ended"), author.moment(ended)),
            (gettext("Checkpoints"), str(len(checkpoints))),
        ]
        counts = [(name, str(sum(key in confirmed for _at, confirmed in checkpoints))) for key, name in people.items()]
        document = Document(
            title=gettext("Participation report"),
            lead=[title] if title else [],
            sections=[
                Section(heading=gettext("The training"), facts=facts),
                Section(
                    heading=gettext("Participants"),
                    table=Table(header=(gettext("Name"), gettext("Confirmations")), rows=counts),
                ),
                *(_checkpoint(number, *one, people, author) for number, one in enumerate(checkpoints, 1)),
            ],
        )
    return keep(
        document, author=author, kind="participation_report", title=title, namespace="training_participation_report"
    )


def _checkpoint(
    number: int, at: datetime, confirmed: dict[uuid.UUID, datetime], people: dict[uuid.UUID, str], author: Author
) -> Section:
    rows = [(name, author.moment(confirmed[key]) if key in confirmed else "–") for key, name in people.items()]
    return Section(
        heading=gettext("Checkpoint %(number)s") % {"number": number},
        lines=[author.moment(at)],
        table=Table(header=(gettext("Name"), gettext("Confirmed")), rows=rows),
    )
