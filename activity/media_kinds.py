"""Kinds of activity of faxes, announcements, presentations, and of files in volumes.

`label` is the object's description as it was then, `owner_id` whose it was.
"""

from dataclasses import dataclass

from activity.audiences import nobody, who_read_it, who_reads_it_now, who_still_reads_it
from activity.kind import Kind


@dataclass(frozen=True, kw_only=True)
class _ObjectSnapshot(Kind):
    audience = who_reads_it_now
    label: str
    owner_id: str


@dataclass(frozen=True, kw_only=True)
class ContentUploaded(_ObjectSnapshot):
    """A document or a sound, which is converted next; `object_type` is fax, announcement or presentation."""

    name = "content.uploaded"
    object_type: str
    filename: str
    size: int
    md5: str


@dataclass(frozen=True, kw_only=True)
class _Converted(_ObjectSnapshot):
    """`problem` is "" where the conversion succeeded, else a member of Content.Problem."""

    problem: str
    mime_type: str


@dataclass(frozen=True, kw_only=True)
class FaxConverted(_Converted):
    name = "fax.converted"
    page_count: int | None


@dataclass(frozen=True, kw_only=True)
class AnnouncementConverted(_Converted):
    name = "announcement.converted"


@dataclass(frozen=True, kw_only=True)
class PresentationConverted(_Converted):
    name = "presentation.converted"
    page_count: int | None


@dataclass(frozen=True, kw_only=True)
class ConversionRetried(_ObjectSnapshot):
    """Staff let a conversion that failed be tried again."""

    name = "conversion.retried"
    audience = nobody


@dataclass(frozen=True, kw_only=True)
class FaxReported(_ObjectSnapshot):
    """How a transmission goes; the same `report_id` again is news of the same one."""

    name = "fax.reported"
    report_id: str
    incoming: bool
    sender: str
    recipient: str
    time_start: str
    time_end: str | None
    status: str
    sip_status_code: int | None
    fax_error_code: int | None


@dataclass(frozen=True, kw_only=True)
class PresentationStarted(_ObjectSnapshot):
    """`user_id` is the first member and the moderator."""

    name = "presentation.started"
    user_id: str


@dataclass(frozen=True, kw_only=True)
class PresentationStopped(_ObjectSnapshot):
    """`user_id` is the moderator, None where the presentation ended otherwise."""

    name = "presentation.stopped"
    user_id: str | None


@dataclass(frozen=True, kw_only=True)
class _FileSnapshot(Kind):
    """The activity's id is the commit. `type` is file or folder; `parent_id` is where it lies, None at the root."""

    volume_id: str
    type: str
    filename: str
    parent_id: str | None


@dataclass(frozen=True, kw_only=True)
class FileCreated(_FileSnapshot):
    name = "file.created"
    audience = who_reads_it_now
    ctime: str
    mtime: str


@dataclass(frozen=True, kw_only=True)
class FileUpdated(_FileSnapshot):
    """`changes` has what changed: name, parent, ctime, mtime; after an upload size, mime_type and md5."""

    name = "file.updated"
    audience = who_still_reads_it


@dataclass(frozen=True, kw_only=True)
class FileDeleted(_FileSnapshot):
    """With all that was in it. The subject is the volume where all of its files were deleted at once."""

    name = "file.deleted"
    audience = who_read_it


MEDIA_KINDS: tuple[type[Kind], ...] = (
    ContentUploaded, FaxConverted, AnnouncementConverted, PresentationConverted, ConversionRetried, FaxReported,
    PresentationStarted, PresentationStopped, FileCreated, FileUpdated, FileDeleted,
)  # fmt: skip
