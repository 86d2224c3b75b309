"""Django's backend for SQLite; transactions wait for their turn in a line, where SQLite's own wait is a lottery.

Who finds the database locked sleeps up to 100 ms and tries again, so under load the unlucky wait for seconds
(docs/performance.md). The kernel's queue at a file lock is fair, holds for all processes, and forgets who died.
"""

import fcntl
from pathlib import Path
from typing import IO, Any

from django.db.backends.sqlite3 import base


class DatabaseWrapper(base.DatabaseWrapper):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._line: IO[bytes] | None = None
        self._has_turn = False

    def _start_transaction_under_autocommit(self) -> None:
        self._wait_for_turn()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._end_turn()
            raise

    def _commit(self) -> None:
        # A commit that fails is followed by a rollback, or by closing.
        super()._commit()  # type: ignore[misc]
        self._end_turn()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._end_turn()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._end_turn()
            if self._line is not None:
                self._line.close()
                self._line = None

    def _wait_for_turn(self) -> None:
        if self._has_turn or self.is_in_memory_db():
            return
        if self._line is None:
            # A file of its own: closing the database's would drop the locks that SQLite has on it.
            self._line = Path(f"{self.settings_dict['NAME']}-line").open("ab")  # noqa: SIM115 - as long as the connection
        fcntl.flock(self._line, fcntl.LOCK_EX)
        self._has_turn = True

    def _end_turn(self) -> None:
        if self._line is not None and self._has_turn:
            self._has_turn = False
            fcntl.flock(self._line, fcntl.LOCK_UN)
