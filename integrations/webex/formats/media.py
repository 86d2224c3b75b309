"""Documents, sounds, and files of volumes. A conversion is a file's transcoding."""

from activity.media_kinds import (
    MEDIA_KINDS,
    AnnouncementConverted,
    ContentUploaded,
    FaxConverted,
    FileDeleted,
    FileUpdated,
    PresentationConverted,
)
from integrations.webex import ids
from integrations.webex.formats import common
from integrations.webex.formats.table import Event, Formats, Json, NotShown, Told


def file(one: Told) -> Json:
    data = one.data
    told = common.base(one) | {"id": ids.written(ids.FILE, one.activity.subject_id)}
    name = data.get("filename") or data.get("label")
    return told | ({"text": name} if name else {}) | common.actor(one)


def uploaded(one: Told) -> Json:
    return file(one) | common.created(one)


def content(one: Told) -> Json | None:
    """A file of a volume is one when it has content; another name or place is no event."""
    return uploaded(one) if "md5" in one.activity.changes else None


def deleted(one: Told) -> Json | None:
    """Of a folder, or of a whole volume, Webex has no event."""
    return file(one) if one.data["type"] == "file" else None


_TRANSCODED = [Event("file_transcodings", "created", uploaded)]
FORMATS: Formats = {
    ContentUploaded: [Event("files", "created", uploaded)],
    FileUpdated: [Event("files", "created", content)],
    FileDeleted: [Event("files", "deleted", deleted)],
    FaxConverted: _TRANSCODED,
    AnnouncementConverted: _TRANSCODED,
    PresentationConverted: _TRANSCODED,
}
NOT_SHOWN: NotShown = frozenset({kind for kind in MEDIA_KINDS if kind not in FORMATS})
