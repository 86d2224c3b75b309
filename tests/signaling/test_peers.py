"""What Janus is asked for a socket's streams, and what the client hears of it, at a server that speaks as Janus."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest

from signaling.effects import Signal
from signaling.peers import BACKLOG, Peers, room_number
from signaling.room import Kind, Participant, Role
from signaling.servers import janus
from tests.signaling.media.fake import SECONDS, SECRET, FakeJanus

Payload = dict[str, Any]
OFFER = "v=0\r\no=- 11 2 IN IP4 127.0.0.1\r\n"
OTHER_OFFER = "v=0\r\no=- 12 2 IN IP4 127.0.0.1\r\n"


def person(number: int) -> Participant:
    key = uuid.UUID(int=number)
    return Participant(id=key, kind=Kind.USER, role=Role.USER, connection=uuid.UUID(int=number + 100), process=key)


ANNA, BEN = person(1), person(2)
OWN_ROOM, BENS_ROOM = room_number(ANNA.connection, "video"), room_number(BEN.connection, "video")


class Client:
    """Anna's socket."""

    def __init__(self, line: janus.Janus) -> None:
        self.heard: asyncio.Queue[Payload] = asyncio.Queue()
        self.peers = Peers(line, ANNA.id, self.heard.put_nowait)

    def signal(self, action: str, source: Participant = ANNA, kind: str = "video", **data: Any) -> None:
        if action.endswith("subscribe") and action != "unpublish":
            data = {"without_video": False} | data
        self.peers.take(Signal(action, source, kind, data))

    async def hears(self) -> tuple[str, Any]:
        """The next message's name, and what it has beside its stream."""
        payload = dict(await asyncio.wait_for(self.heard.get(), SECONDS))
        name, source, kind = payload.pop("message"), payload.pop("source"), payload.pop("media_session_type")
        assert (source, kind) in {(ANNA.id, "video"), (ANNA.id, "screen"), (BEN.id, "video")}
        return name, payload

    async def hears_all(self, count: int) -> list[str]:
        return [(await self.hears())[0] for _number in range(count)]


@asynccontextmanager
async def joined(fake: FakeJanus) -> AsyncIterator[Client]:
    async with fake:
        line = janus.Janus(fake.url, SECRET)
        client = Client(line)
        yield client
        client.peers.hang_up("all")
        await line.close()


async def published(client: Client, fake: FakeJanus) -> int:
    """The handle."""
    client.signal("publish", sdp=OFFER)
    await client.hears_all(3)
    return max(fake.handles)


def run(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(test(), 6 * SECONDS))


def test_publisher_gets_the_answer_then_candidates(settings: Any) -> None:
    settings.JANUS_VIDEO_BITRATE = 123_000

    async def main() -> None:
        fake = FakeJanus()
        async with joined(fake) as client:
            client.signal("publish", sdp=OFFER)
            assert await client.hears() == ("sdp_answer", {"sdp": "v=0 joinandconfigure"})
            candidate = {"candidate": "c", "sdpMid": "0", "sdpMLineIndex": 0}
            assert await client.hears() == ("sdp_candidate", {"candidate": candidate})
            assert await client.hears() == ("sdp_end_of_candidates", {})
            room = {"room": OWN_ROOM, "is_private": True, "publishers": 1, "bitrate": 123_000, "bitrate_cap": True}
            assert await fake.asked() == {"request": "create"} | room
            join = {"request": "joinandconfigure", "ptype": "publisher", "room": OWN_ROOM, "id": 1}
            assert await fake.asked() == join | {"jsep": {"type": "offer", "sdp": OFFER}}
            client.signal("sdp_candidate", candidate=candidate)
            client.signal("sdp_end_of_candidates")
            assert (await fake.told("trickle"))["candidate"] == candidate
            assert (await fake.told("trickle"))["candidate"] == {"completed": True}

    run(main)


def test_what_janus_tells_of_a_stream() -> None:
    async def main() -> None:
        fake = FakeJanus()
        async with joined(fake) as client:
            handle = await published(client, fake)
            for kind, data, heard in (
                ("webrtcup", {}, ("webrtc_up", {})),
                ("media", {"type": "audio", "receiving": True}, ("media_status", {"kind": "audio", "receiving": True})),
                ("slowlink", {"uplink": True}, ("webrtc_slow", {"direction": "downstream"})),
                ("slowlink", {"uplink": False}, ("webrtc_slow", {"direction": "upstream"})),
                ("hangup", {}, ("webrtc_down", {})),
            ):
                await fake.say(handle, kind, **data)
                assert await client.hears() == heard
            await fake.told("detach")
            assert fake.rooms == set()

    run(main)


def test_subscriber_hears_that_the_publisher_stopped() -> None:
    async def main() -> None:
        fake = FakeJanus()
        async with joined(fake) as client:
            client.signal("subscribe", BEN)
            await client.hears_all(3)
            (handle,) = fake.handles
            on, off = {"active": True}, {"active": False}
            for streams, heard in (((on, off), "sdp_offer"), ((off, off), "webrtc_down")):
                data = {"videoroom": "updated", "streams": streams}
                await fake.say(handle, "event", plugindata={"data": data}, jsep={"type": "offer", "sdp": "v=0 less"})
                assert await client.hears_all(1) == [heard]
            await fake.told("detach")

    run(main)


def test_who_stops_publishing_takes_the_room_along() -> None:
    async def main() -> None:
        fake = FakeJanus()
        async with joined(fake) as client:
            handle = await published(client, fake)
            client.signal("unpublish")
            assert (await fake.told("detach"))["handle_id"] == handle
            assert (fake.rooms, fake.handles) == (set(), set())

    run(main)


def test_later_offer_of_the_same_connection_changes_the_stream_another_one_replaces_it() -> None:
    async def main() -> None:
        fake = FakeJanus()
        async with joined(fake) as client:
            handle = await published(client, fake)
            client.signal("publish", sdp=OFFER.replace(" 2 ", " 3 "))
            assert await client.hears_all(3) == ["sdp_candidate", "sdp_end_of_candidates", "sdp_answer"]
            assert fake.handles == {handle}
            client.signal("publish", sdp=OTHER_OFFER)
            assert await client.hears_all(3) == ["sdp_answer", "sdp_candidate", "sdp_end_of_candidates"]
            assert fake.rooms == {OWN_ROOM}
            assert fake.handles != {handle}
            assert len(fake.handles) == 1
            asked = [(await fake.asked())["request"] for _number in range(6)]
            assert asked == ["create", "joinandconfigure", "configure", "unpublish", "destroy", "create"]

    run(main)


def test_subscription_from_the_offer_to_the_end() -> None:
    async def main() -> None:
        fake = FakeJanus()
        async with joined(fake) as client:
            client.signal("subscribe", BEN)
            assert await client.hears() == ("sdp_offer", {"sdp": "v=0 join"})
            join = {"request": "join", "ptype": "subscriber", "room": BENS_ROOM, "feed": 1}
            assert await fake.asked() == join
            client.signal("sdp_answer", BEN, sdp="v=0 mine")
            assert await fake.asked() == {"request": "start", "jsep": {"type": "answer", "sdp": "v=0 mine"}}
            client.signal("configure", BEN, configuration={"substream": 2})
            assert await fake.asked() == {"request": "configure", "substream": 2}
            client.signal("resubscribe", BEN)
            assert await fake.asked() == {"request": "configure", "restart": True}
            client.signal("subscribe", BEN, without_video=True)
            assert await fake.asked() == join | {"offer_video": False}
            assert len(fake.handles) == 1
            client.peers.hang_up("all")
            await fake.told("detach")
            assert fake.rooms == set()

    run(main)


@pytest.mark.parametrize(
    ("request_name", "action", "source", "code"),
    [
        ("create", "publish", ANNA, "invalid_sdp_offer"),
        ("joinandconfigure", "publish", ANNA, "invalid_sdp_offer"),
        ("attach", "publish", ANNA, "invalid_sdp_offer"),
        ("join", "subscribe", BEN, "invalid_request_offer"),
        ("join", "resubscribe", BEN, "invalid_request_offer"),
        ("start", "sdp_answer", BEN, "handle_sdp_answer"),
        ("trickle", "sdp_candidate", BEN, "invalid_candidate"),
        ("trickle", "sdp_end_of_candidates", BEN, "invalid_end_of_candidates"),
        ("configure", "configure", BEN, "invalid_configure_request"),
    ],
)
def test_refusals_of_janus(request_name: str, action: str, source: Participant, code: str) -> None:
    data: Payload = {"sdp": OFFER, "candidate": {"candidate": "c"}, "configuration": {"video": True}}

    async def main() -> None:
        fake = FakeJanus()
        async with joined(fake) as client:
            if action not in ("publish", "subscribe", "resubscribe"):
                client.signal("subscribe", source)
                await client.hears_all(3)
            fake.refuses[request_name] = 499
            client.signal(action, source, **data)
            assert await client.hears() == ("error", {"error": code})
            if action in ("publish", "subscribe", "resubscribe") and request_name != "attach":
                await fake.told("detach")
            fake.refuses.clear()
            client.signal(action, source, **data)
            if action in ("publish", "subscribe", "resubscribe"):  # begins anew
                assert (await client.hears())[0] in ("sdp_answer", "sdp_offer")

    run(main)


@pytest.mark.parametrize(
    ("action", "code"),
    [
        ("sdp_answer", "handle_sdp_answer"),
        ("sdp_candidate", "invalid_candidate"),
        ("sdp_end_of_candidates", "invalid_end_of_candidates"),
        ("configure", "invalid_configure_request"),
    ],
)
def test_signal_about_no_stream(action: str, code: str) -> None:
    async def main() -> None:
        client = Client(janus.Janus("", ""))
        client.signal(action, BEN)
        assert await client.hears() == ("error", {"error": code})

    run(main)


def test_janus_that_is_away_is_told_and_found_when_it_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(janus, "PAUSE_SECONDS", 0)

    async def main() -> None:
        async with FakeJanus() as fake:
            port = fake.port
        client = Client(janus.Janus(f"ws://127.0.0.1:{port}", SECRET))
        client.signal("publish", sdp=OFFER)
        assert await client.hears() == ("error", {"error": "invalid_sdp_offer"})
        client.signal("subscribe", BEN)
        assert await client.hears() == ("error", {"error": "invalid_request_offer"})
        async with FakeJanus(port) as fake:
            await published(client, fake)
            assert fake.rooms == {OWN_ROOM}
            client.peers.hang_up("all")
            await client.peers.janus.close()

    run(main)


@pytest.mark.parametrize("how", ["session", "socket"])
def test_janus_that_forgets_everything(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(janus, "PAUSE_SECONDS", 0)

    async def main() -> None:
        fake = FakeJanus()
        async with fake:
            client = Client(janus.Janus(fake.url, SECRET))
            await published(client, fake)
            client.signal("subscribe", BEN)
            await client.hears_all(3)
            if how == "session":
                await fake.end_session()
                assert await client.hears_all(2) == ["webrtc_down"] * 2
        if how == "socket":
            assert await client.hears_all(2) == ["webrtc_down"] * 2
        async with FakeJanus(fake.port) as again:
            await published(client, again)
            assert len(again.sessions) == 1
            client.peers.hang_up("all")
            await client.peers.janus.close()

    run(main)


def test_janus_that_says_nothing_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(janus, "ANSWER_SECONDS", 0.05)

    async def main() -> None:
        fake = FakeJanus()
        async with joined(fake) as client:
            await published(client, fake)
            fake.is_silent = True
            client.signal("publish", kind="screen", sdp=OFFER)
            for _number in range(BACKLOG + 1):
                client.signal("sdp_candidate", candidate={"candidate": "c"})
            # The one too many is refused at once, the rest one after the other.
            assert await client.hears() == ("error", {"error": "invalid_candidate"})
            assert await client.hears_all(1) == ["error"]

    run(main)


def test_session_is_kept_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(janus, "KEEPALIVE_SECONDS", 0.01)

    async def main() -> None:
        fake = FakeJanus()
        async with joined(fake) as client:
            await published(client, fake)
            for _number in range(2):
                assert (await fake.told("keepalive"))["session_id"] == fake.sessions[0]

    run(main)


def test_all_streams_of_a_process_share_a_session_and_janus_is_left_without_rooms() -> None:
    async def main() -> None:
        fake = FakeJanus()
        async with joined(fake) as client:
            await published(client, fake)
            client.signal("publish", kind="screen", sdp=OTHER_OFFER)
            await client.hears_all(3)
            assert (len(fake.sessions), len(fake.rooms)) == (1, 2)
            client.peers.hang_up("screen")
            await fake.told("detach")
            assert fake.rooms == {OWN_ROOM}
            client.peers.hang_up("all")
            await client.peers.janus.close()
            assert (fake.rooms, fake.handles) == (set(), set())
            await fake.told("destroy")

    run(main)
