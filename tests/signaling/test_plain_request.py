"""GET /signaling without an upgrade: 426 where a WebSocket can be opened, 503 where none can be."""

import asyncio
import json
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.test import Client

from opentalk_site.bridge import Bridge


def test_server_without_websockets_is_unavailable() -> None:
    answer = Client().get("/signaling")
    assert (answer.status_code, answer.json()["code"]) == (503, "service_unavailable")
    assert answer["Retry-After"] == "10"


def test_server_with_websockets_asks_for_the_upgrade() -> None:
    sent = asyncio.run(_get("/signaling"))
    status, headers, body = sent[0]["status"], dict(sent[0]["headers"]), json.loads(sent[1]["body"])
    assert (status, headers[b"upgrade"], body["code"], body["status"]) == (426, b"websocket", "upgrade_required", "426")


async def _get(path: str) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "http_version": "1.1", "method": "GET", "path": path, "query_string": b""}
    headers = [(b"host", b"localhost")]
    await Bridge(WSGIHandler(), threads=1)(scope | {"headers": headers}, receive, send)
    return sent
