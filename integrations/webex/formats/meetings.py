"""Meetings as they are planned, and as they are held."""

from activity.kinds import EventCreated, EventDeleted, EventHandedOver, EventUpdated, InstanceUpdated
from activity.meeting_kinds import (
    MeetingEnded,
    MeetingStarted,
    ParticipantJoined,
    ParticipantLeft,
    ParticipantRoleChanged,
    RecordingConsentChanged,
    RecordingPaused,
    RecordingStarted,
    RecordingStopped,
    VoteEnded,
)
from integrations.webex import ids, lookups, times
from integrations.webex.formats import common
from integrations.webex.formats.table import Event, Formats, Json, NotShown, Told

FOLDER, STREAMS = "has_shared_folder", "streaming_targets"  # names in the changes of a meeting


def planned(one: Told) -> Json:
    """`attendees` are the accounts invited. Members of later versions of the kind may be missing."""
    data = one.data
    told = common.base(one) | {"id": str(one.activity.subject_id), "meetingId": _meeting(one), "title": data["title"]}
    creator = data.get("creator_id")
    if creator:
        told |= _host(creator, common.email(one, creator))
    if "attendee_ids" in data:
        told["attendees"] = [ids.written(ids.PERSON, person_id) for person_id in data["attendee_ids"]]
    when = {"start": data["starts_at"], "end": data["ends_at"]}
    return told | {name: times.written_text(text) for name, text in when.items() if text}


def _meeting(one: Told) -> str:
    return common.meeting_id(one.activity.subject_id, one.data.get("occurrence", ""))


def new_meeting(one: Told) -> Json:
    return planned(one) | common.created(one)


def occurrence(one: Told) -> Json | None:
    return planned(one) if one.data["status"] != "cancelled" else None


def cancelled_occurrence(one: Told) -> Json | None:
    return planned(one) if one.data["status"] == "cancelled" else None


def _host(person_id: str, email: str) -> Json:
    person = ids.written(ids.PERSON, person_id)
    return {"creatorId": person, "host": {"id": person} | ({"email": email} if email else {})}


def new_tab(one: Told) -> Json | None:
    return _tab(one) if _tabs(one)[1] > _tabs(one)[0] else None


def deleted_tab(one: Told) -> Json | None:
    return _tab(one) if _tabs(one)[1] < _tabs(one)[0] else None


def _tabs(one: Told) -> tuple[int, int]:
    """How many the meeting had before and after: its shared folder, and its live streams."""
    pairs = [one.activity.changes[name] for name in (FOLDER, STREAMS) if name in one.activity.changes]
    before, after = zip(*pairs, strict=True) if pairs else ((), ())
    return sum(map(_number, before)), sum(map(_number, after))


def _number(value: object) -> int:
    return len(value) if isinstance(value, list) else int(bool(value))


def _tab(one: Told) -> Json:
    creator = {"creatorId": ids.written(ids.PERSON, common.actor_id(one))}
    return common.base(one) | {"id": ids.written(ids.TAB, one.activity.subject_id)} | creator | common.created(one)


def ended(one: Told) -> Json:
    """`attendees` are the accounts that were there; guests are not in the organization's directory."""
    held = one.facts.of(lookups.held)[one.activity.pk]
    told = live(one) | (_host(held.host, held.host_email) if held.host else {})
    return told | {
        "attendees": [ids.written(ids.PERSON, person_id) for person_id in held.attendees],
        "recordingEnabled": _yes(held.is_recorded),
        "transcriptionEnabled": _yes(held.is_transcribed),
        "hasPostMeetingsChat": _yes(held.has_chat),
    }


def live(one: Told) -> Json:
    activity, session = one.activity, one.data["session"]
    meeting = common.meeting_id(activity.event_id or activity.subject_id, session)
    told = common.base(one) | {"id": session, "meetingId": meeting}
    return told | ({"title": activity.title} if activity.title else {})


def started(one: Told) -> Json:
    owner, email = one.facts.of(lookups.hosts).get(one.activity.room_id, ("", ""))
    host_of = {"host": {"id": ids.written(ids.PERSON, owner)} | ({"email": email} if email else {})} if owner else {}
    return live(one) | host_of


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "no"


def participant(one: Told) -> Json:
    data, activity = one.data, one.activity
    told = common.base(one) | {"id": data["participant_id"], "displayName": data["display_name"]}
    told |= common.person(data["user_id"] or data["participant_id"], common.email(one, data["user_id"]))
    told |= {"meetingId": common.meeting_id(activity.event_id or activity.subject_id, common.session(one))}
    return told | ({"breakoutSessionId": data["breakout_room"]} if data["breakout_room"] else {})


FORMATS: Formats = {
    EventCreated: [Event("meetings", "created", new_meeting)],
    EventUpdated: [
        Event("meetings", "updated", planned),
        Event("tabs", "created", new_tab),
        Event("tabs", "deleted", deleted_tab),
    ],
    EventHandedOver: [Event("meetings", "updated", planned)],
    EventDeleted: [Event("meetings", "deleted", planned)],
    InstanceUpdated: [Event("meetings", "updated", occurrence), Event("meetings", "deleted", cancelled_occurrence)],
    MeetingStarted: [Event("meetings", "started", started, is_listed=False)],
    MeetingEnded: [Event("meetings", "ended", ended)],
    ParticipantJoined: [Event("meetingParticipants", "joined", participant, is_listed=False)],
    ParticipantLeft: [Event("meetingParticipants", "left", participant, is_listed=False)],
}
# What happens inside a live meeting has no resource; its recording is one when the file is there.
NOT_SHOWN: NotShown = frozenset({
    ParticipantRoleChanged, RecordingStarted, RecordingPaused, RecordingStopped, RecordingConsentChanged, VoteEnded,
})  # fmt: skip
