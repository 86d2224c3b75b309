"""Messages of every kind and shape that show what mails look like, for previews and for the tests that compare them."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from calendars.times import format_utc
from mailer.kinds import OF_MEETINGS
from mailer.messages import ExternalUser, Recipient, RegisteredUser, Time, UnregisteredUser
from mailer.protocol import (
    CallIn,
    DateException,
    Event,
    EventMessage,
    Organizer,
    Room,
    Schedule,
    SharedFolder,
    SharedFolderAccess,
    StreamingTarget,
)

ZONE = "Europe/Berlin"
_START = datetime(2026, 11, 30, 9, tzinfo=UTC)  # a Monday, 10 o'clock in Berlin
_DAY, _WEEK = timedelta(days=1), timedelta(weeks=1)
_WEEKLY = "RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20270329T080000Z"


@dataclass(frozen=True)
class Shape:
    """A meeting as it is now, and what an update of it was about."""

    event: Event
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    exception: DateException | None = None
    ended: Schedule | None = None
    continues: bool = False
    goes_on: Schedule | None = None
    changes_of_rest: dict[str, tuple[Any, Any]] = field(default_factory=dict)

    @property
    def proposed(self) -> Schedule:
        """A day later, from two to four o'clock in Berlin."""
        start = _START + _DAY + timedelta(hours=4)
        return Schedule(Time(start, ZONE), Time(start + timedelta(hours=2), ZONE))

    @property
    def reminded_of(self) -> DateException | None:
        """Of a series its first occurrence, where the shape is not about another one."""
        first = self.event.start_time if self.event.rrule else None
        return self.exception or (DateException(first, "modified") if first else None)


def sample(kind: str, shape: str, language: str) -> EventMessage:
    """A message of this kind about a meeting of this shape (SHAPES), for somebody in New York.

    Its texts are in no language; raises KeyError for an unknown kind or shape.
    """
    form, message = SHAPES[shape](), OF_MEETINGS[kind]
    person = kind.partition("_")[0]
    members: dict[str, Any] = {
        "event": form.event,
        "inviter": RegisteredUser("ada.weber@example.com", "Dr.", "Ada", "Weber", language),
        "invitee": _INVITEES[person](language),
        "recipient": Recipient(
            language, "America/New_York", answer_token="nrI0lA-eXample:8JYw1q" if message.method == "REQUEST" else ""
        ),
    }
    if message.action == "update":
        members |= {"changes": form.changes, "event_exception": form.exception, "ended": form.ended}
        members["goes_on"] = form.goes_on
    if message.action == "invite":
        members |= {"continues": form.continues, "changes": form.changes_of_rest}
    if message.action == "refusal":
        members |= {"event_exception": form.exception, "proposed": form.proposed, "comment": "The room is taken then."}
    if message.action == "reminder":
        members |= {"event_exception": form.reminded_of, "unsubscribe_url": "https://meet.example.com/reminders/off/x"}
    if person == "external" and "invite_code" in message.__struct_fields__:
        members["invite_code"] = "5b5f9cf0-86a8-4e5a-bfac-b05c34c8a20b"
    return message(**members)


_INVITEES: dict[str, Callable[[str], RegisteredUser | UnregisteredUser | ExternalUser]] = {
    "registered": lambda language: RegisteredUser("noor.haddad@example.com", "", "Noor", "Haddad", language),
    "unregistered": lambda _language: UnregisteredUser("marie.dubois@example.com", "Marie", "Dubois"),
    "external": lambda _language: ExternalUser("lee@example.org"),
}


def _event(**members: Any) -> Event:
    """A meeting with all that a mail can tell of."""
    event_id = uuid.UUID("6d2f8f0e-2c1b-4b5e-9a57-0d8e3b7c1a42")
    event = Event(
        id=event_id,
        uid=str(event_id),
        name="Budget 2027: A & B",
        description="First draft of the figures.\nPlease bring your own.",
        created_at=Time(datetime(2026, 11, 20, 8, 30, tzinfo=UTC), ZONE),
        updated_at=Time(datetime(2026, 11, 21, 8, 30, tzinfo=UTC), ZONE),
        room=Room(uuid.UUID("0f0ad9c1-8a3f-4e0a-b3de-52f5a0d4f7ab"), "correct-horse"),
        call_in=CallIn("+49 30 1234567", "1234567890", "0987654321"),
        organizer=Organizer("ada.weber@example.com", "Dr. Ada Weber"),
        revision=2,
        shared_folder=SharedFolder(SharedFolderAccess("https://cloud.example.com/s/abc123", "folder-secret")),
        streaming_targets=[
            StreamingTarget(
                uuid.UUID("93bd1a6c-5a10-4a0a-9d0b-7d3a2d4a0f11"),
                "Video site",
                "custom",
                "rtmp://live.example.org/app",
                "",
                "https://video.example.org/42",
            )
        ],
    )
    return replace(event, **members)


def _from_to(start: datetime, end: datetime) -> dict[str, Time]:
    return {"start_time": Time(start, ZONE), "end_time": Time(end, ZONE)}


def _moved(start: datetime, old_start: datetime, length: timedelta) -> dict[str, tuple[Any, Any]]:
    return {
        "starts_at": (format_utc(old_start), format_utc(start)),
        "ends_at": (format_utc(old_start + length), format_utc(start + length)),
    }


def _single() -> Shape:
    length = timedelta(hours=1)
    return Shape(_event(**_from_to(_START, _START + length)), _moved(_START, _START - _DAY, length))


def _all_day() -> Shape:
    start = _START - timedelta(hours=10)  # midnight in Berlin
    event = _event(**_from_to(start, start + _DAY), is_all_day=True)
    timed = {
        "is_all_day": (False, True),
        "starts_at": (format_utc(_START), format_utc(start)),
        "ends_at": (format_utc(_START + timedelta(hours=1)), format_utc(start + _DAY)),
    }
    return Shape(event, timed)


def _multi_day() -> Shape:
    length = timedelta(days=2, hours=6)
    return Shape(_event(**_from_to(_START, _START + length)), _moved(_START, _START - _WEEK, length))


def _recurring() -> Shape:
    """The richest: all that can change has changed."""
    length = timedelta(hours=1, minutes=30)
    changes = {
        "title": ("Budget", "Budget 2027: A & B"),
        "description": ("First draft.", "First draft of the figures.\nPlease bring your own."),
        **_moved(_START, _START - _DAY, length),
        "recurrence_pattern": (["RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=SU"], [_WEEKLY]),
        "has_password": (True, True),
        "dial_in_pin": (True, True),
        "streaming_targets": ([], ["Video site"]),
        "has_shared_folder": (False, True),
        "waiting_room": (False, True),
        "e2e_encryption": (False, True),
    }
    return Shape(_event(**_from_to(_START, _START + length), rrule=_WEEKLY), changes)


def _recurring_all_day() -> Shape:
    start = _START - timedelta(hours=10)
    rule = "RRULE:FREQ=MONTHLY;BYDAY=1FR,-1MO;COUNT=12"
    event = _event(**_from_to(start, start + _DAY), is_all_day=True, rrule=rule)
    return Shape(event, {"recurrence_pattern": ([], [rule])})


def _moved_occurrence() -> Shape:
    length, original = timedelta(hours=1), _START + _WEEK
    moved = original + _DAY + timedelta(hours=4)
    exception = DateException(
        Time(original, ZONE),
        "modified",
        title="Budget 2027: decision",
        starts_at=Time(moved, ZONE),
        ends_at=Time(moved + length, ZONE),
    )
    event = _event(**_from_to(_START, _START + length), rrule=_WEEKLY, exceptions=[exception])
    renamed = {"title": ("Budget 2027: A & B", "Budget 2027: decision")}
    return Shape(event, renamed | _moved(moved, original, length), exception)


def _cancelled_occurrence() -> Shape:
    exception = DateException(Time(_START + _WEEK, ZONE), "canceled")
    event = _event(**_from_to(_START, _START + timedelta(hours=1)), rrule=_WEEKLY, exceptions=[exception])
    return Shape(event, {"status": ("ok", "cancelled")}, exception)


def _following() -> Shape:
    """Invited are people to the later part; an update tells them that the earlier one has an end now."""
    length, rule = timedelta(hours=1), "RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20270125T090000Z"
    event = _event(**_from_to(_START, _START + length), rrule=rule)
    rest = datetime(2027, 2, 2, 13, tzinfo=UTC)
    later = Schedule(Time(rest, ZONE), Time(rest + length, ZONE), rrule="RRULE:FREQ=WEEKLY;BYDAY=TU")
    moved = _moved(_START, _START - timedelta(hours=1), length)
    return Shape(event, {"recurrence_pattern": ([_WEEKLY], [rule])}, None, None, True, later, moved)


def _running() -> Shape:
    """A series that began a year ago, with dates that are left out, added, cancelled, moved and renamed."""
    length, start = timedelta(hours=1), _START - 52 * _WEEK
    lines = (
        "RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=80",
        "EXDATE:20261228T090000Z",
        "RDATE:20261209T090000Z,20270106T130000Z",
    )
    exceptions = [
        DateException(Time(start + _WEEK, ZONE), "canceled"),
        DateException(Time(_START - _WEEK, ZONE), "canceled"),
        _moved_by(_DAY, _START + _WEEK, title="Budget 2027: decision"),
        _moved_by(timedelta(hours=4), _START + 2 * _WEEK),
        *(DateException(Time(_START + week * _WEEK, ZONE), "canceled") for week in (5, 6)),
        DateException(Time(_START + 7 * _WEEK, ZONE), "modified", title="Budget 2027: the rest"),
    ]
    event = _event(**_from_to(start, start + length), rrule="\n".join(lines), exceptions=exceptions)
    return Shape(event, _moved(start, start - timedelta(minutes=15), length))


def _moved_by(distance: timedelta, original: datetime, title: str | None = None) -> DateException:
    start, end = original + distance, original + distance + timedelta(hours=1)
    return DateException(
        Time(original, ZONE), "modified", title=title, starts_at=Time(start, ZONE), ends_at=Time(end, ZONE)
    )


def _time_independent() -> Shape:
    length = timedelta(hours=1)
    changes = {
        "is_time_independent": (False, True),
        "starts_at": (format_utc(_START), None),
        "starts_at_zone": (ZONE, ""),
        "ends_at": (format_utc(_START + length), None),
        "ends_at_zone": (ZONE, ""),
    }
    return Shape(_event(), changes, ended=Schedule(Time(_START, ZONE), Time(_START + length, ZONE)))


def _adhoc() -> Shape:
    length = timedelta(hours=1)
    event = _event(**_from_to(_START, _START + length), adhoc_retention_seconds=86400, created_at=Time(_START, ZONE))
    return Shape(event, {"title": ("Meeting", "Budget 2027: A & B")})


SHAPES: dict[str, Callable[[], Shape]] = {
    "single": _single,
    "all_day": _all_day,
    "multi_day": _multi_day,
    "recurring": _recurring,
    "recurring_all_day": _recurring_all_day,
    "moved_occurrence": _moved_occurrence,
    "cancelled_occurrence": _cancelled_occurrence,
    "following": _following,
    "running": _running,
    "time_independent": _time_independent,
    "adhoc": _adhoc,
}
