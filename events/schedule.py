"""When an event is: checks what a client says and fills the columns that follow from it (contract 9.5, 9.6)."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from calendars import recurrence
from calendars.recurrence import Series
from calendars.times import from_wall, to_wall
from rest.errors import InvalidEvent


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """The time of an event as a client gives it. Instants are UTC, zones IANA names, `pattern` lines in his order."""

    is_all_day: bool
    starts_at: datetime
    starts_at_zone: str
    ends_at: datetime
    ends_at_zone: str
    pattern: tuple[str, ...] = ()

    def columns(self) -> dict[str, Any]:
        """Values for the columns of Event; raises InvalidEvent."""
        try:
            checked = self._whole_days() if self.is_all_day else self
            if checked.ends_at < checked.starts_at:
                raise InvalidEvent("ends_at must not be before starts_at")
            series = checked.series()
            recurrence.check(series)
            last = recurrence.last(series)
        except recurrence.PatternError as error:
            raise InvalidEvent(str(error)) from None
        except OverflowError:
            raise InvalidEvent("The event reaches beyond the calendar") from None
        return {
            "is_time_independent": False,
            "is_all_day": checked.is_all_day,
            "starts_at": checked.starts_at,
            "starts_at_zone": checked.starts_at_zone,
            "ends_at": checked.ends_at,
            "ends_at_zone": checked.ends_at_zone,
            # The frontend reads the first line only.
            "recurrence_pattern": sorted(checked.pattern, key=lambda line: not line.startswith("RRULE")),
            "last_starts_at": last.starts_at if last else None,
            "series_ends_at": last.ends_at if last else None,
        }

    def series(self) -> Series:
        return Series(
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            zone=self.starts_at_zone,
            is_all_day=self.is_all_day,
            pattern=self.pattern,
        )

    def _whole_days(self) -> "Schedule":
        """From midnight to midnight in the zone of the start; an end that equals the start means one day."""
        first, end = _day(self.starts_at, self.starts_at_zone), _day(self.ends_at, self.ends_at_zone)
        if end == first:
            end = first + timedelta(days=1)
        zone = self.starts_at_zone
        return Schedule(
            is_all_day=True,
            starts_at=from_wall(first, zone),
            starts_at_zone=zone,
            ends_at=from_wall(end, zone),
            ends_at_zone=zone,
            pattern=self.pattern,
        )


NO_SCHEDULE: dict[str, Any] = {
    "is_time_independent": True,
    "is_all_day": None,
    "starts_at": None,
    "starts_at_zone": "",
    "ends_at": None,
    "ends_at_zone": "",
    "recurrence_pattern": [],
    "last_starts_at": None,
    "series_ends_at": None,
}


def _day(instant: datetime, zone: str) -> datetime:
    """The midnight that is meant, as wall time: clients say it in the zone or in UTC."""
    local = to_wall(instant, zone)
    midnight = datetime.combine(local, time.min)
    # Where clocks skip midnight the day begins at one o'clock.
    if local == midnight or instant == from_wall(midnight, zone):
        return midnight
    wall = instant.astimezone(UTC).replace(tzinfo=None)
    if wall.time() == time.min:
        return wall
    raise InvalidEvent("starts_at and ends_at of an all-day event must be midnight in their time zone or in UTC")


def is_same_grid(old: Series | None, new: Series | None) -> bool:
    """Whether both have the same occurrences by name: pattern, local start time, zone and all-day are alike.

    Only then do the exceptions of a series keep their meaning.
    """
    if old is None or new is None:
        return old is new
    return _grid(old) == _grid(new)


def _grid(series: Series) -> tuple[Any, ...]:
    wall = to_wall(series.starts_at, series.zone)
    return recurrence.normalise(series.pattern), wall, series.zone, series.is_all_day
