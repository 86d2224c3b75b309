"""The catalogue of activity kinds. A kind is a dataclass: its fields are the snapshot that `data` holds.

`audience` is the rule that says who learns of it. `version` is that of the fields: it rises when they change, because
older rows keep what they have. Members are JSON values; times are RFC 3339 text in UTC, ids are text. No secret
(password, PIN, code, token, streaming key) is ever a member.
"""

from dataclasses import dataclass

from activity.audiences import (
    nobody,
    owner_alone,
    who_read_it,
    who_reads_it_now,
    who_reads_or_read_it,
    who_still_reads_it,
)
from activity.callback_kinds import CALLBACK_KINDS
from activity.device_kinds import DEVICE_KINDS
from activity.kind import Kind
from activity.mail_kinds import (
    AddressSuppressed,
    DomainReleased,
    MailAborted,
    MailProcessedAgain,
    MailResent,
    SuppressionLifted,
)
from activity.media_kinds import MEDIA_KINDS
from activity.meeting_kinds import (
    ChatHistoryCleared,
    ChatMessageSent,
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
from activity.object_kinds import OBJECT_KINDS
from activity.produced_kinds import PRODUCED_KINDS
from activity.reader_kinds import (
    CospaceSessionEnded,
    EventRead,
    EventsListed,
    WebhookCreated,
    WebhookDeleted,
    WebhookUpdated,
)
from activity.room_kinds import (
    AssetCreated,
    AssetDeleted,
    CodeCreated,
    CodeRevoked,
    CodeUpdated,
    RoomCreated,
    RoomDeleted,
    RoomGuessed,
    RoomUnlocked,
    RoomUpdated,
    SipCreated,
    SipDeleted,
    SipUpdated,
)
from activity.sign_in_kinds import (
    RecoveryCodeUsed,
    SecondFactorRemoved,
    SecondFactorSet,
    SignInRefused,
    UserGuessed,
    UserPasswordSet,
    UserSignedIn,
    UserUnlocked,
)
from activity.table_kinds import ListExported, ListImported


@dataclass(frozen=True, kw_only=True)
class _EventSnapshot(Kind):
    """`description_sha256` tells whether two activities saw the same text; `attendee_ids` are the accounts invited."""

    version = 3
    title: str
    description_sha256: str
    creator_id: str
    attendee_ids: list[str]
    is_time_independent: bool
    is_all_day: bool
    is_adhoc: bool
    starts_at: str | None
    ends_at: str | None
    time_zone: str | None
    recurrence_pattern: list[str]
    sequence: int


@dataclass(frozen=True, kw_only=True)
class EventCreated(_EventSnapshot):
    name = "event.created"
    audience = who_reads_it_now


@dataclass(frozen=True, kw_only=True)
class EventUpdated(_EventSnapshot):
    name = "event.updated"
    audience = who_still_reads_it


@dataclass(frozen=True, kw_only=True)
class InstanceUpdated(Kind):
    """One occurrence of a series was changed, cancelled or restored; `occurrence` is its instance id."""

    name = "event.instance_updated"
    version = 3
    audience = who_still_reads_it
    occurrence: str
    title: str
    description_sha256: str
    creator_id: str
    attendee_ids: list[str]
    is_all_day: bool
    starts_at: str
    ends_at: str
    time_zone: str
    status: str
    sequence: int


@dataclass(frozen=True, kw_only=True)
class EventDeleted(_EventSnapshot):
    name = "event.deleted"
    audience = who_read_it


@dataclass(frozen=True, kw_only=True)
class EventHandedOver(_EventSnapshot):
    """The meeting has another organizer, `creator_id`. Where calendars get a new entry, event.updated follows."""

    name = "event.handed_over"
    version = 2
    audience = who_reads_or_read_it
    former_creator_id: str
    former_organizer: str
    organizer: str


@dataclass(frozen=True, kw_only=True)
class InviteAdded(Kind):
    name = "invite.added"
    audience = who_reads_or_read_it
    address: str
    invitee_id: str | None
    role: str


@dataclass(frozen=True, kw_only=True)
class InviteRemoved(Kind):
    name = "invite.removed"
    audience = who_reads_or_read_it
    address: str
    invitee_id: str | None


@dataclass(frozen=True, kw_only=True)
class InviteClaimed(Kind):
    """Somebody who was invited by address signed in for the first time and has the invitation now."""

    name = "invite.claimed"
    audience = who_reads_or_read_it
    address: str
    invitee_id: str
    role: str


@dataclass(frozen=True, kw_only=True)
class InviteAnswered(Kind):
    """`address` answered. Where that was not the invitee, it is no answer of the invitee's.

    `former_status` is what the invitee's answer to the whole was until then.
    """

    name = "invite.answered"
    version = 3
    audience = who_reads_or_read_it
    address: str
    invitee_id: str | None
    status: str
    comment: str
    occurrence: str | None
    invited_address: str
    is_by_invitee: bool
    former_status: str


@dataclass(frozen=True, kw_only=True)
class InviteRefreshed(Kind):
    """The invitee's calendar asked for the meeting as it is now, and got it by mail."""

    name = "invite.refreshed"
    audience = nobody
    address: str
    invitee_id: str | None


@dataclass(frozen=True, kw_only=True)
class InviteResent(Kind):
    """Staff mailed the meeting as it is now to one person who is invited."""

    name = "invite.resent"
    audience = nobody
    address: str
    invitee_id: str | None


@dataclass(frozen=True, kw_only=True)
class _ProposalSnapshot(Kind):
    """`address` proposed the time; `occurrence` is the instance id of what was to be moved, None the whole event."""

    audience = who_reads_or_read_it
    address: str
    invitee_id: str | None
    occurrence: str | None
    starts_at: str
    ends_at: str


@dataclass(frozen=True, kw_only=True)
class ProposalAccepted(_ProposalSnapshot):
    """event.updated or event.instance_updated follows."""

    name = "proposal.accepted"


@dataclass(frozen=True, kw_only=True)
class ProposalRefused(_ProposalSnapshot):
    name = "proposal.refused"
    comment: str


@dataclass(frozen=True, kw_only=True)
class InviteUpdated(Kind):
    """The role was changed; `changes` has the old one."""

    name = "invite.updated"
    audience = who_reads_or_read_it
    address: str
    invitee_id: str | None
    role: str


@dataclass(frozen=True, kw_only=True)
class FavoriteAdded(Kind):
    name = "favorite.added"
    audience = owner_alone


@dataclass(frozen=True, kw_only=True)
class FavoriteRemoved(Kind):
    name = "favorite.removed"
    audience = owner_alone


@dataclass(frozen=True, kw_only=True)
class RemindersUpdated(Kind):
    """Of a person, of that person's for one meeting, or of everybody's; `changes` has the rules."""

    name = "reminders.updated"
    audience = who_still_reads_it


@dataclass(frozen=True, kw_only=True)
class DigestUpdated(Kind):
    """How often a person is mailed about answers; `changes` has what it was."""

    name = "digest.updated"
    audience = owner_alone


@dataclass(frozen=True, kw_only=True)
class UserCreated(Kind):
    name = "user.created"
    audience = owner_alone
    email: str
    display_name: str


@dataclass(frozen=True, kw_only=True)
class UserUpdated(Kind):
    name = "user.updated"
    audience = owner_alone
    email: str
    display_name: str


@dataclass(frozen=True, kw_only=True)
class UserAdded(Kind):
    """Staff made an account; user.created follows at its first sign-in."""

    name = "user.added"
    audience = owner_alone
    email: str
    display_name: str


@dataclass(frozen=True, kw_only=True)
class UserSignedOut(Kind):
    """The tokens of one client on one device were revoked, or all tokens of the person."""

    name = "user.signed_out"
    audience = owner_alone
    everywhere: bool


@dataclass(frozen=True, kw_only=True)
class UserSeenAs(Kind):
    """Staff looked at what this person sees; `page` is agenda or event. The person learns of it."""

    name = "user.seen_as"
    audience = owner_alone
    email: str
    display_name: str
    page: str


@dataclass(frozen=True, kw_only=True)
class _SetupSnapshot(Kind):
    """What staff write by a form alone, such as a tenant, a tariff or a role, as the subject's type says."""

    audience = nobody
    label: str


@dataclass(frozen=True, kw_only=True)
class SetupCreated(_SetupSnapshot):
    name = "setup.created"


@dataclass(frozen=True, kw_only=True)
class SetupUpdated(_SetupSnapshot):
    name = "setup.updated"


@dataclass(frozen=True, kw_only=True)
class SetupDeleted(_SetupSnapshot):
    name = "setup.deleted"


@dataclass(frozen=True, kw_only=True)
class SettingsUpdated(Kind):
    """Staff changed settings of the site; `changes` has what was in force before and after."""

    name = "settings.updated"
    audience = nobody


@dataclass(frozen=True, kw_only=True)
class JobRequested(Kind):
    """Staff let a job of the schedule run at once."""

    name = "job.requested"
    audience = nobody
    label: str


KINDS: dict[str, type[Kind]] = {
    kind.name: kind
    for kind in (
        EventCreated, EventUpdated, InstanceUpdated, EventHandedOver, EventDeleted,
        InviteAdded, InviteUpdated, InviteRemoved, InviteClaimed, InviteAnswered, InviteRefreshed, InviteResent,
        ProposalAccepted, ProposalRefused,
        FavoriteAdded, FavoriteRemoved, RemindersUpdated, DigestUpdated,
        RoomCreated, RoomUpdated, RoomDeleted, RoomGuessed, RoomUnlocked,
        AssetCreated, AssetDeleted,
        SipCreated, SipUpdated, SipDeleted,
        CodeCreated, CodeUpdated, CodeRevoked,
        MeetingStarted, MeetingEnded, ParticipantJoined, ParticipantLeft, ParticipantRoleChanged,
        ChatMessageSent, ChatHistoryCleared,
        RecordingStarted, RecordingPaused, RecordingStopped, RecordingConsentChanged,
        VoteEnded,
        UserAdded, UserCreated, UserUpdated, UserSignedOut, UserSeenAs,
        UserSignedIn, SignInRefused, UserGuessed, UserUnlocked, UserPasswordSet,
        SecondFactorSet, SecondFactorRemoved, RecoveryCodeUsed,
        SetupCreated, SetupUpdated, SetupDeleted,
        SettingsUpdated, JobRequested,
        MailResent, MailAborted, MailProcessedAgain, AddressSuppressed, SuppressionLifted, DomainReleased,
        ListExported, ListImported,
        EventsListed, EventRead, CospaceSessionEnded,
        WebhookCreated, WebhookUpdated, WebhookDeleted,
    )
}  # fmt: skip
KINDS |= {
    kind.name: kind
    for kind in (*CALLBACK_KINDS, *DEVICE_KINDS, *MEDIA_KINDS, *OBJECT_KINDS, *PRODUCED_KINDS)
}  # fmt: skip
