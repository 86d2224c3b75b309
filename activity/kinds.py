"""The catalogue of activity kinds. A kind is a dataclass: its fields are the snapshot that `data` holds.

`audience` is the rule that says who learns of it. `version` is that of the fields: it rises when they change, because
older rows keep what they have. Members are JSON values; times are RFC 3339 text in UTC, ids are text. No secret
(password, PIN, code, token, streaming key) is ever a member.
"""

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from activity.audiences import (
    Rule,
    nobody,
    owner_alone,
    who_read_it,
    who_reads_it_now,
    who_reads_or_read_it,
    who_still_reads_it,
)


@dataclass(frozen=True, kw_only=True)
class Kind:
    name: ClassVar[str]
    version: ClassVar[int] = 1
    audience: ClassVar[Rule]

    def data(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class _EventSnapshot(Kind):
    """`description_sha256` tells whether two activities saw the same text; `attendee_ids` are the accounts invited."""

    version = 2
    title: str
    description_sha256: str
    creator_id: str
    attendee_ids: list[str]
    is_time_independent: bool
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
    version = 2
    audience = who_still_reads_it
    occurrence: str
    title: str
    description_sha256: str
    creator_id: str
    attendee_ids: list[str]
    starts_at: str
    ends_at: str
    status: str
    sequence: int


@dataclass(frozen=True, kw_only=True)
class EventDeleted(_EventSnapshot):
    name = "event.deleted"
    audience = who_read_it


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
    name = "invite.answered"
    audience = who_reads_or_read_it
    address: str
    invitee_id: str | None
    status: str
    comment: str
    occurrence: str | None


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
class _RoomSnapshot(Kind):
    """`title` is that of the meeting in it, "" where there is none."""

    version = 2
    title: str
    owner_id: str
    has_password: bool
    waiting_room: bool


@dataclass(frozen=True, kw_only=True)
class RoomCreated(_RoomSnapshot):
    name = "room.created"
    audience = who_reads_it_now


@dataclass(frozen=True, kw_only=True)
class RoomUpdated(_RoomSnapshot):
    name = "room.updated"
    audience = who_still_reads_it


@dataclass(frozen=True, kw_only=True)
class RoomDeleted(_RoomSnapshot):
    name = "room.deleted"
    audience = who_read_it


@dataclass(frozen=True, kw_only=True)
class RoomGuessed(Kind):
    """Somebody entered so many wrong passwords or PINs that further tries are delayed; it may be an attack."""

    name = "room.guessed"
    audience = owner_alone
    wrong_guesses: int


@dataclass(frozen=True, kw_only=True)
class SipCreated(Kind):
    name = "sip.created"
    audience = who_still_reads_it
    lobby: bool


@dataclass(frozen=True, kw_only=True)
class SipUpdated(Kind):
    """The PIN, the lobby or both have changed."""

    name = "sip.updated"
    audience = who_still_reads_it
    lobby: bool


@dataclass(frozen=True, kw_only=True)
class SipDeleted(Kind):
    name = "sip.deleted"
    audience = who_still_reads_it


@dataclass(frozen=True, kw_only=True)
class _AssetSnapshot(Kind):
    filename: str
    namespace: str
    kind: str
    size: int


@dataclass(frozen=True, kw_only=True)
class AssetCreated(_AssetSnapshot):
    name = "asset.created"
    audience = who_reads_it_now


@dataclass(frozen=True, kw_only=True)
class AssetDeleted(_AssetSnapshot):
    """One file was deleted. Files of a deleted room are covered by room.deleted."""

    name = "asset.deleted"
    audience = who_read_it


@dataclass(frozen=True, kw_only=True)
class CodeCreated(Kind):
    """A guest code was created; the subject is the room, because the code itself is a secret."""

    name = "code.created"
    audience = owner_alone
    expiration: str | None
    address: str


@dataclass(frozen=True, kw_only=True)
class CodeUpdated(Kind):
    name = "code.updated"
    audience = owner_alone
    expiration: str | None


@dataclass(frozen=True, kw_only=True)
class CodeRevoked(Kind):
    name = "code.revoked"
    audience = owner_alone
    address: str


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
class _SetupSnapshot(Kind):
    """A tenant, group, tariff, OIDC client, a tenant's mail branding or mail template, as the subject's type says."""

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
class MailResent(Kind):
    """Staff sent a mail once more."""

    name = "mail.resent"
    audience = nobody
    address: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class MailAborted(Kind):
    """Staff aborted a mail before it was sent."""

    name = "mail.aborted"
    audience = nobody
    address: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class AddressSuppressed(Kind):
    """An address gets no mail from now on; `reason` is that of mailer.models.SuppressedAddress."""

    name = "mail.address_suppressed"
    audience = nobody
    address: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class SuppressionLifted(Kind):
    """Staff let an address have mails again."""

    name = "mail.suppression_lifted"
    audience = nobody
    address: str


KINDS: dict[str, type[Kind]] = {
    kind.name: kind
    for kind in (
        EventCreated, EventUpdated, InstanceUpdated, EventDeleted,
        InviteAdded, InviteUpdated, InviteRemoved, InviteClaimed, InviteAnswered, FavoriteAdded, FavoriteRemoved,
        RemindersUpdated,
        RoomCreated, RoomUpdated, RoomDeleted, RoomGuessed,
        AssetCreated, AssetDeleted,
        SipCreated, SipUpdated, SipDeleted,
        CodeCreated, CodeUpdated, CodeRevoked,
        UserAdded, UserCreated, UserUpdated, UserSignedOut,
        SetupCreated, SetupUpdated, SetupDeleted,
        MailResent, MailAborted, AddressSuppressed, SuppressionLifted,
    )
}  # fmt: skip
