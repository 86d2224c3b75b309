"""The Mail-Worker Protocol, version 1 (seed: mail-worker-protocol): twelve kinds of message as typed structures.

A message is complete: whoever renders it needs nothing else. Members marked "ours" are additions that other controllers
do not send and other mailers ignore, so each has a default. Unknown members are ignored, `null` means absent.
"""

import uuid
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, Union

import msgspec
from msgspec import Meta, Struct

VERSION = "1"
PartStat = Literal["NEEDS-ACTION", "ACCEPTED", "TENTATIVE", "DECLINED"]
Instant = Annotated[datetime, Meta(tz=True)]


class Time(Struct, frozen=True):
    """An instant and the IANA zone it is meant in."""

    time: Instant
    timezone: str


class RegisteredUser(Struct, frozen=True):
    email: str
    title: str
    first_name: str
    last_name: str
    language: str

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.title, self.first_name, self.last_name) if part)


class UnregisteredUser(Struct, frozen=True):
    email: str
    first_name: str
    last_name: str

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class ExternalUser(Struct, frozen=True):
    email: str
    name: ClassVar[str] = ""


class Room(Struct, frozen=True):
    id: uuid.UUID
    password: str | None = None


class CallIn(Struct, frozen=True):
    sip_tel: str
    sip_id: str
    sip_password: str


class SharedFolderAccess(Struct, frozen=True):
    url: str
    password: str


class SharedFolder(Struct, frozen=True, omit_defaults=True):
    read: SharedFolderAccess
    read_write: SharedFolderAccess | None = None


class StreamingTarget(Struct, frozen=True):
    id: uuid.UUID
    name: str
    kind: str
    streaming_endpoint: str
    streaming_key: str  # a snapshot holds "": the key never leaves for a mail
    public_url: str


class EventException(Struct, frozen=True):
    """One occurrence that is not as the series; null is "as the series"."""

    exception_date: Time
    kind: Literal["modified", "canceled"]
    title: str | None = None
    description: str | None = None
    is_all_day: bool | None = None
    starts_at: Time | None = None
    ends_at: Time | None = None


class Organizer(Struct, frozen=True):
    email: str
    name: str


class Schedule(Struct, frozen=True):
    """Ours: when a meeting was that has lost its time. Members as those of Event."""

    start_time: Time
    end_time: Time
    is_all_day: bool = False
    rrule: str | None = None


class Event(Struct, frozen=True):
    id: uuid.UUID
    name: str
    room: Room
    created_at: Time | None = None
    start_time: Time | None = None
    end_time: Time | None = None
    rrule: str | None = None
    description: str = ""
    call_in: CallIn | None = None
    revision: int = 0
    shared_folder: SharedFolder | None = None
    adhoc_retention_seconds: int | None = None
    streaming_targets: list[StreamingTarget] = []
    # Ours: what a calendar object needs beyond the protocol.
    uid: str | None = None
    organizer: Organizer | None = None
    is_all_day: bool = False
    updated_at: Time | None = None
    exceptions: list[EventException] = []

    @property
    def has_time(self) -> bool:
        return self.start_time is not None and self.end_time is not None


class Recipient(Struct, frozen=True):
    """Ours: how the receiver reads, and what he answered so far."""

    language: str = ""
    time_zone: str = ""
    partstat: PartStat = "NEEDS-ACTION"
    rsvp: bool = True
    answers: dict[str, PartStat] = {}  # to single occurrences, by instance id, where it is not the one to the series


class Message(Struct, frozen=True, kw_only=True, tag_field="message"):
    """What all kinds share. `action` names the templates, `method` the calendar object's METHOD (RFC 5546)."""

    action: ClassVar[str]
    method: ClassVar[Literal["REQUEST", "CANCEL"]] = "REQUEST"
    event: Event
    inviter: RegisteredUser
    recipient: Recipient = Recipient()  # ours

    @property
    def exception(self) -> EventException | None:
        """The one occurrence that an update is about."""
        return getattr(self, "event_exception", None)

    @property
    def changed(self) -> dict[str, tuple[Any, Any]]:
        """Old and new values by field, as the activity that caused an update has them; {} where nobody knows."""
        return getattr(self, "changes", {})

    @property
    def is_gone(self) -> bool:
        """Whether the receiver has no meeting any more, or this occurrence of it."""
        return self.method == "CANCEL" or (self.exception is not None and self.exception.kind == "canceled")

    @property
    def text_action(self) -> str:
        """What the texts say that happened: an update that cancels an occurrence reads as a cancellation."""
        return "cancellation" if self.is_gone and self.exception else self.action

    @property
    def former_schedule(self) -> Schedule | None:
        """Where calendars still have a meeting from which an update has taken its time."""
        return getattr(self, "ended", None)

    @property
    def code(self) -> str:
        """The guest code that lets an external person in; "" for everybody else."""
        return getattr(self, "invite_code", "")

    @property
    def kind(self) -> str:
        return str(self.__struct_config__.tag)


class _Invite(Message, frozen=True, kw_only=True):
    action = "invite"
    continues: bool = False  # ours: the later part of a series that was split, told to those who were in it


class _Update(Message, frozen=True, kw_only=True):
    action = "update"
    event_exception: EventException | None = None
    changes: dict[str, tuple[Any, Any]] = {}  # ours: the activity's, old and new value by field
    ended: Schedule | None = None  # ours


class _Cancellation(Message, frozen=True, kw_only=True):
    action = "cancellation"
    method = "CANCEL"


class _Uninvite(Message, frozen=True, kw_only=True):
    action = "uninvite"
    method = "CANCEL"


class RegisteredEventInvite(_Invite, frozen=True, kw_only=True, tag="registered_event_invite"):
    invitee: RegisteredUser


class UnregisteredEventInvite(_Invite, frozen=True, kw_only=True, tag="unregistered_event_invite"):
    invitee: UnregisteredUser


class ExternalEventInvite(_Invite, frozen=True, kw_only=True, tag="external_event_invite"):
    invitee: ExternalUser
    invite_code: str


class RegisteredEventUpdate(_Update, frozen=True, kw_only=True, tag="registered_event_update"):
    invitee: RegisteredUser


class UnregisteredEventUpdate(_Update, frozen=True, kw_only=True, tag="unregistered_event_update"):
    invitee: UnregisteredUser


class ExternalEventUpdate(_Update, frozen=True, kw_only=True, tag="external_event_update"):
    invitee: ExternalUser
    invite_code: str


class RegisteredEventCancellation(_Cancellation, frozen=True, kw_only=True, tag="registered_event_cancellation"):
    invitee: RegisteredUser


class UnregisteredEventCancellation(_Cancellation, frozen=True, kw_only=True, tag="unregistered_event_cancellation"):
    invitee: UnregisteredUser


class ExternalEventCancellation(_Cancellation, frozen=True, kw_only=True, tag="external_event_cancellation"):
    invitee: ExternalUser


class RegisteredEventUninvite(_Uninvite, frozen=True, kw_only=True, tag="registered_event_uninvite"):
    invitee: RegisteredUser


class UnregisteredEventUninvite(_Uninvite, frozen=True, kw_only=True, tag="unregistered_event_uninvite"):
    invitee: UnregisteredUser


class ExternalEventUninvite(_Uninvite, frozen=True, kw_only=True, tag="external_event_uninvite"):
    invitee: ExternalUser


KINDS: dict[str, type[Message]] = {
    str(kind.__struct_config__.tag): kind
    for kind in (
        RegisteredEventInvite, UnregisteredEventInvite, ExternalEventInvite,
        RegisteredEventUpdate, UnregisteredEventUpdate, ExternalEventUpdate,
        RegisteredEventCancellation, UnregisteredEventCancellation, ExternalEventCancellation,
        RegisteredEventUninvite, UnregisteredEventUninvite, ExternalEventUninvite,
    )
}  # fmt: skip
AnyMessage = Union[tuple(KINDS.values())]  # type: ignore[valid-type]  # noqa: UP007 - built from the catalogue


class InvalidMessageError(ValueError):
    """Not a message of this protocol; the text says which member is wrong."""


def to_json(message: Message) -> dict[str, Any]:
    """The message as the object that travels and is stored."""
    data: dict[str, Any] = msgspec.to_builtins(message)
    return {"version": VERSION} | data


def from_json(data: dict[str, Any]) -> Any:
    """The typed message; raises InvalidMessageError."""
    if data.get("version") != VERSION:
        raise InvalidMessageError(f"This mailer speaks version {VERSION} of the protocol, not {data.get('version')!r}")
    try:
        return msgspec.convert(data, AnyMessage)
    except msgspec.ValidationError as error:
        raise InvalidMessageError(str(error)) from None
