"""The Mail-Worker Protocol, version 1: its twelve kinds of messages as typed structures.

Members marked "ours" are extensions: other controllers do not send them and other mailers ignore them, so each has a
default. `recipient` is one of them. Unknown members are ignored; `null` means absent.
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
    streaming_key: str  # "" in our messages: no mail needs the key
    public_url: str


class DateException(Struct, frozen=True):
    """A changed or cancelled occurrence; None means the value of the series."""

    exception_date: Time
    kind: Literal["modified", "canceled"]
    title: str | None = None
    description: str | None = None
    is_all_day: bool | None = None
    starts_at: Time | None = None
    ends_at: Time | None = None


class Organizer(Struct, frozen=True, omit_defaults=True):
    email: str
    name: str
    own_email: str = ""  # ours: the organizer's own address if `email` is the site's address for answers

    @property
    def contact(self) -> str:
        return self.own_email or self.email


class Schedule(Struct, frozen=True):
    """Ours: a former or a later time of a meeting. The members are those of Event."""

    start_time: Time
    end_time: Time
    is_all_day: bool = False
    rrule: str | None = None

    def of(self, event: "Event") -> "Event":
        """The event with this time."""
        return replace(event, **{name: getattr(self, name) for name in self.__struct_fields__})


class Entry(Struct, frozen=True):
    """Ours: what calendars know a meeting by that is in them under another name now."""

    uid: str
    organizer: Organizer

    def of(self, event: "Event") -> "Event":
        """The event by this name."""
        return replace(event, uid=self.uid, organizer=self.organizer)


class CalendarProperties(Struct, frozen=True, omit_defaults=True):
    """Ours: properties of calendar objects set by an external application that invites people itself."""

    url: str = ""  # where the meeting is held, instead of in its room
    location: str = ""
    latitude: str = ""
    longitude: str = ""
    reminders: list[int] = []  # minutes before the start, the most important first
    transparency: Literal["", "opaque", "transparent"] = ""  # busy or free (TRANSP of RFC 5545)
    color: str = ""  # only returned to the application; not the COLOR of RFC 7986


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
    series: str = ""  # of the later parts of a split series: the uid of the first part
    siblings: list[str] = []  # of a part of a split series: the uids of the other parts
    properties: CalendarProperties | None = None

    @property
    def has_time(self) -> bool:
        return self.start_time is not None and self.end_time is not None


class EventMessage(Message, frozen=True, kw_only=True):
    """What the twelve kinds have in common. `method` is the METHOD of the calendar object (RFC 5546)."""

    method: ClassVar[Literal["REQUEST", "CANCEL", "DECLINECOUNTER"]] = "REQUEST"
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
        """The action that the mail's text describes: an update that cancels an occurrence reads as a cancellation."""
        return "cancellation" if self.is_gone and self.event_exception else self.action

    @property
    def is_own(self) -> bool:
        """Whether the receiver is the organizer, also if the address has changed since."""
        organizer = self.event.organizer
        return not self.recipient.rsvp or (
            organizer is not None and self.invitee.email.lower() == organizer.contact.lower()
        )

    @property
    def is_gone(self) -> bool:
        """Whether the meeting, or the occurrence that the mail is about, is over for the receiver."""
        exception = self.event_exception
        return self.method == "CANCEL" or (exception is not None and exception.kind == "canceled")

    def without_secrets(self) -> Self:
        """The message with all passwords, PINs and guest codes hidden."""
        event, folder = self.event, self.event.shared_folder
        hidden = replace(
            event,
            room=replace(event.room, password=HIDDEN if event.room.password else None),
            call_in=event.call_in and replace(event.call_in, sip_password=HIDDEN),
            shared_folder=folder and folder.without_secrets(),
        )
        recipient = self.recipient
        if recipient.answer_token:
            recipient = replace(recipient, answer_token=HIDDEN)
        code = {"invite_code": "hidden"} if self.invite_code else {}
        return replace(self, event=hidden, recipient=recipient, **code)

    def shared(self) -> Any:
        """What decides the contents that receivers share: the message without the receiver's name and answer."""
        can_answer = bool(self.recipient.answer_token)
        return replace(self, invitee=None, recipient=None), self.is_own, self.has_declined, can_answer

    # Defaults of members that only some kinds have.

    @property
    def invite_code(self) -> str:
        """The guest code of an external person."""
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
        """Whether the calendar object contains the whole series although the text is about one occurrence."""
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
    def replaced(self) -> Entry | None:
        return None

    @property
    def comment(self) -> str:
        """The COMMENT of the calendar object."""
        return ""

    @property
    def has_declined(self) -> bool:
        """Whether the receiver had declined the meeting that is cancelled; calendars may still show it."""
        return False


class _Invite(EventMessage, frozen=True, kw_only=True):
    action = "invite"
    continues: bool = False  # ours: invites people of a split series to its later part
    changes: dict[str, tuple[Any, Any]] = {}  # ours: what is different in that part, as (old, new) by field


class _Update(EventMessage, frozen=True, kw_only=True):
    action = "update"
    event_exception: DateException | None = None  # the occurrence, if the mail is about a single one
    changes: dict[str, tuple[Any, Any]] = {}  # ours: as (old, new) by field; {} if unknown
    tells_series: bool = False  # ours
    lost: list[DateException] = []  # ours: changed occurrences that no longer exist
    ended: Schedule | None = None  # ours: the former time of a meeting that has none now
    goes_on: Schedule | None = None  # ours: the later part, in the mail about the first part of a split series
    replaced: Entry | None = None  # ours: the calendar entry that the mail removes; an invitation brings the new one


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
