"""Builds the calendar objects that invite, change and cancel (RFC 5545, RFC 5546). Knows no mail and no database.

Every text may come from a stranger: nothing in it can start a line, a parameter or a property of its own.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Literal

from icalendar import Calendar, Event, Parameters, vCalAddress, vRecur
from icalendar.parser import Contentline

from calendars import patterns, recurrence, rules
from calendars.patterns import Series
from calendars.times import from_wall, is_utc, to_wall, zone
from calendars.vtimezone import vtimezone_text

Method = Literal["REQUEST", "CANCEL"]
PartStat = Literal["NEEDS-ACTION", "ACCEPTED", "TENTATIVE", "DECLINED"]

_PRODUCT = "-//OpenTalk Site//EN"
_ADDRESS = re.compile(r"[^\s<>()\[\]:;,\"\\@]+@[^\s<>()\[\]:;,\"\\@]+")
# Control characters but tab and LF, half characters, and marks and overrides of direction, which make a name or a link
# read as another.
_HARMFUL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LINE_ENDS = re.compile("\r\n|[\r\u0085\u2028\u2029]")
# Whole lines with the line end before them, which no text can contain: the library escapes line ends, and what it
# folds goes on with a space.
_ATTENDEE_PLACE = "mailto:place-of-attendee@invalid"
_ATTENDEE_LINE = b"\r\nATTENDEE:" + _ATTENDEE_PLACE.encode() + b"\r\n"
_WIDTH = 74  # with the space at the beginning of what goes on
_EVENT_LINE = b"\r\nBEGIN:VEVENT\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    address: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendee(Person):
    """`answers` to single occurrences, by their original starts, override `partstat`."""

    partstat: PartStat = "NEEDS-ACTION"
    rsvp: bool = True
    role: str = "REQ-PARTICIPANT"
    answers: Mapping[datetime, PartStat] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conference:
    """A way in: features are ("AUDIO", "VIDEO") for a link, ("PHONE",) for a `tel:` number."""

    uri: str
    label: str
    features: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One occurrence as it is now, complete. An all-day one starts and ends at midnights of the series' zone."""

    original_starts_at: datetime
    starts_at: datetime
    ends_at: datetime
    is_all_day: bool
    summary: str
    description: str
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """All that one calendar object says; "" for what it does not. `instances` are the changed and cancelled ones."""

    uid: str
    sequence: int
    summary: str
    description: str
    location: str
    url: str
    conferences: tuple[Conference, ...]
    organizer: Person
    series: Series
    instances: tuple[Instance, ...] = ()
    created_at: datetime
    last_modified_at: datetime


@dataclass(frozen=True, slots=True)
class Prepared:
    """One calendar object, written out but for its attendee: what 50 receivers share is built once."""

    method: Method
    _pieces: tuple[bytes, ...]
    _originals: tuple[
        datetime | None, ...
    ]  # what is between the pieces: an occurrence's attendee, or for None the meeting's

    def for_attendee(self, attendee: Attendee) -> bytes:
        """UTF-8, CRLF, folded at 75 octets. ValueError for an address that is none."""
        first, *others = self._pieces
        written = [first]
        for original, piece in zip(self._originals, others, strict=True):
            answer = attendee.answers.get(original) if original else None
            written += [self._line(attendee, answer or attendee.partstat), piece]
        return b"".join(written)

    def _line(self, attendee: Attendee, partstat: PartStat) -> bytes:
        value = _attendee(attendee, partstat, self.method)
        return b"\r\n" + _folded(Contentline.from_parts("ATTENDEE", value.params, value, sorted=False)) + b"\r\n"


def request(meeting: Meeting, attendee: Attendee, *, now: datetime) -> bytes:
    """The meeting with all its changed and cancelled instances."""
    return prepare(meeting, "REQUEST", now=now).for_attendee(attendee)


def cancel(meeting: Meeting, attendee: Attendee, *, now: datetime) -> bytes:
    """The end of the meeting, or of the attendee's part in it: no description, no way in."""
    return prepare(meeting, "CANCEL", now=now).for_attendee(attendee)


def request_instance(meeting: Meeting, instance: Instance, attendee: Attendee, *, now: datetime) -> bytes:
    return prepare(meeting, "REQUEST", now=now, instance=instance).for_attendee(attendee)


def cancel_instance(meeting: Meeting, instance: Instance, attendee: Attendee, *, now: datetime) -> bytes:
    return prepare(meeting, "CANCEL", now=now, instance=instance).for_attendee(attendee)


def prepare(meeting: Meeting, method: Method, *, now: datetime, instance: Instance | None = None) -> Prepared:
    """The object for the whole meeting, or for one of its instances."""
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    told: list[Instance | None] = [instance]  # None is the whole meeting
    if instance is None and method == "REQUEST":
        told += _changed(meeting)
    for item in told:
        calendar.add_component(
            _master_event(meeting, method, now) if item is None else _instance_event(meeting, item, method, now)
        )
    text = b"".join(_folded(line) + b"\r\n" for line in calendar.content_lines() if line)
    if needs := _time_zone(meeting, instance):
        head, tail = text.split(_EVENT_LINE, 1)
        text = head + b"\r\n" + needs.removesuffix(b"\r\n") + _EVENT_LINE + tail
    originals = tuple(item.original_starts_at if item else None for item in told)
    return Prepared(method, tuple(text.split(_ATTENDEE_LINE)), originals)


def _folded(line: str) -> bytes:
    """At 75 octets, between characters and not after the mark of an escape, which some programs read by itself.

    The library asks for each character whether it still fits, which would be a tenth of what a mail costs.
    """
    rest, pieces = line.encode(), []
    while len(rest) > _WIDTH:
        end = _WIDTH
        while rest[end] & 0b1100_0000 == 0b1000_0000:  # in the middle of a character
            end -= 1
        if rest[end - 1] in b"\\^":
            end -= 1
        pieces.append(rest[:end])
        rest = rest[end:]
    return b"\r\n ".join([*pieces, rest])


def _changed(meeting: Meeting) -> Iterable[Instance]:
    if not meeting.series.pattern:
        return ()
    kept = (item for item in meeting.instances if not item.is_cancelled)
    return sorted(kept, key=lambda item: item.original_starts_at)


# --- events ---


def _master_event(meeting: Meeting, method: Method, now: datetime) -> Event:
    series = _anchored(meeting.series)
    event = _event(meeting, method, now, summary=meeting.summary, description=meeting.description)
    _add_times(event, series.starts_at, series.ends_at, series=series, is_all_day=series.is_all_day)
    _add_pattern(event, meeting, series)
    return event


def _instance_event(meeting: Meeting, instance: Instance, method: Method, now: datetime) -> Event:
    series = meeting.series
    event = _event(meeting, method, now, summary=instance.summary, description=instance.description)
    _add_times(event, instance.starts_at, instance.ends_at, series=series, is_all_day=instance.is_all_day)
    event.add("recurrence-id", _moment(instance.original_starts_at, series))
    return event


def _event(meeting: Meeting, method: Method, now: datetime, *, summary: str, description: str) -> Event:
    event = Event()
    event.add("uid", plain_line(meeting.uid))
    event.add("dtstamp", now.astimezone(UTC))
    event.add("sequence", meeting.sequence)
    event.add("created", meeting.created_at.astimezone(UTC))
    event.add("last-modified", meeting.last_modified_at.astimezone(UTC))
    event.add("status", "CONFIRMED" if method == "REQUEST" else "CANCELLED")
    event.add("summary", plain_line(summary))
    event.add("organizer", _calendar_address(meeting.organizer))
    event.add("attendee", _ATTENDEE_PLACE)
    if method == "REQUEST":
        event.add("transp", "OPAQUE")
        _add_way_in(event, meeting, description)
    return event


def _add_way_in(event: Event, meeting: Meeting, description: str) -> None:
    if text := plain_text(description).strip():
        event.add("description", text)
    if location := plain_line(meeting.location):
        event.add("location", location)
    if url := plain_line(meeting.url):
        event.add("url", url)
    for conference in meeting.conferences:
        parameters = Parameters({"VALUE": "URI", "FEATURE": list(conference.features)})
        if label := _parameter(conference.label):
            parameters["LABEL"] = label
        event.add("conference", plain_line(conference.uri), parameters=parameters)


# --- people ---


def _calendar_address(person: Person) -> vCalAddress:
    if not _ADDRESS.fullmatch(person.address) or not person.address.isprintable():
        raise ValueError(f"Not an e-mail address: {person.address[:80]!r}")
    value = vCalAddress(f"mailto:{person.address}")
    if name := _parameter(person.name):
        value.params["CN"] = name
    return value


def _attendee(attendee: Attendee, partstat: PartStat, method: Method) -> vCalAddress:
    value = _calendar_address(attendee)
    value.params["CUTYPE"] = "INDIVIDUAL"
    value.params["ROLE"] = attendee.role
    value.params["PARTSTAT"] = partstat
    if method == "REQUEST":
        value.params["RSVP"] = "TRUE" if attendee.rsvp else "FALSE"
    return value


# --- times ---


def _moment(instant: datetime, series: Series, *, is_all_day: bool | None = None) -> date | datetime:
    """In the type and zone that DTSTART has, so that they can be compared as written."""
    if series.is_all_day if is_all_day is None else is_all_day:
        return to_wall(instant, series.zone).date()
    local = instant.astimezone(zone(series.zone))
    # Of two equal wall times, only the first can be written, and some programs read the second.
    is_ambiguous = local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()
    # A series needs its zone all the same.
    return instant.astimezone(UTC) if is_utc(series.zone) or (is_ambiguous and not series.pattern) else local


def _add_times(event: Event, starts_at: datetime, ends_at: datetime, *, series: Series, is_all_day: bool) -> None:
    event.add("dtstart", _moment(starts_at, series, is_all_day=is_all_day))
    event.add("dtend", _moment(ends_at, series, is_all_day=is_all_day))
    if is_all_day:
        # Outlook shows 24 busy hours without it.
        event.add("x-microsoft-cdo-alldayevent", "TRUE")


def _anchored(series: Series) -> Series:
    """Starting at the first day that the pattern yields, as calendars show DTSTART even where the rule does not."""
    if not series.pattern or recurrence.is_occurrence(series, series.starts_at):
        return series
    parts = patterns.parts_of(series)
    if len(parts.rules) > 1:
        # Moving the start would shift the weeks that the other rule counts.
        return series
    # What is excluded may stay the start, and an additional date may have another time of day than the rule.
    kind = "RRULE" if parts.rules else "RDATE"
    lines = tuple(line for line in series.pattern if line.strip().startswith(kind))
    found = recurrence.first(replace(series, pattern=lines))
    return series if found is None else replace(series, starts_at=found.starts_at, ends_at=found.ends_at)


def _add_pattern(event: Event, meeting: Meeting, series: Series) -> None:
    if not series.pattern:
        return
    parts = patterns.parts_of(series)
    for name, own_rules in (("rrule", parts.rules), ("exrule", parts.excluding_rules)):
        for rule in own_rules:
            event.add(name, vRecur.from_ical(rules.format_rule(replace(rule, until=_until(rule, series)))))
    dates = {from_wall(wall, series.zone) for wall in parts.dates} - {series.starts_at}
    excluded = {from_wall(wall, series.zone) for wall in parts.excluded_dates}
    excluded |= {item.original_starts_at for item in meeting.instances if item.is_cancelled}
    for name, instants in (("rdate", dates), ("exdate", excluded)):
        # One line each: some programs read only the first value of a list.
        for instant in sorted(instants):
            event.add(name, _moment(instant, series), parameters={"VALUE": "DATE"} if series.is_all_day else {})


def _until(rule: rules.Rule, series: Series) -> date | datetime | None:
    """RFC 5545 3.3.10 wants a DATE where DTSTART is one, and UTC where it has a time."""
    if rule.until is None:
        return None
    last_day = patterns.last_day_of(series, rule)
    if series.is_all_day:
        return last_day
    if isinstance(rule.until, datetime) and rule.until.tzinfo:
        return rule.until
    return from_wall(datetime.combine(last_day, to_wall(series.starts_at, series.zone).time()), series.zone)


def _time_zone(meeting: Meeting, instance: Instance | None) -> bytes:
    """The VTIMEZONE that the times need, written out; b"" for none."""
    series = meeting.series
    told = (instance,) if instance else meeting.instances
    if is_utc(series.zone) or (series.is_all_day and all(item.is_all_day for item in told)):
        return b""
    starts = [item.original_starts_at for item in told] + [item.starts_at for item in told]
    ends = [item.ends_at for item in told]
    if instance is None:
        end = recurrence.last(series)
        starts.append(series.starts_at)
        ends.append(end.ends_at if end else datetime.max.replace(tzinfo=UTC))
    last = max(ends)
    return vtimezone_text(series.zone, min(starts), None if last.year == 9999 else last)


# --- texts ---


def plain_text(text: str) -> str:
    """Without control characters, half characters and marks of direction; line ends become LF."""
    return _HARMFUL.sub("", _LINE_ENDS.sub("\n", text))


def plain_line(text: str) -> str:
    return " ".join(plain_text(text).split())


def _parameter(text: str) -> str:
    # A parameter cannot hold a double quote; its RFC 6868 escape is shown raw by older programs.
    return plain_line(text).replace('"', "'")
