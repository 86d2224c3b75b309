"""`python -m bench [--only G1,G5] [--quick] [--json FILE]`: a table on stdout, progress on stderr.

Exit code 1: a must fails; 2: none fails, but something could not be judged.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from django.db import connection
from django.test.utils import setup_test_environment, teardown_test_environment

from bench.goals import GOALS
from bench.measure import Goal, Reading, Run
from mailer import tasks

HEADINGS = ("", "ours", "floor or peer", "ratio", "must", "aim", "")
WIDTHS = (70, 14, 16, 10, 10, 8, 14)
Line = tuple[Goal, Reading]


def main() -> int:
    options = _options()
    run = Run(rounds=3 if options.quick else 9, tell=_tell)
    lines: list[Line] = []
    with _database():
        for goal in options.only:
            _tell(f"{goal.name} {goal.title}")
            for reading in goal.measure(run):
                lines.append((goal, reading))
                _tell(f"    {reading.name}: {reading.value:.2f} {reading.note}")
    sys.stdout.write("\n".join(table(lines)) + "\n")
    if options.json:
        options.json.write_text(json.dumps([as_json(line) for line in lines], indent=1))
    return exit_code(lines)


def exit_code(lines: list[Line]) -> int:
    verdicts = {goal.verdict(reading) for goal, reading in lines}
    return 1 if "FAIL" in verdicts else 2 if "INCONCLUSIVE" in verdicts else 0


def table(lines: list[Line]) -> Iterator[str]:
    seen = None
    yield _row(HEADINGS)
    for goal, reading in lines:
        if goal is not seen:
            yield f"\n{goal.name} {goal.title}"
            seen = goal
        sign = "≥" if goal.is_at_least else "≤"
        limits = ("constant" if goal.must is None else f"{sign} {goal.must:g}", f"{sign} {goal.aim:g}")
        mark = " ✓" if goal.is_aim_reached(reading) else ""
        yield _row((
            f"  {reading.name}", reading.ours, reading.floor, f"{reading.value:,.2f}".removesuffix(".00"),
            *(limits if reading.is_judged else ("", "")), goal.verdict(reading) + mark * reading.is_judged,
        ))  # fmt: skip
        if reading.note:
            yield f"      {reading.note}"


def as_json(line: Line) -> dict[str, object]:
    goal, reading = line
    return {"goal": goal.name, "must": goal.must, "aim": goal.aim, "verdict": goal.verdict(reading)} | asdict(reading)


def _row(cells: tuple[str, ...]) -> str:
    first, *others = zip(cells, WIDTHS, strict=True)
    return f"{first[0]:{first[1]}}" + "".join(f"{cell:>{width}}" for cell, width in others)


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _options() -> argparse.Namespace:
    def chosen(text: str) -> list[Goal]:
        by_name = {goal.name: goal for goal in GOALS}
        return [by_name[name] for name in text.upper().split(",")]

    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", type=chosen, default=GOALS, metavar="G1,G5")
    parser.add_argument("--quick", action="store_true", help="a third of the rounds")
    parser.add_argument("--json", type=Path, metavar="FILE")
    return parser.parse_args()


@contextmanager
def _database() -> Iterator[None]:
    """A fresh one with all tables, as tests have; nobody delivers the mails."""
    setup_test_environment()
    tasks.wake = lambda: None  # type: ignore[assignment]
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
        teardown_test_environment()


if __name__ == "__main__":
    sys.exit(main())
