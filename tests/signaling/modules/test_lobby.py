"""moderation: the waiting room follows the calendar until a moderator decides about it."""

from datetime import timedelta
from typing import Any

import pytest

from signaling.effects import Changed
from signaling.room import Where
from tests.signaling.stage import NOW, Frame, Frames, Stage

ANNA, BEN, WIM, ADA = "anna", "ben", "wim", "ada"
OPENS = NOW + timedelta(minutes=5)
ENABLED: Frame = ("moderation", {"message": "waiting_room_enabled"})
DISABLED: Frame = ("moderation", {"message": "waiting_room_disabled"})
ACCEPTED: Frame = ("moderation", {"message": "accepted"})
OPENED: Frames = {ANNA: [DISABLED], BEN: [DISABLED], WIM: [ACCEPTED]}


def lobby(*, is_closed: bool, changes_at: Any = None) -> dict[str, Any]:
    return {"is_closed": is_closed, "changes_at": changes_at}


def stage(*, is_closed: bool = True) -> Stage:
    """The waiting room opens in five minutes; Wim waits, Ada may enter already."""
    room = Stage(anna="owner", ben="user")
    room.add(WIM, "guest", where=Where.WAITING)
    room.add(ADA, "guest", where=Where.ACCEPTED, is_admitted=True)
    room.room.has_waiting_room = is_closed
    room.room.deadlines["moderation:lobby"] = OPENS
    return room


def come_due(room: Stage, result: dict[str, Any]) -> Frames:
    """The deadline comes, and the calendar says so."""
    assert room.wait(301) == {}
    assert room.asked[0][1].work == "look"
    return room.answer(result)


def test_whoever_waits_is_let_in_when_the_room_opens() -> None:
    room = stage()
    ends = NOW + timedelta(hours=1)
    assert come_due(room, lobby(is_closed=False, changes_at=ends)) == OPENED
    assert room.room.deadlines["moderation:lobby"] == ends
    assert not room.room.has_waiting_room
    (_, welcome), *_ = room.send(WIM, "control", "enter_room")[WIM]
    assert welcome["message"] == "join_success"


def test_room_closes_after_the_end() -> None:
    room = stage(is_closed=False)
    assert come_due(room, lobby(is_closed=True)) == {ANNA: [ENABLED], BEN: [ENABLED]}
    assert "moderation:lobby" not in room.room.deadlines
    assert room.who(WIM).where == Where.WAITING


def test_calendar_that_nobody_reads_is_looked_at_again() -> None:
    """The process that took the deadline away may be killed before it looks."""
    room = stage()
    room.wait(301)
    assert room.room.deadlines["moderation:lobby"] == room.room.now + timedelta(minutes=1)
    room.answer(error="internal")
    assert "moderation:lobby" in room.room.deadlines


def test_meeting_that_is_moved_opens_at_its_new_time() -> None:
    room = stage()
    later = NOW + timedelta(days=1)
    room.room.info.about["moderation"] = lobby(is_closed=True, changes_at=later)
    assert room.hear(Changed()) == {}
    assert room.room.deadlines["moderation:lobby"] == later
    room.room.info.about["moderation"] = lobby(is_closed=False)
    assert room.hear(Changed()) == OPENED
    assert room.hear(Changed()) == {}


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("enable_waiting_room", {}),
        ("disable_waiting_room", {}),
        ("send_to_waiting_room", {"target": BEN}),
        ("debrief", {"kick_scope": "guests"}),
    ],
)
def test_what_a_moderator_decides_the_calendar_leaves(action: str, data: dict[str, Any]) -> None:
    room = stage()
    if "target" in data:
        data = {"target": str(room.ids[BEN])}
    room.send(ANNA, "moderation", action, **data)
    is_on = room.room.has_waiting_room
    room.room.info.about["moderation"] = lobby(is_closed=not is_on, changes_at=NOW + timedelta(days=1))
    assert room.hear(Changed()) == {}
    assert room.room.has_waiting_room == is_on
    assert "moderation:lobby" not in room.room.deadlines
    assert room.who(WIM).where == Where.WAITING


def test_letting_one_in_decides_nothing() -> None:
    room = stage()
    room.send(ANNA, "moderation", "accept", target=str(room.ids[WIM]))
    room.room.info.about["moderation"] = lobby(is_closed=False)
    assert room.hear(Changed()) == {ANNA: [DISABLED], BEN: [DISABLED]}
