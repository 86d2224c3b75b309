"""Rows on a terminal for people, and as JSON for programs."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.management.base import OutputWrapper

Row = Mapping[str, Any]


def write_rows(stream: OutputWrapper, rows: Sequence[Row], *, is_json: bool, none: str) -> None:
    """A table with the members' names above; `none` where there is no row."""
    if is_json:
        stream.write(json.dumps(rows, indent=2, default=str))
        return
    if not rows:
        stream.write(none)
        return
    lines = [list(rows[0]), *([_text(value) for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        stream.write("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{key}={one}" for key, one in value.items())
    return "" if value is None else str(value)
