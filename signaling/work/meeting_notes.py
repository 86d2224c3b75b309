"""Notes are pads of Etherpad. Where it does not do what it is asked for, this raises Failed("failed_initialization"):
clients know no other code for a server that fails.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from rooms.models import Room
from signaling.documents import Author, keep_pdf
from signaling.servers import etherpad
from signaling.work import Failed

# No meeting lasts longer; sessions go when people leave.
LONGEST = timedelta(days=7)
AN_EXPORT = timedelta(minutes=5)


def about(_room: Room) -> dict[str, Any] | None:
    return {} if settings.ETHERPAD_URL else None


def create(*, room_id: uuid.UUID, session: uuid.UUID, place: uuid.UUID | None, **_more: Any) -> dict[str, Any]:
    """Notes of this session and place alone."""
    with _etherpad():
        group, pad, read_only = etherpad.open_pad(f"{session}:{place or ''}")
    return {"group": group, "pad": pad, "read_only": read_only}


def admit(
    *, room_id: uuid.UUID, group: str, pad: str, read_only: str, people: list[dict[str, Any]], **_more: Any
) -> dict[str, Any]:
    """`sessions` has id and address for each of the people, each with `id`, `name` and `readonly`."""
    until, sessions = timezone.now() + LONGEST, {}
    with _etherpad():
        for person in people:
            session = etherpad.create_session(group, mapper=str(person["id"]), name=person["name"], until=until)
            url = etherpad.address(session, read_only if person["readonly"] else pad)
            sessions[str(person["id"])] = {"session": session, "url": url}
    return {"sessions": sessions}


def dismiss(*, room_id: uuid.UUID, sessions: list[str]) -> dict[str, Any]:
    """A pad that is open by one of them takes nothing more."""
    with _etherpad():
        for session in sessions:
            etherpad.delete_session(session)
    return {}


def delete(*, room_id: uuid.UUID, groups: list[str]) -> dict[str, Any]:
    with _etherpad():
        for group in groups:
            etherpad.delete_group(group)
    return {}


def generate_pdf(*, room_id: uuid.UUID, group: str, pad: str, asker: dict[str, Any], **_more: Any) -> dict[str, Any]:
    with _etherpad():
        until = timezone.now() + AN_EXPORT
        session = etherpad.create_session(group, mapper="export", name="", until=until)
        data = etherpad.pdf(pad, session)
        etherpad.delete_session(session)
    author = Author(room_id, asker)
    return keep_pdf(data, author=author, kind="meeting_notes", title="", namespace="meeting_notes")


@contextmanager
def _etherpad() -> Iterator[None]:
    try:
        yield
    except etherpad.EtherpadError as failure:
        raise Failed("failed_initialization") from failure
