"""Answers that go on while something happens: event streams and long polls.

A view makes a LiveResponse after it has authenticated and checked the request, in a thread and through all middleware
as ever. In the ASGI process `opentalk_site/bridge.py` then runs `live` on the event loop: it takes no thread and no
database connection while it waits. Under plain WSGI (gunicorn), which cannot wait cheaply, `at_once` is the answer:
what there is now.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import close_old_connections
from django.http import HttpRequest, StreamingHttpResponse
from rest_framework.negotiation import DefaultContentNegotiation

T = TypeVar("T")
# More would not be faster: Python runs one at a time, and each holds a database connection.
THREADS = 4
# Of an event stream: how soon a client connects again, and how often an idle stream gives a sign of life.
RETRY_SECONDS, IDLE_SECONDS = 2, 20
EVENT_STREAM = "text/event-stream"
STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
COMMENT = b":\n\n"

# The answers that go on now in this process; the bridge fills it.
running: set["asyncio.Future[None]"] = set()
_threads = ThreadPoolExecutor(THREADS, "live")


class LiveResponse(StreamingHttpResponse):
    """`live()` yields the body piece by piece, for `seconds` at most; it is closed when the client has gone.

    While it runs it is on the event loop: whatever asks the database goes through `in_thread`.
    `at_once()` gives the pieces of an answer that does not wait. It is not called where `live` runs.
    """

    def __init__(
        self,
        live: Callable[[], AsyncGenerator[bytes, None]],
        at_once: Callable[[], Iterable[bytes]],
        *,
        seconds: float | None = None,
        content_type: str = EVENT_STREAM,
        headers: Mapping[str, str] = STREAM_HEADERS,
    ) -> None:
        super().__init__(_begun_when_read(at_once), content_type=content_type, headers=dict(headers))
        self.live = live
        self.seconds = seconds


class EventStreamAccepted(DefaultContentNegotiation):
    """For views that answer an event stream, and errors in JSON whatever is accepted."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


def runs_live(request: HttpRequest) -> bool:
    """Whether the server runs `live`, so that waiting costs nothing."""
    return "asgi.scope" in request.META


async def in_thread(function: Callable[[], T]) -> T:
    """What asks the database, in one of a few threads, which gives its connection back."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _connected, function)


def event(data: bytes, *, name: str = "", event_id: str = "") -> bytes:
    """One event of a stream; `data` has no line break. An id without data sets what Last-Event-ID says next time."""
    lines = [
        *([b"event: " + name.encode()] if name else ()),
        *([b"id: " + event_id.encode()] if event_id else ()),
        *([b"data: " + data] if data else ()),
    ]
    return b"\n".join(lines) + b"\n\n"


def retry(seconds: float = RETRY_SECONDS) -> bytes:
    return b"retry: %d\n\n" % int(seconds * 1000)


def _begun_when_read(at_once: Callable[[], Iterable[bytes]]) -> Iterator[bytes]:
    yield from at_once()


def _connected(function: Callable[[], Any]) -> Any:
    try:
        return function()
    finally:
        close_old_connections()
