"""What the texts of a mail say, in the receiver's language and zone: the values that templates/mail/ shows.

Texts of people come out as plain text without control characters; the HTML template escapes them.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import singledispatch
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language, get_language_bidi, gettext, gettext_noop, ngettext

from calendars import words
from calendars.lines import plain_line, plain_text
from calendars.patterns import Series
from calendars.rules import PatternError
from calendars.times import is_zone, to_wall
from mailer import links
from mailer.calendar import occurrence_of, series_of
from mailer.messages import ExternalUser, Message, RegisteredUser
from mailer.protocol import CallIn, Event, EventException, EventMessage, SharedFolder

MOST_LOST = 5  # dates that a mail names of those that are lost


@dataclass(frozen=True)
class Shown:
    """A meeting, or one occurrence of it, as people see it."""

    title: str
    description: str
    starts_at: datetime | None
    ends_at: datetime | None
    zone: str
    is_all_day: bool
    pattern: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """Something to join with; `href` is "" where there is nothing to click."""

    label: str
    text: str
    href: str = ""

    @property
    def line(self) -> str:
        """For plain text, where an address is not behind its name."""
        shows_address = self.href.startswith("http") and self.href != self.text
        value = f"{self.text} {self.href}" if shows_address else self.text
        return gettext("%(label)s: %(value)s") % {"label": self.label, "value": value}


@dataclass(frozen=True)
class Change:
    """`label` changed from `old` to `new`; a whole sentence where these are ""."""

    label: str
    old: str = ""
    new: str = ""


@dataclass(frozen=True)
class Reader:
    language: str
    zone: str

    def when(self, shown: Shown) -> str:
        # A day is the same day everywhere: all-day events are read in their own zone.
        return self._time(shown, shown.zone if shown.is_all_day else self.zone)

    def when_planned(self, shown: Shown) -> str:
        """The time once more in the zone it was planned in; "" where the receiver reads that one."""
        planned = self._time(shown, shown.zone)
        return "" if planned == self.when(shown) else planned

    def day(self, instant: datetime, zone: str) -> str:
        return words.describe_day(instant, zone=zone, locale=self.language)

    def full_day(self, shown: Shown) -> str:
        return (
            words.describe_full_day(shown.starts_at, zone=shown.zone, locale=self.language) if shown.starts_at else ""
        )

    def repeats(self, shown: Shown) -> str:
        if shown.starts_at is None or shown.ends_at is None:
            return ""
        series = Series(shown.starts_at, shown.ends_at, shown.zone, shown.is_all_day, shown.pattern)
        try:
            told = words.describe_pattern(series, locale=self.language, gettext=gettext, ngettext=ngettext)
        except PatternError:
            return gettext("on several dates")
        planned, read = (to_wall(shown.starts_at, zone).date() for zone in (shown.zone, self.zone))
        if not told or shown.is_all_day or planned == read:
            return told
        # The receiver's clock shows another day than the one that the words name.
        return f"{told} ({self.planned_in(shown)})"

    def planned_in(self, shown: Shown) -> str:
        return words.describe_zone(shown.zone, shown.starts_at, locale=self.language) if shown.starts_at else ""

    def _time(self, shown: Shown, zone: str) -> str:
        if shown.starts_at is None or shown.ends_at is None:
            return gettext("At no fixed time")
        told = words.describe_time(
            shown.starts_at, shown.ends_at, zone=zone, is_all_day=shown.is_all_day, locale=self.language
        )
        return gettext("%(days)s (all day)") % {"days": told} if shown.is_all_day else told


@singledispatch
def contents(message: Message, language: str) -> dict[str, Any]:
    """The templates' values: words are of the active translation, dates as `language` (en-US, de-AT …) writes them."""
    raise NotImplementedError(message.kind)


@contents.register
def of_event(message: EventMessage, language: str) -> dict[str, Any]:
    """Who was removed, or whose meeting is off, is told which one: no link, no password, no PIN, and no description.

    In descriptions people write such things.
    """
    event, invitee, exception = message.event, message.invitee, message.event_exception
    is_gone = message.is_gone
    shown = _shown(event, exception)
    reader = Reader(language, _zone(message))
    title = _title(shown)
    organizer = event.organizer or message.inviter
    return {
        "language": get_language(),
        "direction": "rtl" if get_language_bidi() else "ltr",
        "side": "right" if get_language_bidi() else "left",
        "action": message.text_action,
        "title": title,
        "subject_title": _with_day(title, message, shown, reader),
        "description": "" if is_gone else plain_text(shown.description).strip(),
        "inviter": plain_line(message.inviter.name) or plain_line(message.inviter.email),
        "organizer_line": _person(organizer.name, organizer.email),
        "is_own": message.is_own,
        "had_declined": message.recipient.partstat == "DECLINED",
        "is_occurrence": exception is not None,
        "continues": message.continues,
        "day": reader.full_day(_planned(event, exception)),  # of the occurrence, or the first one
        "when": reader.when(shown),
        "when_planned": reader.when_planned(shown),
        "repeats": reader.repeats(shown),
        "changes": _changes(message, shown, reader) if message.text_action == "update" else [],
        "is_gone": is_gone,
        "join_link": "" if is_gone else links.join_link(message),
        "ways_in": [] if is_gone else _ways_in(message),
        "deleted_at": "" if is_gone else _deleted_at(event, language, shown),
        "event_link": "" if is_gone or isinstance(invitee, ExternalUser) else links.event_link(event.id),
        "data_protection_url": settings.MAIL_DATA_PROTECTION_URL,
        "support_address": settings.MAIL_SUPPORT_ADDRESS,
    }


def _zone(message: EventMessage) -> str:
    """The receiver's, else the one that the meeting is or was planned in."""
    former, exception = message.ended, message.event_exception
    planned = (message.event.start_time, former and former.start_time, exception and exception.exception_date)
    return _known(message.recipient.time_zone, *(time.timezone for time in planned if time))


def _known(*zones: str) -> str:
    return next((zone for zone in zones if is_zone(zone)), "UTC")


def _person(name: str, address: str) -> str:
    return ", ".join(filter(None, (plain_line(name), plain_line(address))))


def _title(shown: Shown) -> str:
    return plain_line(shown.title) or gettext("(untitled)")


def _with_day(title: str, message: EventMessage, shown: Shown, reader: Reader) -> str:
    """For the subject: with the occurrence it is about, by its original day."""
    if message.event_exception is not None:
        day = reader.day(message.event_exception.exception_date.time, shown.zone)
        return gettext("%(title)s (%(day)s)") % {"title": title, "day": day}
    if message.continues and shown.starts_at is not None:
        day = reader.day(shown.starts_at, shown.zone)
        return gettext("%(title)s (from %(day)s on)") % {"title": title, "day": day}
    return title


# --- now and before ---


def _shown(event: Event, exception: EventException | None) -> Shown:
    """As it is now: what an exception leaves open comes from the series."""
    planned = _planned(event, exception)
    if exception is None:
        return planned
    occurrence = occurrence_of(_series(event, exception), exception)
    return replace(
        planned,
        title=event.name if exception.title is None else exception.title,
        description=event.description if exception.description is None else exception.description,
        starts_at=occurrence.starts_at,
        ends_at=occurrence.ends_at,
        is_all_day=event.is_all_day if exception.is_all_day is None else exception.is_all_day,
    )


def _planned(event: Event, exception: EventException | None) -> Shown:
    """The meeting, or one occurrence as the series has it."""
    start, end = (event.start_time, event.end_time) if event.has_time else (None, None)
    shown = Shown(
        title=event.name,
        description=event.description,
        starts_at=start.time if start else None,
        ends_at=end.time if end else None,
        zone=_known(start.timezone if start else ""),
        is_all_day=event.is_all_day,
        pattern=tuple((event.rrule or "").split()),
    )
    if exception is None:
        return shown
    series = _series(event, exception)
    occurrence = occurrence_of(series, EventException(exception.exception_date, "modified"))
    return replace(shown, starts_at=occurrence.starts_at, ends_at=occurrence.ends_at, zone=series.zone, pattern=())


def _series(event: Event, exception: EventException) -> Series:
    """Of an event without time, which only other programs give an exception, that occurrence."""
    original = exception.exception_date
    return series_of(event) or Series(original.time, original.time, _known(original.timezone), event.is_all_day)


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


# The activity's fields that people see, and how their old values are read.
_COLUMNS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "title": ("title", str),
    "description": ("description", str),
    "starts_at": ("starts_at", _instant),
    "ends_at": ("ends_at", _instant),
    "starts_at_zone": ("zone", _known),
    "is_all_day": ("is_all_day", bool),
    "recurrence_pattern": ("pattern", tuple),
}


def _before(message: EventMessage, now: Shown) -> Shown:
    """As it was: by the log's changes, or where another program sent the mail by the series."""
    if not message.changes:
        return _planned(message.event, message.event_exception)
    old = {name: values[0] for name, values in message.changes.items()}
    return replace(now, **{own: read(old[name]) for name, (own, read) in _COLUMNS.items() if name in old})


# --- what has changed ---

_SENTENCES: dict[str, list[tuple[tuple[Any, Any], str]]] = {
    "has_password": [
        ((False, True), gettext_noop("The room has a password now.")),
        ((True, True), gettext_noop("The room has a new password.")),
        ((True, False), gettext_noop("The room needs no password any more.")),
    ],
    "waiting_room": [
        ((False, True), gettext_noop("There is a waiting room now.")),
        ((True, False), gettext_noop("There is no waiting room any more.")),
    ],
    "e2e_encryption": [
        ((False, True), gettext_noop("The meeting is end-to-end encrypted now.")),
        ((True, False), gettext_noop("The meeting is not end-to-end encrypted any more.")),
    ],
    "has_shared_folder": [
        ((False, True), gettext_noop("There is a shared folder now.")),
        ((True, False), gettext_noop("There is no shared folder any more.")),
    ],
    "status": [(("cancelled", "ok"), gettext_noop("It takes place after all."))],
}


def _changes(message: EventMessage, now: Shown, reader: Reader) -> list[Change]:
    """Old and new values of what can be shown, then sentences for the rest."""
    before = _before(message, now)
    once = gettext("does not repeat")
    pairs = [
        (gettext("Title"), _title(before), _title(now)),
        (gettext("When"), reader.when(before), reader.when(now)),
        (
            gettext("Live streams"),
            *(_names(names, reader) for names in message.changes.get("streaming_targets", ("",) * 2)),
        ),
    ]
    if now.starts_at is not None and before.starts_at is not None:
        pairs[2:2] = [
            (gettext("Time zone"), reader.planned_in(before), reader.planned_in(now)),
            (gettext("Repeats"), reader.repeats(before) or once, reader.repeats(now) or once),
        ]
    found = [Change(label, old, new) for label, old, new in pairs if old != new]
    if before.description != now.description:
        added, removed = gettext("There is a new description."), gettext("The description was removed.")
        found.append(Change(added if now.description else removed))
    for field, sentences in _SENTENCES.items():
        values = message.changes.get(field)
        found += [Change(gettext(sentence)) for pair, sentence in sentences if pair == values]
    return found + _lost(message, reader)


def _lost(message: EventMessage, reader: Reader) -> list[Change]:
    """The changed dates ahead that are in the series no more; so many by name."""
    now = timezone.now()
    ahead = [item for item in message.lost if max(at.time for at in (item.exception_date, item.ends_at) if at) >= now]
    told = [_lost_date(exception, reader) for exception in ahead[:MOST_LOST]]
    if (count := len(ahead) - MOST_LOST) > 0:
        told.append(ngettext("%(count)d more", "%(count)d more", count) % {"count": count})
    sentence = gettext("These changes to single dates no longer apply: %(dates)s.")
    return [Change(sentence % {"dates": gettext("; ").join(told)})] if told else []


def _lost_date(exception: EventException, reader: Reader) -> str:
    original, start, end = exception.exception_date, exception.starts_at, exception.ends_at
    planned = Shown("", "", original.time, original.time, _known(original.timezone), bool(exception.is_all_day))
    if exception.kind == "canceled":
        state = gettext("cancelled")
    elif start and end and start.time != original.time:
        moved = replace(planned, starts_at=start.time, ends_at=end.time)
        state = gettext("moved to %(when)s") % {"when": reader.when(moved)}
    else:
        state = gettext("changed")
    day = reader.day(original.time, planned.zone if planned.is_all_day else reader.zone)
    return gettext("%(day)s, %(state)s") % {"day": day, "state": state}


def _names(names: Any, reader: Reader) -> str:
    plain = [plain_line(str(name)) for name in names]
    return words.list_of(plain, locale=reader.language) or gettext("none")


# --- ways in ---


def _ways_in(message: EventMessage) -> list[list[Row]]:
    """In groups that belong together."""
    event, link = message.event, links.join_link(message)
    room = [_row(gettext("Join"), link, link)]
    if event.room.password and not isinstance(message.invitee, RegisteredUser):
        room.append(_row(gettext("Password"), event.room.password))
    groups = [room]
    if event.call_in is not None:
        groups.append(_by_phone(event.call_in))
    if event.shared_folder is not None:
        groups.append(_folder(event.shared_folder))
    streams = event.streaming_targets
    groups.append([_row(gettext("Live stream"), item.name, links.web_link(item.public_url)) for item in streams])
    return [group for group in groups if group]


def _row(label: str, text: str, href: str = "") -> Row:
    return Row(label, plain_line(text), plain_line(href))


def _by_phone(call_in: CallIn) -> list[Row]:
    """The number as it was given, whether valid or not; digits to be typed in groups of four."""
    return [
        _row(gettext("By phone"), call_in.sip_tel, links.phone_link(call_in)),
        _row(gettext("Conference ID"), _grouped(call_in.sip_id)),
        _row(gettext("PIN"), _grouped(call_in.sip_password)),
        _row(gettext("Dial all at once"), links.phone_link(call_in).removeprefix("tel:")),
    ]


def _grouped(digits: str) -> str:
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))


def _folder(folder: SharedFolder) -> list[Row]:
    rows = []
    accesses = ((gettext("Shared folder"), folder.read), (gettext("To write in it"), folder.read_write))
    for label, access in accesses:
        if access is not None:
            rows += [
                _row(label, access.url, links.web_link(access.url)),
                _row(gettext("Its password"), access.password),
            ]
    return rows


def _deleted_at(event: Event, language: str, shown: Shown) -> str:
    """When the room of an ad-hoc meeting goes, in the meeting's zone: calendar objects say it to several receivers.

    Older controllers do not say when it was made: just now.
    """
    if not event.adhoc_retention_seconds:
        return ""
    made_at = event.created_at.time if event.created_at else timezone.now()
    moment = made_at + timedelta(seconds=event.adhoc_retention_seconds)
    return Reader(language, shown.zone).when(replace(shown, starts_at=moment, ends_at=moment, is_all_day=False))
