"""The floor of the live meeting: everybody in one room, what one says all get, written once. No ticket, no database."""

import asyncio
import json
import uuid
from datetime import UTC, datetime
from typing import Any

PROTOCOL = "opentalk-signaling-json-v1.0"
_outboxes: set[asyncio.Queue[str]] = set()


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept", "subprotocol": PROTOCOL})
    outbox: asyncio.Queue[str] = asyncio.Queue()
    _outboxes.add(outbox)
    writer = asyncio.create_task(_write(outbox, send))
    try:
        while (message := await receive())["type"] == "websocket.receive":
            payload = json.loads(message["text"])["payload"]
            said = {"message": "message_sent", "id": str(uuid.uuid4()), **payload}
            text = json.dumps({"namespace": "chat", "timestamp": datetime.now(UTC).isoformat(), "payload": said})
            for other in _outboxes:
                other.put_nowait(text)
    finally:
        _outboxes.discard(outbox)
        writer.cancel()


async def _write(outbox: asyncio.Queue[str], send: Any) -> None:
    while True:
        await send({"type": "websocket.send", "text": await outbox.get()})
