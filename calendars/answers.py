"""Reads the calendar objects that come back: REPLY, COUNTER and REFRESH (RFC 5546 3.2.3, 3.2.6, 3.2.7).

Nothing in them is believed here, and a property that cannot be read counts as missing.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from icalendar import Calendar
from icalendar.prop import vBroken

from calendars.addresses import canonical
from calendars.foreign_zones import Definitions, instant_of, known_name, midnight, without_definitions
from calendars.lines import plain_line, plain_text
from calendars.times import from_wall

MOST_LINES = 5000
MOST_EVENTS = 100
MOST_COMMENT_BYTES = 4096
_ANY = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
_LARGEST = 2**31 - 1
# Not all that Python knows: some take for ever.
_CHARSETS = re.compile(
    r"utf-?(7|8|16)(le|be)?|us-ascii|iso-(8859-\d{1,2}|2022-jp)|(windows-|cp)125\d|koi8-[ru]|gb\w{2,6}"
)


# So named, the library leaves zones to us: it guesses, and it knows what earlier messages defined.
_ZONE = re.compile(r"^([A-Z-]+(?:;[^:]*?)?);TZID=", re.IGNORECASE)


class UnreadableError(ValueError):
    """No calendar object, or none of a size that people's programs write."""


class TooManyError(UnreadableError):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A day, an instant in UTC, or wall time in a zone that the reader has to know; `zone` is an IANA name or ""."""

    value: date | datetime
    zone: str = ""

    @property
    def is_day(self) -> bool:
        return not isinstance(self.value, datetime)

    def instant(self, zone: str) -> datetime:
        """In UTC: a day by its midnight in this zone, floating time by the zone's clock."""
        wall = self.value if isinstance(self.value, datetime) else midnight(self.value)
        return from_wall(wall, zone) if wall.tzinfo is None else wall


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendee:
    """Addresses are canonical; `partstat` is in capitals, "" where nothing is said."""

    address: str
    partstat: str = ""
    sent_by: str = ""
    delegated_to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one VEVENT says. `occurrence` is its RECURRENCE-ID, None for the whole series."""

    uid: str
    attendees: tuple[Attendee, ...]
    sequence: int | None = None
    dtstamp: datetime | None = None
    occurrence: Moment | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    duration: timedelta | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerObject:
    method: str  # in capitals
    product: str = ""
    answers: tuple[Answer, ...]


def read(data: bytes, *, method: str = "", charset: str = "utf-8") -> AnswerObject:
    """`method` is that of the MIME type, for objects without one. Raises UnreadableError."""
    lines = [line for line in _unfolded(_decoded(data, charset)) if line.strip()]
    if len(lines) > MOST_LINES:
        raise TooManyError
    kept, definitions = without_definitions(lines)
    kept = [_ZONE.sub(r"\1;X-TZID=", line) for line in kept]
    try:
        calendars = Calendar.from_ical("\r\n".join(kept) + "\r\n", multiple=True)
        events = [event for calendar in calendars for event in calendar.walk("VEVENT")]
    except _ANY as error:
        raise UnreadableError from error
    if not calendars:
        raise UnreadableError
    if len(events) > MOST_EVENTS:
        raise TooManyError
    said = (_text(calendar, "METHOD") for calendar in calendars)
    return AnswerObject(
        method=plain_line(next(filter(None, said), "") or method).upper(),
        product=next((_text(calendar, "PRODID") for calendar in calendars), ""),
        answers=tuple(_answer(event, definitions) for event in events),
    )


def _decoded(data: bytes, charset: str) -> str:
    return text_of(data, charset).removeprefix("\ufeff")


def text_of(data: bytes, charset: str) -> str:
    """Something in any case."""
    for name in filter(_CHARSETS.fullmatch, (charset.strip().lower(), "utf-8")):
        try:
            return data.decode(name)
        except (LookupError, ValueError):
            continue
    return data.decode("latin-1")


def _unfolded(text: str) -> list[str]:
    return re.split(r"\r\n|\n|\r", re.sub(r"(\r\n|\n|\r)[ \t]", "", text))


def _answer(event: Any, definitions: Definitions) -> Answer:
    stamp = _moment(event, "DTSTAMP", definitions)
    return Answer(
        uid=plain_line(_text(event, "UID")),
        attendees=tuple(filter(None, map(_attendee, _all(event, "ATTENDEE")))),
        sequence=_number(event, "SEQUENCE"),
        dtstamp=stamp.instant("UTC") if stamp else None,
        occurrence=_moment(event, "RECURRENCE-ID", definitions),
        starts_at=_moment(event, "DTSTART", definitions),
        ends_at=_moment(event, "DTEND", definitions),
        duration=_duration(event),
        comment=comment_of(str(value) for value in _all(event, "COMMENT")),
    )


def comment_of(texts: Iterable[str]) -> str:
    """One text without control characters, cut to MOST_COMMENT_BYTES."""
    text = plain_text("\n".join(texts)).strip()
    return text.encode()[:MOST_COMMENT_BYTES].decode(errors="ignore")


def _all(component: Any, name: str) -> list[Any]:
    """The values that could be read: there may be none, one or a list."""
    try:
        found = component.get(name)
    except _ANY:
        return []
    values = found if isinstance(found, list) else [found]
    return [value for value in values if value is not None and not isinstance(value, vBroken)]


def _text(component: Any, name: str) -> str:
    return next((str(value) for value in _all(component, name)), "")


def _number(event: Any, name: str) -> int | None:
    try:
        return min(max(int(_text(event, name)), 0), _LARGEST)
    except ValueError:
        return None


def _duration(event: Any) -> timedelta | None:
    found = next((getattr(value, "dt", None) for value in _all(event, "DURATION")), None)
    return found if isinstance(found, timedelta) else None


def _moment(event: Any, name: str, definitions: Definitions) -> Moment | None:
    value = next(iter(_all(event, name)), None)
    found = getattr(value, "dt", None)
    if not isinstance(found, date):
        return None
    if not isinstance(found, datetime):
        return Moment(value=found)
    if found.tzinfo:
        return Moment(value=found.astimezone(UTC))
    tzid = str(getattr(value, "params", {}).get("X-TZID", ""))
    return Moment(value=instant_of(found, tzid, definitions) or found, zone=known_name(tzid))


def _attendee(value: Any) -> Attendee | None:
    """None without an address. One that is named otherwise may have its address in EMAIL (RFC 7986 6.2)."""
    parameters = getattr(value, "params", {})
    address = _address(value)
    address = address if "@" in address else _address(parameters.get("EMAIL", ""))
    if "@" not in address:
        return None
    return Attendee(
        address=address,
        partstat=plain_line(str(parameters.get("PARTSTAT", ""))).upper(),
        sent_by=_address(parameters.get("SENT-BY", "")),
        delegated_to=_address(parameters.get("DELEGATED-TO", "")),
    )


def _address(value: Any) -> str:
    text = str(value[0] if isinstance(value, list) and value else value).strip().strip("\"'<>")
    if text[:7].lower() == "mailto:":
        text = unquote(text[7:].partition("?")[0])
    return canonical(plain_line(text))[:255]
