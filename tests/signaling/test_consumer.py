"""A socket's bytes: who reads too slowly, sends too fast, or too much."""

import asyncio
import ipaddress
from typing import Any

import pytest

from signaling import consumer
from signaling.effects import NORMAL, OVERLOAD, RESTART
from signaling.hub import OUTBOX, Connection, hub

ECHO = '{"namespace":"echo","payload":{"action":"ping"}}'
UNKNOWN = '{"namespace":"sports","payload":{"action":"join"}}'


class Socket:
    """Of one client, which sends these texts and then says nothing. `is_stuck`: it takes no frames."""

    def __init__(self, *texts: str, is_stuck: bool = False) -> None:
        self.coming = iter(texts)
        self.connection = Connection()
        self.sent: list[dict[str, Any]] = []
        self.is_stuck = is_stuck
        self.stuck = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        text = next(self.coming, None)
        if text is None:
            await asyncio.Event().wait()
        return {"type": "websocket.receive", "text": text}

    async def send(self, message: dict[str, Any]) -> None:
        if self.is_stuck and message["type"] == "websocket.send":
            self.stuck.set()
            await asyncio.Event().wait()
        self.sent.append(message)

    def serve(self) -> str:
        """Why it ended."""
        served = consumer._serve(self.connection, self.receive, self.send)
        return asyncio.run(asyncio.wait_for(served, 10))

    @property
    def close_code(self) -> int | None:
        return next((message["code"] for message in self.sent if message["type"] == "websocket.close"), None)

    def texts(self) -> list[str]:
        return [message["text"] for message in self.sent if message["type"] == "websocket.send"]


def test_slow_receiver_is_closed_and_keeps_nothing() -> None:
    """With one farewell, also where the writer has something to do at the same moment."""
    socket = Socket(is_stuck=True)
    for number in range(OUTBOX):
        socket.connection.push(str(number))
    assert not socket.connection.overloaded.is_set()
    socket.connection.push("one more")
    assert socket.connection.overloaded.is_set()
    assert not socket.connection.outbox
    assert socket.serve() == "timeout"
    assert socket.sent == [{"type": "websocket.close", "code": OVERLOAD}]


def test_slow_receiver_is_closed_while_a_frame_is_stuck() -> None:
    """The writer waits for the client, and is not waited for."""
    socket = Socket(is_stuck=True)
    socket.connection.push("stuck")

    async def fill() -> str:
        serving = asyncio.ensure_future(consumer._serve(socket.connection, socket.receive, socket.send))
        await socket.stuck.wait()
        for number in range(OUTBOX + 1):
            socket.connection.push(str(number))
        return await asyncio.wait_for(serving, 10)

    assert asyncio.run(fill()) == "timeout"
    assert socket.close_code == OVERLOAD


def test_client_that_does_not_even_take_the_farewell_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer, "FAREWELL_SECONDS", 0)
    socket = Socket()
    for number in range(OUTBOX + 1):
        socket.connection.push(str(number))

    async def stuck(_message: dict[str, Any]) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(socket, "send", stuck)
    assert socket.serve() == "timeout"


def test_after_the_limit_the_socket_is_closed_for_good() -> None:
    socket = Socket(*[UNKNOWN] * (consumer.BURST + 10))
    assert socket.serve() == "quit"
    assert socket.close_code == NORMAL
    errors = [text for text in socket.texts() if "invalid_namespace" in text]
    # What is counted comes back by itself while the test runs.
    assert consumer.BURST <= len(errors) < consumer.BURST + 10
    assert "rate_limit_exceeded" in socket.texts()[-1]


def test_heartbeats_do_not_count() -> None:
    socket = Socket(*[ECHO] * (consumer.BURST * 3), *[UNKNOWN] * 5, '"' + "x" * consumer.MESSAGE_BYTES + '"')
    socket.serve()
    assert socket.close_code == consumer.TOO_BIG
    assert len(socket.texts()) == consumer.BURST * 3 + 5


def test_limit_is_of_one_socket_alone() -> None:
    first = Socket(*[UNKNOWN] * (consumer.BURST + 10))
    second = Socket(*[UNKNOWN] * 5, "x" * (consumer.MESSAGE_BYTES + 1))
    first.serve()
    second.serve()
    assert (first.close_code, second.close_code) == (NORMAL, consumer.TOO_BIG)


def test_command_that_fails_has_the_client_join_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_arguments: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(hub, "command", fail)
    socket = Socket('{"namespace":"control","payload":{"action":"raise_hand"}}')
    socket.serve()
    assert socket.close_code == RESTART


def test_address_is_the_one_that_a_trusted_proxy_tells(settings: Any) -> None:
    scope = {"client": ("127.0.0.1", 5), "headers": [(b"x-forwarded-for", b"198.51.100.1, 192.0.2.7")]}
    assert consumer._address(scope) == "127.0.0.1"
    settings.TRUSTED_PROXIES = [ipaddress.ip_network("127.0.0.1")]
    assert consumer._address(scope) == "192.0.2.7"
    assert consumer._address({"client": None}) == ""
