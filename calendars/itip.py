"""Builds the calendar objects that invite, change and cancel (RFC 5545, RFC 5546). Any text may come from a stranger:
none can start a line, a parameter or a property.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Literal

from calendars import patterns, recurrence, rules
from calendars.lines import plain_line, plain_text, text_line, time_line, value_line, written
from calendars.patterns import Series
from calendars.times import from_wall, in_zone, is_utc, to_wall
from calendars.vtimezone import vtimezone_text

Method = Literal["REQUEST", "CANCEL", "PUBLISH", "DECLINECOUNTER"]
PartStat = Literal["NEEDS-ACTION", "ACCEPTED", "TENTATIVE", "DECLINED"]

_PRODUCT = "-//OpenTalk Site//EN"
_ADDRESS = re.compile(r"[^\s<>()\[\]:;,\"\\@]+@[^\s<>()\[\]:;,\"\\@]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    address: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendee(Person):
    """`answers` to single occurrences, by their original starts, override `partstat`."""

    partstat: PartStat = "NEEDS-ACTION"
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
    """All that one calendar object says; "" for what it does not. `instances` are the changed and cancelled ones.

    `related` are the UIDs of the other parts of a series that was split.
    """

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
    related: tuple[str, ...] = ()
    geo: tuple[str, str] | None = None  # latitude and longitude in degrees
    is_transparent: bool = False  # the time counts as free
    alarms: tuple[int, ...] = ()  # minutes before the start
    comment: str = ""
    created_at: datetime
    last_modified_at: datetime


@dataclass(frozen=True, slots=True)
class Prepared:
    """One calendar object, written out but for its attendee: what 50 receivers share is built once.

    PUBLISH has no attendee (RFC 5546 3.2.1): it informs and asks for no answer. Nor has DECLINECOUNTER (3.2.8).
    """

    method: Method
    # An attendee belongs behind each of the first pieces: that of the occurrence, or for None of the whole meeting.
    _pieces: tuple[bytes, ...]
    _originals: tuple[datetime | None, ...]

    def for_attendee(self, attendee: Attendee) -> bytes:
        """UTF-8, CRLF, folded at 75 octets. ValueError for an address that is none."""
        return self.for_attendees([attendee])

    def for_attendees(self, attendees: Sequence[Attendee]) -> bytes:
        """One object that names all of them."""
        *begun, end = self._pieces
        if self.method in ("PUBLISH", "DECLINECOUNTER"):
            return b"".join(self._pieces)
        whole = []
        for piece, original in zip(begun, self._originals, strict=True):
            answers = (attendee.answers.get(original) if original else None for attendee in attendees)
            lines = [
                _attendee(attendee, answer or attendee.partstat, self.method)
                for attendee, answer in zip(attendees, answers, strict=True)
            ]
            whole += [piece, written(lines)]
        return b"".join([*whole, end])


def prepare(meeting: Meeting, method: Method, *, now: datetime, instance: Instance | None = None) -> Prepared:
    """The object for the meeting with all its changed and cancelled instances, or for one of them.

    A CANCEL ends the meeting, or removes the attendee from it; it has no description and no links. A DECLINECOUNTER
    leaves it as the attendee's calendar has it: it only says which one is meant, and why (RFC 5546 3.2.8).
    """
    told: list[Instance | None] = [instance]  # None is the whole meeting
    if instance is None and method not in ("CANCEL", "DECLINECOUNTER"):
        told += _changed(meeting)
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{_PRODUCT}", "CALSCALE:GREGORIAN", f"METHOD:{method}"]
    has_times = method != "DECLINECOUNTER" or instance is not None
    pieces, begun = [], written(head) + (_time_zone(meeting, instance) if has_times else b"")
    for item in told:
        before, after = _event(meeting, item, method, now)
        pieces.append(begun + written(["BEGIN:VEVENT", *before]))
        begun = written([*after, "END:VEVENT"])
    pieces.append(begun + written(["END:VCALENDAR"]))
    return Prepared(method, tuple(pieces), tuple(item.original_starts_at if item else None for item in told))


def _changed(meeting: Meeting) -> Iterable[Instance]:
    if not meeting.series.pattern:
        return ()
    kept = (item for item in meeting.instances if not item.is_cancelled)
    return sorted(kept, key=lambda item: item.original_starts_at)


# --- events ---


def _event(meeting: Meeting, instance: Instance | None, method: Method, now: datetime) -> tuple[list[str], list[str]]:
    """The lines before and after the attendee's."""
    if method == "DECLINECOUNTER":
        return _refusal(meeting, instance, now), []
    told, series = instance or meeting, meeting.series if instance else _anchored(meeting.series)
    starts_at, ends_at = (instance or series).starts_at, (instance or series).ends_at
    is_all_day = (instance or series).is_all_day
    before = [
        text_line("SUMMARY", plain_line(told.summary)),
        time_line("DTSTART", _moment(starts_at, series, is_all_day=is_all_day)),
        time_line("DTEND", _moment(ends_at, series, is_all_day=is_all_day)),
        time_line("DTSTAMP", now.astimezone(UTC)),
        text_line("UID", plain_line(meeting.uid)),
        *([time_line("RECURRENCE-ID", _moment(instance.original_starts_at, series))] if instance else []),
        f"SEQUENCE:{meeting.sequence}",
        *([] if instance else _pattern(meeting, series)),
    ]
    after = [
        time_line("CREATED", meeting.created_at.astimezone(UTC)),
        time_line("LAST-MODIFIED", meeting.last_modified_at.astimezone(UTC)),
        _person("ORGANIZER", meeting.organizer),
        f"STATUS:{'CANCELLED' if method == 'CANCEL' else 'CONFIRMED'}",
        *(_ways_in(meeting, told.description) if method != "CANCEL" else []),
        *(text_line("RELATED-TO;RELTYPE=SIBLING", plain_line(uid)) for uid in meeting.related),
        # Outlook shows 24 busy hours without it.
        *(["X-MICROSOFT-CDO-ALLDAYEVENT:TRUE"] if is_all_day else []),
        *(_alarms(meeting, told.summary) if method != "CANCEL" else []),
    ]
    return before, after


def _refusal(meeting: Meeting, instance: Instance | None, now: datetime) -> list[str]:
    comment = plain_text(meeting.comment).strip()
    return [
        time_line("DTSTAMP", now.astimezone(UTC)),
        text_line("UID", plain_line(meeting.uid)),
        *([time_line("RECURRENCE-ID", _moment(instance.original_starts_at, meeting.series))] if instance else []),
        f"SEQUENCE:{meeting.sequence}",
        _person("ORGANIZER", meeting.organizer),
        *([text_line("COMMENT", comment)] if comment else []),
    ]


def _ways_in(meeting: Meeting, description: str) -> list[str]:
    found = ["TRANSP:TRANSPARENT" if meeting.is_transparent else "TRANSP:OPAQUE"]
    if text := plain_text(description).strip():
        found.append(text_line("DESCRIPTION", text))
    if location := plain_line(meeting.location):
        found.append(text_line("LOCATION", location))
    if url := plain_line(meeting.url):
        found.append(value_line("URL", url))
    found += [
        value_line("CONFERENCE", item.uri, FEATURE=item.features, LABEL=item.label, VALUE="URI")
        for item in meeting.conferences
    ]
    if meeting.geo is not None:
        found.append("GEO:" + ";".join(plain_line(degrees) for degrees in meeting.geo))
    return found


def _alarms(meeting: Meeting, summary: str) -> Iterable[str]:
    """Components: they stand behind all properties (RFC 5545 3.6.6)."""
    for minutes in meeting.alarms:
        trigger = f"TRIGGER:-PT{minutes}M"
        text = text_line("DESCRIPTION", plain_line(summary) or "-")
        yield from ("BEGIN:VALARM", "ACTION:DISPLAY", text, trigger, "END:VALARM")


# --- people ---


def _person(name: str, person: Person, **parameters: str) -> str:
    if not _ADDRESS.fullmatch(person.address) or not person.address.isprintable():
        raise ValueError(f"Not an e-mail address: {person.address[:80]!r}")
    return value_line(name, f"mailto:{person.address}", CN=person.name, **parameters)


def _attendee(attendee: Attendee, partstat: PartStat, method: Method) -> str:
    rsvp = {"RSVP": "TRUE"} if method == "REQUEST" else {}
    return _person("ATTENDEE", attendee, CUTYPE="INDIVIDUAL", ROLE=attendee.role, PARTSTAT=partstat, **rsvp)


# --- times ---


def _moment(instant: datetime, series: Series, *, is_all_day: bool | None = None) -> date | datetime:
    """In the type and zone that DTSTART has, so that they can be compared as written."""
    if series.is_all_day if is_all_day is None else is_all_day:
        return to_wall(instant, series.zone).date()
    local = in_zone(instant, series.zone)
    # Of two equal wall times, only the first can be written, and some programs read the second.
    is_ambiguous = local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()
    # A series needs its zone all the same.
    return instant.astimezone(UTC) if is_utc(series.zone) or (is_ambiguous and not series.pattern) else local


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


def _pattern(meeting: Meeting, series: Series) -> Iterable[str]:
    if not series.pattern:
        return
    parts = patterns.parts_of(series)
    for name, own_rules in (("RRULE", parts.rules), ("EXRULE", parts.excluding_rules)):
        for rule in own_rules:
            yield f"{name}:{rules.format_rule(replace(rule, until=_until(rule, series)))}"
    dates = {from_wall(wall, series.zone) for wall in parts.dates} - {series.starts_at}
    excluded = {from_wall(wall, series.zone) for wall in parts.excluded_dates}
    excluded |= {item.original_starts_at for item in meeting.instances if item.is_cancelled}
    for name, instants in (("RDATE", dates), ("EXDATE", excluded)):
        # One line each: some programs read only the first value of a list.
        yield from (time_line(name, _moment(instant, series)) for instant in sorted(instants))


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
    """The VTIMEZONE that the times of the whole meeting need, written out; b"" for none.

    An occurrence alone brings the same: programs that keep one definition for each name keep the last.
    """
    series = meeting.series
    told = (*meeting.instances, instance) if instance else meeting.instances
    if is_utc(series.zone) or (series.is_all_day and all(item.is_all_day for item in told)):
        return b""
    end = recurrence.last(series)
    starts = [series.starts_at, *(item.original_starts_at for item in told), *(item.starts_at for item in told)]
    last = max([end.ends_at, *(item.ends_at for item in told)]) if end else None
    return vtimezone_text(series.zone, min(starts), last)
