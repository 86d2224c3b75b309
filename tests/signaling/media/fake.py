"""As much of Janus as the site speaks to, at a real socket: what it was told, and what it is to say.

    async with FakeJanus() as fake:
        ...
        message = await fake.told("message")

Answers come as Janus sends them: `success` at once, or `ack` and then an event.
"""

import asyncio
import itertools
import json
from typing import Any, Self

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.typing import Subprotocol

SECRET = "of-the-tests"
Message = dict[str, Any]
NO_SUCH_ROOM = 426
# Of the plugin, without an event.
SYNCHRONOUS = ("create", "destroy")
JSEP = {"joinandconfigure": "answer", "join": "offer"}
SECONDS = 10


class FakeJanus:
    def __init__(self, port: int = 0) -> None:
        self.port = port
        self.refuses: dict[str, int] = {}  # by request of the plugin, the code
        self.is_silent = False
        self.rooms: set[int] = set()
        self.sessions: list[int] = []
        self.handles: set[int] = set()
        self._told: asyncio.Queue[Message] = asyncio.Queue()
        self._numbers = itertools.count(1000)
        self._server: Server | None = None
        self._sockets: list[ServerConnection] = []

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        protocols = [Subprotocol("janus-protocol")]
        self._server = await serve(self._serve, "127.0.0.1", self.port, subprotocols=protocols)
        self.port = next(iter(self._server.sockets)).getsockname()[1]
        return self

    async def __aexit__(self, *_error: object) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def told(self, *kinds: str) -> Message:
        """The next message of these kinds, with what the protocol adds taken off."""
        while True:
            message = await asyncio.wait_for(self._told.get(), SECONDS)
            if message["janus"] in kinds:
                return message

    async def asked(self) -> Message:
        """The next request to the plugin, with its SDP."""
        message = await self.told("message")
        return message["body"] | ({"jsep": message["jsep"]} if "jsep" in message else {})

    async def say(self, handle: int, kind: str, **data: Any) -> None:
        await self._send(self._sockets[-1], {"janus": kind, "sender": handle, **data})

    async def end_session(self) -> None:
        await self._send(self._sockets[-1], {"janus": "timeout", "session_id": self.sessions[-1]})

    async def _serve(self, socket: ServerConnection) -> None:
        assert socket.subprotocol == "janus-protocol"
        self._sockets.append(socket)
        async for text in socket:
            message = json.loads(text)
            self._told.put_nowait(message)
            if not self.is_silent:
                await self._answer(socket, message)

    async def _answer(self, socket: ServerConnection, message: Message) -> None:
        common = {"transaction": message["transaction"]}
        refusal = self._refusal(message)
        if refusal:
            await self._send(socket, {"janus": "error", "error": refusal, **common})
            return
        match message["janus"]:
            case "create":
                self.sessions.append(next(self._numbers))
                await self._send(socket, {"janus": "success", "data": {"id": self.sessions[-1]}, **common})
            case "attach":
                handle = next(self._numbers)
                self.handles.add(handle)
                await self._send(socket, {"janus": "success", "data": {"id": handle}, **common})
            case "detach":
                self.handles.remove(message["handle_id"])
                await self._send(socket, {"janus": "success", **common})
            case "message":
                await self._plugin(socket, message, common)
            case _:
                await self._send(socket, {"janus": "ack", **common})

    def _refusal(self, message: Message) -> Message | None:
        if message.get("apisecret") != SECRET:
            return {"code": 403, "reason": "Unauthorized request"}
        if message["janus"] != "create" and message.get("session_id") != self.sessions[-1]:
            return {"code": 458, "reason": "No such session"}
        if "handle_id" in message and message["handle_id"] not in self.handles:
            return {"code": 459, "reason": "No such handle"}
        if message["janus"] in self.refuses and message["janus"] != "create":  # also the plugin's
            return {"code": self.refuses[message["janus"]], "reason": "As the test wants"}
        return None

    async def _plugin(self, socket: ServerConnection, message: Message, common: Message) -> None:
        body: Message = message["body"]
        data: Message = {"videoroom": "event"}
        request = body["request"]
        event: Message = {"janus": "event", "sender": message["handle_id"], **common}
        if request in self.refuses:
            data["error_code"] = self.refuses[request]
        elif request == "destroy" and body["room"] not in self.rooms:
            data["error_code"] = NO_SUCH_ROOM
        elif request == "create":
            self.rooms.add(body["room"])
        elif request == "destroy":
            self.rooms.remove(body["room"])
        elif request in JSEP or "jsep" in message or body.get("restart"):
            kind = JSEP.get(request, "offer" if body.get("restart") else "answer")
            if message.get("jsep", {}).get("type") != "answer":
                event["jsep"] = {"type": kind, "sdp": f"v=0 {request}"}
        if request in SYNCHRONOUS:
            event["janus"] = "success"
        else:
            await self._send(socket, {"janus": "ack", **common})
            # Before the SDP, as Janus does where it trickles.
            for candidate in ({"candidate": "c", "sdpMid": "0", "sdpMLineIndex": 0}, {"completed": True}):
                if "jsep" in event:
                    await self._send(socket, {"janus": "trickle", "sender": event["sender"], "candidate": candidate})
        await self._send(socket, event | {"plugindata": {"plugin": "janus.plugin.videoroom", "data": data}})

    async def _send(self, socket: ServerConnection, message: Message) -> None:
        await socket.send(json.dumps(message))
