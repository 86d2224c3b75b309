"""From the process that took a step to all that hold sockets of the room.

One process needs nothing for that. Several reach each other through the Redis of CACHE_URL, and without one by looking
into the database each second (`hub.py`), which also finds what Redis lost.
"""

import asyncio
import contextlib
import logging
import uuid
from collections.abc import Callable
from typing import Any

import msgspec
import redis
import redis.asyncio
from django.conf import settings

from signaling.steps import Delivery

logger = logging.getLogger(__name__)
CHANNEL = "opentalk-site:signaling:{}"
TIMEOUT_SECONDS = 1
RETRY_SECONDS = 1


class Publication(msgspec.Struct, frozen=True):
    """What a step of a session sends. Steps are numbered without gaps; 0 is for what no order matters to.

    Without `deliveries` and step: look what has become of the room.
    """

    room: uuid.UUID
    session: uuid.UUID | None = None
    step: int = 0
    deliveries: list[Delivery] = []
    origin: uuid.UUID | None = None


Receiver = Callable[[Publication], None]
_encoder = msgspec.msgpack.Encoder(uuid_format="bytes")
_decoder = msgspec.msgpack.Decoder(Publication)
_deliveries = msgspec.msgpack.Decoder(list[Delivery])


def packed(deliveries: list[Delivery]) -> bytes:
    return _encoder.encode(deliveries)


def unpacked(body: bytes) -> list[Delivery]:
    return _deliveries.decode(body)


class Bus:
    """Of one process. Publishing is for all threads, everything else for the event loop."""

    def __init__(self) -> None:
        self.id = uuid.uuid4()
        self.url = _redis_url()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._receive: Receiver | None = None
        self._client: redis.Redis | None = None
        self._subscriptions: Any = None
        self._rooms: set[uuid.UUID] = set()
        self._reader: asyncio.Task[None] | None = None

    def publish(self, publication: Publication) -> None:
        """After the commit. Never fails: who misses it finds it in the database."""
        if self._loop is not None and self._receive is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: the process ends
                self._loop.call_soon_threadsafe(self._receive, publication)
        if self.url:
            body = _encoder.encode(msgspec.structs.replace(publication, origin=self.id))
            try:
                self._redis().publish(CHANNEL.format(publication.room), body)
            except redis.RedisError as error:
                logger.warning("Redis takes no message: %s", error)

    async def start(self, receive: Receiver) -> None:
        self._loop, self._receive = asyncio.get_running_loop(), receive
        if self.url:
            self._subscriptions = redis.asyncio.from_url(self.url).pubsub()
            self._reader = asyncio.create_task(self._read())

    async def stop(self) -> None:
        self._loop = self._receive = None
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
            with contextlib.suppress(redis.RedisError):
                await self._subscriptions.aclose()

    async def subscribe(self, room: uuid.UUID) -> None:
        self._rooms.add(room)
        if self._subscriptions is not None:
            with contextlib.suppress(redis.RedisError):
                await self._subscriptions.subscribe(CHANNEL.format(room))

    async def unsubscribe(self, room: uuid.UUID) -> None:
        self._rooms.discard(room)
        if self._subscriptions is not None:
            with contextlib.suppress(redis.RedisError):
                await self._subscriptions.unsubscribe(CHANNEL.format(room))

    async def _read(self) -> None:
        while True:
            try:
                if not self._subscriptions.subscribed:
                    await asyncio.sleep(RETRY_SECONDS / 10)
                    continue
                message = await self._subscriptions.get_message(ignore_subscribe_messages=True, timeout=None)
            except redis.RedisError as error:
                logger.warning("Redis has no messages: %s", error)
                await asyncio.sleep(RETRY_SECONDS)
                continue
            if message is not None and self._receive is not None:
                publication = _decoder.decode(message["data"])
                if publication.origin != self.id:
                    self._receive(publication)

    def _redis(self) -> redis.Redis:
        if self._client is None:
            self._client = redis.Redis.from_url(
                self.url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
            )
        return self._client


def _redis_url() -> str:
    cache: Any = settings.CACHES["default"]
    return cache["LOCATION"] if cache["BACKEND"].endswith("RedisCache") else ""


bus = Bus()
