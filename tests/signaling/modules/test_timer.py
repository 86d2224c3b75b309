"""timer: who gets which frame of starting, readiness and the end."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from tests.signaling.stage import NOW, Frames, Stage, text

ANNA, BEN, GUS = "anna", "ben", "gus"
ALL = (ANNA, BEN, GUS)


def stage() -> Stage:
    return Stage(anna="owner", ben="user", gus="guest")


def to(people: tuple[str, ...], message: str, **data: Any) -> Frames:
    return {name: [("timer", {"message": message, **data})] for name in people}


def start(room: Stage, kind: str = "stopwatch", **data: Any) -> dict[str, Any]:
    """What the moderator is told of the timer."""
    ((_, started),) = room.send(ANNA, "timer", "start", kind=kind, **data)[ANNA]
    return started


COUNTDOWN = {"ends_at": text(NOW + timedelta(seconds=301)), "kind": "countdown"}


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ({"kind": "stopwatch"}, {"kind": "stopwatch", "ready_check_enabled": False}),
        ({"kind": "stopwatch", "duration": 5}, {"kind": "stopwatch", "ready_check_enabled": False}),
        ({"kind": "countdown", "duration": 300}, COUNTDOWN | {"ready_check_enabled": False}),
        (
            {"kind": "countdown", "duration": 300, "style": "coffee-break", "title": "Ten", "enable_ready_check": True},
            COUNTDOWN | {"ready_check_enabled": True, "style": "coffee-break", "title": "Ten"},
        ),
    ],
)
def test_all_see_the_timer_start(sent: dict[str, Any], seen: dict[str, Any]) -> None:
    room = stage()
    frames = room.send(ANNA, "timer", "start", **sent)
    timer_id = frames[ANNA][0][1]["timer_id"]
    expected = seen | {"timer_id": timer_id, "started_at": text(NOW + timedelta(seconds=1))}
    assert uuid.UUID(timer_id)
    assert frames == to(ALL, "started", **expected)


@pytest.mark.parametrize(
    ("sender", "sent", "code"),
    [
        (ANNA, {"kind": "countdown"}, "invalid_duration"),
        (ANNA, {"kind": "countdown", "duration": 0}, "invalid_duration"),
        (ANNA, {"kind": "countdown", "duration": -5}, "invalid_duration"),
        (ANNA, {"kind": "countdown", "duration": 2**62}, "invalid_duration"),
        (BEN, {"kind": "stopwatch"}, "insufficient_permissions"),
        (GUS, {"kind": "countdown", "duration": 0}, "insufficient_permissions"),
    ],
)
def test_start_is_refused(sender: str, sent: dict[str, Any], code: str) -> None:
    assert stage().send(sender, "timer", "start", **sent) == to((sender,), "error", error=code)


def test_one_timer_at_a_time() -> None:
    room = stage()
    first = start(room)
    refused = to((ANNA,), "error", error="timer_already_running")
    assert room.send(ANNA, "timer", "start", kind="stopwatch") == refused
    room.send(ANNA, "timer", "stop", timer_id=first["timer_id"])
    assert start(room)["timer_id"] != first["timer_id"]


def test_other_place_has_a_timer_of_its_own() -> None:
    room = stage()
    room.add("olga", "moderator", place=room.room.id)
    room.who(GUS).place = room.room.id
    timer = start(room, "countdown", duration=60)
    assert set(room.send("olga", "timer", "start", kind="countdown", duration=30)) == {"olga", GUS}
    assert set(room.wait(40)) == {"olga", GUS}
    assert room.wait(30) == to((ANNA, BEN), "stopped", timer_id=timer["timer_id"], kind="expired")


@pytest.mark.parametrize("why", [{}, {"reason": "Back early"}])
def test_moderator_stops_it(why: dict[str, str]) -> None:
    room = stage()
    timer_id = start(room, "countdown", duration=60)["timer_id"]
    by = {"kind": "by_moderator", "participant_id": str(room.ids[ANNA])}
    frames = room.send(ANNA, "timer", "stop", timer_id=timer_id, **why)
    assert frames == to(ALL, "stopped", timer_id=timer_id, **by, **why)
    assert room.room.deadlines == {}
    assert room.send(ANNA, "timer", "stop", timer_id=timer_id) == {}


def test_stop_is_the_moderators_and_means_this_timer() -> None:
    room = stage()
    timer_id = start(room)["timer_id"]
    refused = to((BEN,), "error", error="insufficient_permissions")
    assert room.send(BEN, "timer", "stop", timer_id=timer_id) == refused
    assert room.send(ANNA, "timer", "stop", timer_id=str(uuid.uuid4())) == {}
    assert room.send(BEN, "timer", "update_ready_status", timer_id=timer_id, status=True) == {}


def test_countdown_expires_once() -> None:
    room = stage()
    timer_id = start(room, "countdown", duration=60)["timer_id"]
    assert room.wait(59) == {}
    assert room.wait(1) == to(ALL, "stopped", timer_id=timer_id, kind="expired")
    assert room.wait(60) == {}
    assert "timer" not in welcome(room)


def test_stopwatch_never_expires() -> None:
    room = stage()
    start(room)
    assert room.wait(100_000) == {}


# --- Who is ready ---


@pytest.mark.parametrize("status", [True, False])
def test_all_see_who_is_ready(status: bool) -> None:
    room = stage()
    timer_id = start(room, enable_ready_check=True)["timer_id"]
    frames = room.send(BEN, "timer", "update_ready_status", timer_id=timer_id, status=status)
    expected = {"timer_id": timer_id, "participant_id": str(room.ids[BEN]), "status": status}
    assert frames == to(ALL, "updated_ready_status", **expected)
    assert room.described(BEN, ANNA)["timer"] == {"ready_status": status}
    assert room.described(GUS, ANNA)["timer"] == {"ready_status": False}


def test_ready_is_forgotten_with_the_timer_and_on_leaving() -> None:
    room = stage()
    timer_id = start(room, enable_ready_check=True)["timer_id"]
    for name in (BEN, GUS):
        room.send(name, "timer", "update_ready_status", timer_id=timer_id, status=True)
    room.leave(BEN)
    assert room.described(BEN, ANNA)["timer"] == {"ready_status": False}
    room.send(ANNA, "timer", "stop", timer_id=timer_id)
    assert "timer" not in room.described(GUS, ANNA)
    start(room, enable_ready_check=True)
    assert room.described(GUS, ANNA)["timer"] == {"ready_status": False}


# --- Who comes later ---


def welcome(room: Stage) -> dict[str, Any]:
    (_, payload), *_ = room.join("cleo")["cleo"]
    return payload


@pytest.mark.parametrize(
    ("sent", "own"),
    [
        ({"kind": "countdown", "duration": 60, "title": "Ten"}, {}),
        ({"kind": "stopwatch", "enable_ready_check": True}, {"ready_status": False}),
    ],
)
def test_who_comes_later_sees_the_timer(sent: dict[str, Any], own: dict[str, bool]) -> None:
    room = stage()
    started = start(room, **sent)
    del started["message"]
    assert welcome(room)["timer"] == started | own


def test_no_timer_is_no_member() -> None:
    room = stage()
    assert "timer" not in welcome(room)
    assert "timer" not in room.described(BEN, ANNA)
