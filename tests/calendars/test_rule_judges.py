"""The recurrence engine against four others: dateutil, recurring-ical-events, libical, and the RFC's text day by day.

The cases are the same in each run; `make check` tries six times as many as `make test`, and `make test-deep` forty
times as many as that, new ones each time.
"""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from itertools import islice

import pytest
from hypothesis import HealthCheck, given, settings

from calendars import recurrence
from calendars.rules import FREQUENCIES, PatternError
from tests.calendars import judges
from tests.calendars.cases import SECOND, Case, cases
from tests.calendars.differences import DIFFERENCES, Difference, concerned
from tests.calendars.judges import Item
from tests.calendars.libical import need_libical, running_libical
from tests.calendars.predicate import DAY, days_by_predicate
from tests.sweeps import examples

FEW, MANY = examples(20, 125), 5000  # of each frequency

by_frequency = pytest.mark.parametrize("freq", FREQUENCIES)


@pytest.fixture(scope="module")
def libical():
    need_libical()
    with running_libical() as process:
        yield process


@by_frequency
def test_engine_agrees_with_judges(freq):
    judge_cases(freq, FEW, judged_in_python, derandomize=True)


@pytest.mark.service
@by_frequency
def test_engine_agrees_with_libical(freq, libical):
    judge_cases(freq, FEW, partial(judged_by_libical, libical=libical), derandomize=True)


@pytest.mark.deep
@by_frequency
def test_engine_agrees_with_judges_on_many_cases(freq):
    judge_cases(freq, MANY, judged_in_python)


@pytest.mark.deep
@by_frequency
def test_engine_agrees_with_libical_on_many_cases(freq, libical):
    judge_cases(freq, MANY, partial(judged_by_libical, libical=libical))


def judge_cases(freq: str, examples: int, judged: Callable[[Case], None], *, derandomize: bool = False) -> None:
    @settings(
        max_examples=examples,
        derandomize=derandomize,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(case=cases(freq))
    def judge(case: Case) -> None:
        if not is_refused(case):
            judged(case)

    judge()


def is_refused(case: Case) -> bool:
    try:
        recurrence.first(case.series)
    except PatternError as error:
        if error.code == "count_too_large":
            return True
        raise
    return False


def judged_in_python(case: Case) -> None:
    ours = occurrences_of(case)
    assert ours == judges.by_predicate(case)
    if judges.may_ask("dateutil", case):
        assert ours == judges.by_dateutil(case)
    if judges.may_ask("recurring-ical-events", case):
        assert ours == judges.by_recurring_ical_events(case)
    assert_other_questions_agree(case, ours)


def judged_by_libical(case: Case, *, libical) -> None:
    if judges.may_ask("libical", case):
        assert occurrences_of(case) == judges.by_libical(case, libical)


def occurrences_of(case: Case) -> list[Item]:
    found = recurrence.occurrences(case.series, after=case.after, before=case.before, overrides=case.overrides)
    items = [Item(item.starts_at, item.original_starts_at, item.ends_at, item.is_cancelled) for item in found]
    assert [item.starts_at for item in items] == sorted(item.starts_at for item in items)
    return sorted(items)


def assert_other_questions_agree(case: Case, items: list[Item]) -> None:
    """is_occurrence, following and last say what the list of occurrences says."""
    starts = {item.original_starts_at for item in items}
    for start in sorted(starts)[:3]:
        assert recurrence.is_occurrence(case.series, start)
    if not case.overrides:
        near = {start + shift for start in sorted(starts)[:2] for shift in (SECOND, DAY, timedelta(hours=1))}
        for instant in near:
            if case.after <= instant <= case.before:
                assert recurrence.is_occurrence(case.series, instant) == (instant in starts)
    coming = [item.starts_at for item in items if item.starts_at >= case.after and not item.is_cancelled]
    found = recurrence.following(case.series, after=case.after, count=len(coming), overrides=case.overrides)
    assert [item.starts_at for item in found] == coming
    if recurrence.first(case.series) is not None and (last := recurrence.last(case.series)) is not None:
        assert recurrence.is_occurrence(case.series, last.starts_at)
        later = recurrence.occurrences(case.series, after=last.starts_at + SECOND)
        assert not any(item.starts_at > last.starts_at for item in islice(later, 10))


# --- the judges themselves ---


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda item: f"{item.judge}: {item.rule}")
def test_difference_concerns_its_example(difference):
    assert concerned(difference.judge, difference.rule)


@pytest.mark.parametrize(
    "difference", [item for item in DIFFERENCES if item.judge == "dateutil"], ids=lambda item: item.rule
)
def test_difference_to_dateutil_still_is_one(difference):
    assert_differs(difference, judges.days_by_dateutil)


@pytest.mark.service
@pytest.mark.parametrize(
    "difference", [item for item in DIFFERENCES if item.judge == "libical"], ids=lambda item: item.rule
)
def test_difference_to_libical_still_is_one(difference, libical):
    assert_differs(difference, libical.days)


def assert_differs(difference: Difference, expand: Callable[[str, date, date], list[date]]) -> None:
    last = difference.start + 800 * DAY
    expected = list(days_by_predicate(difference.rule, difference.start, difference.start, last))
    assert expected
    found = expand(f"{difference.rule};UNTIL={last:%Y%m%d}T000000", difference.start, last)
    assert list(found) != expected
