"""GET /signaling: an ASGI application that turns a socket's bytes into commands, and the hub's frames into bytes."""

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from django.utils import timezone

from rest.client import vouched_for
from signaling.commands import Command, SignalCommand
from signaling.effects import NORMAL, OVERLOAD, RESTART
from signaling.frames import Envelope, Invalid, command_of, error_frame, frame, opened
from signaling.hub import Connection, hub
from signaling.tickets import RANDOM_LENGTH, InvalidTicket

logger = logging.getLogger(__name__)
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

PROTOCOL = "opentalk-signaling-json-v1.0"
TICKET = "ticket#"
TICKET_LENGTH = 37 + RANDOM_LENGTH  # a room's id and a separator before what is random
MESSAGE_BYTES = 1_048_576
TOO_BIG = 1009
# Commands of one socket: so many at once, and so many a second. Heartbeats do not count.
BURST, PER_SECOND = 60, 20
SIGNAL_COST = 0.1
# Whoever does not even read the farewell.
FAREWELL_SECONDS = 5


class Refused(Exception):
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    if (await receive())["type"] != "websocket.connect":
        return
    connection = Connection(_address(scope))
    try:
        await hub.open(connection, _ticket(scope))
    except Refused as refused:
        await _refuse(scope, send, refused)
        return
    except InvalidTicket:
        await _refuse(scope, send, Refused(401, "invalid_ticket", InvalidTicket.default_detail))
        return
    reason = "quit"
    try:
        await send({"type": "websocket.accept", "subprotocol": PROTOCOL})
        reason = await _serve(connection, receive, send)
    except OSError:  # the client is gone
        reason = "timeout"
    finally:
        await asyncio.shield(hub.closed(connection, reason))


def _address(scope: dict[str, Any]) -> str:
    told = [value.decode("latin-1") for name, value in scope.get("headers", ()) if name == b"x-forwarded-for"]
    return vouched_for((scope.get("client") or [""])[0], ",".join(told))


def _ticket(scope: dict[str, Any]) -> str:
    """Of the sub-protocols, in any order: one is the protocol, one carries the ticket."""
    offered: list[str] = [word.strip() for word in scope.get("subprotocols", ()) if word.strip()]
    if not offered:
        raise Refused(400, "missing_protocol", "The header Sec-WebSocket-Protocol is missing")
    if PROTOCOL not in offered:
        raise Refused(400, "invalid_protocol", f"The sub-protocol must be {PROTOCOL}")
    ticket = next((word.removeprefix(TICKET) for word in offered if word.startswith(TICKET)), None)
    if ticket is None:
        raise Refused(401, "missing_ticket", f"A sub-protocol {TICKET}… with the ticket is missing")
    if len(ticket) != TICKET_LENGTH:
        raise InvalidTicket
    return ticket


async def _refuse(scope: dict[str, Any], send: Send, refused: Refused) -> None:
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close"})  # a 403 without words
        return
    body = json.dumps({"code": refused.code, "message": refused.message}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "websocket.http.response.start", "status": refused.status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": body})


async def _serve(connection: Connection, receive: Receive, send: Send) -> str:
    """Until either side ends it; why the participant left."""
    reader = asyncio.create_task(_read(connection, receive))
    writer = asyncio.create_task(_write(connection, send))
    overload = asyncio.create_task(connection.overloaded.wait())
    tasks: tuple[asyncio.Task[Any], ...] = (reader, writer, overload)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if connection.overloaded.is_set():
            writer.cancel()
            with contextlib.suppress(TimeoutError, OSError):
                await asyncio.wait_for(send({"type": "websocket.close", "code": OVERLOAD}), FAREWELL_SECONDS)
            return "timeout"
        if reader.done():
            return str(reader.result())
        writer.result()
        return "quit"
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _write(connection: Connection, send: Send) -> None:
    while True:
        await connection.wake.wait()
        connection.wake.clear()
        while connection.outbox:
            await send({"type": "websocket.send", "text": connection.outbox.popleft()})
        if connection.overloaded.is_set():
            return
        if connection.close_code:
            await send({"type": "websocket.close", "code": connection.close_code})
            return


async def _read(connection: Connection, receive: Receive) -> str:
    """Why the participant left."""
    budget, last = float(BURST), time.monotonic()
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            # Closed by the client, or by us; anything else was the network.
            return "quit" if message.get("code") in (NORMAL, 1001, RESTART) else "timeout"
        data = message.get("text") or message.get("bytes") or ""
        if len(data) > MESSAGE_BYTES:
            connection.close(TOO_BIG)
            continue
        if connection.close_code:
            continue
        try:
            envelope = opened(data)
        except Invalid as invalid:
            envelope = None
            connection.push(error_frame(invalid.code, timezone.now()))
        if envelope is not None and envelope.namespace == "echo":
            connection.push(frame("echo", envelope.payload, timezone.now()))
            continue
        command = _command(connection, envelope) if envelope is not None else None
        now = time.monotonic()
        cost = SIGNAL_COST if isinstance(command, SignalCommand) else 1
        budget, last = min(BURST, budget + (now - last) * PER_SECOND) - cost, now
        if budget < 0:
            connection.push(frame("control", {"message": "rate_limit_exceeded"}, timezone.now()))
            connection.close(NORMAL)
        elif envelope is not None and command is not None:
            await _obey(connection, envelope, command)


def _command(connection: Connection, envelope: Envelope) -> Command | None:
    try:
        return command_of(envelope)
    except Invalid as invalid:
        connection.push(error_frame(invalid.code, timezone.now()))
        return None


async def _obey(connection: Connection, envelope: Envelope, command: Command) -> None:
    try:
        await hub.command(connection, envelope.namespace, command)
    except Exception:
        # Nothing of the command has happened. The client joins anew and sees the room as it is.
        logger.exception("A command of %s failed", envelope.namespace)
        connection.close(RESTART)
