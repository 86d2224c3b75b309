"""What many tests begin with: made by the services the first time, later the same rows are written again.

On SQLite only, which has the fast tests: a meeting with two people costs the services 12 ms, its rows 1 ms.
"""

import pickle
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

import time_machine
from django.apps import apps
from django.conf import Settings, settings
from django.db import connection

Made = TypeVar("Made")
Rows = list[tuple[str, list[tuple[Any, ...]]]]  # an INSERT and what it writes

_kept: dict[bytes, tuple[Rows, bytes]] = {}


def replayed(make: Callable[..., Made], **fields: Any) -> Made:
    """What `make(**fields)` returns, which pickle must be able to copy, and all rows that it writes.

    Made anew for other settings and for each time that a test has set, and always where there are rows already.
    """
    if not _is_alone():
        return make(**fields)
    now = datetime.now(UTC) if time_machine.escape_hatch.is_travelling() else None
    key = pickle.dumps((make.__module__, make.__qualname__, fields, now, _changed_settings()))
    if key in _kept:
        rows, made = _kept[key]
        for insert, values in rows:
            connection.connection.executemany(insert, values)
    else:
        made = pickle.dumps(make(**fields))
        _kept[key] = _written(), made
    copy: Made = pickle.loads(made)
    return copy


def _is_alone() -> bool:
    if connection.vendor != "sqlite" or not connection.in_atomic_block:
        return False
    return not connection.connection.execute(_any_row()).fetchone()[0]


def _changed_settings() -> dict[str, Any]:
    """What the test has overridden; where files are kept is another place for each test, and nothing is kept here."""
    changed: dict[str, Any] = {}
    holder = settings._wrapped
    while not isinstance(holder, Settings):
        changed = vars(holder) | changed
        holder = holder.default_settings
    return {name: value for name, value in changed.items() if name not in {"STORAGES", "default_settings"}}


@cache
def _tables() -> list[str]:
    """All that a test can fill; those of Django's own that each database begins with are not among them."""
    models = apps.get_models(include_auto_created=True)
    return [model._meta.db_table for model in models if model._meta.app_label not in {"contenttypes", "auth"}]


@cache
def _any_row() -> str:
    return "SELECT " + " OR ".join(f'EXISTS (SELECT 1 FROM "{table}")' for table in _tables())


def _written() -> Rows:
    execute = connection.connection.execute
    found: Rows = []
    for table in _tables():
        columns = [column[0] for column in execute(f'SELECT * FROM "{table}" LIMIT 0').description]
        # A column with a plus has no type, so Python's converters leave it as SQLite has it.
        plain = ", ".join(f'+"{column}"' for column in columns)
        if rows := execute(f'SELECT {plain} FROM "{table}"').fetchall():
            found.append((f'INSERT INTO "{table}" VALUES ({", ".join("?" * len(columns))})', rows))
    return found
