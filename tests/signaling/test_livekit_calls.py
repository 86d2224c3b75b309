"""What is asked of LiveKit, at a real socket: each call with a token for it, and every way in which it can fail."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from signaling import work
from signaling.effects import Ask
from tests.circle import Circle
from tests.local_server import Reply
from tests.signaling.livekit_server import PREFIX, LiveKit

ROOM = "room"
ANNA, BEN = uuid.UUID(int=1), uuid.UUID(int=2)
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def livekit(settings: Any) -> Iterator[LiveKit]:
    with LiveKit() as server:
        server.use(settings)
        yield server


def ask(work_name: str, **arguments: Any) -> dict[str, Any]:
    """Its result, or the code with which it failed."""
    answered = work.done(uuid.UUID(int=9), "livekit", Ask(work_name, arguments))
    return {"error": answered.error} if answered.error else answered.result or {}


def test_room_is_made_once_and_deleted(livekit: LiveKit) -> None:
    for _time in range(2):
        assert ask("open_room", room=ROOM, by=None) == {}
    assert livekit.rooms == {ROOM: {}}
    assert ask("close_rooms", rooms=[ROOM, "never-made"]) == {}
    assert livekit.rooms == {}


def test_only_microphones_that_are_on_are_muted(livekit: LiveKit) -> None:
    livekit.enter(ROOM, str(ANNA), "MICROPHONE", "CAMERA")
    livekit.enter(ROOM, str(BEN), "MICROPHONE")
    livekit.enter(ROOM, "silent", "CAMERA")
    asked = {"room": ROOM, "participants": [ANNA, uuid.UUID(int=7)], "by": BEN}
    assert ask("mute", **asked) == {"muted": [str(ANNA)]}
    muted = [call for call in livekit.calls if call[0] == "MutePublishedTrack"]
    expected = {"room": ROOM, "identity": str(ANNA), "track_sid": "TR_MICROPHONE", "muted": True}
    assert muted == [("MutePublishedTrack", expected)]
    assert ask("mute", **asked) == {"muted": []}


def test_permission_is_changed_of_who_is_there(livekit: LiveKit) -> None:
    livekit.enter(ROOM, str(ANNA))
    livekit.enter(ROOM, str(BEN))
    permitted = {str(ANNA): ["camera", "screen_share"], "absent": ["camera"], str(BEN): []}
    assert ask("permit", room=ROOM, permitted=permitted, by=BEN) == {}
    common = {"can_subscribe": True, "can_publish_data": False}
    assert {identity: person["permission"] for identity, person in livekit.rooms[ROOM].items()} == {
        str(ANNA): common | {"can_publish": True, "can_publish_sources": ["CAMERA", "SCREEN_SHARE"]},
        str(BEN): common | {"can_publish": False, "can_publish_sources": []},
    }


def test_who_left_is_removed_with_their_windows_unless_they_came_back(livekit: LiveKit) -> None:
    then = int(NOW.timestamp())
    for identity, joined_at in ((ANNA, then - 60), (f"{ANNA}-popout1", then - 5), (BEN, then + 1), ("other", then)):
        livekit.enter(ROOM, str(identity), joined_at=joined_at)
    for person in (ANNA, BEN):
        assert ask("remove", room=ROOM, participant=str(person), came_before=NOW) == {}
    assert set(livekit.rooms[ROOM]) == {str(BEN), "other"}


@pytest.mark.parametrize("name", ["remove", "mute", "permit"])
def test_room_or_person_that_is_gone_is_no_error(livekit: LiveKit, name: str) -> None:
    arguments = {
        "remove": {"participant": str(ANNA), "came_before": NOW},
        "mute": {"participants": [ANNA], "by": BEN},
        "permit": {"permitted": {str(ANNA): ["camera"]}, "by": BEN},
    }[name]
    assert "error" not in ask(name, room="nowhere", **arguments)
    # They go between the list and the call.
    livekit.enter(ROOM, str(ANNA), "MICROPHONE")
    people = list(livekit.rooms[ROOM].values())
    livekit.on(f"{PREFIX}ListParticipants", Reply({"participants": people}))
    livekit.rooms.clear()
    assert "error" not in ask(name, room=ROOM, **arguments)


@pytest.mark.parametrize(
    "reply",
    [
        Reply({"code": "internal"}, status=500),
        Reply(b"<html>", status=502),
        Reply(b"not JSON"),
        Reply(b"[]"),
        Reply({"code": "bad_route"}, status=404),
        Reply([], status=404),
        Reply({}, status=301, headers={"Location": "http://127.0.0.1/"}),
    ],
    ids=["500", "502", "no JSON", "no object", "no such method", "no Twirp", "redirect"],
)
def test_livekit_fails(livekit: LiveKit, reply: Reply) -> None:
    livekit.on(f"{PREFIX}CreateRoom", reply)
    assert ask("open_room", room=ROOM, by=None) == {"error": "livekit_unavailable"}


def test_livekit_is_silent(livekit: LiveKit, settings: Any) -> None:
    settings.LIVEKIT_TIMEOUT_SECONDS = 0.1
    livekit.on(f"{PREFIX}CreateRoom", Reply({}, wait_seconds=1))
    assert ask("open_room", room=ROOM, by=None) == {"error": "livekit_unavailable"}


def test_livekit_is_down(livekit: LiveKit) -> None:
    livekit.close()
    assert ask("close_rooms", rooms=[ROOM]) == {"error": "livekit_unavailable"}


@pytest.mark.parametrize("setting", ["LIVEKIT_API_KEY", "LIVEKIT_API_SECRET"])
def test_livekit_does_not_know_our_key(livekit: LiveKit, settings: Any, setting: str) -> None:
    setattr(settings, setting, "another-one-of-32-letters-or-more")
    assert ask("open_room", room=ROOM, by=None) == {"error": "livekit_unavailable"}
    assert livekit.rooms == {}


@pytest.mark.django_db
def test_modules_hear_of_it_only_where_it_is_configured(settings: Any) -> None:
    room = Circle().event.room
    assert "livekit" not in work.about(room)
    settings.LIVEKIT_URL, settings.LIVEKIT_SERVICE_URL = "wss://l.example.org", "http://10.0.0.2"
    settings.LIVEKIT_API_KEY, settings.LIVEKIT_API_SECRET = "k", "s"
    assert work.about(room)["livekit"] == {
        "public_url": "wss://l.example.org",
        "service_url": "http://10.0.0.2",
        "key": "k",
        "secret": "s",
        "asks_before_screen_share": False,
    }
