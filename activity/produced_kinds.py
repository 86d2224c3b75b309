"""Kinds of activity that only producers report, by POST /v1/services/activity. The catalogue, kinds.py, says what all
share.

The members of a kind but `at` are those of the report's data: its JSON Schema is made of them. `at` is the report's
time, RFC 3339 in UTC with milliseconds. The subject is the object that it is about.
"""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from msgspec import Meta

from activity.audiences import who_read_it, who_reads_it_now
from activity.kind import Kind

Word = Annotated[str, Meta(max_length=64)]
Line = Annotated[str, Meta(max_length=255)]
Text = Annotated[str, Meta(max_length=7439)]  # as long as Webex takes a message
Name = Annotated[str, Meta(min_length=1, max_length=255)]
UUID = Annotated[str, Meta(pattern="^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$", extra_json_schema={"format": "uuid"})]
Moment = Annotated[str, Meta(pattern=r"^([0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}\.[0-9]{3}Z)?$")]
Count = Annotated[int, Meta(ge=0, le=2**53)]


@dataclass(frozen=True, kw_only=True)
class _Report(Kind):
    audience = who_reads_it_now
    at: str


@dataclass(frozen=True, kw_only=True)
class CallRecordCreated(_Report):
    """One leg of a call, after it has ended. Numbers, truth values and times are texts, as telephone systems have them:
    "192", "true", "2023-02-08T06:12:43.976Z". `user_id` is the account whose record it is.
    """

    name = "call_record.created"
    corelation_id: Name
    call_type: Word
    user_id: UUID | None = None
    user_type: Word = ""
    call_direction: Literal["", "ORIGINATING", "TERMINATING"] = ""
    is_call_answered: Literal["", "true", "false"] = ""
    call_duration_seconds: Annotated[str, Meta(pattern="^[0-9]{0,9}$")] = ""
    call_start_time: Moment = ""
    call_answer_time: Moment = ""
    call_transfer_time: Moment = ""
    calling_number: Word = ""
    calling_line_id: Word = ""
    called_number: Word = ""
    called_line_id: Word = ""
    dialed_digits: Word = ""
    call_redirecting_number: Word = ""
    call_redirected_reason: Word = ""


@dataclass(frozen=True, kw_only=True)
class TranscriptCreated(_Report):
    """What was said in a meeting can be read. `meeting_id` is the event of this site's that was held."""

    name = "transcript.created"
    transcript_id: Name
    meeting_id: UUID | None = None
    language: Word = ""


@dataclass(frozen=True, kw_only=True)
class ConvergedRecordingCreated(_Report):
    """A recording that was made elsewhere, and is kept there."""

    name = "converged_recording.created"
    recording_id: Name
    format: Word = ""
    duration_seconds: Count | None = None
    size: Count | None = None
    user_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class AttachmentActionCreated(_Report):
    """Somebody filled in a form that was part of a message."""

    name = "attachment_action.created"
    action_id: Name
    message_id: Name
    user_id: UUID | None = None
    type: Literal["submit"] = "submit"
    inputs: Annotated[dict[Word, Line], Meta(max_length=100)] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class BusinessTextCreated(_Report):
    """A text message of a business number."""

    name = "business_text.created"
    text_id: Name
    text: Text
    from_number: Word = ""
    to_number: Word = ""
    user_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class FileTranscodingCreated(_Report):
    """A file was converted to another form, such as pictures of its pages."""

    name = "file_transcoding.created"
    file_id: Name
    filename: Line = ""
    mime_type: Line = ""
    page_count: Count | None = None
    user_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class MeetingMessageCreated(_Report):
    """What somebody wrote in a meeting held elsewhere. `recipients` are those to whom alone it was written, by their
    `user_id`, `email` and `display_name`, as far as known.
    """

    name = "meeting_message.created"
    message_id: Name
    text: Text
    meeting_id: UUID | None = None
    user_id: UUID | None = None
    email: Line = ""
    breakout_session_id: Word = ""
    recipients: Annotated[list[Annotated[dict[Word, Line], Meta(max_length=3)]], Meta(max_length=100)] = field(
        default_factory=list
    )


@dataclass(frozen=True, kw_only=True)
class MeetingMessageDeleted(_Report):
    name = "meeting_message.deleted"
    audience = who_read_it
    message_id: Name
    meeting_id: UUID | None = None
    user_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class ExtraReported(_Report):
    """A kind that staff registered: `report_type` is its name, `content` the report's data after its schema."""

    name = "extra.reported"
    report_type: str
    content: dict[str, Any]


PRODUCED_KINDS: tuple[type[Kind], ...] = (
    CallRecordCreated, TranscriptCreated, ConvergedRecordingCreated, AttachmentActionCreated, BusinessTextCreated,
    FileTranscodingCreated, MeetingMessageCreated, MeetingMessageDeleted, ExtraReported,
)  # fmt: skip
