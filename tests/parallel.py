"""Calls that meet each other in the database, each with a connection of its own; for tests on PostgreSQL."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections, transaction

from events.models import Event
from events.services.events import locked

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """What each of them returns; they start together."""
    start = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        start.wait()
        return _own_connection(call)

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def while_locked(event: Event, change: Callable[[], Any], late: Callable[[], Any]) -> Any:
    """What `late` returns, which comes for the event while a transaction holds it that makes `change`."""
    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():
            locked(event)
            found = thread.submit(_own_connection, late)
            _wait_until_blocked()
            change()
        return found.result(timeout=20)


def before_commit(change: Callable[[], Any], late: Callable[[], Any], then: Callable[[], Any] = bool) -> Any:
    """What `late` returns, which waits for a row that a transaction has changed by `change`, before it does `then`."""
    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():
            change()
            found = thread.submit(_own_connection, late)
            _wait_until_blocked()
            then()
        return found.result(timeout=20)


def _own_connection(call: Callable[[], Any]) -> Any:
    try:
        return call()
    finally:
        connections.close_all()


def _wait_until_blocked() -> None:
    with connection.cursor() as cursor:
        for _try in range(1000):
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(WAITING)
            if cursor.fetchone()[0]:
                return
            time.sleep(0.01)
    pytest.fail("nobody waits for the row")
