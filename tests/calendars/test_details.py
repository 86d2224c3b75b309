"""An exception over its series."""

from types import SimpleNamespace

import pytest

from calendars.details import Details, over

SERIES = Details("Team meeting", "What we do", is_all_day=False)


@pytest.mark.parametrize(
    ("own", "shown"),
    [
        ((None, None, None), SERIES),
        (("Review", None, None), Details("Review", "What we do", is_all_day=False)),
        (("", "", True), Details("", "", is_all_day=True)),
    ],
)
def test_what_an_exception_leaves_open_comes_from_the_series(own, shown):
    title, description, is_all_day = own
    exception = SimpleNamespace(title=title, description=description, is_all_day=is_all_day)
    assert over(SERIES, exception) == shown


def test_occurrence_without_exception_is_as_the_series():
    assert over(SERIES, None) == SERIES
