"""The next dates of a series: the next occurrence, upcoming exceptions and added dates."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext, ngettext

from calendars import recurrence
from calendars.patterns import Series, parts_of, placed
from calendars.recurrence import Occurrence, Override
from calendars.rules import PatternError
from calendars.split import moved_start
from mailer.calendar import occurrence_of
from mailer.protocol import DateException, Event
from mailer.reader import Reader
from mailer.shown import Shown, planned_of, shown_of

_MOST_NAMED = 5
# An instant, and how to say what is at it.
_Line = tuple[datetime, Callable[[], str]]


def next_of(event: Event, now: datetime, *, is_plain: bool = False) -> Shown:
    """A series at its next date, all else as it is; at its last one where none is left.

    A date that has been moved counts where it is now; with `is_plain` exceptions are passed over.
    """
    shown = shown_of(event)
    series = _series_of(shown)
    if series is None:
        return shown
    overrides = []
    for exception in event.exceptions:
        item = occurrence_of(series, exception)
        is_off = is_plain or item.is_cancelled
        overrides.append(Override(item.original_starts_at, item.starts_at, item.ends_at, is_off, exception))
    found = _following(series, now, overrides)
    if found is None:
        return shown
    if found.override is not None and isinstance(found.override.key, DateException):
        shown = replace(shown, is_all_day=shown_of(event, found.override.key).is_all_day)
    return shown.at(found)


def before_of(before: Shown, shown: Shown, at: Shown, now: datetime) -> Shown:
    """Where the occurrence `at` of a series was before the series changed to `shown`; else what came next then."""
    old, new = _series_of(before), shown.series()
    if old is None:
        return before
    if new is not None and at.starts_at is not None:
        with suppress(OverflowError):
            start = moved_start(at.starts_at, old=new, new=old)
            if recurrence.is_occurrence(old, start):
                return before.at(recurrence.overridden(old, Override(start)))
    found = _following(old, now, [])
    return before.at(found) if found else before


def exceptions_ahead(event: Event, reader: Reader, now: datetime) -> list[str]:
    """A line for each of the next dates that are not as the series says, then how many more there are."""
    series = _series_of(shown_of(event))
    if series is None:
        return []
    return _bounded([*_excluded(series, event, reader, now), *_changed(series, event, reader, now)])


def dates_ahead(event: Event, reader: Reader, now: datetime) -> list[str]:
    """A line for each of the next dates that were added to the rule, then how many more there are."""
    shown = shown_of(event)
    series = _series_of(shown)
    if series is None:
        return []
    cancelled = {item.exception_date.time for item in event.exceptions if item.kind == "canceled"}
    ruled = _without(series, "RDATE")
    dates = sorted({placed(series, wall) for wall in parts_of(series).dates} - cancelled)
    return _bounded(
        (start, _date(series, shown, start, reader))
        for start in dates
        if start >= now
        and recurrence.is_occurrence(series, start)
        and not (parts_of(ruled).rules and recurrence.is_occurrence(ruled, start))
    )


def is_regular(event: Event, now: datetime) -> bool:
    """Whether a receiver who counts from the shown date on comes to the number of times that the rule names."""
    series = shown_of(event).series()
    if series is None:
        return True
    has_gaps = any(line.upper().startswith("EXDATE") for line in series.pattern)
    return series.starts_at >= now and not has_gaps and all(item.kind != "canceled" for item in event.exceptions)


def _series_of(shown: Shown) -> Series | None:
    """None for what does not repeat, and for what another program sent that cannot be read."""
    series = shown.series()
    if series is None or not series.pattern:
        return None
    with suppress(PatternError):
        parts_of(series)
        return series
    return None


def _following(series: Series, now: datetime, overrides: list[Override]) -> Occurrence | None:
    """The next one, else the last there was."""
    try:
        coming = recurrence.following(series, after=now, count=1, overrides=overrides)
        return coming[0] if coming else recurrence.last(series)
    except (PatternError, OverflowError):
        return None


def _bounded(lines: Iterable[_Line]) -> list[str]:
    ordered = sorted(lines, key=lambda line: line[0])
    more = len(ordered) - _MOST_NAMED
    named = [tell() for _instant, tell in ordered[:_MOST_NAMED]]
    return [*named, ngettext("and %(count)d more", "and %(count)d more", more) % {"count": more}] if more > 0 else named


def _without(series: Series, name: str) -> Series:
    return replace(series, pattern=tuple(line for line in series.pattern if not line.upper().startswith(name)))


def _excluded(series: Series, event: Event, reader: Reader, now: datetime) -> list[_Line]:
    """Dates that the pattern itself leaves out."""
    whole, shown = _without(series, "EXDATE"), shown_of(event)
    starts = {placed(series, wall) for wall in parts_of(series).excluded_dates}
    return [
        (start, _cancelled(start, shown, reader))
        for start in starts
        if start >= now and recurrence.is_occurrence(whole, start)
    ]


def _changed(series: Series, event: Event, reader: Reader, now: datetime) -> list[_Line]:
    found = []
    for exception in event.exceptions:
        occurrence = occurrence_of(series, exception)
        is_ahead = max(occurrence.original_starts_at, occurrence.starts_at) >= now
        if is_ahead and recurrence.is_occurrence(series, occurrence.original_starts_at):
            found.append((occurrence.original_starts_at, _told(event, exception, reader)))
    return found


def _cancelled(start: datetime, shown: Shown, reader: Reader) -> Callable[[], str]:
    return lambda: gettext("%(day)s: cancelled") % {"day": reader.named_day(start, shown)}


def _told(event: Event, exception: DateException, reader: Reader) -> Callable[[], str]:
    """`Mon, 7 Dec 2026 → Tue, 8 Dec 2026, 14:00 - 15:00: With guests`"""
    planned, start = planned_of(event, exception), exception.exception_date.time
    if exception.kind == "canceled":
        return _cancelled(start, planned, reader)

    def tell() -> str:
        now = shown_of(event, exception)
        told = reader.named_day(start, planned)
        if now.time != planned.time:
            told = f"{told} → {reader.when(now, is_short=True)}"
        elif now.title == planned.title:
            return gettext("%(day)s: different description") % {"day": told}
        if now.title != planned.title:
            told = gettext("%(label)s: %(value)s") % {"label": told, "value": now.heading()}
        return told

    return tell


def _date(series: Series, shown: Shown, start: datetime, reader: Reader) -> Callable[[], str]:
    occurrence = recurrence.overridden(series, Override(start))
    return lambda: reader.when(shown.at(occurrence), is_short=True)
