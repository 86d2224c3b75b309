"""A meeting, or one occurrence of it, as people see it."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext

from calendars.details import Details, over
from calendars.lines import plain_line
from calendars.patterns import Series
from calendars.recurrence import Occurrence
from calendars.times import is_zone
from mailer.calendar import occurrence_of, series_of
from mailer.protocol import DateException, Event


@dataclass(frozen=True)
class Shown:
    title: str
    description: str
    starts_at: datetime | None
    ends_at: datetime | None
    zone: str
    is_all_day: bool
    pattern: tuple[str, ...] = ()

    @property
    def time(self) -> tuple[object, ...]:
        return self.starts_at, self.ends_at, self.is_all_day

    def series(self) -> Series | None:
        """None without time."""
        if self.starts_at is None or self.ends_at is None:
            return None
        return Series(self.starts_at, self.ends_at, self.zone, self.is_all_day, self.pattern)

    def at(self, occurrence: Occurrence) -> "Shown":
        return replace(self, starts_at=occurrence.starts_at, ends_at=occurrence.ends_at)

    def heading(self) -> str:
        return plain_line(self.title) or gettext("(untitled)")


def shown_of(event: Event, exception: DateException | None = None) -> Shown:
    """As it is now: what an exception leaves open comes from the series."""
    planned = planned_of(event, exception)
    if exception is None:
        return planned
    occurrence = occurrence_of(_series(event, exception), exception)
    return replace(
        planned,
        **over(Details(event.name, event.description, event.is_all_day), exception)._asdict(),
        starts_at=occurrence.starts_at,
        ends_at=occurrence.ends_at,
    )


def planned_of(event: Event, exception: DateException | None = None) -> Shown:
    """The meeting, or one occurrence as the series has it."""
    series = series_of(event)
    shown = Shown(
        title=event.name,
        description=event.description,
        starts_at=series.starts_at if series else None,
        ends_at=series.ends_at if series else None,
        zone=series.zone if series else known_zone(event.start_time.timezone if event.start_time else ""),
        is_all_day=event.is_all_day,
        pattern=series.pattern if series else (),
    )
    if exception is None:
        return shown
    series = _series(event, exception)
    planned = occurrence_of(series, DateException(exception.exception_date, "modified"))
    return replace(shown.at(planned), zone=series.zone, pattern=())


def known_zone(*zones: str) -> str:
    """The first that exists, else UTC."""
    return next((zone for zone in zones if is_zone(zone)), "UTC")


def _series(event: Event, exception: DateException) -> Series:
    """Of an event without time, which only other programs give an exception, that occurrence."""
    original = exception.exception_date
    return series_of(event) or Series(original.time, original.time, known_zone(original.timezone), event.is_all_day)
