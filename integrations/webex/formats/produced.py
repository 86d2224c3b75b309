"""What only producers report. `created` is when it happened there, the event's own time when it was reported."""

from activity import produced_kinds as kinds
from integrations.webex import ids
from integrations.webex.formats import common
from integrations.webex.formats.table import Event, Formats, Json, NotShown, Told

# As the seed spells them.
TELEPHONY = {
    "corelation_id": "corelationId",
    "call_type": "callType",
    "user_type": "userType",
    "call_direction": "callDirection",
    "is_call_answered": "isCallAnswered",
    "call_duration_seconds": "callDurationSeconds",
    "call_start_time": "callStartTime",
    "call_answer_time": "callAnswerTime",
    "call_transfer_time": "callTransferTime",
    "calling_number": "callingNumber",
    "calling_line_id": "callingLineId",
    "called_number": "calledNumber",
    "called_line_id": "calledLineId",
    "dialed_digits": "dialedDigits",
    "call_redirecting_number": "callRedirectingNumber",
    "call_redirected_reason": "callRedirectedReason",
}


def call_record(one: Told) -> Json:
    """All values are texts. `userId` is whose record it is."""
    data = one.data
    told = {name: data[member] for member, name in TELEPHONY.items() if data.get(member)}
    owner = {"userId": ids.written(ids.PERSON, data["user_id"])} if data["user_id"] else {}
    return _base(one) | owner | told


def transcript(one: Told) -> Json:
    return _base(one) | _named(one, "transcript_id") | _meeting(one)


def recording(one: Told) -> Json:
    return _base(one) | _named(one, "recording_id") | _person(one)


def attachment_action(one: Told) -> Json:
    return _base(one) | _named(one, "action_id") | _person(one) | {"type": one.data["type"]}


def business_text(one: Told) -> Json:
    return _base(one) | _named(one, "text_id") | _person(one) | {"text": one.data["text"]}


def file_transcoding(one: Told) -> Json:
    return _base(one) | _named(one, "file_id") | _person(one)


def message(one: Told) -> Json:
    data = one.data
    told = _gone(one) | {"text": data["text"]}
    if data["breakout_session_id"]:
        told["breakoutSessionId"] = data["breakout_session_id"]
    if data["email"] and "personEmail" not in told:
        told["personEmail"] = data["email"]
    recipients = [_recipient(given) for given in data["recipients"]]
    return told | ({"recipients": recipients} if recipients else {})


def message_gone(one: Told) -> Json:
    return _gone(one)


def _gone(one: Told) -> Json:
    return _base(one) | _named(one, "message_id") | _meeting(one) | _person(one)


def _base(one: Told) -> Json:
    return common.base(one) | {"created": one.data["at"]}


def _named(one: Told, member: str) -> Json:
    """By the id that it has where it was made."""
    return {"id": one.data[member]}


def _meeting(one: Told) -> Json:
    return {"meetingId": one.data["meeting_id"]} if one.data["meeting_id"] else {}


def _person(one: Told) -> Json:
    user_id = one.data["user_id"]
    return common.person(user_id, common.email(one, user_id))


def _recipient(given: Json) -> Json:
    """Who has an account is named by it, everybody else is a guest."""
    if given.get("user_id"):
        email = {"personEmail": given["email"]} if given.get("email") else {}
        return {"personId": ids.written(ids.PERSON, given["user_id"])} | email
    names = {"guestDisplayName": "display_name", "guestEmail": "email"}
    return {name: given[member] for name, member in names.items() if given.get(member)}


FORMATS: Formats = {
    kinds.CallRecordCreated: [Event("call_records", "created", call_record)],
    kinds.TranscriptCreated: [Event("meetingTranscripts", "created", transcript)],
    kinds.ConvergedRecordingCreated: [Event("convergedRecordings", "created", recording)],
    kinds.AttachmentActionCreated: [Event("attachmentActions", "created", attachment_action)],
    kinds.BusinessTextCreated: [Event("businessTexts", "created", business_text)],
    kinds.FileTranscodingCreated: [Event("file_transcodings", "created", file_transcoding)],
    kinds.MeetingMessageCreated: [Event("meetingMessages", "created", message)],
    kinds.MeetingMessageDeleted: [Event("meetingMessages", "deleted", message_gone)],
}
# The seed's resources have no place for kinds that staff make up.
NOT_SHOWN: NotShown = frozenset({kinds.ExtraReported})
