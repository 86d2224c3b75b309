"""Mails as mail servers hand them over: answers in the shapes that calendar programs write, and what else comes.

Each shape is ours, after what is known of the program: its MIME tree, the properties it writes and those it leaves out.
"""

import base64
from collections.abc import Callable
from datetime import UTC, datetime
from email.mime.text import MIMEText
from typing import Any

from events.models import Event

SERVER = "mx.example.org"
STAMP = datetime(2026, 11, 20, 9, tzinfo=UTC)
CRLF = "\r\n"


def vevent(event: Event, attendee: str, partstat: str = "ACCEPTED", **more: str | None) -> str:
    """`more` replaces and adds properties, by name with its parameters; None leaves one out."""
    lines = {
        "UID": event.uid,
        "DTSTAMP": f"{STAMP:%Y%m%dT%H%M%SZ}",
        "ORGANIZER": f"mailto:{event.organizer_address}",
        "ATTENDEE": f";PARTSTAT={partstat}:mailto:{attendee}",
        "SEQUENCE": str(event.sequence),
        "SUMMARY": "Accepted: Team meeting",
    } | more
    body = (f"{name}{value if value[:1] == ';' else ':' + value}" for name, value in lines.items() if value is not None)
    return CRLF.join(["BEGIN:VEVENT", *body, "END:VEVENT"])


def vcalendar(*parts: str, method: str = "REPLY", product: str = "-//Example//EN") -> str:
    head = ["BEGIN:VCALENDAR", f"PRODID:{product}", "VERSION:2.0", *([f"METHOD:{method}"] if method else [])]
    return CRLF.join([*head, *parts, "END:VCALENDAR", ""])


def passed(sender: str, what: str = "dmarc=pass (p=reject) header.from={domain}", server: str = SERVER) -> str:
    return f"Authentication-Results: {server}; {what.format(domain=sender.rpartition('@')[2])}"


def letter(
    event: Event,
    sender: str,
    body: str,
    *,
    kind: str,
    to: str = "",
    headers: tuple[str, ...] = (),
    proof: str | None = None,
) -> bytes:
    """Headers as a border MTA leaves them; `kind` is the body's Content-Type and further headers of it."""
    given = [
        passed(sender) if proof is None else proof,
        "Received: from mail.example.com by mx.example.org with ESMTPS; Fri, 20 Nov 2026 09:00:05 +0000",
        *headers,
        f"From: Somebody <{sender}>",
        f"To: {to or event.organizer_address}",
        "Subject: Accepted: Team meeting",
        "Date: Fri, 20 Nov 2026 09:00:00 +0000",
        *(() if any(line.startswith("Message-ID") for line in headers) else ("Message-ID: <1@mail.example.com>",)),
        "MIME-Version: 1.0",
        f"Content-Type: {kind}",
    ]
    return (CRLF.join(filter(None, given)) + CRLF * 2 + body).encode()


def multipart(boundary: str, *parts: tuple[str, str]) -> str:
    """Of (Content-Type and further headers, body)."""
    told = (f"--{boundary}{CRLF}Content-Type: {kind}{CRLF * 2}{body}{CRLF}" for kind, body in parts)
    return "".join([*told, f"--{boundary}--{CRLF}"])


def encoded(text: str) -> str:
    return base64.encodebytes(text.encode()).decode().replace("\n", CRLF)


def gmail(event: Event, sender: str, partstat: str = "ACCEPTED", **more: Any) -> bytes:
    """mixed[alternative[plain, html, calendar], file]; no SEQUENCE missing, CN the address, written by a program."""
    start = {"DTSTART": f"{event.starts_at:%Y%m%dT%H%M%SZ}", "DTEND": f"{event.ends_at:%Y%m%dT%H%M%SZ}"}
    attendee = (
        f';CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={partstat};CN="{sender}";X-NUM-GUESTS=0:mailto:{sender}'
    )
    ics = vcalendar(
        vevent(event, sender, partstat, **start | {"ATTENDEE": attendee} | more.pop("properties", {})),
        product="-//Google Inc//Google Calendar 70.9054//EN",
    )
    alternative = multipart(
        "inner",
        ("text/plain; charset=UTF-8", "Somebody has accepted this invitation."),
        ("text/html; charset=UTF-8", "<p>Somebody has accepted this invitation.</p>"),
        ("text/calendar; charset=UTF-8; method=REPLY\r\nContent-Transfer-Encoding: 7bit", ics),
    )
    file = 'application/ics; name="invite.ics"\r\nContent-Transfer-Encoding: base64'
    body = multipart("outer", ('multipart/alternative; boundary="inner"', alternative), (file, encoded(ics)))
    headers = ("Auto-Submitted: auto-generated", *more.pop("headers", ()))
    return letter(event, sender, body, kind='multipart/mixed; boundary="outer"', headers=headers, **more)


def outlook(event: Event, sender: str, partstat: str = "ACCEPTED", *, text: str = "", **more: Any) -> bytes:
    """alternative[plain, calendar in base64]; Windows' zone, defined, upper case, the comment in the text."""
    zone = CRLF.join([
        "BEGIN:VTIMEZONE", "TZID:W. Europe Standard Time", "BEGIN:STANDARD", "DTSTART:16010101T030000",
        "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10", "END:STANDARD",
        "BEGIN:DAYLIGHT", "DTSTART:16010101T020000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200",
        "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3", "END:DAYLIGHT", "END:VTIMEZONE",
    ])  # fmt: skip
    properties = {
        "ATTENDEE": f";PARTSTAT={partstat};CN=Somebody:MAILTO:{sender.upper()}",
        "COMMENT": ";LANGUAGE=en-US:\\n",
        "DTSTART": ";TZID=W. Europe Standard Time:20261123T100000",
        "DTEND": ";TZID=W. Europe Standard Time:20261123T110000",
        "ORGANIZER": None,  # as outlook.com leaves it out
        "X-MICROSOFT-CDO-OWNERAPPTID": "0",
    } | more.pop("properties", {})
    method = more.pop("method", "REPLY")
    product = "Microsoft Exchange Server 2010"
    ics = vcalendar(zone, vevent(event, sender, partstat, **properties), method=method, product=product)
    body = multipart(
        "_000_",
        ('text/plain; charset="iso-8859-1"', f"{text}{CRLF}"),
        (f'text/calendar; charset="utf-8"; method={method}\r\nContent-Transfer-Encoding: base64', encoded(ics)),
    )
    return letter(event, sender, body, kind='multipart/alternative; boundary="_000_"', **more)


def apple(event: Event, sender: str, partstat: str = "ACCEPTED", **more: Any) -> bytes:
    """mixed[plain, file]: the type names no METHOD, and an urn stands where the address should be."""
    properties = {"ATTENDEE": f';CN="Adams, Some";EMAIL={sender};PARTSTAT={partstat}:urn:uuid:E6A2E5B0-7E5B-4E5C-9E51'}
    ics = vcalendar(
        vevent(event, sender, partstat, **properties | more.pop("properties", {})), product="-//Apple Inc.//EN"
    )
    file = 'text/calendar; name="iCal-1.ics"\r\nContent-Disposition: attachment; filename="iCal-1.ics"'
    body = multipart(
        "Apple-Mail",
        ("text/plain", "Somebody accepted."),
        (f"{file}\r\nContent-Transfer-Encoding: quoted-printable", ics.replace("=", "=3D")),
    )
    return letter(event, sender, body, kind='multipart/mixed; boundary="Apple-Mail"', **more)


def thunderbird(event: Event, sender: str, partstat: str = "ACCEPTED", **more: Any) -> bytes:
    """The calendar object in 8 bits, in which it notes what it received."""
    stamp = {"X-MOZ-RECEIVED-SEQUENCE": "0", "X-MOZ-RECEIVED-DTSTAMP": "20261119T090000Z"}
    ics = vcalendar(
        vevent(event, sender, partstat, **stamp | more.pop("properties", {})),
        product="-//Mozilla.org/NONSGML Mozilla Calendar V1.1//EN",
    )
    kind = 'text/calendar; method=REPLY; charset="UTF-8"\r\nContent-Transfer-Encoding: 8bit'
    body = multipart("tb", ("text/plain; charset=UTF-8", "Grüße"), (kind, ics))
    return letter(event, sender, body, kind='multipart/alternative; boundary="tb"', **more)


def plain(event: Event, sender: str, partstat: str = "ACCEPTED", **more: Any) -> bytes:
    """The calendar object alone."""
    method = more.pop("method", "REPLY")
    events = more.pop("events", None) or [
        vevent(event, more.pop("attendee", sender), partstat, **more.pop("properties", {}))
    ]
    return letter(event, sender, vcalendar(*events, method=method), kind=f"text/calendar; method={method}", **more)


SHAPES: dict[str, Callable[..., bytes]] = {
    "gmail": gmail, "outlook": outlook, "apple": apple, "thunderbird": thunderbird, "plain": plain,
}  # fmt: skip


def bounce(event: Event) -> bytes:
    """A report with our own REQUEST inside, and even a REPLY."""
    inside = "Subject: Invitation\r\nContent-Type: text/calendar; method=REPLY\r\n\r\n" + vcalendar(
        vevent(event, "bob@example.com")
    )
    status = "Final-Recipient: rfc822; bob@example.com\r\nAction: failed\r\nStatus: 5.1.1"
    body = multipart(
        "dsn",
        ("text/plain", "It could not be delivered."),
        ("message/delivery-status", f"Reporting-MTA: dns; mx\r\n\r\n{status}\r\n"),
        ("message/rfc822", inside),
    )
    headers = ("Return-Path: <>", "Auto-Submitted: auto-replied")
    kind = 'multipart/report; report-type=delivery-status; boundary="dsn"'
    return letter(event, "mailer-daemon@example.com", body, kind=kind, headers=headers)


def text_only(event: Event, sender: str, *headers: str) -> bytes:
    return letter(event, sender, MIMEText("I am away.").get_payload(), kind="text/plain", headers=headers)
