"""Times as Webex writes them: always with milliseconds and `Z`, which its libraries need."""

import re
from datetime import UTC, datetime

from rest.fields import FIRST_INSTANT, LAST_INSTANT, parse_rfc3339

LONGEST = 40
_OFFSET = re.compile(r"([+-]\d{2})(\d{2})$", re.ASCII)


def written(instant: datetime) -> str:
    """`2026-11-20T10:00:00.000Z`"""
    utc = instant.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z" if utc.year > 999 else _early(utc)


def _early(utc: datetime) -> str:
    """strftime writes such years with fewer than four digits."""
    return utc.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def written_text(text: str) -> str:
    """The same of a time as the log keeps it; "" for what is none."""
    found = parse_rfc3339(text)
    return written(found) if found else ""


def read(text: str) -> datetime | None:
    """An instant with its offset, also as `+0000`; a blank may stand where a client forgot to encode the plus."""
    if len(text) > LONGEST:
        return None
    whole = text[:10] + "T" + text[11:].replace(" ", "+") if text[10:11] == " " else text.replace(" ", "+")
    found = parse_rfc3339(_OFFSET.sub(r"\1:\2", whole) if "T" in whole.upper() else whole)
    return found if found is not None and FIRST_INSTANT <= found <= LAST_INSTANT else None
