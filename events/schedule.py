"""The time of an event: checks what a client sends and computes the columns (contract 9.5, 9.6)."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from rest_framework.exceptions import ErrorDetail

from calendars import patterns, recurrence, split
from calendars.patterns import Series
from calendars.recurrence import Override
from calendars.rules import PatternError
from calendars.times import from_wall, to_wall
from events.models import Event, EventException
from rest.errors import ApiError, ValidationFailed

TIMES = ("is_all_day", "starts_at", "starts_at_zone", "ends_at", "ends_at_zone")  # columns, also of exceptions
BEYOND = "The event reaches beyond the calendar"


class InvalidEvent(ApiError):
    status_code = 422
    code = "invalid_event"
    default_detail = "The event's time or recurrence is not valid"


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """The time of an event as a client gives it. Instants are UTC, zones IANA names, `pattern` the lines as given."""

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
        except PatternError as error:
            raise InvalidEvent(str(error)) from None
        except OverflowError:
            raise InvalidEvent(BEYOND) from None
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


def merged(event: Event, given: dict[str, Any]) -> dict[str, Any]:
    """The schedule's columns when `given` has changed; the event, whose row is locked, says the rest.

    `given`: members of Schedule, a time with its zone, and is_time_independent. Raises InvalidEvent, ValidationFailed.
    """
    times = [name for name in ("is_all_day", "starts_at", "ends_at") if name in given]
    if given.get("is_time_independent", event.is_time_independent):
        _refuse(times + (["recurrence_pattern"] if given.get("pattern") else []), "ignored_value")
        return NO_SCHEDULE
    if event.is_time_independent:
        _refuse([name for name in ("is_all_day", "starts_at", "ends_at") if name not in times], "value_required")
    values = {name: getattr(event, name) for name in TIMES} | {"pattern": tuple(event.recurrence_pattern)}
    return Schedule(**values | {name: given[name] for name in values.keys() & given.keys()}).columns()


def _refuse(names: list[str], code: str) -> None:
    messages = {
        "ignored_value": "A time independent event has no such value",
        "value_required": "An event that is not time independent needs this value",
    }
    if names:
        raise ValidationFailed({name: [ErrorDetail(messages[code], code)] for name in names})


def _day(instant: datetime, zone: str) -> datetime:
    """The midnight that is meant, as wall time. InvalidEvent where none is."""
    midnight = _midnight(instant, zone)
    if midnight is None:
        raise InvalidEvent("starts_at and ends_at of an all-day event must be midnight in their time zone or in UTC")
    return midnight


def _midnight(instant: datetime, zone: str) -> datetime | None:
    """As wall time of the zone: clients say it in the zone or in UTC."""
    local = to_wall(instant, zone)
    midnight = datetime.combine(local, time.min)
    # Where clocks skip midnight the day begins at one o'clock.
    if local == midnight or instant == from_wall(midnight, zone):
        return midnight
    wall = instant.astimezone(UTC).replace(tzinfo=None)
    return wall if wall.time() == time.min else None


def is_same_grid(old: Series | None, new: Series | None) -> bool:
    """Whether both have the same occurrences by name: pattern, local start time, zone and all-day are alike.

    Only then do the exceptions of a series keep their meaning.
    """
    if old is None or new is None:
        return old is new
    return _grid(old) == _grid(new)


def _grid(series: Series) -> tuple[Any, ...]:
    wall = to_wall(series.starts_at, series.zone)
    return patterns.normalise(series.pattern), wall, series.zone, series.is_all_day


# --- one occurrence ---


def moved_occurrence(series: Series, exception: EventException, columns: dict[str, Any]) -> dict[str, Any]:
    """The time columns of an exception after `columns`, in which None is "as the series". Raises InvalidEvent.

    A start that is moved alone takes the end along.
    """
    if not columns.keys() & {"is_all_day", "starts_at", "ends_at"}:
        return {}
    new = {name: columns.get(name, getattr(exception, name)) for name in TIMES}
    if "starts_at" in columns and "ends_at" not in columns and exception.ends_at is not None:
        new["ends_at"] = _end_moved_along(series, exception, new["starts_at"] or exception.original_starts_at)
    is_all_day = series.is_all_day if new["is_all_day"] is None else new["is_all_day"]
    if is_all_day:
        new |= _whole_days_of(series, new)
    checked = _checked(series, exception, new, is_all_day)
    for name in ("starts_at", "ends_at"):
        # What the series says of an occurrence of the other kind would be no midnight, or a whole day's end.
        is_own = new[name] is not None or is_all_day != series.is_all_day
        new[name] = checked[name] if is_own else None
        new[f"{name}_zone"] = checked[f"{name}_zone"] if is_own else ""
    return new


def _end_moved_along(series: Series, exception: EventException, starts_at: datetime) -> datetime:
    old = recurrence.overridden(series, exception.as_override())
    if not (series.is_all_day if exception.is_all_day is None else exception.is_all_day):
        return starts_at + (old.ends_at - old.starts_at)
    days = to_wall(old.ends_at, series.zone) - to_wall(old.starts_at, series.zone)
    return from_wall(to_wall(starts_at, series.zone) + days, series.zone)


def _whole_days_of(series: Series, new: dict[str, Any]) -> dict[str, Any]:
    """Midnights of the series' zone, in which its calendars write days, for those that a client's zone means."""
    days: dict[str, Any] = {}
    for name in ("starts_at", "ends_at"):
        if new[name] is not None:
            midnight = _day(new[name], new[f"{name}_zone"] or series.zone)
            days |= {name: from_wall(midnight, series.zone), f"{name}_zone": series.zone}
    return days


def _checked(series: Series, exception: EventException, new: dict[str, Any], is_all_day: bool) -> dict[str, Any]:
    """The effective times as columns of an event, by the rules for events."""
    override = Override(exception.original_starts_at, starts_at=new["starts_at"], ends_at=new["ends_at"])
    now = recurrence.overridden(series, override)
    is_one_day = is_all_day and not series.is_all_day and new["ends_at"] is None
    schedule = Schedule(
        is_all_day=is_all_day,
        starts_at=now.starts_at,
        starts_at_zone=new["starts_at_zone"] or series.zone,
        ends_at=now.starts_at if is_one_day else now.ends_at,
        ends_at_zone=new["ends_at_zone"] or series.zone,
    )
    return schedule.columns()


# --- this and following ---


@dataclass(frozen=True)
class Continuation:
    """A series cut in two. `first` is the old series' occurrence at the cut; the later part is `following`."""

    cut: datetime
    before: Series
    first: Series
    following: Schedule


def continuation(event: Event, at: datetime, given: dict[str, Any]) -> Continuation:
    """What follows from the first occurrence at or after `at`, as `given` (Schedule's members) says. InvalidEvent."""
    series = event.as_series()
    if series is None or not series.pattern:
        raise InvalidEvent("The event does not repeat")
    if series.is_all_day and (midnight := _midnight(at, series.zone)):
        at = from_wall(midnight, series.zone)
    try:
        cut = split.first_of_rest(series, at)
        first = Series(cut.starts_at, cut.ends_at, series.zone, series.is_all_day)
        before = split.part_before(series, cut.starts_at)
        following = _following(event, first, given)
        if "pattern" not in given:
            rest = split.part_after(series, cut)
            following = replace(following, pattern=split.moved(rest, **_where(following)).pattern)
    except PatternError as error:
        raise InvalidEvent(str(error)) from None
    except OverflowError:
        raise InvalidEvent(BEYOND) from None
    if "pattern" not in given and not recurrence.is_occurrence(following.series(), following.starts_at):
        raise InvalidEvent("The pattern has no occurrence at starts_at: give the new recurrence_pattern too")
    return Continuation(cut.starts_at, before, first, following)


def _following(event: Event, first: Series, given: dict[str, Any]) -> Schedule:
    """The first occurrence of the later part, checked; one that is moved keeps its length."""
    known: dict[str, Any] = {
        "is_all_day": first.is_all_day,
        "starts_at": first.starts_at,
        "starts_at_zone": event.starts_at_zone,
        "ends_at_zone": event.ends_at_zone,
    }
    values = known | given
    if "ends_at" not in given:
        values["ends_at"] = _end_at_distance(first, values)
    columns = Schedule(**values).columns()
    return Schedule(**{name: columns[name] for name in TIMES}, pattern=values.get("pattern", ()))


def _end_at_distance(first: Series, values: dict[str, Any]) -> datetime:
    starts_at: datetime = values["starts_at"]
    if not values["is_all_day"]:
        return starts_at + (first.ends_at - first.starts_at)
    if not first.is_all_day:
        return starts_at  # which means one day
    days = to_wall(first.ends_at, first.zone) - to_wall(first.starts_at, first.zone)
    return from_wall(_day(starts_at, values["starts_at_zone"]) + days, values["starts_at_zone"])


def _where(schedule: Schedule) -> dict[str, Any]:
    return {
        "starts_at": schedule.starts_at,
        "ends_at": schedule.ends_at,
        "zone": schedule.starts_at_zone,
        "is_all_day": schedule.is_all_day,
    }
