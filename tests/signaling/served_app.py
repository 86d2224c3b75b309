"""The site as it is served, with a back door: POST /do/<what>, by which tests give out tickets and change things.

Each function below is such a door; its arguments are the JSON members, its answer JSON.
"""

import asyncio
import json
from typing import Any

from opentalk_site.asgi import application as site
from tests.signaling import doors


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] != "http" or not scope["path"].startswith("/do/"):
        await site(scope, receive, send)
        return
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    door = getattr(doors, scope["path"].removeprefix("/do/"))
    result = await asyncio.to_thread(doors.opened, door, json.loads(body))
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": json.dumps(result, default=str).encode()})
