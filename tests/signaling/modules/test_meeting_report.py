"""meeting_report: who may ask for the report, and who hears of the file."""

import uuid
from typing import Any

import pytest

from tests.signaling.stage import Frames, Stage

ANNA, BEN, GUS = "anna", "ben", "gus"
FILE = {"filename": "attendance_report.pdf", "asset_id": str(uuid.UUID(int=80))}


def stage() -> Stage:
    return Stage(anna="owner", ben="user", gus="guest", mia="moderator")


def ask(room: Stage, name: str, **data: Any) -> Frames:
    return room.send(name, "meeting_report", "generate_attendance_report", **data)


def told(name: str, message: str, **data: Any) -> Frames:
    return {name: [("meeting_report", {"message": message, **data})]}


@pytest.mark.parametrize("name", [BEN, GUS])
def test_only_moderators_may_ask(name: str) -> None:
    room = stage()
    assert ask(room, name) == told(name, "error", error="insufficient_permissions")
    assert room.asked == []


@pytest.mark.parametrize("name", [ANNA, "mia"])
@pytest.mark.parametrize(
    ("data", "with_addresses"),
    [({}, False), ({"include_email_addresses": False}, False), ({"include_email_addresses": True}, True)],
)
def test_file_is_for_who_asked(name: str, data: dict[str, bool], with_addresses: bool) -> None:
    room = stage()
    assert ask(room, name, **data) == {}
    ((namespace, asked),) = room.asked
    who = room.who(name)
    asker = {"participant_id": who.id, "user_id": who.user_id, "display_name": who.display_name}
    of = {"session_id": room.room.session, "asker": asker, "with_addresses": with_addresses}
    assert (namespace, asked.work, asked.arguments) == ("meeting_report", "attendance", of)
    assert room.answer(FILE) == told(name, "pdf_asset", **FILE)


@pytest.mark.parametrize(
    ("error", "code"),
    [("storage_exceeded", "storage_exceeded"), ("storage", "storage"), ("internal", "generate_failed")],
)
def test_file_that_fails_is_told(error: str, code: str) -> None:
    room = stage()
    ask(room, ANNA)
    assert room.answer(error=error) == told(ANNA, "error", error=code)


def test_nobody_hears_of_a_file_whose_asker_is_gone() -> None:
    room = stage()
    ask(room, "mia")
    room.leave("mia")
    assert room.answer(FILE) == {}
