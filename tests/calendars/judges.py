"""Other answers to the engine's question: which occurrences does this series have in this window?"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time
from itertools import islice
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events
from dateutil.rrule import rrulestr

from calendars.recurrence import Override
from calendars.rules import format_moment, parse_moment
from calendars.vtimezone import vtimezone_text
from tests.calendars.cases import Case, place
from tests.calendars.differences import concerned
from tests.calendars.libical import Libical
from tests.calendars.predicate import days_by_predicate

RuleDays = Callable[[str, date, date, date], Iterable[date]]


class Item(NamedTuple):
    starts_at: datetime
    original_starts_at: datetime
    ends_at: datetime
    is_cancelled: bool


# --- from the days of each rule to the occurrences of the series ---


def by_predicate(case: Case) -> list[Item]:
    return _in_window(case, _overridden(case, _starts(case, days_by_predicate)))


def by_dateutil(case: Case) -> list[Item]:
    return _in_window(case, _overridden(case, _starts(case, _bounded_days(days_by_dateutil))))


def days_by_dateutil(rule: str, start: date, _last: date) -> Iterator[date]:
    return (moment.date() for moment in rrulestr(rule, dtstart=datetime.combine(start, time())))


def by_libical(case: Case, libical: Libical) -> list[Item]:
    """Asked from the rule's first day on: what a start that is none of them means, RFC 5545 3.8.5.3 leaves open."""

    def expand(rule: str, start: date, last: date) -> Iterable[date]:
        first, *_ = days_by_predicate(rule.partition(";UNTIL=")[0], start, start, last)
        return libical.days(rule, first, last)

    return _in_window(case, _overridden(case, _starts(case, _bounded_days(expand))))


def _bounded_days(expand: Callable[[str, date, date], Iterable[date]]) -> RuleDays:
    """Asks with an UNTIL, and not where there is no day at all: they would look for one to the year 9999."""

    def days(text: str, start: date, since: date, last: date) -> Iterable[date]:
        if not days_by_predicate(text, start, since, last):
            return ()
        rule, _, count = text.partition(";COUNT=")
        found = islice(expand(f"{rule};UNTIL={last:%Y%m%d}T000000", start, last), int(count) if count else None)
        return [day for day in found if day >= since]

    return days


def _starts(case: Case, rule_days: RuleDays) -> set[datetime]:
    included, excluded = (
        {
            *(start for _, text in case.lines(prefix + "RULE") for start in _rule_starts(case, text, rule_days)),
            *(start for head, text in case.lines(prefix + "DATE") for start in _date_starts(case, head, text)),
        }
        for prefix in ("R", "EX")
    )
    return included - excluded


def _rule_starts(case: Case, text: str, rule_days: RuleDays) -> Iterable[datetime]:
    bare, _, until = text.partition(";UNTIL=")
    for day in rule_days(bare, case.start.date(), *case.days):
        wall = datetime.combine(day, case.start.time())
        if not until or _is_by(case, wall, parse_moment(until)):
            yield case.place(wall)


def _is_by(case: Case, wall: datetime, until: date | datetime) -> bool:
    """UNTIL includes its own moment; one of another type than the start means the day or the local time."""
    if isinstance(until, datetime) and until.tzinfo and not case.series.is_all_day:
        return case.place(wall) <= until
    if isinstance(until, datetime) and not case.series.is_all_day:
        return wall <= until
    return wall.date() <= _day_of(case, until)


def _day_of(case: Case, moment: date | datetime) -> date:
    if not isinstance(moment, datetime):
        return moment
    return moment.astimezone(case.zone).date() if moment.tzinfo else moment.date()


def _date_starts(case: Case, parameters: str, text: str) -> Iterable[datetime]:
    zone = ZoneInfo(parameters.removeprefix("TZID=")) if parameters.startswith("TZID=") else case.zone
    moment = parse_moment(text)
    if isinstance(moment, datetime) and moment.tzinfo is None and zone != case.zone:
        moment = place(moment, zone)
    if case.series.is_all_day or not isinstance(moment, datetime):
        yield case.place(datetime.combine(_day_of(case, moment), case.start.time()))
    else:
        yield moment if moment.tzinfo else case.place(moment)


def _overridden(case: Case, starts: set[datetime]) -> list[Item]:
    changed = {item.original_starts_at: item for item in case.overrides}
    return [_item(case, start, changed.get(start, Override(start))) for start in starts]


def _item(case: Case, start: datetime, override: Override) -> Item:
    starts_at = override.starts_at or start
    return Item(starts_at, start, override.ends_at or _end(case, starts_at), override.is_cancelled)


def _end(case: Case, start: datetime) -> datetime:
    """The exact duration of the first one (RFC 5545 3.8.5.3), of days their number."""
    first, end = case.series.starts_at, case.series.ends_at
    if not case.series.is_all_day:
        return start + (end - first)
    days = end.astimezone(case.zone).date() - case.start.date()
    return case.place(datetime.combine(start.astimezone(case.zone).date() + days, time()))


def _in_window(case: Case, items: Iterable[Item]) -> list[Item]:
    return sorted(item for item in items if item.ends_at >= case.after and item.starts_at <= case.before)


# --- readers of a whole calendar ---


def by_recurring_ical_events(case: Case) -> list[Item]:
    found = recurring_ical_events.of(icalendar.Calendar.from_ical(calendar_text(case))).between(
        *(datetime.combine(day, time(), tzinfo=UTC) for day in case.days)
    )
    return read(
        case,
        [[event[name].dt for name in ("RECURRENCE-ID", "DTSTART", "DTEND")] + [event.get("STATUS")] for event in found],
    )


def read(case: Case, answers: Iterable[list[Any]]) -> list[Item]:
    """From what a reader says of each occurrence: its id, start, end and status.

    Readers take the start for an occurrence even where its rule does not yield it (undefined in RFC 5545 3.8.5.3) and
    give an occurrence that the clock changes in the first one's length in local time: that is not compared.
    """
    items = set()
    changed = {item.original_starts_at for item in case.overrides}
    for answer in answers:
        original, starts_at, ends_at = (_instant(case, moment) for moment in answer[:3])
        if original not in changed:
            ends_at = _end(case, starts_at)
        items.add(Item(starts_at, original, ends_at, answer[3] == "CANCELLED"))
    if case.series.starts_at not in _starts(case, days_by_predicate):
        items = {item for item in items if item.original_starts_at != case.series.starts_at}
    return _in_window(case, items)


def _instant(case: Case, moment: date | datetime) -> datetime:
    if not isinstance(moment, datetime):
        return place(datetime.combine(moment, time()), case.zone)
    return moment.astimezone(UTC) if moment.tzname() == "UTC" else place(moment.replace(tzinfo=None), case.zone)


def calendar_text(case: Case) -> str:
    """The case for other programs: UNTIL, EXDATE and RDATE of the start's type, nothing that goes on for ever."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tests//EN"]
    series = case.series
    if not series.is_all_day:
        lines += vtimezone_text(series.zone, series.starts_at, None).decode().splitlines()
    lines += _event(_moment(case, "DTSTART", series.starts_at), _moment(case, "DTEND", series.ends_at))
    lines += [f"RRULE:{rule}" for _, text in case.lines("RRULE") if (rule := _bounded(case, text))]
    for name in ("RDATE", "EXDATE"):
        lines += [_moment(case, name, start) for line in case.lines(name) for start in _date_starts(case, *line)]
    lines.append("END:VEVENT")
    changed = _starts(case, days_by_predicate) & {item.original_starts_at for item in case.overrides}
    for item in _overridden(case, changed):
        lines += _event(_exact(case, "DTSTART", item.starts_at), _exact(case, "DTEND", item.ends_at))
        lines += [_moment(case, "RECURRENCE-ID", item.original_starts_at), "STATUS:CANCELLED"][: 1 + item.is_cancelled]
        lines.append("END:VEVENT")
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


def _event(*ends: str) -> list[str]:
    return ["BEGIN:VEVENT", "UID:tested", "DTSTAMP:20260101T000000Z", *ends]


def _exact(case: Case, name: str, instant: datetime) -> str:
    """In UTC: what is moved to where the clock changes, starts and ends in different types else."""
    return _moment(case, name, instant) if case.series.is_all_day else f"{name}:{format_moment(instant)}"


def _moment(case: Case, name: str, instant: datetime) -> str:
    wall = instant.astimezone(case.zone).replace(tzinfo=None)
    if case.series.is_all_day:
        return f"{name};VALUE=DATE:{format_moment(wall.date())}"
    if case.series.zone == "UTC" or place(wall, case.zone) != instant:
        return f"{name}:{format_moment(instant)}"
    return f"{name};TZID={case.series.zone}:{format_moment(wall)}"


def _bounded(case: Case, text: str) -> str:
    """The rule up to its last day before the window's end: where none follows, readers go on to the year 9999."""
    bare, _, until = text.partition(";UNTIL=")
    found = days_by_predicate(bare, case.start.date(), case.start.date(), case.days[1])
    walls = [datetime.combine(day, case.start.time()) for day in found]
    if until:
        walls = [wall for wall in walls if _is_by(case, wall, parse_moment(until))]
    rule, _, count = bare.partition(";COUNT=")
    if not walls or (count and len(walls) == int(count)):
        return bare if walls else ""
    return f"{rule};UNTIL={format_moment(walls[-1].date() if case.series.is_all_day else case.place(walls[-1]))}"


# --- who can be asked ---


def may_ask(judge: str, case: Case) -> bool:
    """Whether the judge reads all of this case as RFC 5545 does; differences.py says why not."""
    if case.is_far or any(concerned(judge, text) for name in ("RRULE", "EXRULE") for _, text in case.lines(name)):
        return False
    return judge != "recurring-ical-events" or _can_be_written(case)


def _can_be_written(case: Case) -> bool:
    """Calendars have no EXRULE, and no start that is the second of two equal local times.

    And recurring-ical-events excludes and overrides by what a clock shows, be it the zone's or that of UTC: of two
    starts of which one is at ten local time and the other at ten UTC, an EXDATE of the one removes both.
    """
    if case.lines("EXRULE") or place(case.start, case.zone) != case.place(case.start):
        return False
    if case.series.zone == "UTC" or case.series.is_all_day:
        return True
    named = {start for line in case.lines("EXDATE") for start in _date_starts(case, *line)}
    named |= {item.original_starts_at for item in case.overrides}
    showing: dict[datetime, set[datetime]] = {}
    for start in _starts(case, days_by_predicate) | named:
        for shown in (start, start.astimezone(case.zone)):
            showing.setdefault(shown.replace(tzinfo=None), set()).add(start)
    return not any(len(starts) > 1 and starts & named for starts in showing.values())
