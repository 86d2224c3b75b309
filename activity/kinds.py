"""The catalogue of what can happen. A kind is a dataclass: its fields are the snapshot that `data` holds.

`audience` says in words who may learn of it; the service that records it passes exactly these people. Members are JSON
values; times are RFC 3339 text in UTC. No secret (password, PIN, code, token, streaming key) is ever a member.
"""

from dataclasses import asdict, dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, kw_only=True)
class Kind:
    name: ClassVar[str]
    audience: ClassVar[str]

    def data(self) -> dict[str, Any]:
        return asdict(self)


EVERYBODY_IN_IT = "the event's creator and its registered invitees"


@dataclass(frozen=True, kw_only=True)
class _EventSnapshot(Kind):
    title: str
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
    audience = EVERYBODY_IN_IT


@dataclass(frozen=True, kw_only=True)
class EventUpdated(_EventSnapshot):
    name = "event.updated"
    audience = EVERYBODY_IN_IT


@dataclass(frozen=True, kw_only=True)
class InstanceUpdated(Kind):
    """One occurrence of a series was changed, cancelled or restored; `occurrence` is its instance id."""

    name = "event.instance_updated"
    audience = EVERYBODY_IN_IT
    occurrence: str
    title: str
    starts_at: str
    ends_at: str
    status: str
    sequence: int


@dataclass(frozen=True, kw_only=True)
class EventDeleted(_EventSnapshot):
    name = "event.deleted"
    audience = EVERYBODY_IN_IT


@dataclass(frozen=True, kw_only=True)
class InviteAdded(Kind):
    name = "invite.added"
    audience = "the event's creator and the invited person"
    address: str
    invitee_id: str | None
    role: str


@dataclass(frozen=True, kw_only=True)
class InviteRemoved(Kind):
    name = "invite.removed"
    audience = "the event's creator and the person who was removed"
    address: str
    invitee_id: str | None


@dataclass(frozen=True, kw_only=True)
class InviteClaimed(Kind):
    """Somebody who was invited by address signed in for the first time: the invitation is now his."""

    name = "invite.claimed"
    audience = "the event's creator and the person who claimed it"
    address: str
    invitee_id: str
    role: str


@dataclass(frozen=True, kw_only=True)
class InviteAnswered(Kind):
    name = "invite.answered"
    audience = "the event's creator and the person who answered"
    address: str
    invitee_id: str | None
    status: str
    comment: str
    occurrence: str | None


@dataclass(frozen=True, kw_only=True)
class InviteUpdated(Kind):
    """Another role; `changes` has the old one."""

    name = "invite.updated"
    audience = "the event's creator and the invited person"
    address: str
    invitee_id: str | None
    role: str


@dataclass(frozen=True, kw_only=True)
class FavoriteAdded(Kind):
    name = "favorite.added"
    audience = "the person whose favourite it is"


@dataclass(frozen=True, kw_only=True)
class FavoriteRemoved(Kind):
    name = "favorite.removed"
    audience = "the person whose favourite it was"


@dataclass(frozen=True, kw_only=True)
class RoomCreated(Kind):
    name = "room.created"
    audience = "the room's creator"
    has_password: bool
    waiting_room: bool


@dataclass(frozen=True, kw_only=True)
class RoomUpdated(Kind):
    name = "room.updated"
    audience = "the room's creator"
    has_password: bool
    waiting_room: bool


@dataclass(frozen=True, kw_only=True)
class RoomDeleted(Kind):
    name = "room.deleted"
    audience = "the room's creator"


@dataclass(frozen=True, kw_only=True)
class RoomGuessed(Kind):
    """Somebody gave so many wrong passwords or PINs that he has to wait: perhaps he tries them all."""

    name = "room.guessed"
    audience = "the room's creator"
    wrong_guesses: int


@dataclass(frozen=True, kw_only=True)
class SipCreated(Kind):
    name = "sip.created"
    audience = "the room's creator"
    lobby: bool


@dataclass(frozen=True, kw_only=True)
class SipUpdated(Kind):
    """The PIN, the lobby or both have changed."""

    name = "sip.updated"
    audience = "the room's creator"
    lobby: bool


@dataclass(frozen=True, kw_only=True)
class SipDeleted(Kind):
    name = "sip.deleted"
    audience = "the room's creator"


@dataclass(frozen=True, kw_only=True)
class _AssetSnapshot(Kind):
    filename: str
    namespace: str
    kind: str
    size: int


@dataclass(frozen=True, kw_only=True)
class AssetCreated(_AssetSnapshot):
    name = "asset.created"
    audience = "the room's creator"


@dataclass(frozen=True, kw_only=True)
class AssetDeleted(_AssetSnapshot):
    """A file was deleted by itself; those of a deleted room go with it, and room.deleted says so."""

    name = "asset.deleted"
    audience = "the room's creator"


@dataclass(frozen=True, kw_only=True)
class CodeCreated(Kind):
    """A guest code was made; the subject is the room, for the code itself is a secret."""

    name = "code.created"
    audience = "the room's creator"
    expiration: str | None
    address: str


@dataclass(frozen=True, kw_only=True)
class CodeUpdated(Kind):
    name = "code.updated"
    audience = "the room's creator"
    expiration: str | None


@dataclass(frozen=True, kw_only=True)
class CodeRevoked(Kind):
    name = "code.revoked"
    audience = "the room's creator"
    address: str


@dataclass(frozen=True, kw_only=True)
class UserCreated(Kind):
    name = "user.created"
    audience = "the person"
    email: str
    display_name: str


@dataclass(frozen=True, kw_only=True)
class UserUpdated(Kind):
    name = "user.updated"
    audience = "the person"
    email: str
    display_name: str


KINDS: dict[str, type[Kind]] = {
    kind.name: kind
    for kind in (
        EventCreated, EventUpdated, InstanceUpdated, EventDeleted,
        InviteAdded, InviteUpdated, InviteRemoved, InviteClaimed, InviteAnswered, FavoriteAdded, FavoriteRemoved,
        RoomCreated, RoomUpdated, RoomDeleted, RoomGuessed,
        AssetCreated, AssetDeleted,
        SipCreated, SipUpdated, SipDeleted,
        CodeCreated, CodeUpdated, CodeRevoked,
        UserCreated, UserUpdated,
    )
}  # fmt: skip
