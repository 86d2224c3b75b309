"""Series for tests, spelled in local time."""

from datetime import date, datetime, timedelta

from calendars.patterns import Series
from calendars.times import from_wall, to_wall

BERLIN = "Europe/Berlin"


def wall(*parts: int) -> datetime:
    return datetime(*parts)  # noqa: DTZ001


def at(*parts: int, zone: str = BERLIN) -> datetime:
    return from_wall(wall(*parts), zone)


MONDAY = wall(2026, 3, 23, 10)


def series(*pattern: str, starts: datetime = MONDAY, minutes: int = 60, zone: str = BERLIN) -> Series:
    start = from_wall(starts, zone)
    return Series(start, start + timedelta(minutes=minutes), zone, pattern=pattern)


def all_day(*pattern: str, starts: date = date(2026, 3, 27), days: int = 1, zone: str = BERLIN) -> Series:
    midnights = [datetime.combine(day, datetime.min.time()) for day in (starts, starts + timedelta(days=days))]
    return Series(*(from_wall(midnight, zone) for midnight in midnights), zone, is_all_day=True, pattern=pattern)


def walls(found, zone: str = BERLIN) -> list[datetime]:
    return [to_wall(item.starts_at, zone) for item in found]
