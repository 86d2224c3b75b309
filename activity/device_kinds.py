"""Kinds of activity of devices, telephony and chats. The catalogue, kinds.py, says what all share."""

from dataclasses import dataclass

from activity.audiences import owner_alone, who_reads_it_now, who_reads_or_read_it
from activity.kind import Kind


@dataclass(frozen=True, kw_only=True)
class _OfBox(Kind):
    audience = who_reads_it_now
    description: str


@dataclass(frozen=True, kw_only=True)
class BoxOnline(_OfBox):
    """The first heartbeat, or the first after some were missed."""

    name = "box.online"
    ip_addr: str
    mac_addr: str
    sw_version: str
    hw_version: str


@dataclass(frozen=True, kw_only=True)
class BoxOffline(_OfBox):
    name = "box.offline"


@dataclass(frozen=True, kw_only=True)
class _OfSipAccount(Kind):
    """`user` and `domain` are the parts of its address."""

    audience = owner_alone
    user: str
    domain: str


@dataclass(frozen=True, kw_only=True)
class SipAccountCreated(_OfSipAccount):
    name = "sip_account.created"
    description: str


@dataclass(frozen=True, kw_only=True)
class SipAccountUpdated(_OfSipAccount):
    """`changes` has the old description."""

    name = "sip_account.updated"
    description: str


@dataclass(frozen=True, kw_only=True)
class SipAccountDeleted(_OfSipAccount):
    name = "sip_account.deleted"


@dataclass(frozen=True, kw_only=True)
class SipRegistered(_OfSipAccount):
    """A device that was not registered is now; that it stays so is not logged."""

    name = "sip_account.registered"
    contact: str
    expires_at: str


@dataclass(frozen=True, kw_only=True)
class SipUnregistered(_OfSipAccount):
    """By the device, or because the time of its registration is over."""

    name = "sip_account.unregistered"
    contact: str


@dataclass(frozen=True, kw_only=True)
class PhoneUpdated(Kind):
    """`members` are those that changed: what they are now is the person's own business."""

    name = "phone.updated"
    audience = owner_alone
    members: list[str]


@dataclass(frozen=True, kw_only=True)
class DialplanUpdated(Kind):
    name = "dialplan.updated"
    audience = owner_alone
    members: list[str]


@dataclass(frozen=True, kw_only=True)
class _CallReverse(Kind):
    audience = owner_alone
    phone_from: str
    phone_to: str


@dataclass(frozen=True, kw_only=True)
class CallReverseStarted(_CallReverse):
    name = "call_reverse.started"


@dataclass(frozen=True, kw_only=True)
class CallReverseStopped(_CallReverse):
    name = "call_reverse.stopped"


@dataclass(frozen=True, kw_only=True)
class ChatCreated(Kind):
    name = "chat.created"
    audience = who_reads_it_now
    description: str


@dataclass(frozen=True, kw_only=True)
class ChatMessagePosted(Kind):
    """`type` is text, add or leave, `member_id` who was added. What a text says stands in the message's own row.

    The person added reads it only now, the person who left read it before.
    """

    name = "chat.message_posted"
    audience = who_reads_or_read_it
    message_id: str
    user_id: str
    type: str
    member_id: str | None
    created_at: str
    description: str


DEVICE_KINDS: tuple[type[Kind], ...] = (
    BoxOnline, BoxOffline,
    SipAccountCreated, SipAccountUpdated, SipAccountDeleted, SipRegistered, SipUnregistered,
    PhoneUpdated, DialplanUpdated, CallReverseStarted, CallReverseStopped,
    ChatCreated, ChatMessagePosted,
)  # fmt: skip
