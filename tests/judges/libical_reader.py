"""python -m tests.judges.libical_reader: reads [{ics}] as JSON from stdin, writes what libical makes of each.

{method, problems, events: [{uid, sequence, start, end}]}; `problems` are what its iTIP restrictions say.
A process of its own, for libical may crash. Times are UTC, days YYYY-MM-DD; zones are the object's own VTIMEZONE.
"""

import ctypes
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from tests.calendars.libical import LIBRARY


class Time(ctypes.Structure):
    """struct icaltimetype of libical 3."""

    _fields_ = [
        *((name, ctypes.c_int) for name in ("year", "month", "day", "hour", "minute", "second", "is_date", "is_dst")),
        ("zone", ctypes.c_void_p),
    ]


def library() -> ctypes.CDLL:
    found = ctypes.CDLL(LIBRARY)
    pointer, text = ctypes.c_void_p, ctypes.c_char_p
    for name, result, arguments in (
        ("icalparser_parse_string", pointer, [text]),
        ("icalcomponent_free", None, [pointer]),
        ("icalrestriction_check", ctypes.c_int, [pointer]),
        ("icalcomponent_as_ical_string", text, [pointer]),
        ("icalcomponent_get_method", ctypes.c_int, [pointer]),
        ("icalproperty_method_to_string", text, [ctypes.c_int]),
        ("icalcomponent_get_first_component", pointer, [pointer, ctypes.c_int]),
        ("icalcomponent_get_next_component", pointer, [pointer, ctypes.c_int]),
        ("icalcomponent_string_to_kind", ctypes.c_int, [text]),
        ("icalcomponent_get_uid", text, [pointer]),
        ("icalcomponent_get_sequence", ctypes.c_int, [pointer]),
        ("icalcomponent_get_dtstart", Time, [pointer]),
        ("icalcomponent_get_dtend", Time, [pointer]),
        ("icaltime_as_timet_with_zone", ctypes.c_long, [Time, pointer]),
    ):
        function = getattr(found, name)
        function.restype, function.argtypes = result, arguments
    return found


LIBICAL = library()
EVENT = LIBICAL.icalcomponent_string_to_kind(b"VEVENT")


def read(ics: str) -> dict[str, Any]:
    calendar = LIBICAL.icalparser_parse_string(ics.encode())
    try:
        is_valid = LIBICAL.icalrestriction_check(calendar)
        checked = LIBICAL.icalcomponent_as_ical_string(calendar).decode().replace("\r\n ", "")
        problems = [line for line in checked.splitlines() if line.startswith("X-LIC-ERROR")]
        if not is_valid and not problems:
            problems = ["the restriction check fails"]
        method = LIBICAL.icalproperty_method_to_string(LIBICAL.icalcomponent_get_method(calendar))
        return {"method": method.decode(), "problems": problems, "events": list(map(read_event, events(calendar)))}
    finally:
        LIBICAL.icalcomponent_free(calendar)


def events(calendar: int) -> Iterator[int]:
    event = LIBICAL.icalcomponent_get_first_component(calendar, EVENT)
    while event:
        yield event
        event = LIBICAL.icalcomponent_get_next_component(calendar, EVENT)


def read_event(event: int) -> dict[str, Any]:
    return {
        "uid": (LIBICAL.icalcomponent_get_uid(event) or b"").decode(),
        "sequence": LIBICAL.icalcomponent_get_sequence(event),
        "start": shown(LIBICAL.icalcomponent_get_dtstart(event)),
        "end": shown(LIBICAL.icalcomponent_get_dtend(event)),
    }


def shown(time: Time) -> str:
    if time.is_date:
        return f"{time.year:04}-{time.month:02}-{time.day:02}"
    instant = datetime.fromtimestamp(LIBICAL.icaltime_as_timet_with_zone(time, time.zone), UTC)
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


if __name__ == "__main__":
    json.dump([read(request["ics"]) for request in json.load(sys.stdin)], sys.stdout)
