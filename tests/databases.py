"""A database of its own for a site in other processes: a file, or a database of this machine's PostgreSQL."""

import shutil
import sqlite3
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

import psycopg
from psycopg import sql

from tests.services import POSTGRESQL, need_postgresql

KINDS = ("sqlite", "postgresql")


END_WAITING = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


class Database(Protocol):
    url: str
    name: str

    def rows(self, statement: str) -> list[Any]: ...

    def read_only(self) -> Any:
        """While this context is open, others wait when they write a mail's row."""


class Sqlite:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = str(path)
        self.url = f"sqlite:///{path}"

    def rows(self, statement: str) -> list[Any]:
        with closing(sqlite3.connect(self.path, timeout=20)) as connection:
            return connection.execute(statement).fetchall()

    @contextmanager
    def read_only(self) -> Iterator[None]:
        # Entered in the mail server's thread, left in the test's.
        connection = sqlite3.connect(self.path, timeout=20, isolation_level=None, check_same_thread=False)
        with closing(connection):
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("ROLLBACK")


class Postgresql:
    def __init__(self, name: str) -> None:
        self.name = name
        self.url = f"{POSTGRESQL}/{name}"

    def rows(self, statement: str) -> list[Any]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(statement).fetchall()

    @contextmanager
    def read_only(self) -> Iterator[None]:
        with psycopg.connect(self.url) as connection:
            connection.execute("LOCK TABLE mailer_outgoingmail IN EXCLUSIVE MODE")
            yield
            # The server would still carry out what a process that died meanwhile has asked for.
            while connection.execute(END_WAITING).fetchall():
                time.sleep(0.05)
            connection.rollback()


@contextmanager
def fresh_database(kind: str, folder: Path, *, template: Database | None = None) -> Iterator[Database]:
    """`kind` is sqlite or postgresql; empty, or a copy of `template`."""
    if kind == "sqlite":
        made = Sqlite(folder / "db.sqlite3")
        if template is not None:
            shutil.copy(template.name, made.name)
        yield made
        return
    need_postgresql()
    name = f"opentalk_site_{uuid.uuid4().hex[:12]}"
    _on_server("CREATE DATABASE {} TEMPLATE {}", name, template.name if template else "template1")
    try:
        yield Postgresql(name)
    finally:
        _on_server("DROP DATABASE {} WITH (FORCE)", name)


def _on_server(statement: str, *names: str) -> None:
    with psycopg.connect(f"{POSTGRESQL}/postgres", autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
