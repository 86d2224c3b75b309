"""Wakes who waits for news, in whichever process something happened, without a database connection for each.

The transaction that writes says whom it concerns (`announce`); a client that waits has a `Waiter`:

    with Waiter(user_id) as waiter:
        while True:
            rows = await in_thread(look)  # rest.live
            ...
            if not await waiter.wait(20):
                ...  # nothing for so long

No wake-up is lost: whatever is announced after the waiter was made, or since `wait` last returned, ends the next `wait`
at once. It says "look", never what there is: it may come for nothing, and once for several.

**PostgreSQL**: `pg_notify` in the transaction; the server sends it at the commit, and nothing after a rollback. Each
ASGI process has one connection that listens. Readers of the log stay below the oldest running transaction (reader.py),
so the listener wakes people only when that is past the one that announced: usually at once, else it looks again after
10 to 200 ms until the older transaction has ended. So one look after a wake-up is enough. After a lost connection all
are woken, and once more when everything from before has become readable.

**SQLite**: nothing is sent. While somebody waits here, the newest keys of the tables in `polled` are read five times a
second, and everybody is woken when one of them is new.
"""

import asyncio
import base64
import logging
import uuid
from collections.abc import Iterable
from typing import Any, NamedTuple, Self

import psycopg
from django.db import DatabaseError, connection, models

from activity.models import Activity
from rest.live import in_thread

logger = logging.getLogger(__name__)
CHANNEL = "opentalk_site_activity"
EVERYBODY = "*"
# PostgreSQL takes less than 8000 bytes; the number of the transaction and its separator take up to 21 of them.
MOST_NAMED = (7999 - 21) // 4 * 3 // 16
POLL_SECONDS = 0.2
RETRY_SECONDS = 0.5
# How often an idle listener asks whether its connection is still there, and how long it waits for the answer.
CHECK_SECONDS, ANSWER_SECONDS = 30, 10
SOONEST_SECONDS, LATEST_SECONDS = 0.01, 0.2
MOST_HELD = 1000

# Tables whose new rows wake people on SQLite. An app that announces rows of its own adds them when it is ready.
polled: list[type[models.Model]] = [Activity]


def announce(user_ids: Iterable[uuid.UUID], *, at_once: bool = False) -> None:
    """In the transaction that writes for these people. `at_once` is for rows that no reader of the log waits for.

    Beside Django's cursor: it reads and locks no row.
    """
    people = set(user_ids)
    if connection.vendor != "postgresql" or not people:
        return
    transaction_id = "'0'" if at_once else "pg_current_xact_id()::text"
    with connection.wrap_database_errors:
        connection.connection.execute(
            f"SELECT pg_notify('{CHANNEL}', {transaction_id} || ':' || %s::text)", [_written(people)]
        )


def _written(people: set[uuid.UUID]) -> str:
    if len(people) > MOST_NAMED:
        return EVERYBODY
    return base64.b64encode(b"".join(sorted(user_id.bytes for user_id in people))).decode()


class Announced(NamedTuple):
    transaction_id: int
    people: frozenset[uuid.UUID] | None  # None: everybody


def _read(payload: str) -> Announced:
    """What nobody of ours sent wakes everybody."""
    number, _colon, people = payload.partition(":")
    try:
        raw = base64.b64decode(people, validate=True) if people != EVERYBODY else b""
        ids = frozenset(uuid.UUID(bytes=raw[start : start + 16]) for start in range(0, len(raw), 16))
        return Announced(int(number), ids or None)
    except ValueError:
        return Announced(0, None)


class Waiter:
    """Waits for what concerns these people. Made, used and left on the event loop."""

    __slots__ = ("_event", "people")

    def __init__(self, *user_ids: uuid.UUID) -> None:
        self.people = set(user_ids)
        self._event = asyncio.Event()

    def __enter__(self) -> Self:
        for user_id in self.people:
            listener.waiters.setdefault(user_id, set()).add(self)
        listener.ensure()
        return self

    def __exit__(self, *_error: Any) -> None:
        for user_id in list(self.people):
            self.discard(user_id)

    def add(self, user_id: uuid.UUID) -> None:
        self.people.add(user_id)
        listener.waiters.setdefault(user_id, set()).add(self)
        listener.ensure()

    def discard(self, user_id: uuid.UUID) -> None:
        self.people.discard(user_id)
        waiters = listener.waiters.get(user_id, set())
        waiters.discard(self)
        if not waiters:
            listener.waiters.pop(user_id, None)

    def wake(self) -> None:
        self._event.set()

    async def wait(self, seconds: float | None) -> bool:
        """Whether there may be news; False after so many seconds without."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return False
        self._event.clear()
        return True


class Listener:
    """One in each process that has waiters: it begins with the first of them."""

    def __init__(self) -> None:
        self.waiters: dict[uuid.UUID, set[Waiter]] = {}
        self._task: asyncio.Task[None] | None = None

    def ensure(self) -> None:
        """Runs, in this event loop."""
        loop = asyncio.get_running_loop()
        if self._task is None or self._task.done() or self._task.get_loop() is not loop:
            self._task = loop.create_task(self._listen() if connection.vendor == "postgresql" else self._poll())

    async def stop(self) -> None:
        if self._task is not None and self._task.get_loop() is asyncio.get_running_loop():
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._task = None

    def wake(self, people: frozenset[uuid.UUID] | None) -> None:
        for user_id in self.waiters if people is None else people:
            for waiter in self.waiters.get(user_id, ()):
                waiter.wake()

    async def _listen(self) -> None:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(**_parameters(), autocommit=True) as listening:
                    await self._follow(listening)
            except (psycopg.Error, OSError) as error:  # a TimeoutError is an OSError
                logger.warning("Nobody is woken until the database is back: %s", error)
            await asyncio.sleep(RETRY_SECONDS)

    async def _follow(self, listening: psycopg.AsyncConnection[Any]) -> None:
        await listening.execute(f"LISTEN {CHANNEL}")
        _oldest, following = await _running(listening)
        self.wake(None)
        held = [Announced(following - 1, None)]
        seconds: float = SOONEST_SECONDS
        while True:
            new = [_read(notice.payload) async for notice in listening.notifies(timeout=seconds, stop_after=1)]
            held += new
            oldest, _following = await _running(listening)
            for announced in held:
                if announced.transaction_id < oldest:
                    self.wake(announced.people)
            held = _bounded([announced for announced in held if announced.transaction_id >= oldest])
            seconds = CHECK_SECONDS if not held else SOONEST_SECONDS if new else min(seconds * 2, LATEST_SECONDS)

    async def _poll(self) -> None:
        """Ends when nobody waits any more."""
        known: list[int] | None = None
        while self.waiters:
            try:
                newest = await in_thread(_newest)
            except DatabaseError as error:
                logger.warning("Nobody is woken until the database is back: %s", error)
                newest = []
            if newest != known:
                known = newest
                self.wake(None)
            await asyncio.sleep(POLL_SECONDS)


async def _running(listening: psycopg.AsyncConnection[Any]) -> tuple[int, int]:
    """The oldest transaction that runs, and the one that begins next."""
    async with asyncio.timeout(ANSWER_SECONDS):
        rows = await listening.execute(
            "SELECT pg_snapshot_xmin(now)::text::bigint, pg_snapshot_xmax(now)::text::bigint"
            " FROM pg_current_snapshot() AS now"
        )
        oldest, following = await rows.fetchone() or (0, 0)
    return oldest, following


def _bounded(held: list[Announced]) -> list[Announced]:
    if len(held) <= MOST_HELD:
        return held
    return [Announced(max(announced.transaction_id for announced in held), None)]


def _newest() -> list[int]:
    return [model._default_manager.order_by().aggregate(last=models.Max("pk"))["last"] or 0 for model in polled]


def _parameters() -> dict[str, Any]:
    """Those of Django's connection, without what is for its cursors."""
    own = {"context", "cursor_factory", "prepare_threshold"}
    found: dict[str, Any] = connection.get_connection_params()
    return {name: value for name, value in found.items() if name not in own}


listener = Listener()
