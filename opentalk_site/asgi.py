"""ASGI entry point: the one web process of `make run`; in production what stays open, such as `/signaling`."""

import os
from typing import Any

from django.core.wsgi import get_wsgi_application

from opentalk_site.bridge import Bridge

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opentalk_site.settings")

# More would share one Python without being faster, and each may hold a database connection.
THREADS = 8

rest = Bridge(get_wsgi_application(), threads=THREADS)


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        raise ValueError(f"This site serves HTTP, no {scope['type']}.")
    await rest(scope, receive, send)
