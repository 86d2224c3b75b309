"""Many cases of one rule: `make test` tries a sample of them, `make check` all, where it runs on PostgreSQL."""

import os
from collections.abc import Iterable
from typing import Any

import pytest


def examples(few: int, many: int) -> int:
    """How many cases a loop tries: few in `make test`, many in `make check`."""
    return many if os.environ.get("DATABASE_URL", "").startswith("postgres") else few


def sweep(names: str | tuple[str, ...], cases: Iterable[Any], *, fast: int, **how: Any) -> pytest.MarkDecorator:
    """`pytest.mark.parametrize` with all but `fast` of its cases, taken at equal distances, marked slow."""
    return pytest.mark.parametrize(names, sampled(cases, fast=fast, are_tuples=isinstance(names, tuple)), **how)


def sampled(cases: Iterable[Any], *, fast: int, are_tuples: bool = False) -> list[Any]:
    """The same for the `params` of a fixture."""
    cases = list(cases)
    kept = {len(cases) * number // fast for number in range(fast)}
    return [
        case if number in kept else pytest.param(*(case if are_tuples else [case]), marks=pytest.mark.slow)
        for number, case in enumerate(cases)
    ]
