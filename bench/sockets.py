"""Many WebSockets in one process that cost little: they look into a frame only for when it was sent."""

import asyncio
import base64
import json
import os
import re
import struct
import time
from collections.abc import Sequence
from typing import Any

from bench.bare_hub import PROTOCOL

SENT = re.compile(rb'"content":\s?"at ([0-9.]+)"')
ANSWER_SECONDS = 30
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class Socket(asyncio.Protocol):
    """`waits` are how long messages took that came, in seconds."""

    def __init__(self, ticket: str) -> None:
        self.ticket = ticket
        self.buffer = bytearray()
        self.waits: list[float] = []
        self.bytes = self.frames = self.welcome = 0
        self.is_open = asyncio.Event()
        self.is_in = asyncio.Event()
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET /signaling HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Protocol: ticket#{self.ticket}, {PROTOCOL}\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.is_open.is_set():
            head, end, rest = self.buffer.partition(b"\r\n\r\n")
            if not end:
                return
            if b" 101 " not in head[:20]:
                raise RuntimeError(head.decode())
            self.buffer = bytearray(rest)
            self.is_open.set()
        self._read()

    def _read(self) -> None:
        at, buffer = 0, self.buffer
        while len(buffer) >= at + 2:
            length, start = buffer[at + 1] & 127, at + 2
            if length >= 126:
                size = 2 if length == 126 else 8
                if len(buffer) < start + size:
                    break
                length, start = int.from_bytes(buffer[start : start + size], "big"), start + size
            if len(buffer) < start + length:
                break
            self._frame(buffer[at] & 15, bytes(buffer[start : start + length]))
            at = start + length
        del buffer[:at]

    def _frame(self, kind: int, body: bytes) -> None:
        self.bytes += len(body)
        self.frames += 1
        if kind == PING:
            self._send(PONG, body)
        elif kind == CLOSE:
            raise RuntimeError(f"closed with {int.from_bytes(body[:2], 'big')}")
        elif found := SENT.search(body):
            self.waits.append(time.monotonic() - float(found[1]))
        elif not self.is_in.is_set() and b'"join_success"' in body:
            self.welcome = len(body)
            self.is_in.set()

    def send(self, namespace: str, action: str, **payload: Any) -> None:
        self._send(TEXT, json.dumps({"namespace": namespace, "payload": {"action": action, **payload}}).encode())

    def _send(self, kind: int, body: bytes) -> None:
        """Masked with nothing, which is a mask too."""
        length = struct.pack("!B", 128 | len(body)) if len(body) < 126 else struct.pack("!BH", 254, len(body))
        self.transport.write(bytes([128 | kind]) + length + bytes(4) + body)

    def say(self) -> None:
        self.send("chat", "send_message", scope="global", content=f"at {time.monotonic():.6f}")

    async def join(self, name: str) -> float:
        """How long it took, in seconds."""
        began = time.monotonic()
        self.send("control", "join", display_name=name)
        await asyncio.wait_for(self.is_in.wait(), ANSWER_SECONDS)
        return time.monotonic() - began


async def opened(port: int, tickets: Sequence[str]) -> list[Socket]:
    loop = asyncio.get_running_loop()
    sockets = []
    for ticket in tickets:
        _transport, socket = await loop.create_connection(lambda ticket=ticket: Socket(ticket), "127.0.0.1", port)  # type: ignore[misc]
        await asyncio.wait_for(socket.is_open.wait(), ANSWER_SECONDS)
        sockets.append(socket)
    return sockets


async def closed(sockets: Sequence[Socket]) -> None:
    for socket in sockets:
        socket.transport.close()
    await asyncio.sleep(0)


async def spoken(speakers: Sequence[Socket], hearers: int, *, per_second: int, seconds: float) -> list[float]:
    """Somebody else says something each time; how long each message took to each of the `hearers`, sorted."""
    for socket in speakers:
        socket.waits.clear()
    count = int(per_second * seconds)
    began = time.monotonic()
    for number in range(count):
        await asyncio.sleep(max(0.0, began + number / per_second - time.monotonic()))
        speakers[number * 7 % len(speakers)].say()
    end = time.monotonic() + ANSWER_SECONDS
    while sum(len(socket.waits) for socket in speakers) < count * hearers:
        if time.monotonic() > end:
            raise RuntimeError("messages did not arrive")
        await asyncio.sleep(0.01)
    return sorted(wait for socket in speakers for wait in socket.waits)
