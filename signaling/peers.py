"""What one socket has at Janus: a link for each stream that its client publishes or sees.

Each published stream is a videoroom of its own, so that the limit of its bitrate is the room's, and whoever stops
publishing takes the room along. Its number follows from the publisher's socket: every process finds it without asking.
Nothing here waits: a link works off its signals one after the other, in a task of its own.
"""

import asyncio
import contextlib
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings

from signaling.effects import Signal
from signaling.servers.janus import Handle, Janus, Message, Refused, Unavailable
from signaling.signals import refused

Push = Callable[[Message], None]
Key = tuple[uuid.UUID, str]

# How many signals of one stream may wait for Janus.
BACKLOG = 100
# A publisher's number in its own room.
FEED = 1
ROOM_EXISTS = 427


class Peers:
    """`push` sends a payload of namespace media to the socket's client."""

    def __init__(self, janus: Janus, me: uuid.UUID, push: Push) -> None:
        self.janus, self.me, self.push = janus, me, push
        self._links: dict[Key, _Link] = {}
        self._tasks: dict[Key, asyncio.Task[None]] = {}  # the last of each, which may have ended

    def take(self, signal: Signal) -> None:
        key = (signal.source.id, signal.kind)
        link = self._links.get(key)
        match signal.action:
            case "unpublish":
                self.end(key)
                return
            case "publish" if link is None or not link.continues(signal.data["sdp"]):
                link = self._begin(_Publisher(self, signal))
            case "subscribe":
                link = self._begin(_Subscriber(self, signal))
            case "resubscribe" if link is None:
                link = self._begin(_Subscriber(self, signal))
        if link is None or not link.enqueue(signal):
            self.push(refused(signal.action, *key))

    def hang_up(self, kind: str) -> None:
        """The own stream of that kind, or all that there is."""
        for key in list(self._links):
            if kind == "all" or key == (self.me, kind):
                self._links[key].go_down()

    def end(self, key: Key) -> None:
        if link := self._links.pop(key, None):
            link.enqueue(None)

    def is_current(self, link: "_Link") -> bool:
        return self._links.get(link.key) is link

    def _begin(self, link: "_Link") -> "_Link":
        """The one before it first takes its room along."""
        self.end(link.key)
        self._links[link.key] = link
        self._tasks[link.key] = self.janus.run(link.work(self._tasks.get(link.key)))
        return link


class _Link:
    """A stream of `key`'s participant and kind; the first signal opens it at Janus."""

    def __init__(self, peers: Peers, signal: Signal) -> None:
        self.peers, self.key, self.kind = peers, (signal.source.id, signal.kind), signal.kind
        self.room = room_number(signal.source.connection, signal.kind)
        self._queue: asyncio.Queue[Signal | None] = asyncio.Queue()
        self._handle: Handle | None = None
        self._is_in = False
        # Janus's candidates before its first SDP, without which a client can do nothing with them.
        self._early: list[Message] | None = []

    def enqueue(self, signal: Signal | None) -> bool:
        """None wakes a link that was ended."""
        if signal is not None and self._queue.qsize() >= BACKLOG:
            return False
        self._queue.put_nowait(signal)
        return True

    def continues(self, sdp: str) -> bool:
        """Whether it comes from the client's RTCPeerConnection that this link already has."""
        return False

    async def work(self, before: "asyncio.Task[None] | None") -> None:
        if before is not None:
            await asyncio.wait([before])
        while (signal := await self._queue.get()) is not None and self.peers.is_current(self):
            try:
                if self._handle is None:
                    self._handle = await self.peers.janus.attach(self.hear)
                await self.do(self._handle, signal)
            except (Unavailable, Refused):
                self._say(refused(signal.action, *self.key))
                if not self._is_in:
                    self._over()
        if self._handle is not None:
            # What Janus has forgotten is over.
            with contextlib.suppress(Unavailable, Refused):
                await self.leave(self._handle)
            with contextlib.suppress(Unavailable, Refused):
                await self._handle.detach()

    async def do(self, handle: Handle, signal: Signal) -> None:
        data = signal.data
        match signal.action:
            case "sdp_candidate":
                await handle.trickle(data["candidate"])
            case "sdp_end_of_candidates":
                await handle.trickle({"completed": True})

    def hear(self, message: Message) -> None:
        """From Janus, also when nobody asked."""
        if jsep := message.get("jsep"):
            self._tell(f"sdp_{jsep['type']}", sdp=jsep["sdp"])
            early, self._early = self._early or [], None
            for candidate in early:
                self._tell_candidate(candidate)
        match message["janus"]:
            case "trickle" if self._early is not None:
                self._early.append(message["candidate"])
            case "trickle":
                self._tell_candidate(message["candidate"])
            case "webrtcup":
                self._tell("webrtc_up")
            case "media":
                self._tell("media_status", kind=message["type"], receiving=message["receiving"])
            case "slowlink":
                # Janus means its own sending by uplink, the client its own.
                self._tell("webrtc_slow", direction="downstream" if message["uplink"] else "upstream")
            case "hangup" | "detached" | "gone":
                self.go_down()

    def go_down(self) -> None:
        self._tell("webrtc_down")
        self._over()

    async def leave(self, handle: Handle) -> None:
        """Before the handle goes."""

    def _tell_candidate(self, candidate: Message) -> None:
        if candidate.get("completed"):
            self._tell("sdp_end_of_candidates")
        else:
            self._tell("sdp_candidate", candidate=candidate)

    def _over(self) -> None:
        if self.peers.is_current(self):
            self.peers.end(self.key)

    def _tell(self, message: str, **data: Any) -> None:
        source, kind = self.key
        self._say({"message": message, "source": source, "media_session_type": kind, **data})

    def _say(self, payload: Message) -> None:
        """Of what has been ended nobody hears any more."""
        if self.peers.is_current(self):
            self.peers.push(payload)


class _Publisher(_Link):
    """The first offer makes the room; later ones of the same connection change what is in the stream."""

    def __init__(self, peers: Peers, signal: Signal) -> None:
        super().__init__(peers, signal)
        self._origin = _origin(signal.data["sdp"])

    def continues(self, sdp: str) -> bool:
        return _origin(sdp) == self._origin

    async def do(self, handle: Handle, signal: Signal) -> None:
        if signal.action != "publish":
            await super().do(handle, signal)
            return
        offer = {"type": "offer", "sdp": signal.data["sdp"]}
        if self._is_in:
            await handle.ask({"request": "configure"}, offer)
            return
        await self._make_room(handle)
        join = {"request": "joinandconfigure", "ptype": "publisher", "room": self.room, "id": FEED}
        await handle.ask(join, offer)
        self._is_in = True

    async def _make_room(self, handle: Handle) -> None:
        bitrate = settings.JANUS_SCREEN_BITRATE if self.kind == "screen" else settings.JANUS_VIDEO_BITRATE
        room = {"room": self.room, "is_private": True, "publishers": 1, "bitrate": bitrate, "bitrate_cap": True}
        try:
            await handle.ask({"request": "create", **room})
        except Refused as no:
            if no.code != ROOM_EXISTS:
                raise

    async def leave(self, handle: Handle) -> None:
        """Subscribers hear that the stream is over, but not that its room is gone."""
        with contextlib.suppress(Refused):  # its connection ended first
            await handle.ask({"request": "unpublish"})
        await handle.ask({"request": "destroy", "room": self.room})


class _Subscriber(_Link):
    def hear(self, message: Message) -> None:
        """Of a stream without anything in it Janus keeps the connection, and offers to go on with less."""
        streams = message.get("plugindata", {}).get("data", {}).get("streams", ())
        if streams and not any(stream.get("active", True) for stream in streams):
            self.go_down()
        else:
            super().hear(message)

    async def do(self, handle: Handle, signal: Signal) -> None:
        data = signal.data
        match signal.action:
            case "subscribe" | "resubscribe" if not self._is_in:
                await self._join(handle, without_video=data["without_video"])
            case "resubscribe":
                await handle.ask({"request": "configure", "restart": True})
            case "sdp_answer":
                await handle.ask({"request": "start"}, {"type": "answer", "sdp": data["sdp"]})
            case "configure":
                await handle.ask({"request": "configure", **data["configuration"]})
            case _:
                await super().do(handle, signal)

    async def _join(self, handle: Handle, *, without_video: bool) -> None:
        join = {"request": "join", "ptype": "subscriber", "room": self.room, "feed": FEED}
        await handle.ask(join | ({"offer_video": False} if without_video else {}))
        self._is_in = True


def room_number(connection: uuid.UUID, kind: str) -> int:
    """Of a published stream, as small as JSON's numbers must be."""
    return int.from_bytes(uuid.uuid5(connection, kind).bytes[:6])


def _origin(sdp: str) -> str:
    """Username and number of the session, which stay while its version changes (RFC 8866, 5.2)."""
    line = next((line for line in sdp.splitlines() if line.startswith("o=")), "")
    return " ".join(line.split()[:2])
