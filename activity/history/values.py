"""Values of the log in words: times in the reader's zone, days of the whole day as days, patterns as in mails."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db.models import Field, Model
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import get_language, gettext, ngettext, pgettext

from activity.history.fields import SECRETS, UNTOLD, column_of
from activity.models import Activity
from calendars import reminders, words
from calendars.patterns import Series
from calendars.rules import PatternError
from calendars.times import is_zone, parse_instance_id
from staff.names import name_of

NOTHING = "–"
LONGEST = 300
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


@dataclass(frozen=True)
class Clock:
    """How the times of a meeting are meant, before or after a change."""

    zone: str = "UTC"
    is_all_day: bool = False
    starts_at: str | None = None


def clocks_of(activity: Activity, now: Clock) -> tuple[Clock, Clock]:
    """Before and after; `now` is that of the meeting today, for rows that do not say."""
    data, changes = activity.data, activity.changes
    zone = data.get("time_zone") or now.zone
    after = Clock(zone if is_zone(zone) else "UTC", bool(data.get("is_all_day", now.is_all_day)), data.get("starts_at"))
    old_zone = changes.get("starts_at_zone", [after.zone])[0]
    before = Clock(
        old_zone if is_zone(old_zone or "") else after.zone,
        bool(changes.get("is_all_day", [after.is_all_day])[0]),
        changes.get("starts_at", [after.starts_at])[0],
    )
    return before, after


def is_untold(subject_type: str, name: str) -> bool:
    """Whether only that it changed may be said."""
    return name in SECRETS or (subject_type, name) in UNTOLD


def in_words(value: Any, *, model: type[Model] | None, name: str, clock: Clock) -> str:
    """One line for a value of the column or member `name`; a relation's must have been resolved before."""
    if value is None or value in ("", [], {}):
        return NOTHING
    if name in _WRITERS:
        return _WRITERS[name](value, clock)
    if isinstance(value, str):
        return _text(value, column_of(model, name), name, clock)
    return _plain(value, clock)


def _plain(value: Any, clock: Clock) -> str:
    def part(item: Any) -> str:
        return in_words(item, model=None, name="", clock=clock)

    match value:
        case bool():
            return gettext("yes") if value else gettext("no")
        case dict():
            return "; ".join(f"{key}: {part(item)}" for key, item in value.items())
        case list():
            return ", ".join(map(part, value))
        case _:
            return str(value)


def _text(value: str, column: "Field[Any, Any] | None", name: str, clock: Clock) -> str:
    if column is not None and (called := name_of(f"{column.model._meta.model_name}.{name}", value)) != value:
        return called
    if column is not None and column.choices:
        return str(dict(column.flatchoices).get(value, value))
    if name == "status":
        return {"ok": gettext("takes place"), "cancelled": pgettext("occurrence", "cancelled")}.get(value, value)
    if _TIME.fullmatch(value) and (column is None or column.get_internal_type() == "DateTimeField"):
        return moment(datetime.fromisoformat(value), clock, is_end=name == "ends_at")
    return Truncator(" ".join(value.split())).chars(LONGEST)


def moment(instant: datetime, clock: Clock, *, is_end: bool = False) -> str:
    """`Monday, 23 November 2026, 10:00 (CET)`; of what lasts all day the day, which an end is behind."""
    if clock.is_all_day:
        last = instant - timedelta(days=1) if is_end else instant
        return words.describe_full_day(last, zone=clock.zone, locale=_locale())
    zone = timezone.get_current_timezone_name()
    return words.describe_time(instant, instant, zone=zone, is_all_day=False, locale=_locale())


def day_of(occurrence: str, clock: Clock) -> str:
    """The date of an occurrence, by its instance id, in the meeting's zone: dates are how people tell them apart."""
    try:
        return words.describe_day(parse_instance_id(occurrence), zone=clock.zone, locale=_locale())
    except ValueError:
        return occurrence


def _pattern(lines: Any, clock: Clock) -> str:
    start = datetime.fromisoformat(clock.starts_at) if clock.starts_at else None
    if start is None or not isinstance(lines, list):
        return ", ".join(map(str, lines))
    series = Series(start, start, clock.zone, clock.is_all_day, tuple(lines))
    try:
        told = words.describe_pattern(series, locale=_locale(), gettext=gettext, ngettext=ngettext)
    except PatternError:
        return ", ".join(lines)
    left_out = sum(line.startswith("EXDATE") for line in lines)
    return gettext("%(pattern)s, with exceptions") % {"pattern": told} if left_out else told


def _reminders(rules: Any, _clock: Clock) -> str:
    return "; ".join(map(_reminder, rules))


def _reminder(data: dict[str, Any]) -> str:
    rule = reminders.read(data)
    if rule.at is None:
        return ngettext("%(count)d minute before", "%(count)d minutes before", rule.minutes) % {"count": rule.minutes}
    days = ngettext("%(count)d day before", "%(count)d days before", rule.days) % {"count": rule.days}
    return f"{days}, {rule.at:%H:%M}"


def _list(label: Any, _clock: Clock) -> str:
    """A model's label, as of an exported list."""
    try:
        return str(apps.get_model(label)._meta.verbose_name_plural)
    except (LookupError, ValueError):
        return str(label)


def _object_type(value: Any, clock: Clock) -> str:
    choices = apps.get_model("objects", "Object")._meta.get_field("type").flatchoices
    return str(dict(choices).get(value, value))


_WRITERS: dict[str, Callable[[Any, Clock], str]] = {
    "recurrence_pattern": _pattern, "rules": _reminders, "list": _list, "object_type": _object_type,
}  # fmt: skip


def _locale() -> str:
    return get_language() or "en"
