"""libical, whose rules are no kin of dateutil's: the questions, and the process that answers them.

A process of its own, for libical 3.0 crashes on some rules; one for all questions, a line of JSON each way.
"""

import ctypes
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import takewhile
from pathlib import Path

import pytest

from tests import services

LIBRARY = "libical.so.3"
_MOST = 10_000  # days in an answer
_EPOCH = date(1970, 1, 1)


def need_libical() -> None:
    try:
        ctypes.CDLL(LIBRARY)
    except OSError:
        (pytest.fail if services.is_ci() else pytest.skip)(f"{LIBRARY} is missing (Debian: apt install libical3)")


class Libical:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def days(self, rule: str, start: date, last: date) -> list[date]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([rule, (start - _EPOCH).days, (last - _EPOCH).days]) + "\n")
        self.process.stdin.flush()
        return [_EPOCH + timedelta(days=number) for number in json.loads(self.process.stdout.readline())]


@contextmanager
def running_libical() -> Iterator[Libical]:
    command = [sys.executable, "-m", __name__]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Libical(process)


def _answer() -> None:
    library = ctypes.CDLL(LIBRARY)
    library.icalrecur_expand_recurrence.argtypes = [
        ctypes.c_char_p, ctypes.c_long, ctypes.c_int, ctypes.POINTER(ctypes.c_long),
    ]  # fmt: skip
    day = 24 * 60 * 60
    for line in sys.stdin:
        rule, start, last = json.loads(line)
        found = (ctypes.c_long * _MOST)()
        library.icalrecur_expand_recurrence(rule.encode(), start * day, _MOST, found)
        days = [instant // day for instant in takewhile(bool, found)]
        sys.stdout.write(json.dumps([number for number in days if number <= last]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _answer()
