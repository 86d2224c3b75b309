"""What a stage's modules asked for, done with a real room and its files."""

import io
import uuid
from typing import Any

import pypdf

from rooms import storage
from rooms.models import Asset, Room
from signaling import work
from signaling.effects import Answered
from signaling.models import Entry, RoomSession
from tests.signaling.stage import NOW, Stage


def session_of(stage: Stage, room: Room) -> RoomSession:
    """The live meeting of the stage, with what its modules wrote down."""
    session = RoomSession.objects.create(room=room, opened_at=NOW, started_at=NOW)
    for namespace, place, entry in stage.kept:
        Entry.objects.create(session=session, namespace=namespace, place=str(place or ""), at=entry.at, data=entry.data)
    return session


def done(stage: Stage, room: Room, session: RoomSession, *, user_id: uuid.UUID | None = None) -> Answered:
    """The first thing that was asked; `user_id` is the account of who did, where it is to be a real one."""
    namespace, ask = stage.asked.pop(0)
    if "session_id" in ask.arguments:
        ask.arguments["session_id"] = session.pk
    ask.arguments["asker"]["user_id"] = user_id
    return work.done(room.pk, namespace, ask)


def pages(asset: Asset) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(b"".join(storage.pieces(str(asset.file.name), 0, asset.size))))


def lines(asset: Asset) -> list[str]:
    """All that a reader sees, from top to bottom, without the footers."""
    text = "\n".join(page.extract_text() for page in pages(asset).pages).replace("\u202f", " ").replace("\xa0", " ")
    return [line.strip() for line in text.splitlines() if line.strip() and not _is_footer(line)]


def _is_footer(line: str) -> Any:
    return line.startswith(("Made on", "Erstellt am", "Créé le"))
