"""Documents that a live meeting leaves behind, as PDF files of its room.

Written by Typst, which has its own letters: Latin, Greek, Cyrillic, Hebrew, and less handsome ones for Arabic, Armenian
and Georgian. Other scripts, such as Chinese, come from fonts of the machine, where it has any.
"""

import io
import json
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import get_supported_language_variant, gettext

from activity.actors import Actor
from calendars import words
from mailer.languages import known_language
from mailer.shown import known_zone
from rest.errors import Forbidden, PayloadOverflow, ServiceUnavailable
from rooms.assets.services import StorageQuotaExceeded, create_asset
from rooms.models import Room
from signaling.work import Failed
from users.models import User

TEMPLATE = Path(__file__).with_suffix(".typ")
EXCEEDED, STORAGE = "storage_exceeded", "storage"  # codes of errors


@dataclass(frozen=True, kw_only=True)
class Table:
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class Section:
    heading: str
    facts: Sequence[tuple[str, str]] = ()
    lines: Sequence[str] = ()
    table: Table | None = None


@dataclass(frozen=True, kw_only=True)
class Document:
    title: str
    lead: Sequence[str] = ()
    sections: Sequence[Section]


class Author:
    """Who asked for a document of a room, and how they read it: `asker` is what `signaling.reports.asker` said of them.

    Raises Failed with STORAGE where the room was deleted meanwhile.
    """

    def __init__(self, room_id: uuid.UUID, asker: dict[str, Any], zone: str = "") -> None:
        room = Room.objects.select_related("created_by__tariff").filter(pk=room_id).first()
        if room is None:
            raise Failed(STORAGE)
        self.room = room
        self.user = User.objects.filter(pk=asker["user_id"]).first() if asker["user_id"] else None
        self.actor = Actor.by_participant(asker["participant_id"], asker["display_name"], self.user)
        # Who has no account reads it like the room's owner, to whom it belongs.
        reader = self.user or room.created_by
        self.language = known_language(reader.language)
        self.zone = known_zone(zone, reader.time_zone, room.created_by.time_zone)

    def speaks(self) -> Any:
        """A context in which `gettext` answers in the language."""
        return translation.override(get_supported_language_variant(self.language))

    def moment(self, at: datetime) -> str:
        return words.describe_moment(at, zone=self.zone, locale=self.language)

    def lasting(self, span: timedelta) -> str:
        """`1:05:09`, in hours, minutes and seconds."""
        minutes, seconds = divmod(round(span.total_seconds()), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{seconds:02}"

    def zone_name(self) -> str:
        return words.describe_zone(self.zone, timezone.now(), locale=self.language)


def pdf(document: Document, *, language: str, footer: str, made_at: datetime) -> bytes:
    """Tagged, and PDF/UA where there is a letter for each sign. Raises typst.TypstError."""
    import typst  # noqa: PLC0415 - some ten megabytes of memory, which only who makes a document needs

    given = asdict(document) | {"language": language.partition("-")[0], "footer": footer}
    how: dict[str, Any] = {"sys_inputs": {"document": json.dumps(given)}, "timestamp": made_at}
    compiler = typst.Compiler(TEMPLATE, font_paths=_fonts())
    try:
        return bytes(compiler.compile(pdf_standards=["ua-1"], **how))  # type: ignore[arg-type]
    except typst.TypstError:
        # Accessible documents may not have the box that stands for an unknown letter.
        return bytes(compiler.compile(**how))  # type: ignore[arg-type]


def keep(document: Document, *, author: Author, kind: str, title: str, namespace: str) -> dict[str, Any]:
    """Stores it as a file of the room, told to clients as they know it. Raises Failed, with EXCEEDED or STORAGE."""
    made_at = timezone.now().replace(microsecond=0)  # Typst takes none
    with author.speaks():
        footer = gettext("Made on %(time)s, %(zone)s") % {"time": author.moment(made_at), "zone": author.zone_name()}
    data = pdf(document, language=author.language, footer=footer, made_at=made_at)
    return keep_pdf(data, author=author, kind=kind, title=title, namespace=namespace)


def keep_pdf(data: bytes, *, author: Author, kind: str, title: str, namespace: str) -> dict[str, Any]:
    """Likewise a PDF that another server wrote."""
    try:
        asset = create_asset(
            room=author.room,
            actor=author.actor,
            source=io.BytesIO(data),
            size=len(data),
            kind=kind,
            file_extension="pdf",
            event_title=title,
            namespace=namespace,
        )
    except StorageQuotaExceeded as error:
        raise Failed(EXCEEDED) from error
    except (Forbidden, PayloadOverflow, ServiceUnavailable) as error:
        raise Failed(STORAGE) from error
    return {"filename": asset.filename, "asset_id": asset.pk}


@cache
def _fonts() -> Any:
    """Those of Typst and of the machine, looked for once."""
    import typst  # noqa: PLC0415

    return typst.Fonts()
