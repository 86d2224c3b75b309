"""Kinds of activity of live meetings; the subject is the room. The catalogue, kinds.py, says what all share."""

from dataclasses import dataclass

from activity.audiences import who_reads_it_now
from activity.kind import Kind


@dataclass(frozen=True, kw_only=True)
class _Session(Kind):
    """`session` is the id of this one of the room's live meetings."""

    audience = who_reads_it_now
    session: str


@dataclass(frozen=True, kw_only=True)
class MeetingStarted(_Session):
    """The first person joined."""

    name = "meeting.started"


@dataclass(frozen=True, kw_only=True)
class MeetingEnded(_Session):
    """It was ended, or all were gone for so long that it was over."""

    name = "meeting.ended"


@dataclass(frozen=True, kw_only=True)
class _Presence(Kind):
    """`breakout_room` is None in the main room. People who wait to be let in are not there."""

    audience = who_reads_it_now
    participant_id: str
    user_id: str | None
    display_name: str
    participation_kind: str
    breakout_room: str | None


@dataclass(frozen=True, kw_only=True)
class ParticipantJoined(_Presence):
    name = "participant.joined"


@dataclass(frozen=True, kw_only=True)
class ParticipantLeft(_Presence):
    """`reason` is quit, timeout, sent_to_waiting_room, kicked, banned or ended. The actor is whoever caused it."""

    name = "participant.left"
    reason: str


@dataclass(frozen=True, kw_only=True)
class ParticipantRoleChanged(_Presence):
    """`role` is the new one: guest, user or moderator. It is for this live meeting only."""

    name = "participant.role_changed"
    role: str


@dataclass(frozen=True, kw_only=True)
class ChatMessageSent(_Presence):
    """To everybody in the same place, without what it says. Messages to one person or to a group are not logged."""

    name = "chat.message_sent"
    message_id: str


@dataclass(frozen=True, kw_only=True)
class ChatHistoryCleared(_Presence):
    """The messages to everybody in this place are gone."""

    name = "chat.history_cleared"


@dataclass(frozen=True, kw_only=True)
class RecordingConsentChanged(_Presence):
    """Whether the person agrees to be seen in recordings and live streams."""

    name = "recording.consent_changed"
    is_given: bool


@dataclass(frozen=True, kw_only=True)
class _Stream(Kind):
    """`target_kind` is recording or livestream, `target` its name. The actor is whoever asked for it last."""

    audience = who_reads_it_now
    target_id: str
    target: str
    target_kind: str
    breakout_room: str | None


@dataclass(frozen=True, kw_only=True)
class RecordingStarted(_Stream):
    """The recorder said that it runs, for the first time or after a pause."""

    name = "recording.started"


@dataclass(frozen=True, kw_only=True)
class RecordingPaused(_Stream):
    name = "recording.paused"


@dataclass(frozen=True, kw_only=True)
class RecordingStopped(_Stream):
    """`reason` is the recorder's code where it failed, "" where it was stopped or left."""

    name = "recording.stopped"
    reason: str


@dataclass(frozen=True, kw_only=True)
class VoteEnded(Kind):
    """A vote by name or token. `outcome` is finished, canceled or invalid; the numbers are 0 unless it is finished."""

    name = "vote.ended"
    audience = who_reads_it_now
    vote: str
    outcome: str
    yes: int
    no: int
    abstain: int
