"""Writes content lines of calendar objects (RFC 5545 3.1 to 3.3).

The icalendar library, which reads them, takes ten times as long to write them: a third of what a mail may cost.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

# Control characters but tab and LF, half characters, and marks and overrides of direction, which make a name or a link
# read as another.
_HARMFUL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LINE_ENDS = re.compile("\r\n|[\r\u0085\u2028\u2029]")
_BARE = re.compile("[A-Za-z0-9-]*")
_WIDTH = 74  # octets; what goes on begins with a space


def plain_text(text: str) -> str:
    """Without control characters, half characters and marks of direction; line ends become LF."""
    return _HARMFUL.sub("", _LINE_ENDS.sub("\n", text))


def with_lf(value: Any) -> Any:
    """Text with LF at its line ends, as it is stored and compared: forms send CRLF. Other values as they are."""
    return value.replace("\r\n", "\n").replace("\r", "\n") if isinstance(value, str) else value


def plain_line(text: str) -> str:
    return " ".join(plain_text(text).split())


def text_line(name: str, value: str) -> str:
    """A TEXT value (3.3.11), of one line or more."""
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
    return f"{name}:{escaped}"


def value_line(name: str, value: str, **parameters: str | tuple[str, ...]) -> str:
    """A value that is no TEXT, such as an address, which must not have two lines; parameters of "" are left out."""
    shown = "".join(f";{key}={text}" for key, given in parameters.items() if (text := _parameter(given)))
    return f"{name}{shown}:{plain_line(value)}"


def time_line(name: str, moment: date | datetime) -> str:
    """A day, wall time with its ZoneInfo, or an instant in UTC."""
    text = moment.isoformat().replace("-", "").replace(":", "")[:15]
    if not isinstance(moment, datetime):
        return f"{name};VALUE=DATE:{text}"
    return f"{name};TZID={moment.tzinfo}:{text}" if isinstance(moment.tzinfo, ZoneInfo) else f"{name}:{text}Z"


def written(lines: Iterable[str]) -> bytes:
    """UTF-8, CRLF, folded at 75 octets."""
    return b"".join(_folded(line.encode()) + b"\r\n" for line in lines)


def _folded(rest: bytes) -> bytes:
    """Between characters, and not after the mark of an escape, which some programs read by itself."""
    pieces = []
    while len(rest) > _WIDTH:
        end = _WIDTH
        while rest[end] & 0b1100_0000 == 0b1000_0000:  # in the middle of a character
            end -= 1
        if rest[end - 1] in b"\\^":
            end -= 1
        pieces.append(rest[:end])
        rest = rest[end:]
    return b"\r\n ".join([*pieces, rest])


def _parameter(value: str | tuple[str, ...]) -> str:
    """3.2 and RFC 6868. It cannot hold a double quote, whose escape older programs show as it is."""
    if isinstance(value, tuple):
        return ",".join(map(_parameter, value))
    text = plain_line(value).replace('"', "'").replace("^", "^^")
    return text if _BARE.fullmatch(text) else f'"{text}"'
