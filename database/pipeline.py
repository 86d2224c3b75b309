"""Statements that are sent together: PostgreSQL answers all of them in one round trip instead of one each."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def together() -> Iterator[None]:
    """For statements whose results nobody reads: reading one waits for all before it. An error may come at the end."""
    if connection.vendor != "postgresql":
        yield
        return
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield
