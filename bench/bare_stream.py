"""The floor of the streams: everybody gets what a notification of PostgreSQL says. No sign-in, no log, no rows."""

import asyncio
import os
from typing import Any

import psycopg

CHANNEL = "bench_bare_stream"
# As long as an activity.
FRAME = b"event: activity\nid: 2f1-3a7\ndata: " + b"x" * 600 + b"\n\n"
_clients: set[asyncio.Queue[bytes]] = set()
_tasks: set[asyncio.Task[None]] = set()


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await receive()
        _tasks.add(asyncio.create_task(_listen()))
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
    await send({"type": "http.response.body", "body": b"retry: 2000\n\n", "more_body": True})
    queue: asyncio.Queue[bytes] = asyncio.Queue()
    _clients.add(queue)
    gone = asyncio.create_task(receive())
    writing = asyncio.create_task(_write(queue, send))
    await asyncio.wait((gone, writing), return_when=asyncio.FIRST_COMPLETED)
    _clients.discard(queue)
    writing.cancel()


async def _write(queue: asyncio.Queue[bytes], send: Any) -> None:
    while True:
        await send({"type": "http.response.body", "body": await queue.get(), "more_body": True})


async def _listen() -> None:
    async with await psycopg.AsyncConnection.connect(os.environ["DATABASE_URL"], autocommit=True) as listening:
        await listening.execute(f"LISTEN {CHANNEL}")
        async for _notice in listening.notifies():
            for queue in _clients:
                queue.put_nowait(FRAME)
