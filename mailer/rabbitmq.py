"""Consumes and publishes the tasks of the Mail-Worker Protocol over RabbitMQ, without knowing what is in them."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from amqp.exceptions import AMQPError, NotFound
from django.db import InterfaceError, OperationalError, close_old_connections
from kombu.connection import Connection
from kombu.entity import Queue
from kombu.message import Message
from kombu.messaging import Consumer, Producer

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 5
CONFIRM_SECONDS = 10
HEARTBEAT_SECONDS = 30
# With more, a worker would process all that it has fetched after the connection broke, and again once it is back.
PREFETCH = 1
LONGEST_PAUSE_SECONDS = 60
REASON_HEADER = "x-reason"
# Raised when the connection breaks, the broker stops, or a channel is closed by the broker.
LINE_FAILURES = (OSError, AMQPError)


class RefusedBodyError(ValueError):
    """The task can never be processed. It is moved to the dead-letter queue, with this text as the reason."""


class UnroutedError(Exception):
    """The broker returned the message, for example because the queue does not exist."""


class Publisher:
    """Publishes messages one by one. When `publish` returns, the broker has confirmed and stored the message."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Connection | None = None
        self._returned: list[str] = []

    def publish(self, body: bytes, *, queue: str, task_id: str, headers: dict[str, str] | None = None) -> None:
        """Raises UnroutedError or one of LINE_FAILURES; after the latter the message may be in the queue or not."""
        self._returned.clear()
        try:
            self._producer().publish(
                body,
                routing_key=queue,
                message_id=task_id,
                headers=headers,
                content_type="application/json",
                content_encoding="binary",
                delivery_mode="persistent",
                mandatory=True,
                retry=False,
                timeout=CONFIRM_SECONDS,
                confirm_timeout=CONFIRM_SECONDS,
            )
        except LINE_FAILURES:
            self.close()
            raise
        if self._returned:
            raise UnroutedError(f"{queue}: {self._returned[0]}")

    def _producer(self) -> Producer:
        if self._connection is None:
            self._connection = _connection(self._url)
        return Producer(self._connection.default_channel, serializer="raw", on_return=self._note_return)

    def _note_return(self, code: int, text: str, *_rest: Any) -> None:
        self._returned.append(f"{code} {text}")

    def close(self) -> None:
        if self._connection is not None:
            self._connection.release()
            self._connection = None


def consume(url: str, queue: str, *, handle: Callable[[bytes, str], None], is_stopped: Callable[[], bool]) -> None:
    """Calls `handle` with the body and id of each message until `is_stopped()`.

    A message is acknowledged after `handle` has returned, so one that a crash interrupts is delivered again. If
    `handle` raises RefusedBodyError, the message is moved to the dead-letter queue. While the broker or the database is
    unavailable, it tries again after increasing pauses.
    """
    pause = 1.0
    while not is_stopped():
        try:
            with _receiving(url, queue, handle) as connection:
                logger.info("waiting for tasks in %s", queue)
                pause = 1.0
                _drain(connection, is_stopped)
        except (*LINE_FAILURES, OperationalError, InterfaceError) as error:
            logger.warning("%s cannot be served, trying again in %g s: %s", queue, pause, error)
            _wait(pause, is_stopped)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)


@contextmanager
def _receiving(url: str, queue: str, handle: Callable[[bytes, str], None]) -> Iterator[Connection]:
    worker = _Worker(Publisher(url), queue, handle)
    try:
        with _connection(url) as connection:
            _declare(connection, queue)
            _declare(connection, worker.dead_queue)
            channel = connection.channel()
            queues = [Queue(queue, channel=channel, no_declare=True)]
            consumer = Consumer(channel, queues, on_message=worker.work, prefetch_count=PREFETCH, auto_declare=False)
            consumer.consume()
            try:
                yield connection
            finally:
                worker.is_closing = True
    finally:
        worker.publisher.close()


class _Worker:
    """Processes messages one by one.

    `publisher` has its own connection: waiting for a confirmation on the consumer's one would deliver the next message.
    """

    def __init__(self, publisher: Publisher, queue: str, handle: Callable[[bytes, str], None]) -> None:
        self.publisher = publisher
        self.queue = queue
        self.dead_queue = f"{queue}.dead"
        self.handle = handle
        self.is_closing = False

    def work(self, message: Message) -> None:
        if self.is_closing:
            return  # not acknowledged, so the broker queues it again
        body = message.body if isinstance(message.body, bytes) else str(message.body).encode()
        task_id = message.properties.get("message_id") or ""
        close_old_connections()
        try:
            self.handle(body, task_id)
        except RefusedBodyError as error:
            logger.error("a task in %s is refused: %s", self.queue, error)
            reason = {REASON_HEADER: str(error)[:1000]}
            self.publisher.publish(body, queue=self.dead_queue, task_id=task_id, headers=reason)
        message.ack()


def _declare(connection: Connection, queue: str) -> None:
    """Creates the queue as a durable one if it does not exist. An existing one is used whatever its properties."""
    try:
        with connection.channel() as channel:
            channel.queue_declare(queue, passive=True)
    except NotFound:
        with connection.channel() as channel:
            channel.queue_declare(queue, durable=True, auto_delete=False)


def _drain(connection: Connection, is_stopped: Callable[[], bool]) -> None:
    while not is_stopped():
        try:
            connection.drain_events(timeout=1)
        except TimeoutError:
            connection.heartbeat_check()


def _wait(seconds: float, is_stopped: Callable[[], bool]) -> None:
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at and not is_stopped():
        time.sleep(0.1)


def _connection(url: str) -> Connection:
    connection = Connection(
        url,
        connect_timeout=CONNECT_SECONDS,
        heartbeat=HEARTBEAT_SECONDS,
        transport_options={"confirm_publish": True, "max_retries": 0},
    )
    connection.connect()
    return connection
