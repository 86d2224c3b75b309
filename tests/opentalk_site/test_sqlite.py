"""The line in front of SQLite's one writer: who has the turn, and when it is given back."""

import fcntl
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.db.utils import ConnectionHandler

from opentalk_site import env

pytestmark = pytest.mark.django_db  # which lets a test open connections


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "db.sqlite3"


@pytest.fixture
def connection(path: Path) -> Iterator[Any]:
    made = ConnectionHandler({"default": env.database("NOT_SET", f"sqlite:///{path}", pool_size=1)})["default"]
    with made.cursor() as cursor:
        cursor.execute("CREATE TABLE thing (name TEXT)")
    yield made
    made.close()


def begin(connection: Any) -> None:
    """As transaction.atomic does."""
    connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)


def is_taken(path: Path) -> bool:
    with Path(f"{path}-line").open("ab") as line:
        try:
            fcntl.flock(line, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@pytest.mark.parametrize("end", ["commit", "rollback", "close"])
def test_transaction_has_the_turn_until_it_ends(connection: Any, path: Path, end: str) -> None:
    for _time in range(2):
        begin(connection)
        assert is_taken(path)
        getattr(connection, end)()
        assert not is_taken(path)


def test_reading_waits_for_nobody(connection: Any, path: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM thing")
    assert not is_taken(path)


def test_turn_is_given_back_where_no_transaction_begins(connection: Any, path: Path) -> None:
    """Somebody who knows of no line holds the lock."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 1")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(OperationalError, match="locked"):
        begin(connection)
    assert not is_taken(path)
    other.close()
