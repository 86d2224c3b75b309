"""Judges an invitation mail as a calendar program would (RFC 5546, RFC 6047). Shares no code with what built it."""

import io
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import parseaddr
from zoneinfo import ZoneInfo

from dateutil.tz import tzical


@dataclass(frozen=True)
class Line:
    """A content line: `ATTENDEE;RSVP=TRUE:mailto:bob@example.com`."""

    name: str
    parameters: dict[str, str]
    value: str


@dataclass
class Component:
    name: str
    lines: list[Line] = field(default_factory=list)
    components: list["Component"] = field(default_factory=list)

    def all(self, name: str) -> list[Line]:
        return [line for line in self.lines if line.name == name]

    def one(self, name: str) -> Line:
        lines = self.all(name)
        assert len(lines) == 1, f"{self.name} has {len(lines)} {name}"
        return lines[0]

    def value(self, name: str) -> str:
        return self.one(name).value


@dataclass(frozen=True)
class Invitation:
    """One mail and the calendar object in it, found to be right in themselves."""

    mail: EmailMessage
    method: str
    calendar: Component
    event: Component

    @property
    def address(self) -> str:
        return parseaddr(self.mail["To"])[1]

    @property
    def version(self) -> tuple[int, datetime]:
        """What decides which of two objects is newer (RFC 5546 2.1.5)."""
        return int(self.event.value("SEQUENCE")), stamp(self.event.value("DTSTAMP"))

    def text(self, kind: str = "plain") -> str:
        part = next(part for part in self.mail.walk() if part.get_content_type() == f"text/{kind}")
        return str(part.get_content())


FILES = {"REQUEST": "invite.ics", "PUBLISH": "meeting.ics", "CANCEL": "cancel.ics"}


def judge(mail: EmailMessage) -> Invitation:
    """Everything that must hold for any mail alone."""
    assert mail.get_content_type() == "multipart/mixed"
    alternative, *files = mail.iter_parts()
    assert alternative.get_content_type() == "multipart/alternative"
    parts = list(alternative.iter_parts())
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html", "text/calendar"]
    content = parts[2].get_payload(decode=True)
    _judge_text(content)
    calendar = _parse(content.decode())
    method = calendar.value("METHOD")
    assert parts[2].get_param("method") == method
    assert parts[2].get_param("charset").lower() == "utf-8"
    assert [file.get_filename() for file in files] == [FILES[method]]
    assert files[0].get_payload(decode=True) == content, "the file differs from the alternative"
    events = [component for component in calendar.components if component.name == "VEVENT"]
    assert len(events) == 1
    invitation = Invitation(mail, method, calendar, events[0])
    _judge_event(invitation)
    _judge_zones(content.decode(), invitation)
    return invitation


def _judge_text(content: bytes) -> None:
    """RFC 5545 3.1: CRLF, at most 75 octets a line, no control characters."""
    lines = content.split(b"\r\n")
    assert lines[-1] == b""
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert max(map(len, lines)) <= 75
    assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", content)


def _judge_event(invitation: Invitation) -> None:
    """RFC 5546 3.2.1, 3.2.2 and 3.2.5: what PUBLISH, REQUEST and CANCEL must have and must not."""
    event = invitation.event
    for name in ("UID", "DTSTAMP", "ORGANIZER", "SEQUENCE"):
        event.one(name)
    if invitation.method == "PUBLISH":
        assert event.all("ATTENDEE") == []
    else:
        assert event.one("ATTENDEE").value.lower() == f"mailto:{invitation.address.lower()}"
    if invitation.method == "CANCEL":
        assert event.value("STATUS") == "CANCELLED"
    else:
        assert event.value("SUMMARY")
        assert event.value("DTSTART") < event.value("DTEND")
        assert not event.all("STATUS") or event.value("STATUS") == "CONFIRMED"


def _judge_zones(text: str, invitation: Invitation) -> None:
    """Each TZID that is used is described once, and as the zone really is."""
    used = {line.parameters["TZID"] for line in invitation.event.lines if "TZID" in line.parameters}
    described = [zone.value("TZID") for zone in invitation.calendar.components if zone.name == "VTIMEZONE"]
    assert sorted(used) == sorted(described)
    for name in used:
        start = datetime.strptime(invitation.event.value("DTSTART"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 - a wall time
        _judge_zone(text, name, start)


def _judge_zone(text: str, name: str, start: datetime) -> None:
    """An independent reader finds the offsets of the IANA data: daily for three years, hourly around each switch."""
    told, real = tzical(io.StringIO(text)).get(name), ZoneInfo(name)
    days = [start + timedelta(days=number) for number in range(3 * 366)]
    switches = [day for day in days if real.utcoffset(day) != real.utcoffset(day + timedelta(days=1))]
    hours = [day + timedelta(hours=number) for day in switches for number in range(48)]
    for wall in [*days, *hours, *(start.replace(year=year, day=1) for year in range(start.year, start.year + 20))]:
        if _is_plain(wall, real):
            assert told.utcoffset(wall) == real.utcoffset(wall), f"{name} at {wall}"
    assert len(switches) >= 5 or not switches


def _is_plain(wall: datetime, zone: ZoneInfo) -> bool:
    """Neither skipped nor repeated by a switch: there readers may differ."""
    return zone.utcoffset(wall.replace(fold=0)) == zone.utcoffset(wall.replace(fold=1))


def stamp(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def _parse(text: str) -> Component:
    """RFC 5545 3.1, by hand: unfolded lines, nested by BEGIN and END."""
    stack = [Component("")]
    for row in text.replace("\r\n ", "").removesuffix("\r\n").split("\r\n"):
        line = _line(row)
        if line.name == "BEGIN":
            stack.append(Component(line.value))
            stack[-2].components.append(stack[-1])
        elif line.name == "END":
            assert stack.pop().name == line.value
        else:
            stack[-1].lines.append(line)
    (root,) = stack
    assert [component.name for component in root.components] == ["VCALENDAR"]
    return root.components[0]


def _line(row: str) -> Line:
    head = re.match(r'[A-Za-z0-9-]+(;[A-Za-z0-9-]+=("[^"]*"|[^";:])*)*:', row)
    assert head is not None, f"not a content line: {row}"
    name, *pairs = re.findall(r'(?:[^;"]|"[^"]*")+', head[0][:-1])
    parameters = {key: value.strip('"') for key, _sign, value in (pair.partition("=") for pair in pairs)}
    return Line(name, parameters, row[head.end() :])
