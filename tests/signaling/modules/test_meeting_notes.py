"""meeting_notes: they are made once, who writes and who reads, and every refusal."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from signaling import presence
from signaling.modules.meeting_notes import PATIENCE
from tests.signaling.stage import Frame, Frames, Stage

ANNA, BEN, GUS = "anna", "ben", "gus"
ALL = (ANNA, BEN, GUS)
MADE = {"group": "g.1", "pad": "g.1$notes", "read_only": "r.1"}


class Desk(Stage):
    def __init__(self) -> None:
        super().__init__(anna="owner", ben="moderator", gus="guest", about={"meeting_notes": {}})
        self.made = 0

    def say(self, who: str, action: str, *names: str) -> Frames:
        people = {} if action == "generate_pdf" else {"participant_ids": [str(self.ids.get(n, n)) for n in names]}
        return self.send(who, "meeting_notes", action, **people)

    def admit(self) -> Frames:
        """Etherpad makes the sessions that were asked for first; only the frames of the notes."""
        asked = self.asked[0][1]
        assert asked.work == "admit"
        sessions = {}
        for person in asked.arguments["people"]:
            self.made += 1
            sessions[str(person["id"])] = {"session": f"s.{self.made}", "url": f"https://e/{self.made}"}
        return own(self.answer({"sessions": sessions}))

    def calls(self) -> list[tuple[str, dict[str, Any]]]:
        found = [(ask.work, ask.arguments) for namespace, ask in self.asked if namespace == "meeting_notes"]
        self.asked.clear()
        return found


def own(frames: Frames) -> Frames:
    mine = {name: [frame for frame in got if frame[0] == "meeting_notes"] for name, got in frames.items()}
    return {name: got for name, got in mine.items() if got}


def told(message: str, **data: Any) -> Frame:
    return "meeting_notes", {"message": message, **data}


def error(who: str, code: str) -> Frames:
    return {who: [told("error", error=code)]}


def written() -> Desk:
    """ben writes, anna and gus read."""
    desk = Desk()
    desk.say(ANNA, "select_writer", BEN)
    desk.answer(MADE)
    desk.admit()
    return desk


def test_first_writer_brings_notes_for_everybody() -> None:
    desk = Desk()
    assert desk.say(ANNA, "select_writer", BEN) == {}
    assert desk.answer(MADE) == {}
    people = [(person["id"], person["readonly"]) for person in desk.asked[0][1].arguments["people"]]
    assert people == [(desk.ids[ANNA], True), (desk.ids[BEN], False), (desk.ids[GUS], True)]
    assert desk.admit() == {
        ANNA: [told("read_url", url="https://e/1")],
        BEN: [told("write_url", url="https://e/2")],
        GUS: [told("read_url", url="https://e/3")],
    }


def test_moderators_see_who_writes() -> None:
    desk = written()
    assert [desk.described(name, ANNA)["meeting_notes"] for name in ALL] == [
        {"readonly": True},
        {"readonly": False},
        {"readonly": True},
    ]
    assert "meeting_notes" not in desk.described(BEN, GUS)
    desk.say(ANNA, "select_writer", GUS)
    url = {str(desk.ids[GUS]): {"session": "s.9", "url": "https://e/9"}}
    frames = desk.answer({"sessions": url})
    update = {"message": "update", **desk.described(GUS, ANNA)}
    assert update["meeting_notes"] == {"readonly": False}
    assert frames == {
        GUS: [told("write_url", url="https://e/9")],
        ANNA: [("control", update)],
        BEN: [("control", update)],
    }
    assert desk.calls() == [("dismiss", {"sessions": ["s.3"]})]


def test_writer_becomes_a_reader() -> None:
    desk = written()
    desk.say(ANNA, "deselect_writer", BEN, GUS)
    assert desk.admit() == {BEN: [told("read_url", url="https://e/4")]}
    assert desk.calls() == [("dismiss", {"sessions": ["s.2"]})]


def test_answer_that_is_no_longer_wanted_ends_its_session() -> None:
    desk = written()
    desk.say(ANNA, "deselect_writer", BEN)
    desk.say(ANNA, "select_writer", BEN)
    assert desk.admit() == {}
    assert desk.calls() == [("dismiss", {"sessions": ["s.4"]})]
    assert desk.described(BEN, ANNA)["meeting_notes"] == {"readonly": False}


def test_who_comes_reads_and_who_goes_is_out() -> None:
    desk = written()
    desk.join("cleo")
    assert desk.admit() == {"cleo": [told("read_url", url="https://e/4")]}
    desk.leave(BEN)
    assert desk.calls() == [("dismiss", {"sessions": ["s.2"]})]
    desk.join(BEN)
    assert desk.admit() == {BEN: [told("read_url", url="https://e/5")]}


def test_who_left_meanwhile_has_no_session() -> None:
    desk = written()
    desk.join("cleo")
    desk.leave("cleo")
    assert desk.admit() == {}
    assert desk.calls() == [("dismiss", {"sessions": ["s.4"]})]


def test_two_moderators_make_one() -> None:
    desk = Desk()
    assert desk.say(ANNA, "select_writer", BEN) == {}
    for action in ("select_writer", "deselect_writer"):
        assert desk.say(BEN, action, GUS) == error(BEN, "currently_initializing")
    assert desk.say(BEN, "generate_pdf") == error(BEN, "currently_initializing")
    assert [name for name, _arguments in desk.calls()] == ["create"]


@pytest.mark.parametrize("action", ["select_writer", "deselect_writer", "generate_pdf"])
def test_only_moderators(action: str) -> None:
    assert written().say(GUS, action, BEN) == error(GUS, "insufficient_permissions")


@pytest.mark.parametrize("action", ["select_writer", "deselect_writer"])
@pytest.mark.parametrize("names", [(), (BEN, str(uuid.UUID(int=99)))])
def test_people_who_are_not_here(action: str, names: tuple[str, ...]) -> None:
    desk = written()
    assert desk.say(ANNA, action, *names) == error(ANNA, "invalid_participant_selection")
    assert desk.calls() == []


@pytest.mark.parametrize("action", ["deselect_writer", "generate_pdf"])
def test_without_notes(action: str) -> None:
    assert Desk().say(ANNA, action, BEN) == error(ANNA, "not_initialized")


def test_failure_is_told_and_can_be_tried_again() -> None:
    desk = Desk()
    desk.say(ANNA, "select_writer", BEN)
    assert desk.answer(error="internal") == error(ANNA, "failed_initialization")
    assert desk.room.deadlines == {}
    desk.say(BEN, "select_writer", GUS)
    desk.answer(MADE)
    assert desk.admit()[BEN] == [told("read_url", url="https://e/2")]


def test_failure_at_a_session_is_told_to_who_wanted_it() -> None:
    desk = written()
    desk.say(ANNA, "select_writer", GUS)
    assert desk.answer(error="failed_initialization") == error(ANNA, "failed_initialization")
    desk.join("cleo")
    assert desk.answer(error="failed_initialization") == {}


def test_process_that_died_over_it_keeps_nobody_from_trying_again() -> None:
    desk = Desk()
    desk.say(ANNA, "select_writer", BEN)
    desk.wait(PATIENCE / timedelta(seconds=1))
    assert desk.say(BEN, "select_writer", BEN) == {}
    desk.answer(MADE)
    assert desk.answer(MADE) == {}
    assert set(desk.admit()) == set(ALL)


def test_pdf_is_told_to_everybody() -> None:
    desk = written()
    assert desk.say(BEN, "generate_pdf") == {}
    arguments = desk.asked[0][1].arguments
    assert (arguments["group"], arguments["pad"]) == ("g.1", "g.1$notes")
    assert arguments["asker"]["participant_id"] == desk.ids[BEN]
    file = {"filename": "notes.pdf", "asset_id": str(uuid.UUID(int=8))}
    assert desk.answer(file) == {name: [told("pdf_asset", **file)] for name in ALL}


@pytest.mark.parametrize(
    ("code", "seen"), [("storage_exceeded", "storage_exceeded"), ("storage", "failed_initialization")]
)
def test_no_pdf(code: str, seen: str) -> None:
    desk = written()
    desk.say(BEN, "generate_pdf")
    assert desk.answer(error=code) == error(BEN, seen)


def test_breakout_room_has_its_own_and_all_go_with_the_meeting() -> None:
    desk = written()
    desk.who(BEN).place = uuid.UUID(int=50)
    desk.say(BEN, "select_writer", BEN)
    desk.answer(MADE | {"group": "g.2"})
    assert set(desk.admit()) == {BEN}
    desk.perform(presence.end(desk.room))
    assert desk.calls() == [("delete", {"groups": ["g.1", "g.2"]})]
