"""What each connection to PostgreSQL is told: to read times quickly, and not to try all orders of a long join."""

from datetime import UTC, datetime
from typing import Any, ClassVar
from weakref import WeakSet

from django.db.backends.signals import connection_created
from psycopg.abc import Buffer
from psycopg.adapt import Loader

# The default is 8, as many tables as a page of events is read from: planning it took ten times as long as reading it.
# Joins of fewer tables are planned as ever.
JOIN_COLLAPSE_LIMIT = 6


class UtcLoader(Loader):
    """Reads text such as `2026-11-23 09:00:00+00`, as Django sets each connection to UTC (settings.TIME_ZONE).

    Six times as fast as Django's own, which takes the text apart with a regular expression.
    """

    # Django registers a loader of its own for cursors where this is not the connection's.
    timezone: ClassVar = UTC

    def load(self, data: Buffer) -> datetime:
        return datetime.fromisoformat(bytes(data).decode())


# Django sends its signal each time that it takes a connection out of the pool.
_known: WeakSet[Any] = WeakSet()


def set_up(connection: Any, **_signal: Any) -> None:
    if connection.vendor == "postgresql" and connection.connection not in _known:
        _known.add(connection.connection)
        connection.connection.adapters.register_loader("timestamptz", UtcLoader)
        connection.connection.execute(f"SET join_collapse_limit = {JOIN_COLLAPSE_LIMIT}")


connection_created.connect(set_up)
