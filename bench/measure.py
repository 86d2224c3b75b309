"""How numbers are measured and judged, whatever is measured.

Two things are timed in turn (floor, ours, floor, ours …), in CPU time of this process, and compared round by round:
what slows the machine down slows both. A round in which either took an unusual time is made again.
"""

import gc
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import process_time
from typing import Any

# A round counts when neither time is further from the median than this.
STEADY = 0.3
# Long against the resolution of the clock, short against the changes of the machine's load.
SAMPLE_SECONDS = 0.04


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One line of the table: `value` is what is judged, `ours` and `floor` show where it is from."""

    name: str
    value: float
    ours: str
    floor: str = ""
    is_judged: bool = True  # False: for information
    is_constant: bool = True  # False: what must not grow has grown
    is_steady: bool = True  # False: too noisy, or what it needs is missing
    note: str = ""


@dataclass(frozen=True)
class Goal:
    """A promise: `must` fails the run, `aim` is where we want to be. None: only that it does not grow."""

    name: str
    title: str
    measure: Callable[["Run"], Iterator[Reading]]
    must: float | None
    aim: float
    is_at_least: bool = False

    def verdict(self, reading: Reading) -> str:
        if not reading.is_judged:
            return "info"
        if not reading.is_constant:
            return "FAIL"
        if not reading.is_steady:
            return "INCONCLUSIVE"
        return "PASS" if self.must is None or self._reaches(reading.value, self.must) else "FAIL"

    def is_aim_reached(self, reading: Reading) -> bool:
        return reading.is_steady and reading.is_constant and self._reaches(reading.value, self.aim)

    def _reaches(self, value: float, limit: float) -> bool:
        return value >= limit if self.is_at_least else value <= limit


@dataclass(frozen=True)
class Comparison:
    """Seconds per call, and the median of the rounds' ratios ours / floor with half of their middle's width."""

    ours: float
    floor: float
    ratio: float
    spread: float
    is_steady: bool


@dataclass(frozen=True)
class Run:
    """How thoroughly to measure, and where to report progress."""

    rounds: int
    tell: Callable[[str], None]

    def compare(self, ours: Callable[[], Any], floor: Callable[[], Any]) -> Comparison:
        time_floor, time_ours = _timer(floor), _timer(ours)
        gc.collect()
        gc.freeze()
        try:
            # Listed in the order in which they run.
            return compared(lambda: (time_floor(), time_ours()), self.rounds)
        finally:
            gc.unfreeze()


def compared(time_round: Callable[[], tuple[float, float]], rounds: int) -> Comparison:
    """`time_round` gives (floor, ours); called until `rounds` steady ones are there, or three times as often."""
    taken: list[tuple[float, float]] = []
    steady: list[tuple[float, float]] = []
    while len(steady) < rounds and len(taken) < 3 * rounds:
        taken.append(time_round())
        steady = _steady(taken)
    ratios = sorted(ours / floor for floor, ours in steady)
    quarter = len(ratios) // 4
    return Comparison(
        ours=statistics.median(ours for _floor, ours in steady),
        floor=statistics.median(floor for floor, _ours in steady),
        ratio=statistics.median(ratios),
        spread=(ratios[-1 - quarter] - ratios[quarter]) / 2,
        is_steady=len(steady) >= rounds,
    )


def _steady(taken: list[tuple[float, float]]) -> list[tuple[float, float]]:
    middles = [statistics.median(times) for times in zip(*taken, strict=True)]
    steady = [
        times
        for times in taken
        if all(abs(time - middle) <= STEADY * middle for time, middle in zip(times, middles, strict=True))
    ]
    return steady or taken[:1]


def _timer(call: Callable[[], Any]) -> Callable[[], float]:
    """Seconds per call, of a sample that is long enough."""
    loops = max(1, round(SAMPLE_SECONDS / max(_sample(call, 3), 1e-7)))
    return lambda: _sample(call, loops)


def _sample(call: Callable[[], Any], loops: int) -> float:
    started = process_time()
    for _loop in range(loops):
        call()
    return (process_time() - started) / loops


def micro(seconds: float) -> str:
    return f"{seconds * 1e6:,.1f} us" if seconds < 1e-4 else f"{seconds * 1e6:,.0f} us"
