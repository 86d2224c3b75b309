"""Dates, times and recurrence patterns as text for mails. Translations are passed in as gettext functions."""

import calendar
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import (
    format_date,
    format_skeleton,
    format_time,
    get_timezone_gmt,
    get_timezone_location,
    get_timezone_name,
)
from babel.lists import format_list

from calendars import patterns
from calendars.patterns import Series
from calendars.rules import Rule
from calendars.times import in_zone, is_utc, to_wall, zone

Gettext = Callable[[str], str]
Ngettext = Callable[[str, str, int], str]

# "en" without a country is written as in Britain (day before month, 24 hours); "en-US" is American.
_PLAIN_ENGLISH = "en_GB"
# The first day of a month has a form of its own in some languages, which Babel does not know.
_FIRST_DAYS = {"fr": "1er"}
# An abbreviation such as CET. Where a language has none for a zone, Babel returns an offset or the long name.
_LETTERS = re.compile(r"[A-Z]{2,5}")


def describe_pattern(
    series: Series, *, locale: str, gettext: Gettext, ngettext: Ngettext, is_counted: bool = True
) -> str:
    """`every 2 weeks on Tuesday until 24 December 2026`; "" for a single event.

    "on several dates" for patterns that have no short description. Excluded dates are not mentioned. With
    `is_counted=False` the last day is given instead of a COUNT. Raises PatternError like `patterns.parts_of`.
    """
    _ = gettext
    parts = patterns.parts_of(series)
    if not series.pattern:
        return ""
    if len(parts.rules) != 1 or parts.excluding_rules:
        return _("on several dates")
    (rule,) = parts.rules
    words = _describe_rule(_explicit(rule, series), locale=_locale(locale), gettext=gettext, ngettext=ngettext)
    if not words:
        return _("on several dates")
    last_day = patterns.last_day_of(series, rule)
    if rule.count is not None and is_counted:
        times = ngettext("%(count)d time", "%(count)d times", rule.count) % {"count": rule.count}
        words = _("%(pattern)s, %(times)s") % {"pattern": words, "times": times}
    elif last_day < patterns.LAST_DAY:
        day = _date(last_day, "long", _locale(locale))
        words = _("%(pattern)s until %(date)s") % {"pattern": words, "date": day}
    return _("%(pattern)s, and on other dates") % {"pattern": words} if parts.dates else words


def describe_day(instant: datetime, *, zone: str, locale: str) -> str:
    """`Mon, 7 Dec 2026`, to identify an occurrence in a short text."""
    return _date(to_wall(instant, zone), "yMMMEd", _locale(locale))


def describe_full_day(instant: datetime, *, zone: str, locale: str) -> str:
    """`Monday, 7 December 2026`"""
    return _date(to_wall(instant, zone), "full", _locale(locale))


def describe_moment(instant: datetime, *, zone: str, locale: str) -> str:
    """`23 November 2026, 10:00:01`, to the second and without its zone."""
    wall, language = to_wall(instant, zone), _locale(locale)
    return f"{_date(wall, 'long', language)}, {format_time(wall, 'medium', locale=language)}"


def list_of(items: list[str], *, locale: str) -> str:
    """`a, b and c`; "" for none."""
    return format_list(items, locale=_locale(locale)) if items else ""


def describe_time(
    starts_at: datetime, ends_at: datetime, *, zone: str, is_all_day: bool, locale: str, is_short: bool = False
) -> str:
    """`Monday, 23 November 2026, 10:00 - 11:00 (CET)`, with an en dash; short `Mon, 23 Nov 2026, 10:00 - 11:00`.

    An all-day end is exclusive. An end that equals the start is unknown and is not shown. If daylight saving time
    changes between start and end, each has its zone. The short form has no zone unless the time is ambiguous.
    """
    language, form = _locale(locale), "yMMMEd" if is_short else "full"
    start, end = to_wall(starts_at, zone), to_wall(ends_at, zone)
    if is_all_day:
        last_day = max(start.date(), end.date() - timedelta(days=1))
        days = [_date(day, form, language) for day in (start.date(), last_day)]
        return " – ".join(dict.fromkeys(days))
    zones = [describe_clock(zone, instant, locale=locale) for instant in (starts_at, ends_at)]
    first, last = (format_time(wall, "short", locale=language) for wall in (start, end))
    if zones[0] != zones[1]:
        first, last = f"{first} ({zones[0]})", f"{last} ({zones[1]})"
    words = f"{_date(start, form, language)}, {first}"
    if ends_at > starts_at:
        words += f"\u00a0– {last}" if start.date() == end.date() else f" – {_date(end, form, language)}, {last}"
    if zones[0] != zones[1] or (is_short and not _is_ambiguous(start, zone)):
        return words
    return f"{words} ({zones[0]})"


def describe_zone(name: str, instant: datetime, *, locale: str) -> str:
    """`Central European Time`, the same in summer and winter."""
    if is_utc(name):
        return "UTC"
    if name.startswith("Etc/"):
        return get_timezone_gmt(in_zone(instant, name), "long", _locale(locale))
    return get_timezone_name(zone(name), locale=_locale(locale))


@lru_cache(maxsize=1024)
def describe_clock(name: str, instant: datetime, *, locale: str) -> str:
    """The short name of a zone at that moment: `CET` if the language has an abbreviation, else the city, `New York`.

    With the offset, `New York, UTC-04:00`, when the local time occurs twice and the city alone is ambiguous.
    """
    if is_utc(name):
        return "UTC"
    local = in_zone(instant, name)
    offset = f"UTC{local.isoformat()[-6:]}"
    if name.startswith("Etc/"):
        return offset
    letters = get_timezone_name(local, "short", locale=_locale(locale))
    if _LETTERS.fullmatch(letters):
        return letters
    city = get_timezone_location(zone(name), locale=_locale(locale), return_city=True)
    return f"{city}, {offset}" if _is_ambiguous(to_wall(instant, name), name) else city


def _is_ambiguous(wall: datetime, name: str) -> bool:
    """Whether this local time occurs twice or not at all because of a daylight saving change."""
    local = wall.replace(tzinfo=zone(name))
    return local.utcoffset() != local.replace(fold=1).utcoffset()


def _date(day: date, form: str, locale: Locale) -> str:
    """`form` is "full", "long" or a skeleton of CLDR such as "yMMMEd"."""
    words = (
        format_date(day, form, locale) if form in ("full", "long") else str(format_skeleton(form, day, locale=locale))
    )
    first = _FIRST_DAYS.get(locale.language) if day.day == 1 else None
    return re.sub(r"\b1\b", first, words, count=1) if first else words


@lru_cache(maxsize=256)
def _locale(text: str) -> Locale:
    """The locale of `de`, `de-DE` or `de_DE`; English if it is unknown."""
    spelling = text.replace("-", "_")
    for candidate in (spelling, spelling.split("_")[0]):
        try:
            return Locale.parse(_PLAIN_ENGLISH if candidate.lower() == "en" else candidate)
        except (UnknownLocaleError, ValueError, TypeError):
            continue
    return Locale.parse(_PLAIN_ENGLISH)


# --- one rule ---


def _explicit(rule: Rule, series: Series) -> Rule:
    """The rule with the days that it takes from the start written out."""
    start = to_wall(series.starts_at, series.zone)
    if rule.by_week_no or rule.by_year_day or rule.by_month_day or rule.by_day:
        return rule
    if rule.freq == "WEEKLY":
        return replace(rule, by_day=((0, start.weekday()),))
    if rule.freq == "YEARLY":
        return replace(rule, by_month=rule.by_month or (start.month,), by_month_day=(start.day,))
    if rule.freq == "MONTHLY":
        return replace(rule, by_month_day=(start.day,))
    return rule


def _describe_rule(rule: Rule, *, locale: Locale, gettext: Gettext, ngettext: Ngettext) -> str:
    """The rule without its end as text; "" if it has no short description."""
    if rule.by_week_no or rule.by_year_day:
        return ""
    if rule.freq == "YEARLY":
        return _describe_yearly(rule, locale=locale, gettext=gettext, ngettext=ngettext)
    if rule.by_month:
        return ""
    if rule.freq == "MONTHLY":
        return _describe_monthly(rule, locale=locale, gettext=gettext, ngettext=ngettext)
    return _describe_short(rule, locale=locale, gettext=gettext, ngettext=ngettext)


def _describe_short(rule: Rule, *, locale: Locale, gettext: Gettext, ngettext: Ngettext) -> str:
    if rule.by_set_pos or rule.by_month_day:
        return ""
    values = {"interval": rule.interval, "days": _week_days(rule, locale=locale, gettext=gettext)}
    if not rule.by_day:
        return ngettext("every day", "every %(interval)d days", rule.interval) % values
    if rule.freq == "WEEKLY" or rule.interval == 1:
        words = ngettext("every week on %(days)s", "every %(interval)d weeks on %(days)s", rule.interval)
        return words % values
    return ""


def _describe_monthly(rule: Rule, *, locale: Locale, gettext: Gettext, ngettext: Ngettext) -> str:
    _ = gettext
    values = {"interval": rule.interval, "days": ""}
    if rule.by_month_day == (-1,) and not rule.by_day:
        words = ngettext("every month on the last day", "every %(interval)d months on the last day", rule.interval)
        return words % values
    if _are_plain_month_days(rule):
        values["days"] = _month_days(rule, locale=locale, ngettext=ngettext)
        words = ngettext("every month on day %(days)s", "every %(interval)d months on day %(days)s", rule.interval)
        return words % values
    values["days"] = _nth_week_days(rule, locale=locale, gettext=gettext)
    if not values["days"]:
        return ""
    words = ngettext("every month on the %(days)s", "every %(interval)d months on the %(days)s", rule.interval)
    return words % values


def _describe_yearly(rule: Rule, *, locale: Locale, gettext: Gettext, ngettext: Ngettext) -> str:
    if len(rule.by_month) != 1:
        return ""
    (month,) = rule.by_month
    if _are_plain_month_days(rule) and len(rule.by_month_day) == 1 and rule.by_month_day[0] <= _longest(month):
        # 2024 is a leap year, so it has a 29 February.
        day = _date(date(2024, month, rule.by_month_day[0]), "MMMMd", locale)
        words = ngettext("every year on %(date)s", "every %(interval)d years on %(date)s", rule.interval)
        return words % {"interval": rule.interval, "date": day}
    days = _nth_week_days(rule, locale=locale, gettext=gettext)
    if not days:
        return ""
    words = ngettext(
        "every year on the %(days)s in %(month)s",
        "every %(interval)d years on the %(days)s in %(month)s",
        rule.interval,
    )
    return words % {"interval": rule.interval, "days": days, "month": locale.months["format"]["wide"][month]}


def _longest(month: int) -> int:
    return calendar.monthrange(2024, month)[1]


def _are_plain_month_days(rule: Rule) -> bool:
    return bool(rule.by_month_day) and min(rule.by_month_day) > 0 and not (rule.by_day or rule.by_set_pos)


def _month_days(rule: Rule, *, locale: Locale, ngettext: Ngettext) -> str:
    """`1 and 15`. Translations can add an article and a form for the first of the month ("le 1er et le 15")."""
    days = [ngettext("%(number)d", "%(number)d", day) % {"number": day} for day in rule.by_month_day]
    return format_list(days, locale=locale)


def _week_days(rule: Rule, *, locale: Locale, gettext: Gettext) -> str:
    """`Tuesday and Thursday`, in the order of the locale's week. Translations can use plurals ("mardis")."""
    _ = gettext
    weekdays = sorted((day for _nth, day in rule.by_day), key=lambda day: (day - locale.first_week_day) % 7)
    names = [_("%(weekday)s") % {"weekday": _week_day(day, locale)} for day in weekdays]
    return format_list(names, locale=locale) if names else ""


def _week_day(day: int, locale: Locale) -> str:
    return str(locale.days["format"]["wide"][day])


def _nth_week_days(rule: Rule, *, locale: Locale, gettext: Gettext) -> str:
    """`1st Monday and last Friday`; "" if the rule has other parts, too."""
    _ = gettext
    ordinals = {1: _("1st"), 2: _("2nd"), 3: _("3rd"), 4: _("4th"), 5: _("5th"), -1: _("last")}
    pairs = rule.by_day
    if len(rule.by_set_pos) == 1 and len(pairs) == 1 and pairs[0][0] == 0:
        # Outlook writes BYDAY=SA;BYSETPOS=3 for BYDAY=3SA.
        pairs = ((rule.by_set_pos[0], pairs[0][1]),)
    elif rule.by_set_pos:
        return ""
    if rule.by_month_day or any(n not in ordinals for n, _day in pairs):
        return ""
    names = [
        _("%(ordinal)s %(weekday)s") % {"ordinal": ordinals[n], "weekday": _week_day(day, locale)}
        for n, day in sorted(pairs, key=lambda pair: (pair[0] < 0, pair))
    ]
    return format_list(names, locale=locale) if names else ""
