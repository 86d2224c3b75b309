"""ASGI entry point: the one web process of `make run`; in production what stays open, such as `/signaling`."""

import os
from typing import Any

from django.core.wsgi import get_wsgi_application

from opentalk_site.bridge import Bridge

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opentalk_site.settings")

# More would share one Python without being faster, and each may hold a database connection.
THREADS = 8

rest = Bridge(get_wsgi_application(), threads=THREADS)

from signaling import consumer  # noqa: E402 - the application is set up first
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
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await hub.stop()
    await send({"type": "lifespan.shutdown.complete"})
