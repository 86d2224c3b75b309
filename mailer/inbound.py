"""Takes a mail apart that came in: who sent it, to which meeting, and the calendar object in it. It decides nothing.

Nothing raises here: mail is what strangers send.
"""

import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr, parsedate_to_datetime
from enum import StrEnum
from typing import cast

from calendars.answers import comment_of, text_of
from calendars.lines import plain_line
from mailer.answer_address import tokens_in
from mailer.sender_check import is_proven, sender_of

MOST_BYTES = 2**20
MOST_DEPTH = 10
MOST_PARTS = 100
MOST_HEADER = 4000
_ANY = (ArithmeticError, AttributeError, LookupError, MessageError, RecursionError, TypeError, ValueError)
_HEAD = re.compile(rb"\r?\n\r?\n")
# Counted before the parser, whose work grows with the square of the depth.
_NESTED = re.compile(rb"^content-type:\s*(multipart|message)/", re.IGNORECASE | re.MULTILINE)
_MOST_NESTED = 50
_METHOD = re.compile(rb"^METHOD:\s*(\w+)", re.IGNORECASE | re.MULTILINE)
METHODS = frozenset({"REPLY", "COUNTER", "REFRESH"})
# Where envelopes leave their recipient.
_RECIPIENTS = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To", "Cc")
_BULK = frozenset({"bulk", "junk", "list", "auto_reply"})
_QUOTE = re.compile(r"^(-{3,}|_{8,})", re.MULTILINE)  # what Outlook puts between an answer and what it answers


class Problem(StrEnum):
    """Why nothing can be done with a mail."""

    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"
    UNREADABLE = "unreadable"
    BOUNCE = "bounce"
    AUTOMATIC = "automatic"
    TNEF = "tnef"
    NO_CALENDAR = "no_calendar"


@dataclass(frozen=True, slots=True, kw_only=True)
class Object:
    """A calendar object as it lies in the mail; `method` and `charset` are those of its MIME type."""

    data: bytes
    method: str
    charset: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """`sender` is canonical, and "" where it is not clear; `is_proven` where our mail server vouches for it."""

    problem: Problem | None = None
    message_id: str = ""
    sender: str = ""
    name: str = ""  # of the sender, who may have written anything
    is_proven: bool = False
    is_automatic: bool = False  # must not be answered by mail
    subject: str = ""
    sent_at: datetime | None = None
    tokens: tuple[str, ...] = ()
    calendar: Object | None = None
    text: str = ""  # what the sender wrote, where that is all of the body


def read(data: bytes, *, recipients: Sequence[str] = (), servers: Sequence[str] = ()) -> Letter:
    """`recipients` are the envelope's, `servers` those whose Authentication-Results count."""
    problem = None
    if len(data) > MOST_BYTES:
        problem = Problem.TOO_LARGE
    elif len(_NESTED.findall(data)) > _MOST_NESTED:
        problem = Problem.TOO_DEEP
    if problem:
        data = _HEAD.split(data[:MOST_BYTES], maxsplit=1)[0]
    try:
        return _read(message_from_bytes(data), recipients, servers, problem)
    except _ANY:
        return Letter(problem=Problem.UNREADABLE, tokens=tokens_in(recipients))


def _read(message: Message, recipients: Sequence[str], servers: Sequence[str], problem: Problem | None) -> Letter:
    headers = [(name, _one_line(value)) for name, value in message.items()]
    sender = sender_of(_all(headers, "From"))
    found = None if problem else _calendar(message)
    is_marked = _is_automatic(headers)
    return Letter(
        problem=problem or _problem(message, headers, found, is_marked),
        message_id=plain_line(next(iter(_all(headers, "Message-ID")), ""))[:998],
        sender=sender,
        name=_words(parseaddr(next(iter(_all(headers, "From")), ""))[0]) if sender else "",
        is_proven=bool(sender) and is_proven(sender, headers, servers=servers),
        is_automatic=is_marked,
        subject=_words(next(iter(_all(headers, "Subject")), "")),
        sent_at=_date(next(iter(_all(headers, "Date")), "")),
        tokens=tokens_in([*recipients, *(value for name in _RECIPIENTS for value in _all(headers, name))]),
        calendar=found,
        text="" if problem else _own_text(message),
    )


def _problem(message: Message, headers: list[tuple[str, str]], found: Object | None, is_marked: bool) -> Problem | None:
    """An answer that a calendar program sends by itself is one; what a mailbox sends back is none."""
    if message.get_content_type() == "multipart/report":
        return Problem.BOUNCE
    if _is_reply_of_a_mailbox(headers):
        return Problem.AUTOMATIC
    if found is not None and (found.method in METHODS or not is_marked):
        return None
    if is_marked:
        return Problem.AUTOMATIC
    is_tnef = any(_is_tnef(part) for part in _parts(message))
    return Problem.TNEF if is_tnef else Problem.NO_CALENDAR


def _is_reply_of_a_mailbox(headers: list[tuple[str, str]]) -> bool:
    submitted = [value.lower() for value in _all(headers, "Auto-Submitted")]
    precedence = {value.lower() for value in _all(headers, "Precedence")}
    return (
        any(value.startswith(("auto-replied", "auto-notified")) for value in submitted)
        or bool(precedence & _BULK)
        or bool(_all(headers, "X-Autoreply") or _all(headers, "X-Autorespond"))
    )


def _is_automatic(headers: list[tuple[str, str]]) -> bool:
    """Whether a program may have sent it; Return-Path is empty where nobody wants to hear of it (RFC 5321 4.5.5)."""
    return (
        any(value.lower() != "no" for value in _all(headers, "Auto-Submitted"))
        or bool(_all(headers, "X-Auto-Response-Suppress"))
        or any(value.strip() == "<>" for value in _all(headers, "Return-Path"))
        or _is_reply_of_a_mailbox(headers)
    )


def _parts(message: Message, depth: int = 0) -> Iterator[Message]:
    """Not those of a message in the message: what is in there was said by somebody else."""
    if message.is_multipart() and message.get_content_maintype() == "multipart" and depth < MOST_DEPTH:
        for part in cast("list[Message]", message.get_payload())[:MOST_PARTS]:
            yield from _parts(part, depth + 1)
    elif not message.is_multipart():
        yield message


def _calendar(message: Message) -> Object | None:
    """The first one that answers, else the first one."""
    found = [_object(part) for part in _parts(message) if _is_calendar(part)]
    return next((item for item in found if item.method in METHODS), next(iter(found), None))


def _is_calendar(part: Message) -> bool:
    kinds = ("text/calendar", "application/ics", "application/calendar", "text/x-vcalendar")
    return part.get_content_type() in kinds or str(part.get_filename("") or "").lower().endswith(".ics")


def _is_tnef(part: Message) -> bool:
    return part.get_content_type() in ("application/ms-tnef", "application/vnd.ms-tnef") or (
        str(part.get_filename("") or "").lower() == "winmail.dat"
    )


def _object(part: Message) -> Object:
    data = _payload(part)
    told = str(part.get_param("method", "") or "").upper()
    inside = _METHOD.search(data)
    method = inside.group(1).decode("ascii", "replace").upper() if inside else told
    return Object(data=data, method=method, charset=str(part.get_content_charset("utf-8")))


def _payload(part: Message) -> bytes:
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _own_text(message: Message) -> str:
    """The plain text up to where the program quotes."""
    part = next((part for part in _parts(message) if part.get_content_type() == "text/plain"), None)
    if part is None or part.get_filename():
        return ""
    text = text_of(_payload(part), str(part.get_content_charset("utf-8")))
    return comment_of([_QUOTE.split(text, maxsplit=1)[0]])


def _all(headers: list[tuple[str, str]], name: str) -> list[str]:
    return [value for known, value in headers if known.lower() == name.lower()]


def _one_line(value: object) -> str:
    """No longer than headers are; some of what reads them takes the square of their length."""
    return " ".join(str(value)[:MOST_HEADER].split())


def _words(value: str) -> str:
    with contextlib.suppress(LookupError, MessageError, ValueError):
        value = str(make_header(decode_header(value)))
    return plain_line(value)[:255]


def _date(value: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(value)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ArithmeticError, IndexError, TypeError, ValueError):
        return None
