"""How `python -m bench` judges what it measures; nothing here takes a time."""

from collections.abc import Callable, Iterator
from itertools import chain, repeat
from typing import Any

import pytest

from bench.__main__ import exit_code, table
from bench.goals import GOALS
from bench.measure import Goal, Reading, compared


def goal(**fields: Any) -> Goal:
    values: dict[str, Any] = {"name": "G0", "title": "ours / floor", "measure": iter, "must": 3.0, "aim": 1.5}
    return Goal(**values | fields)


def reading(value: float, **fields: Any) -> Reading:
    return Reading(name="one thing", value=value, ours="1 us", **fields)


def rounds(*times: tuple[float, float]) -> Callable[[], tuple[float, float]]:
    """(floor, ours) in turn, the last one for ever."""
    endless: Iterator[tuple[float, float]] = chain(times, repeat(times[-1]))
    return lambda: next(endless)


@pytest.mark.parametrize(
    ("value", "fields", "verdict", "code"),
    [
        (1.5, {}, "PASS", 0),
        (3.0, {}, "PASS", 0),
        (3.1, {}, "FAIL", 1),
        (1.0, {"is_steady": False}, "INCONCLUSIVE", 2),
        (9.0, {"is_steady": False}, "INCONCLUSIVE", 2),
        (1.0, {"is_constant": False}, "FAIL", 1),
        (9.0, {"is_judged": False}, "info", 0),
    ],
)
def test_a_must_that_fails_is_1_and_noise_is_2(value: float, fields: dict[str, Any], verdict: str, code: int) -> None:
    judged = goal(), reading(value, **fields)
    assert judged[0].verdict(judged[1]) == verdict
    assert exit_code([judged]) == code


def test_a_failure_outweighs_noise() -> None:
    lines = [reading(1.0), reading(1.0, is_steady=False), reading(4.0)]
    assert exit_code([(goal(), line) for line in lines]) == 1


def test_peers_are_to_be_beaten_by_at_least_the_must() -> None:
    peer = goal(must=50, aim=200, is_at_least=True)
    assert [peer.verdict(reading(value)) for value in (49.9, 50, 200)] == ["FAIL", "PASS", "PASS"]
    assert [peer.is_aim_reached(reading(value)) for value in (50, 200)] == [False, True]


def test_ratio_is_the_median_of_the_rounds() -> None:
    found = compared(rounds((1.0, 2.0), (1.1, 2.0), (1.0, 2.2)), 3)
    assert (found.ratio, found.is_steady) == (2.0, True)


def test_noisy_round_is_made_again() -> None:
    found = compared(rounds((1.0, 2.0), (9.0, 2.0), (1.0, 2.0)), 3)
    assert (found.floor, found.ours, found.ratio, found.is_steady) == (1.0, 2.0, 2.0, True)


def test_what_never_becomes_steady_is_inconclusive() -> None:
    times = [(2.0**number, 1.0) for number in range(20)]
    assert not compared(rounds(*times), 5).is_steady


def test_table_shows_limits_verdict_and_reached_aim() -> None:
    text = "\n".join(table([(goal(), reading(1.2)), (goal(), reading(3.5, note="why"))]))
    assert "1.20" in text
    assert "≤ 3" in text
    assert "PASS ✓" in text
    assert "FAIL" in text
    assert "why" in text


def test_names_of_goals_are_unique() -> None:
    assert len({one.name for one in GOALS}) == len(GOALS)
