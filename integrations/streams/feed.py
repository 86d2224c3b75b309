"""Follows the log for all streams of this process: two statements for each wake-up, however many clients there are.

A client that has just come, or was too slow for what is kept for it, reads its own rows from where it is
(`Client.catch_up`); whatever the feed reads meanwhile waits in its queue, and what it has had already is passed over by
the cursor. So each client has every row once, in the order of the log.
"""

import asyncio
import logging
import time
import uuid
from collections import deque
from collections.abc import AsyncGenerator, Iterator
from functools import partial

from activity import reader
from activity.reader import Cursor
from activity.waking import Waiter
from integrations.streams import access
from integrations.streams.told import cursor_text
from rest.live import COMMENT, IDLE_SECONDS, event, in_thread, retry

logger = logging.getLogger(__name__)
# Frames that wait for a slow client are shared by all; beyond so many it reads the log itself, when it is ready.
MOST_WAITING = 200
STREAMS_PER_USER = 10
CHECK_SECONDS = 20.0
RETRY_SECONDS = 1.0


class Client:
    """One stream. `signed_in_at` is its token's `iat`."""

    __slots__ = ("_frames", "_news", "cursor", "is_behind", "is_over", "signed_in_at", "user_id")

    def __init__(self, user_id: uuid.UUID, cursor: Cursor, signed_in_at: float) -> None:
        self.user_id, self.cursor, self.signed_in_at = user_id, cursor, signed_in_at
        self.is_behind, self.is_over = True, False
        self._frames: deque[tuple[Cursor, bytes]] = deque()
        self._news = asyncio.Event()

    def push(self, cursor: Cursor, frame: bytes) -> None:
        if not self.is_behind:
            self._frames.append((cursor, frame))
            if len(self._frames) > MOST_WAITING:
                self.fall_behind()
            self._news.set()

    def fall_behind(self) -> None:
        self._frames.clear()
        self.is_behind = True
        self._news.set()

    def end(self) -> None:
        self.is_over = True
        self._news.set()

    def take(self) -> bytes:
        frames, self._frames = self._frames, deque()
        return self._passed_on(frames)

    async def catch_up(self) -> bytes:
        """What comes meanwhile is kept, so it is no longer behind before it reads."""
        self.is_behind = False
        frames = await in_thread(partial(access.caught_up, self.user_id, self.cursor))
        if len(frames) == access.MOST_CAUGHT_UP:
            self.fall_behind()
        return self._passed_on(frames)

    async def wait(self, seconds: float) -> bool:
        """Whether there is something to do."""
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return False
        self._news.clear()
        return True

    def _passed_on(self, frames: access.Frames | deque[tuple[Cursor, bytes]]) -> bytes:
        new = [(cursor, frame) for cursor, frame in frames if cursor > self.cursor]
        if new:
            self.cursor = new[-1][0]
        return b"".join(frame for _cursor, frame in new)


class Feed:
    def __init__(self) -> None:
        self.clients: dict[uuid.UUID, set[Client]] = {}
        self._waiter = Waiter()
        self._task: asyncio.Task[None] | None = None

    def is_full(self, user_id: uuid.UUID) -> bool:
        return len(self.clients.get(user_id, ())) >= STREAMS_PER_USER

    async def stream(self, client: Client, seconds: float) -> AsyncGenerator[bytes, None]:
        """An event stream for so long at most. The first id lets a client resume that got nothing yet."""
        end = time.monotonic() + seconds
        if self.is_full(client.user_id):  # several came at once
            return
        self._join(client)
        try:
            yield retry() + event(b"", event_id=cursor_text(client.cursor))
            while not client.is_over and (left := end - time.monotonic()) > 0:
                piece = await client.catch_up() if client.is_behind else client.take()
                if piece:
                    yield piece
                elif not client.is_behind and not await client.wait(min(IDLE_SECONDS, left)):
                    yield COMMENT
        finally:
            self._leave(client)

    def _join(self, client: Client) -> None:
        self.clients.setdefault(client.user_id, set()).add(client)
        loop = asyncio.get_running_loop()
        if self._task is None or self._task.done() or self._task.get_loop() is not loop:
            self._waiter = Waiter(*self.clients)
            self._task = loop.create_task(self._follow(self._waiter))
        self._waiter.add(client.user_id)

    def _leave(self, client: Client) -> None:
        clients = self.clients.get(client.user_id, set())
        clients.discard(client)
        if not clients:
            self.clients.pop(client.user_id, None)
            self._waiter.discard(client.user_id)
        if not self.clients:
            self._waiter.wake()

    async def _follow(self, waiter: Waiter) -> None:
        """Ends with the last client."""
        cursor: Cursor | None = None
        checked_at = 0.0
        with waiter:
            while self.clients:
                try:
                    if cursor is None:
                        cursor = await in_thread(reader.now)
                        self._all_behind()
                    batch = await self._read_on(cursor)
                    if batch.is_about_people or time.monotonic() - checked_at >= CHECK_SECONDS:
                        await self._check_sign_ins()
                        checked_at = time.monotonic()
                except Exception:  # a database that is away comes back
                    logger.exception("The streams stand still")
                    cursor = None
                    await asyncio.sleep(RETRY_SECONDS)
                    continue
                cursor = batch.cursor
                if not batch.is_full:
                    await waiter.wait(CHECK_SECONDS)

    async def _read_on(self, cursor: Cursor) -> access.Batch:
        people = frozenset(self.clients)
        batch = await in_thread(partial(access.read_on, cursor, people))
        for user_id, place, frame in batch.frames:
            for client in self.clients.get(user_id, ()):
                client.push(place, frame)
        # Whoever came meanwhile was not asked for.
        for user_id in self.clients.keys() - people:
            for client in self.clients[user_id]:
                client.fall_behind()
        return batch

    def _all_behind(self) -> None:
        for client in self._everybody():
            client.fall_behind()

    async def _check_sign_ins(self) -> None:
        """Ends the streams of people who are disabled or were signed out."""
        people = frozenset(self.clients)
        known = await in_thread(partial(access.sign_ins, people))
        for client in self._everybody():
            if client.user_id not in people:  # who came meanwhile has just signed in
                continue
            ended_at = known.get(client.user_id)
            if client.user_id not in known or (ended_at and client.signed_in_at <= ended_at.timestamp()):
                client.end()

    def _everybody(self) -> Iterator[Client]:
        return (client for clients in self.clients.values() for client in clients)


feed = Feed()
