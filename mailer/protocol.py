"""The Mail-Worker Protocol, version 1 : twelve kinds of message as typed structures.

Members marked "ours" are additions that other controllers do not send and other mailers ignore, so each has a default;
`recipient` is one of them. Unknown members are ignored, `null` means absent.
"""

import uuid
from typing import Any, ClassVar, Literal, Self

from msgspec import Struct
from msgspec.structs import replace

from mailer.messages import ExternalUser, Message, Person, RegisteredUser, Time, UnregisteredUser

HIDDEN = "********"


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

    def without_secrets(self) -> "SharedFolder":
        write = self.read_write and replace(self.read_write, password=HIDDEN)
        return SharedFolder(replace(self.read, password=HIDDEN), write)


class StreamingTarget(Struct, frozen=True):
    id: uuid.UUID
    name: str
    kind: str
    streaming_endpoint: str
    streaming_key: str  # a snapshot holds "": the key never leaves for a mail
    public_url: str


class DateException(Struct, frozen=True):
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
    """Ours: when a meeting was, or when it goes on. Members as those of Event."""

    start_time: Time
    end_time: Time
    is_all_day: bool = False
    rrule: str | None = None

    def of(self, event: "Event") -> "Event":
        """The event at this time."""
        return replace(event, **{name: getattr(self, name) for name in self.__struct_fields__})


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
    exceptions: list[DateException] = []
    series: str = ""  # the uid of the first part of a series that was split, in the later ones
    siblings: list[str] = []  # the uids of its other parts

    @property
    def has_time(self) -> bool:
        return self.start_time is not None and self.end_time is not None


class EventMessage(Message, frozen=True, kw_only=True):
    """What the twelve share; `method` is the calendar object's METHOD (RFC 5546)."""

    method: ClassVar[Literal["REQUEST", "CANCEL"]] = "REQUEST"
    has_calendar: ClassVar[bool] = True
    event: Event
    inviter: RegisteredUser
    invitee: Person

    @property
    def receiver(self) -> Person:
        return self.invitee

    @property
    def author(self) -> RegisteredUser:
        return self.inviter

    @property
    def event_id(self) -> uuid.UUID:
        return self.event.id

    @property
    def sequence(self) -> int:
        return self.event.revision

    @property
    def thread(self) -> str:
        return self.event.series or self.event.uid or str(self.event.id)

    @property
    def text_action(self) -> str:
        """What the texts say that happened: an update that cancels an occurrence reads as a cancellation."""
        return "cancellation" if self.is_gone and self.event_exception else self.action

    @property
    def is_own(self) -> bool:
        """Whether the receiver is the organizer, also under another address by now."""
        organizer = self.event.organizer
        return not self.recipient.rsvp or (
            organizer is not None and self.invitee.email.lower() == organizer.email.lower()
        )

    @property
    def is_gone(self) -> bool:
        """Whether the receiver has no meeting any more, or this occurrence of it."""
        exception = self.event_exception
        return self.method == "CANCEL" or (exception is not None and exception.kind == "canceled")

    def without_secrets(self) -> Self:
        """Every password, PIN and code hidden."""
        event, folder = self.event, self.event.shared_folder
        hidden = replace(
            event,
            room=replace(event.room, password=HIDDEN if event.room.password else None),
            call_in=event.call_in and replace(event.call_in, sip_password=HIDDEN),
            shared_folder=folder and folder.without_secrets(),
        )
        return replace(self, event=hidden, **({"invite_code": "hidden"} if self.invite_code else {}))

    def shared(self) -> Any:
        """The message without its receiver's person and answer."""
        return replace(self, invitee=None, recipient=None), self.is_own, self.has_declined

    # Members of some of the kinds.

    @property
    def invite_code(self) -> str:
        """The guest code that lets an external person in."""
        return ""

    @property
    def continues(self) -> bool:
        return False

    @property
    def event_exception(self) -> DateException | None:
        return None

    @property
    def changes(self) -> dict[str, tuple[Any, Any]]:
        return {}

    @property
    def tells_series(self) -> bool:
        """Whether the calendar object is of the whole series, though the texts are of one occurrence."""
        return False

    @property
    def lost(self) -> list[DateException]:
        return []

    @property
    def ended(self) -> Schedule | None:
        return None

    @property
    def goes_on(self) -> Schedule | None:
        return None

    @property
    def has_declined(self) -> bool:
        """Whether a calendar of somebody who will not come still has the meeting that is cancelled."""
        return False


class _Invite(EventMessage, frozen=True, kw_only=True):
    action = "invite"
    continues: bool = False  # ours: the later part of a series that was split, told to those who were in it
    changes: dict[str, tuple[Any, Any]] = {}  # ours: of that part, old and new by field


class _Update(EventMessage, frozen=True, kw_only=True):
    action = "update"
    event_exception: DateException | None = None  # the one occurrence that it is about
    changes: dict[str, tuple[Any, Any]] = {}  # ours: the activity's, old and new by field; {} where nobody knows
    tells_series: bool = False  # ours
    lost: list[DateException] = []  # ours: of occurrences that the series has no more
    ended: Schedule | None = None  # ours: where calendars still have a meeting that has lost its time
    goes_on: Schedule | None = None  # ours: the later part of a series that was split, of which this is the first


class _Cancellation(EventMessage, frozen=True, kw_only=True):
    action = "cancellation"
    method = "CANCEL"

    @property
    def has_declined(self) -> bool:
        return self.recipient.partstat == "DECLINED" and self.event.has_time


class _Uninvite(EventMessage, frozen=True, kw_only=True):
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


KINDS: tuple[type[EventMessage], ...] = (
    RegisteredEventInvite, UnregisteredEventInvite, ExternalEventInvite,
    RegisteredEventUpdate, UnregisteredEventUpdate, ExternalEventUpdate,
    RegisteredEventCancellation, UnregisteredEventCancellation, ExternalEventCancellation,
    RegisteredEventUninvite, UnregisteredEventUninvite, ExternalEventUninvite,
)  # fmt: skip
