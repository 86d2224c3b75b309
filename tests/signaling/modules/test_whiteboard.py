"""whiteboard: it is made once, everybody is told where, and every refusal."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from signaling import presence
from signaling.modules.whiteboard import PATIENCE
from tests.signaling.stage import Frame, Frames, Stage

ANNA, BEN, GUS = "anna", "ben", "gus"
ALL = (ANNA, BEN, GUS)
MADE = {"space": "space-1", "url": "https://s.example.org/spaces/space-1?spaceAuth=x"}


def stage() -> Stage:
    return Stage(anna="owner", ben="moderator", gus="guest", about={"whiteboard": {}})


def drawn() -> Stage:
    room = stage()
    say(room, ANNA, "initialize")
    room.answer(MADE)
    return room


def say(room: Stage, who: str, action: str) -> Frames:
    return room.send(who, "whiteboard", action)


def told(message: str, **data: Any) -> Frame:
    return "whiteboard", {"message": message, **data}


def error(who: str, code: str) -> Frames:
    return {who: [told("error", error=code)]}


def seen(room: Stage) -> dict[str, Any]:
    (_, welcome), *_ = room.join("cleo")["cleo"]
    room.leave("cleo")
    return dict(welcome["whiteboard"])


def test_everybody_hears_where_it_is() -> None:
    room = stage()
    assert seen(room) == {"status": "not_initialized"}
    assert say(room, ANNA, "initialize") == {}
    assert seen(room) == {"status": "initializing"}
    assert room.answer(MADE) == {name: [told("space_url", url=MADE["url"])] for name in ALL}
    assert seen(room) == {"status": "initialized", "url": MADE["url"]}


def test_two_moderators_make_one() -> None:
    room = stage()
    assert say(room, ANNA, "initialize") == {}
    assert say(room, BEN, "initialize") == error(BEN, "currently_initializing")
    assert say(room, BEN, "generate_pdf") == error(BEN, "currently_initializing")
    assert len(room.asked) == 1
    room.answer(MADE)
    assert say(room, BEN, "initialize") == error(BEN, "already_initialized")
    assert room.asked == []


@pytest.mark.parametrize("action", ["initialize", "generate_pdf"])
def test_only_moderators(action: str) -> None:
    assert say(drawn(), GUS, action) == error(GUS, "insufficient_permissions")


def test_failure_is_told_and_can_be_tried_again() -> None:
    room = stage()
    say(room, ANNA, "initialize")
    assert room.answer(error="internal") == error(ANNA, "initialization_failed")
    assert seen(room) == {"status": "not_initialized"}
    assert room.room.deadlines == {}
    say(room, BEN, "initialize")
    assert room.answer(MADE) != {}


def test_process_that_died_over_it_keeps_nobody_from_trying_again() -> None:
    room = stage()
    say(room, ANNA, "initialize")
    room.wait(PATIENCE / timedelta(seconds=1))
    assert seen(room) == {"status": "not_initialized"}


def test_late_space_is_used_where_there_is_no_other() -> None:
    room = stage()
    say(room, ANNA, "initialize")
    room.wait(PATIENCE / timedelta(seconds=1))
    say(room, BEN, "initialize")
    assert set(room.answer(MADE)) == set(ALL)
    assert room.answer({"space": "space-2", "url": "other"}) == {}
    assert seen(room) == {"status": "initialized", "url": MADE["url"]}
    room.perform(presence.end(room.room))
    assert [(ask.work, ask.arguments) for _namespace, ask in room.asked] == [
        ("delete", {"spaces": ["space-1", "space-2"]})
    ]


def test_pdf_is_told_to_everybody() -> None:
    room = drawn()
    assert say(room, BEN, "generate_pdf") == {}
    arguments = room.asked[0][1].arguments
    assert (arguments["space"], arguments["asker"]["participant_id"]) == ("space-1", room.ids[BEN])
    file = {"filename": "whiteboard.pdf", "asset_id": str(uuid.UUID(int=8))}
    assert room.answer(file) == {name: [told("pdf_asset", **file)] for name in ALL}


@pytest.mark.parametrize(
    ("code", "seen_code"),
    [
        ("storage_exceeded", "storage_exceeded"),
        ("initialization_failed", "initialization_failed"),
        ("storage", "initialization_failed"),
        ("internal", "initialization_failed"),
    ],
)
def test_no_pdf(code: str, seen_code: str) -> None:
    room = drawn()
    say(room, BEN, "generate_pdf")
    assert room.answer(error=code) == error(BEN, seen_code)


def test_nothing_to_write_down() -> None:
    room = stage()
    assert say(room, ANNA, "generate_pdf") == error(ANNA, "initialization_failed")
    assert room.asked == []


def test_breakout_room_has_its_own() -> None:
    room = drawn()
    place = uuid.UUID(int=50)
    room.who(BEN).place = place
    assert say(room, BEN, "initialize") == {}
    url = {"space": "space-2", "url": "https://s.example.org/spaces/space-2?spaceAuth=x"}
    assert room.answer(url) == {BEN: [told("space_url", url=url["url"])]}
    assert seen(room)["url"] == MADE["url"]


def test_without_settings_there_is_nothing() -> None:
    (_, welcome), *_ = Stage().join(ANNA, "owner")[ANNA]
    assert "whiteboard" not in welcome
