"""Content lines as the icalendar library writes and reads them (RFC 5545 3.1 to 3.3, RFC 6868)."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from icalendar.parser import Contentline
from icalendar.prop import vText

from calendars.lines import plain_line, plain_text, text_line, time_line, value_line, written

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=400)


@given(TEXTS)
@example("😀" * 80)
@example("a" + "ü" * 200)
@example("\\" * 300)
@example("x" * 73 + "\\n" + "^^" * 80)
@example("x" * 74)
@example("x" * 75)
def test_lines_are_folded_as_the_library_does(text: str) -> None:
    line = f"SUMMARY:{text}"
    assert written([line]) == Contentline(line).to_ical() + b"\r\n"
    assert max(map(len, written([line]).split(b"\r\n"))) <= 75
    assert written([line]).decode().replace("\r\n ", "") == line + "\r\n"


@given(st.text(st.characters(codec="utf-8")))
def test_text_comes_back(text: str) -> None:
    plain = plain_text(text)
    line = text_line("DESCRIPTION", plain)
    assert line == "DESCRIPTION:" + vText(plain).to_ical().decode()
    assert "\n" not in line
    assert "\r" not in line


@given(st.text(st.characters(codec="utf-8")))
@example("^n^'^^")
@example('"a":b;c,d')
def test_parameter_comes_back(text: str) -> None:
    name, parameters, value = Contentline(value_line("X", "mailto:a@example.com", CN=text, ROLE="CHAIR")).parts()
    shown = plain_line(text).replace('"', "'")
    assert (name, value) == ("X", "mailto:a@example.com")
    assert dict(parameters) == ({"CN": shown} if shown else {}) | {"ROLE": "CHAIR"}


def test_list_is_not_one_quoted_value() -> None:
    line = value_line("CONFERENCE", "https://x.example.com", FEATURE=("AUDIO", "VIDEO"), LABEL="", VALUE="URI")
    assert line == "CONFERENCE;FEATURE=AUDIO,VIDEO;VALUE=URI:https://x.example.com"


def test_value_stays_on_its_line() -> None:
    assert value_line("URL", "https://x\r\nATTENDEE:y") == "URL:https://x ATTENDEE:y"


@pytest.mark.parametrize(
    ("moment", "line"),
    [
        (date(2026, 11, 23), "DTSTART;VALUE=DATE:20261123"),
        (datetime(2026, 11, 23, 9, 5, 7, 999, tzinfo=UTC), "DTSTART:20261123T090507Z"),
        (datetime(2026, 11, 23, 9, tzinfo=ZoneInfo("Europe/Berlin")), "DTSTART;TZID=Europe/Berlin:20261123T090000"),
        (datetime(987, 1, 2, 3, tzinfo=UTC), "DTSTART:09870102T030000Z"),
    ],
)
def test_times(moment: date, line: str) -> None:
    assert time_line("DTSTART", moment) == line
