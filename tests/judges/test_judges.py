"""ical.js, node-ical, libical and sabre/vobject read our calendar objects as meant; run by `make test-judges`."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import pytest
import recurring_ical_events
from icalendar import Calendar, Component

from calendars import recurrence
from calendars.itip import Instance
from calendars.patterns import Series
from calendars.times import format_utc, zone
from tests.calendars.meetings import ANNA, MEETING, NOW, cancel_instance, request, request_instance
from tests.calendars.test_itip_texts import HOSTILE
from tests.calendars.test_vtimezone import switches
from tests.goldens import FOLDER
from tests.judges.panel import JUDGES, Answer, Request, sabre_broker

pytestmark = pytest.mark.judge
REFUSALS = sorted((FOLDER / "ics").glob("*_refusal.*.ics"))
GOLDENS = sorted({*(FOLDER / "ics").glob("*.ics")} - {*REFUSALS})
WINDOW = (datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 5, 1, tzinfo=UTC))
START = datetime(2026, 11, 23, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ZONES = (
    "Africa/Cairo", "Africa/Casablanca", "America/Havana", "America/New_York", "America/Nuuk", "America/Santiago",
    "America/Sao_Paulo", "America/St_Johns", "Antarctica/Troll", "Asia/Beirut", "Asia/Jerusalem", "Asia/Kolkata",
    "Atlantic/Azores", "Australia/Lord_Howe", "Australia/Sydney", "Europe/Berlin", "Europe/Dublin", "Europe/London",
    "Pacific/Chatham", "Pacific/Easter",
)  # fmt: skip


def asked(ics: str | bytes, after: datetime, before: datetime) -> Request:
    text = ics.decode() if isinstance(ics, bytes) else ics
    return {"ics": text, "from": format_utc(after), "to": format_utc(before)}


def shown(value: date | datetime) -> str:
    return format_utc(value) if isinstance(value, datetime) else value.isoformat()


# --- the goldens ---


def meant(ics: str) -> Answer:
    """The object as icalendar and the zones of this machine have it."""
    calendar = Calendar.from_ical(ics)
    events = calendar.walk("VEVENT")
    starts = recurring_ical_events.of(calendar).between(*WINDOW) if "RECURRENCE-ID" not in events[0] else []
    return {
        "method": calendar["METHOD"],
        "problems": [],
        "events": [meant_event(event) for event in events],
        "starts": sorted(shown(event["DTSTART"].dt) for event in starts),
    }


def meant_event(event: Component) -> Answer:
    original = event.get("RECURRENCE-ID")
    return {
        "uid": event["UID"],
        "sequence": event["SEQUENCE"],
        "status": event["STATUS"],
        "start": shown(event["DTSTART"].dt),
        "end": shown(event["DTEND"].dt),
        "original": original and shown(original.dt),
        "summary": event["SUMMARY"],
        "organizer": event["ORGANIZER"],
        "attendee": event["ATTENDEE"],
        "partstat": event["ATTENDEE"].params["PARTSTAT"],
    }


def common(wanted: Any, found: Any) -> Any:
    """The part of `wanted` that the judge speaks of."""
    if isinstance(found, dict):
        return {name: common(wanted.get(name), value) for name, value in found.items()}
    if isinstance(found, list) and isinstance(wanted, list) and len(wanted) == len(found):
        return [common(*pair) for pair in zip(wanted, found, strict=True)]
    return wanted


@pytest.mark.parametrize("judge", JUDGES)
def test_goldens_are_read_as_they_are_meant(judge: str) -> None:
    texts = [path.read_bytes().decode() for path in GOLDENS]
    assert {"REQUEST", "CANCEL"} == {re.findall("METHOD:(.*)\r", text)[0] for text in texts}
    for path, text, found in zip(GOLDENS, texts, JUDGES[judge]([asked(text, *WINDOW) for text in texts]), strict=True):
        assert found == common(meant(text), found), path.name


def test_libical_finds_what_a_refusal_must_have_and_no_more() -> None:
    """It forbids SEQUENCE, which RFC 5546 3.2.8 wants where it is above 0."""
    for found in JUDGES["libical"]([asked(path.read_bytes().decode(), *WINDOW) for path in REFUSALS]):
        assert found["method"] == "DECLINECOUNTER"
        assert [line for line in found["problems"] if "SEQUENCE" not in line] == []


def test_libical_names_what_is_missing() -> None:
    text = GOLDENS[0].read_bytes().decode()
    without = [re.sub(f"\r\n{name}[^\r]*(\r\n [^\r]*)*", "", text) for name in ("ORGANIZER", "UID", "DTSTAMP")]
    for found in JUDGES["libical"]([asked(one, *WINDOW) for one in without]):
        assert found["problems"]


@pytest.mark.parametrize("judge", JUDGES)
def test_hostile_texts_stay_where_they_are(judge: str) -> None:
    """Names and texts; which characters are taken out is tests/calendars/test_itip_texts.py's."""
    # node-ical reads an escaped backslash before an n as a line end.
    texts = [text for text in HOSTILE if not (judge == "node-ical" and "\\n" in text)]
    texts += ["x" * 300, "{{ title }} {% include 'x' %} %(title)s {0}"]
    organizer = MEETING.organizer
    objects = [
        request(
            replace(MEETING, summary=text, description=text, location=text, organizer=replace(organizer, name=text)),
            replace(ANNA, name=text),
            now=NOW,
        )
        for text in texts
    ]
    for text, ics, found in zip(texts, objects, JUDGES[judge]([asked(ics, *WINDOW) for ics in objects]), strict=True):
        assert found == common(meant(ics.decode()), found), text


# --- the zones ---


@cache
def changes_of(name: str) -> tuple[datetime, ...]:
    """Changes of the clock, in the past and to come; some days where there are none."""
    found = [
        change
        for year in (1996, 2013, 2026, 2027)
        for change in switches(name, datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC))
    ]
    return tuple(found) or tuple(datetime(year, 7, 1, tzinfo=UTC) for year in (1996, 2027))


def single_meetings() -> Iterator[tuple[datetime, bytes]]:
    """Each half hour around each change, and a day before and after."""
    for name in ZONES:
        for change in changes_of(name):
            for minutes in (-1440, *range(-120, 151, 30), 1440):
                start = change + timedelta(minutes=minutes)
                yield start, request(replace(MEETING, series=Series(start, start + HOUR, name)), ANNA, now=start)


@pytest.mark.parametrize("judge", JUDGES)
def test_instants_around_the_changes_of_the_clock(judge: str) -> None:
    meetings = list(single_meetings())
    found = JUDGES[judge]([asked(ics, start, start) for start, ics in meetings])
    for (start, ics), answer in zip(meetings, found, strict=True):
        (event,) = answer["events"]
        assert (event["start"], event["end"]) == (shown(start), shown(start + HOUR)), ics.decode()


def old_series() -> Iterator[tuple[Series, datetime]]:
    """Every day since 2012, and a change of 2027 (or some day of it)."""
    for name in ZONES:
        for change in [change for change in changes_of(name) if change.year == 2027]:
            start = (change + 5 * HOUR).astimezone(zone(name)).replace(year=2012)
            yield (
                Series(start.astimezone(UTC), start.astimezone(UTC) + HOUR, name, pattern=("RRULE:FREQ=DAILY",)),
                change,
            )


@pytest.mark.parametrize("judge", ["ical.js", "node-ical"])
def test_series_from_the_past_at_the_changes_of_the_clock(judge: str) -> None:
    cases = [(series, change - 2 * DAY, change + 3 * DAY) for series, change in old_series()]
    found = JUDGES[judge](
        [
            asked(request(replace(MEETING, series=series), ANNA, now=after), after, before)
            for series, after, before in cases
        ]
    )
    for (series, after, before), answer in zip(cases, found, strict=True):
        ours = [item.starts_at for item in recurrence.occurrences(series, after=after, before=before)]
        ours = [shown(start) for start in ours if after <= start <= before]
        assert len(ours) >= 4
        assert answer["starts"] == ours, series


@pytest.mark.parametrize("judge", ["ical.js", "libical"])
def test_judges_of_the_zones_read_our_component_not_a_table_of_their_own(judge: str) -> None:
    start = datetime(2027, 1, 12, 9, tzinfo=UTC)
    text = request(replace(MEETING, series=Series(start, start + HOUR, "Europe/Berlin")), ANNA, now=start).decode()
    (found,) = JUDGES[judge]([asked(text.replace("TZOFFSETTO:+0100", "TZOFFSETTO:+0130"), start, start)])
    assert found["events"][0]["start"] == shown(start - HOUR / 2)


# --- one occurrence, alone or with the whole series (MAIL_OCCURRENCES) ---

EVERY_WEEK = Series(START, START + HOUR, "Europe/Berlin", pattern=("RRULE:FREQ=WEEKLY;COUNT=20",))
LATER = Instance(
    original_starts_at=START + 14 * DAY,
    starts_at=START + 15 * DAY,
    ends_at=START + 15 * DAY + HOUR,
    is_all_day=False,
    summary="Later",
    description="",
)
OFF = replace(LATER, original_starts_at=START + 7 * DAY, is_cancelled=True)
PLAN = replace(MEETING, series=EVERY_WEEK)
WEEKS = [item.starts_at for item in recurrence.occurrences(EVERY_WEEK, after=START, before=WINDOW[1])]


def kept_by_sabre(*received: bytes) -> list[str]:
    request = {"received": [ics.decode() for ics in received], "from": format_utc(START), "to": format_utc(WINDOW[1])}
    (answer,) = sabre_broker([request])
    return list(answer["starts"])


def test_whole_series_keeps_all_its_occurrences_in_sabre() -> None:
    received = [request(replace(PLAN, instances=found), ANNA, now=NOW) for found in ((), (LATER,), (LATER, OFF))]
    starts = [*WEEKS[:2], LATER.starts_at, *WEEKS[3:]]
    assert len(starts) == 20
    assert kept_by_sabre(*received[:1]) == list(map(shown, WEEKS))
    assert kept_by_sabre(*received[:2]) == list(map(shown, starts))
    assert kept_by_sabre(*received) == [shown(start) for start in starts if start != OFF.original_starts_at]


def test_occurrence_alone_destroys_the_series_in_sabre() -> None:
    """Why the setting exists. Should this fail one day, sabre is mended."""
    first = request(PLAN, ANNA, now=NOW)
    assert kept_by_sabre(first, request_instance(PLAN, LATER, ANNA, now=NOW)) == [shown(LATER.starts_at)]
    assert kept_by_sabre(first, cancel_instance(PLAN, OFF, ANNA, now=NOW)) == []


@pytest.mark.parametrize("judge", ["ical.js", "node-ical", "sabre"])
def test_occurrence_alone_takes_the_place_of_its_original(judge: str) -> None:
    """In programs that file an object by UID and RECURRENCE-ID, as RFC 5546 3.2.2.1 has it."""
    series, alone = (
        found.decode() for found in (request(PLAN, ANNA, now=NOW), request_instance(PLAN, LATER, ANNA, now=NOW))
    )
    filed = series.replace("END:VCALENDAR", alone[alone.index("BEGIN:VEVENT") :])
    (found,) = JUDGES[judge]([asked(filed, START, WINDOW[1])])
    assert found["starts"] == list(map(shown, [*WEEKS[:2], LATER.starts_at, *WEEKS[3:]]))
