"""ASGI entry point: the one web process of `make run`; in production what stays open, such as `/signaling`."""

import asyncio
import os
import signal
import threading
from functools import partial
from typing import Any

from django.core.wsgi import get_wsgi_application

from opentalk_site.bridge import Bridge

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opentalk_site.settings")

# More would share one Python without being faster, and each may hold a database connection.
THREADS = 8

rest = Bridge(get_wsgi_application(), threads=THREADS)

from activity.waking import listener  # noqa: E402 - the application is set up first
from signaling import consumer  # noqa: E402
from signaling.hub import hub  # noqa: E402


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    match scope["type"]:
        case "http":
            await rest(scope, receive, send)
        case "websocket" if scope["path"] == "/signaling":
            await consumer.application(scope, receive, send)
        case "websocket":
            await receive()
            await send({"type": "websocket.close"})
        case "lifespan":
            await _live(receive, send)


async def _live(receive: Any, send: Any) -> None:
    await receive()
    await hub.start()
    _end_lives_when_told()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await hub.stop()
    await listener.stop()
    await send({"type": "lifespan.shutdown.complete"})


def _end_lives_when_told() -> None:
    """At the signal that ends the server, which would wait for all answers first and for these in vain."""
    if threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        handler = signal.getsignal(number)
        if callable(handler):
            signal.signal(number, partial(_told, loop, handler))


def _told(loop: asyncio.AbstractEventLoop, handler: Any, number: int, frame: Any) -> None:
    loop.call_soon_threadsafe(rest.end_lives)
    handler(number, frame)
