"""Kinds of activity of rooms: their dial-in, files and guest codes. The catalogue, kinds.py, says what all share."""

from dataclasses import dataclass

from activity.audiences import owner_alone, who_read_it, who_reads_it_now, who_still_reads_it
from activity.kind import Kind


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
class RoomUnlocked(Kind):
    """Staff let everybody try at once again who had to wait after wrong passwords or PINs."""

    name = "room.unlocked"
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
