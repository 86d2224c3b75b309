"""What changed: `{field: (old, new)}`, as services find it and the log keeps it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from calendars.lines import with_lf
from rest.renderers import timestamp

Changes = dict[str, tuple[Any, Any]]


def changes_of(row: object, values: Mapping[str, Any]) -> Changes:
    """Where the row would be another one with these values. Texts are compared and stored with LF."""
    return between({name: getattr(row, name) for name in values}, values)


def between(old: Mapping[str, Any], new: Mapping[str, Any]) -> Changes:
    pairs = {name: (old[name], with_lf(value)) for name, value in new.items()}
    return {name: (before, after) for name, (before, after) in pairs.items() if with_lf(before) != after}


def assign(row: object, changes: Changes) -> None:
    for name, (_old, value) in changes.items():
        setattr(row, name, value)


def in_json(changes: Changes) -> Changes:
    """For the log: times are RFC 3339 text, and what JSON does not have is as people read it."""
    return {name: (plain(old), plain(new)) for name, (old, new) in changes.items()}


def plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return timestamp(value)
    return value if isinstance(value, str | int | float | list | tuple | dict | None) else str(value)
