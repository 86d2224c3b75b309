"""A WSGI application in an ASGI server, with a fixed number of threads that no slow client can hold.

Django's own ASGI handler takes twice the CPU for a request (docs/performance.md), and a new thread for each, which
leaves its database connection behind.
"""

import asyncio
import contextlib
import io
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import unquote_to_bytes

from rest import live

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

# A body up to this size is awaited before a thread is asked for; a larger one is a file, and read while it comes.
AWAITED_BYTES = 2_500_000
# For such files: who sends one slowly keeps other uploads waiting, and nothing else.
UPLOAD_THREADS = 4
FAREWELL_SECONDS = 5


class Disconnected(OSError):
    """The client went away before its request was complete."""


class Bridge:
    def __init__(self, application: Application, *, threads: int) -> None:
        self.application = application
        self.threads = ThreadPoolExecutor(threads, "request")
        self.upload_threads = ThreadPoolExecutor(UPLOAD_THREADS, "upload")
        self.lives = live.running

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            begun, is_complete = await _begin(receive)
        except Disconnected:
            return
        loop = asyncio.get_running_loop()
        body = io.BytesIO(begun) if is_complete else io.BufferedReader(_Body(begun, receive, loop))
        environ = _environ(scope, body) | ({"CONTENT_LENGTH": str(len(begun))} if is_complete else {})
        threads = self.threads if is_complete else self.upload_threads
        answer = await loop.run_in_executor(threads, _Answer, self.application, environ)
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        if answer.is_whole:
            await send({"type": "http.response.body", "body": answer.first})
        elif answer.live is not None:
            await self._live(answer, scope["method"] == "HEAD", receive, send)
        else:
            await self._stream(answer, receive, send)

    async def _stream(self, answer: "_Answer", receive: Receive, send: Send) -> None:
        """Takes a thread only to read a piece, which it does when the one before is on its way."""
        loop = asyncio.get_running_loop()
        gone = asyncio.ensure_future(_gone(receive))
        piece: bytes | None = answer.first
        try:
            while piece is not None and not gone.done():
                await send({"type": "http.response.body", "body": piece, "more_body": True})
                piece = await loop.run_in_executor(self.threads, answer.next)
            await send({"type": "http.response.body", "body": b""})
        finally:
            gone.cancel()
            await loop.run_in_executor(self.threads, answer.close)

    async def _live(self, answer: "_Answer", is_head: bool, receive: Receive, send: Send) -> None:
        """Takes no thread (rest/live.py). Ends with the client, with its generator, or with its time."""
        if not is_head:
            gone = asyncio.ensure_future(_gone(receive))
            writing = asyncio.ensure_future(_write(answer.live(), send))
            self.lives.add(writing)
            try:
                await asyncio.wait((gone, writing), timeout=answer.seconds, return_when=asyncio.FIRST_COMPLETED)
            finally:
                self.lives.discard(writing)
                for task in (gone, writing):
                    task.cancel()
                await asyncio.gather(gone, writing, return_exceptions=True)
            if not writing.cancelled():
                writing.result()
        # Whoever takes nothing any more does not take the end either.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(send({"type": "http.response.body", "body": b""}), FAREWELL_SECONDS)

    def end_lives(self) -> None:
        """Before the process ends. Clients connect again, to another one."""
        for writing in self.lives:
            writing.cancel()


async def _begin(receive: Receive) -> tuple[bytes, bool]:
    """The body, and whether that is all of it. Raises Disconnected."""
    parts: list[bytes] = []
    size = 0
    while size <= AWAITED_BYTES:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if not message.get("more_body"):
            return b"".join(parts), True
    return b"".join(parts), False


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _write(pieces: AsyncGenerator[bytes, None], send: Send) -> None:
    async with contextlib.aclosing(pieces):
        async for piece in pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})


class _Body(io.RawIOBase):
    """What a thread reads of a body that is still coming in. Raises Disconnected."""

    def __init__(self, begun: bytes, receive: Receive, loop: asyncio.AbstractEventLoop) -> None:
        self.part = begun
        self.receive = receive
        self.loop = loop
        self.is_last = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self.part and not self.is_last:
            message = asyncio.run_coroutine_threadsafe(self._receive(), self.loop).result()
            if message["type"] == "http.disconnect":
                raise Disconnected
            self.part, self.is_last = message.get("body", b""), not message.get("more_body")
        size = min(len(buffer), len(self.part))
        buffer[:size], self.part = self.part[:size], self.part[size:]
        return size

    async def _receive(self) -> Message:
        return await self.receive()


class _Answer:
    """What the application answers, with the first piece of the body; made and read in threads."""

    def __init__(self, application: Application, environ: Environ) -> None:
        self.body = application(environ, self._start)
        self.live: Any = getattr(self.body, "live", None)
        if self.live is not None:
            self.seconds: float | None = self.body.seconds  # type: ignore[attr-defined] # it is a LiveResponse
            self.is_whole = False
            self.close()
            return
        self.pieces = iter(self.body)
        self.first = self.next() or b""
        # Most answers are one piece that says how long it is: they need no second visit to a thread.
        self.is_whole = (b"content-length", str(len(self.first)).encode()) in self.headers
        if self.is_whole:
            self.close()

    def _start(self, status: str, headers: list[tuple[str, str]], _exc_info: Any = None) -> None:
        self.status = int(status[:3])
        # Django puts a space before each cookie.
        self.headers = [(name.lower().encode("latin-1"), value.strip().encode("latin-1")) for name, value in headers]

    def next(self) -> bytes | None:
        return next(self.pieces, None)

    def close(self) -> None:
        if hasattr(self.body, "close"):
            self.body.close()


def _environ(scope: Scope, body: Any) -> Environ:
    """As PEP 3333 wants it: text is bytes read as Latin-1."""
    host, port = scope.get("server") or ("localhost", None)
    environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": scope.get("root_path", ""),
        "PATH_INFO": unquote_to_bytes(scope.get("raw_path") or scope["path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or 80),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": scope["client"][0] if scope.get("client") else "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "asgi.scope": scope,  # by its presence a view knows that WebSockets can be opened here
    }
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        # X_Forwarded_For would look like X-Forwarded-For.
        if "_" not in name:
            key = name.upper().replace("-", "_")
            key = key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"
            before = environ.get(key)
            environ[key] = value if before is None else f"{before}{'; ' if name == 'cookie' else ','}{value}"
    return environ
