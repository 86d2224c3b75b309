"""The times of Cronofy's API: how they are read and written."""

import re
from datetime import UTC, date, datetime, time
from typing import Any

from calendars.times import format_utc, from_wall, in_zone, to_wall
from rest.fields import parse_rfc3339

UTC_ZONE = "Etc/UTC"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NAMED_UTC = re.compile(r" ?UTC$")


def parse(text: str) -> datetime | date | None:
    """A day, or an instant with its offset; None for all else.

    Its libraries write `2026-01-21T09:30:00Z`, the same with an offset, with a blank for the T, or with UTC for the Z.
    """
    if _DATE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            return None
    return parse_rfc3339(_NAMED_UTC.sub("Z", text).replace(" ", "T", 1))


def written(instant: datetime, zone: str, *, is_all_day: bool) -> dict[str, Any]:
    """`{"time", "tzid"}`: with the zone's offset at that instant, `Z` for none; of an all-day event the date."""
    return {"time": _day(instant, zone) if is_all_day else _time(instant, zone), "tzid": zone}


def _day(instant: datetime, zone: str) -> str:
    return to_wall(instant, zone).date().isoformat()


def _time(instant: datetime, zone: str) -> str:
    local = in_zone(instant, zone)
    seconds = local.utcoffset().total_seconds()  # type: ignore[union-attr] # it has a zone
    # RFC 3339 cannot write the offsets of the time before zones, which have seconds.
    return format_utc(instant) if seconds == 0 or seconds % 60 else local.isoformat(timespec="seconds")


def midnight(day: date, zone: str) -> datetime:
    """The instant at which the day begins there."""
    return from_wall(datetime.combine(day, time.min), zone)


def is_midnight(instant: datetime, zone: str) -> bool:
    return instant.astimezone(UTC) == midnight(to_wall(instant, zone).date(), zone)
