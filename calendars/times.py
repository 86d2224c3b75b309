"""Time zones and the text forms of instants."""

import re
import zoneinfo
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from zoneinfo import ZoneInfo

FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
# Files of a zone directory that are no IANA names, or that mean "not configured".
_NOT_ZONES = frozenset({"localtime", "posixrules", "Factory"})
_UTC_NAMES = frozenset(
    {"UTC", "UCT", "Zulu", "Universal", "Etc/UTC", "Etc/UCT", "Etc/Zulu", "Etc/Universal"},
)
_INSTANCE_ID = re.compile(r"[0-9]{8}T[0-9]{6}(Z|[+-][0-9]{4})", re.ASCII)


class UnknownZoneError(ValueError):
    """The IANA database has no such name in exactly this spelling."""


@cache
def zone_names() -> frozenset[str]:
    """All names, of the system and of the tzdata package, old links such as Asia/Calcutta included."""
    return frozenset(zoneinfo.available_timezones()) - _NOT_ZONES


def is_zone(name: str) -> bool:
    return name in zone_names()


@cache
def zone(name: str) -> ZoneInfo:
    # ZoneInfo itself reads any file below the zone directory, and on some systems in any case.
    if not is_zone(name):
        raise UnknownZoneError(f"Unknown time zone: {name[:64]!r}")
    return ZoneInfo(name)


def is_utc(name: str) -> bool:
    """Whether calendars write this zone as `Z`, with no VTIMEZONE."""
    return name in _UTC_NAMES


def in_zone(instant: datetime, zone_name: str) -> datetime:
    """The same instant; at either end of the calendar, where the zone's clock leaves it, the calendar's end."""
    return _converted(instant, zone(zone_name))


def in_utc(moment: datetime) -> datetime:
    """Like `in_zone`."""
    return _converted(moment, UTC)


def _converted(moment: datetime, to: tzinfo) -> datetime:
    try:
        return moment.astimezone(to)
    except OverflowError:
        return (FIRST if moment.year == 1 else LAST).replace(tzinfo=to)


def shifted(moment: datetime, by: timedelta) -> datetime:
    """The sum, limited to the range of datetime."""
    try:
        return moment + by
    except OverflowError:
        return (LAST if by > timedelta() else FIRST).replace(tzinfo=moment.tzinfo)


def to_wall(instant: datetime, zone_name: str) -> datetime:
    """The naive local time that a clock in the zone shows."""
    return in_zone(instant, zone_name).replace(tzinfo=None, fold=0)


def from_wall(wall: datetime, zone_name: str) -> datetime:
    """The instant in UTC by RFC 5545 3.3.5: in a gap by the offset before it, in a fold the first of the two."""
    return in_utc(wall.replace(tzinfo=zone(zone_name), fold=0))


def format_utc(instant: datetime) -> str:
    """`2024-07-05T15:00:00Z`; fractions of a second are cut off."""
    return instant.astimezone(UTC).isoformat()[:19] + "Z"


def instance_id(instant: datetime) -> str:
    """`20240705T150000Z`, the name of an occurrence by its original start."""
    return format_utc(instant).replace("-", "").replace(":", "")


def parse_instance_id(text: str) -> datetime:
    """Reads `20220215T180000Z` and `20220215T190000+0100`; ValueError for all else."""
    if not _INSTANCE_ID.fullmatch(text):
        raise ValueError("Not an instance id")
    try:
        return datetime.strptime(text, "%Y%m%dT%H%M%S%z").astimezone(UTC)
    except OverflowError as error:
        raise ValueError("Instance id out of range") from error
