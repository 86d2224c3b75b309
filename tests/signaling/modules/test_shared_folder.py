"""shared_folder: who gets which links, and when they are told."""

from typing import Any

import pytest

from signaling.effects import Changed
from signaling.frames import Invalid
from tests.signaling.stage import Frames, Stage

ANNA, BEN, GUS = "anna", "ben", "gus"
READ = {"read": {"url": "https://files.example.org/r", "password": "look"}}
WRITE = {"read_write": {"url": "https://files.example.org/w", "password": "edit"}}
OTHER = {"read": {"url": "https://files.example.org/r2", "password": "look"}}


def stage(folder: dict[str, Any] | None = None) -> Stage:
    return Stage(
        anna="owner", ben="user", gus="guest", about={"shared_folder": READ | WRITE if folder is None else folder}
    )


def updated(**links: Any) -> tuple[str, dict[str, Any]]:
    return "shared_folder", {"message": "updated", **links}


def of_the_folder(frames: Frames) -> Frames:
    mine = {name: [frame for frame in got if frame[0] == "shared_folder"] for name, got in frames.items()}
    return {name: got for name, got in mine.items() if got}


@pytest.mark.parametrize(
    ("role", "folder", "seen"),
    [
        ("owner", READ | WRITE, READ | WRITE),
        ("moderator", READ | WRITE, READ | WRITE),
        ("user", READ | WRITE, READ),
        ("guest", READ | WRITE, READ),
        ("moderator", READ, READ),
    ],
)
def test_only_moderators_may_write(role: str, folder: dict[str, Any], seen: dict[str, Any]) -> None:
    (_, welcome), *_ = stage(folder).join("cleo", role)["cleo"]
    assert welcome["shared_folder"] == seen


def test_without_a_folder_there_is_no_member() -> None:
    room = Stage(anna="owner")
    (_, welcome), *_ = room.join("cleo")["cleo"]
    assert "shared_folder" not in welcome
    frames = room.send(ANNA, "control", "grant_moderator_role", target=str(room.ids["cleo"]))
    assert of_the_folder(frames) == {}


def test_new_role_changes_the_links() -> None:
    room = stage()
    ben = str(room.ids[BEN])
    frames = room.send(ANNA, "control", "grant_moderator_role", target=ben)
    assert of_the_folder(frames) == {BEN: [updated(**READ, **WRITE)]}
    frames = room.send(ANNA, "control", "revoke_moderator_role", target=ben)
    assert of_the_folder(frames) == {BEN: [updated(**READ)]}


def test_folder_that_changed_is_told_once() -> None:
    room = Stage()
    room.room.info.about["shared_folder"] = READ | WRITE
    for name, role in ((ANNA, "owner"), (BEN, "user")):
        assert of_the_folder(room.join(name, role)) == {}
    room.room.info.about["shared_folder"] = OTHER | WRITE
    frames = room.join(GUS, "guest")
    assert of_the_folder(frames) == {ANNA: [updated(**OTHER, **WRITE)], BEN: [updated(**OTHER)]}
    assert of_the_folder(room.join("cleo")) == {}


def test_folder_that_was_added_meanwhile_is_told_to_all() -> None:
    room = Stage(anna="owner", ben="user")
    room.room.info.about["shared_folder"] = READ | WRITE
    expected = {ANNA: [updated(**READ, **WRITE)], BEN: [updated(**READ)]}
    assert of_the_folder(room.hear(Changed())) == expected
    assert of_the_folder(room.hear(Changed())) == {}


def test_nobody_commands_it() -> None:
    room = stage()
    with pytest.raises(Invalid, match="invalid_json"):
        room.send(ANNA, "shared_folder", "update")
