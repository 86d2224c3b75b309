"""Janus by its WebSocket API (sub-protocol janus-protocol): a session per process, a handle per stream and client.

The first who needs it connects. When the WebSocket or Janus ends, every handle hears `{"janus": "gone"}`, and the next
one who needs it connects anew.
"""

import asyncio
import contextlib
import itertools
import json
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

logger = logging.getLogger(__name__)

PLUGIN = "janus.plugin.videoroom"
# Janus forgets a session that was silent for a minute.
KEEPALIVE_SECONDS = 20
CONNECT_SECONDS = 3
ANSWER_SECONDS = 5
# Who failed to connect is not followed by others for so long: all of them would wait.
PAUSE_SECONDS = 1
MESSAGE_BYTES = 1_048_576

Message = dict[str, Any]
Hear = Callable[[Message], None]


class Unavailable(Exception):
    """Janus is not there, or does not answer."""


class Refused(Exception):
    """Janus says no. `code` is Janus's or its plugin's."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code = code


class Janus:
    """Of one event loop. Without `url` there is none."""

    def __init__(self, url: str, secret: str) -> None:
        self.url, self.secret = url, secret
        self._lock = asyncio.Lock()
        self._session: _Session | None = None
        self._paused_until = 0.0
        self._tasks: set[asyncio.Task[None]] = set()

    def run(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """What uses handles, and is to be over before Janus is left."""
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def attach(self, hear: Hear) -> "Handle":
        """`hear` gets every message about the handle, in order. Raises Unavailable, Refused."""
        session = await self._living()
        answer = await session.request({"janus": "attach", "plugin": PLUGIN})
        handle = Handle(session, answer["data"]["id"])
        session.hear[handle.id] = hear
        return handle

    async def close(self) -> None:
        """When nobody needs a handle any more."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=ANSWER_SECONDS)
        if self._session is not None:
            await self._session.close()

    async def _living(self) -> "_Session":
        async with self._lock:
            if self._session is not None and not self._session.is_over:
                return self._session
            now = asyncio.get_running_loop().time()
            if not self.url or now < self._paused_until:
                raise Unavailable
            try:
                self._session = await _Session.opened(self.url, self.secret)
            except (Unavailable, Refused) as error:
                logger.warning("Janus at %s: %s", self.url, error)
                self._paused_until = asyncio.get_running_loop().time() + PAUSE_SECONDS
                raise
            return self._session


class Handle:
    """What Janus calls one WebRTC connection. All of it raises Unavailable, Refused."""

    def __init__(self, session: "_Session", number: int) -> None:
        self._session, self.id = session, number

    async def ask(self, body: Message, jsep: Message | None = None) -> Message:
        """The plugin's answer. What it says beside it, an SDP, has been heard by then."""
        request: Message = {"janus": "message", "handle_id": self.id, "body": body}
        answer = await self._session.request(request | ({"jsep": jsep} if jsep else {}), until_event=True)
        data: Message = answer.get("plugindata", {}).get("data", {})
        if "error_code" in data:
            raise Refused(data["error_code"], data.get("error", ""))
        return data

    async def trickle(self, candidate: Message) -> None:
        await self._session.request({"janus": "trickle", "handle_id": self.id, "candidate": candidate})

    async def detach(self) -> None:
        self._session.hear.pop(self.id, None)
        await self._session.request({"janus": "detach", "handle_id": self.id})


class _Session:
    def __init__(self, socket: ClientConnection, secret: str) -> None:
        self.socket, self.is_over = socket, False
        self.hear: dict[int, Hear] = {}
        self._common: Message = {"apisecret": secret} if secret else {}
        self._numbers = itertools.count(1)
        self._waiting: dict[str, tuple[asyncio.Future[Message], bool]] = {}
        self._tasks = [asyncio.create_task(self._read())]

    @classmethod
    async def opened(cls, url: str, secret: str) -> Self:
        try:
            socket = await connect(
                url,
                subprotocols=[Subprotocol("janus-protocol")],
                proxy=None,
                open_timeout=CONNECT_SECONDS,
                max_size=MESSAGE_BYTES,
            )
        except (OSError, WebSocketException) as error:  # TimeoutError is an OSError
            raise Unavailable(str(error)) from error
        session = cls(socket, secret)
        try:
            answer = await session.request({"janus": "create"})
        except (Unavailable, Refused):
            await session.close()
            raise
        session._common["session_id"] = answer["data"]["id"]
        session._tasks.append(asyncio.create_task(session._keep_alive()))
        return session

    async def request(self, message: Message, *, until_event: bool = False) -> Message:
        """`until_event`: Janus first says that it got it, which is no answer yet."""
        if self.is_over:
            raise Unavailable
        transaction = str(next(self._numbers))
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._waiting[transaction] = (answer, until_event)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self.socket.send(json.dumps({**message, **self._common, "transaction": transaction}))
                return await answer
        except (OSError, WebSocketException) as error:
            raise Unavailable(str(error) or "no answer") from error
        finally:
            del self._waiting[transaction]

    async def close(self) -> None:
        if not self.is_over and "session_id" in self._common:
            with contextlib.suppress(Unavailable, Refused):
                await self.request({"janus": "destroy"})
        await self.socket.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _read(self) -> None:
        try:
            async for text in self.socket:
                message = json.loads(text)
                if message.get("janus") == "timeout":
                    break
                self._take(message)
        except (OSError, WebSocketException, ValueError) as error:
            logger.warning("Janus is gone: %s", error)
        finally:
            self._end()

    def _take(self, message: Message) -> None:
        """Its listener first, so that an SDP does not come after its candidates."""
        if hear := self.hear.get(message.get("sender", 0)):
            hear(message)
        answer, until_event = self._waiting.get(message.get("transaction", ""), (None, False))
        if answer is None or answer.done() or (until_event and message["janus"] == "ack"):
            return
        if message["janus"] == "error":
            answer.set_exception(Refused(message["error"]["code"], message["error"]["reason"]))
        else:
            answer.set_result(message)

    def _end(self) -> None:
        self.is_over = True
        for answer, _until_event in self._waiting.values():
            if not answer.done():
                answer.set_exception(Unavailable("the connection ended"))
        listeners, self.hear = list(self.hear.values()), {}
        for hear in listeners:
            hear({"janus": "gone"})

    async def _keep_alive(self) -> None:
        """Where Janus does not answer even that, the WebSocket is ended, and with it everything else."""
        try:
            while True:
                await asyncio.sleep(KEEPALIVE_SECONDS)
                await self.request({"janus": "keepalive"})
        except (Unavailable, Refused):
            await self.socket.close()
