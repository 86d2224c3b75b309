"""Dates and times in the language and time zone of one reader."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext, ngettext

from calendars import words
from calendars.rules import PatternError
from calendars.times import to_wall
from mailer.shown import Shown


@dataclass(frozen=True)
class Reader:
    language: str
    zone: str

    def when(self, shown: Shown, *, is_short: bool = False) -> str:
        return self._time(shown, self._zone(shown), is_short=is_short)

    def when_planned(self, shown: Shown) -> str:
        """The time once more in the zone it was planned in; "" where the receiver reads that one."""
        planned = self._time(shown, shown.zone)
        return "" if planned == self.when(shown) else planned

    def day(self, instant: datetime, shown: Shown) -> str:
        """`Sun, 6 Dec 2026`: short, for a subject."""
        return words.describe_day(instant, zone=self._zone(shown), locale=self.language)

    def named_day(self, instant: datetime, shown: Shown) -> str:
        """`Sun, 6 Dec 2026 (Mon, 7 Dec 2026, CET)`: an occurrence's day, and the planner's where that is another."""
        return self._named(instant, shown, words.describe_day)

    def named_full_day(self, instant: datetime | None, shown: Shown) -> str:
        return self._named(instant, shown, words.describe_full_day) if instant else ""

    def repeats(self, shown: Shown, *, is_counted: bool = True) -> str:
        """Added dates are told one by one, and not here."""
        series = shown.series()
        if series is None or shown.starts_at is None:
            return ""
        rules = tuple(line for line in series.pattern if not line.upper().startswith("RDATE"))
        series = replace(series, pattern=rules if any(line.startswith("RRULE") for line in rules) else series.pattern)
        try:
            told = words.describe_pattern(
                series, locale=self.language, gettext=gettext, ngettext=ngettext, is_counted=is_counted
            )
        except PatternError:
            return gettext("on several dates")
        planned, read = (to_wall(shown.starts_at, zone).date() for zone in (shown.zone, self.zone))
        if not told or shown.is_all_day or planned == read:
            return told
        # The receiver's clock shows another day than the one that the words name.
        return f"{told} ({self.planned_in(shown)})"

    def planned_in(self, shown: Shown) -> str:
        return words.describe_zone(shown.zone, shown.starts_at, locale=self.language) if shown.starts_at else ""

    def list_of(self, items: list[str]) -> str:
        return words.list_of(items, locale=self.language)

    def _zone(self, shown: Shown) -> str:
        # A day is the same day everywhere: all-day events are read in their own zone.
        return shown.zone if shown.is_all_day else self.zone

    def _named(self, instant: datetime, shown: Shown, describe: Callable[..., str]) -> str:
        read, planned = (describe(instant, zone=zone, locale=self.language) for zone in (self._zone(shown), shown.zone))
        if read == planned:
            return read
        return f"{read} ({planned}, {words.describe_clock(shown.zone, instant, locale=self.language)})"

    def _time(self, shown: Shown, zone: str, *, is_short: bool = False) -> str:
        if shown.starts_at is None or shown.ends_at is None:
            return gettext("At no fixed time")
        told = words.describe_time(
            shown.starts_at,
            shown.ends_at,
            zone=zone,
            is_all_day=shown.is_all_day,
            locale=self.language,
            is_short=is_short,
        )
        return gettext("%(days)s (all day)") % {"days": told} if shown.is_all_day else told
