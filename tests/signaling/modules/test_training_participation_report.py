"""training_participation_report: who gets which frame when presence is logged, asked for, confirmed and reported."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from signaling import presence
from tests.signaling.stage import NOW, Frame, Frames, Stage, text

TINA, BEN, GUS = "tina", "ben", "gus"
TRAINEES = (BEN, GUS)
DELAYS = {
    "initial_checkpoint_delay": {"after": 100, "within": 50},
    "checkpoint_interval": {"after": 10, "within": 0},
}
FILE = {"filename": "participation_report.pdf", "asset_id": str(uuid.UUID(int=80))}


def stage(**people: str) -> Stage:
    return Stage(tina="owner", **people or {"ben": "user", "gus": "guest"})


def frame(message: str, **data: Any) -> Frame:
    return "training_participation_report", {"message": message, **data}


def to(people: tuple[str, ...], message: str, **data: Any) -> Frames:
    return {name: [frame(message, **data)] for name in people}


def error(who: str, code: str) -> Frames:
    return to((who,), "error", error=code)


def do(room: Stage, name: str, action: str, **data: Any) -> Frames:
    return room.send(name, "training_participation_report", action, **data)


def enable(room: Stage, name: str = TINA, **data: Any) -> Frames:
    return do(room, name, "enable_presence_logging", **DELAYS | data)


def disable(room: Stage, name: str = TINA) -> Frames:
    return do(room, name, "disable_presence_logging")


def confirm(room: Stage, name: str) -> Frames:
    return do(room, name, "confirm_presence")


def own(frames: Frames) -> Frames:
    """Only the module's."""
    kept = {name: [one for one in those if one[0].startswith("training")] for name, those in frames.items()}
    return {name: those for name, those in kept.items() if those}


def state(room: Stage, name: str, role: str = "user") -> str:
    """As somebody finds it who joins."""
    return str(room.join(name, role)[name][0][1]["training_participation_report"]["state"])


def at(seconds: float) -> str:
    return text(NOW + timedelta(seconds=seconds))


def asked(room: Stage) -> dict[str, Any]:
    """What the report is made of, and who for; nothing else was asked."""
    ((namespace, ask),) = room.asked
    assert (namespace, ask.work) == ("training_participation_report", "report")
    return dict(ask.arguments)


# --- On ---


def test_it_starts_at_once_where_others_are() -> None:
    room = stage()
    begun = {"first_checkpoint": at(1 + 100), "reason": "started_manually"}
    assert enable(room) == to(TRAINEES, "presence_logging_started") | {
        TINA: [frame("presence_logging_enabled"), frame("presence_logging_started", **begun)]
    }


def test_it_starts_with_the_first_who_comes() -> None:
    room = Stage(tina="owner")
    assert enable(room) == to((TINA,), "presence_logging_enabled")
    assert room.wait(1000) == {}
    begun = {"first_checkpoint": at(1002 + 100), "reason": "first_participant_joined"}
    frames = own(room.join(BEN))
    assert frames == to((BEN,), "presence_logging_started") | to((TINA,), "presence_logging_started", **begun)
    assert own(room.join(GUS, "guest")) == {}


@pytest.mark.parametrize("chance", [0, 1, 1200])
def test_moments_come_by_chance(chance: int) -> None:
    """From the first to the last that the wish allows; here the usual ones."""
    room = stage()
    drawn: list[int] = []

    def draw(below: int) -> int:
        drawn.append(below)
        return min(chance, below - 1)

    room.room.chance = draw
    frames = do(room, TINA, "enable_presence_logging")
    assert frames[TINA][1][1]["first_checkpoint"] == at(1 + 600 + chance)
    assert room.wait(600 + chance - 1) == {}
    assert room.wait(1) == to(TRAINEES, "presence_confirmation_requested")
    assert room.wait(6300 + chance - 1) == {}
    assert room.wait(1) == to(TRAINEES, "presence_confirmation_requested")
    assert drawn == [1201, 1801, 1801]


def test_event_may_start_it() -> None:
    room = Stage(about={"training_participation_report": DELAYS})
    assert own(room.join(BEN)) == {}
    begun = {"first_checkpoint": at(2 + 100), "reason": "autostart"}
    frames = own(room.join(TINA, "owner"))
    assert frames == to((BEN,), "presence_logging_started") | to((TINA,), "presence_logging_started", **begun)
    disable(room)
    assert own(room.join(GUS, "guest")) == {}


def test_recorder_is_nobody() -> None:
    room = Stage(tina="owner", about={"training_participation_report": DELAYS})
    assert own(room.join("robot", "guest", kind="recorder")) == {}
    enable(room)
    assert own(room.leave("robot")) == {}


@pytest.mark.parametrize(
    "delays",
    [
        {"initial_checkpoint_delay": {"after": 0, "within": 0}},
        {"initial_checkpoint_delay": {"after": 1, "within": -1}},
        {"checkpoint_interval": {"after": 0, "within": 0}},
        {"checkpoint_interval": {"after": 10**12, "within": 0}},
        {"checkpoint_interval": {"after": 1, "within": 10**12}},
    ],
)
def test_delays_are_refused(delays: dict[str, Any]) -> None:
    assert enable(stage(), **delays) == error(TINA, "invalid_parameters")


def test_only_the_owner_switches() -> None:
    room = stage(ben="user", mia="moderator")
    for name in (BEN, "mia"):
        assert enable(room, name) == disable(room, name) == error(name, "insufficient_permissions")
    assert disable(room) == error(TINA, "presence_logging_not_enabled")
    enable(room)
    assert enable(room) == error(TINA, "presence_logging_already_enabled")


# --- While it runs ---


def running() -> Stage:
    """The first checkpoint is over."""
    room = stage()
    enable(room)
    assert room.wait(100) == to(TRAINEES, "presence_confirmation_requested")
    return room


def test_confirmation_is_of_the_last_checkpoint() -> None:
    room = running()
    for _time in range(2):
        assert confirm(room, BEN) == to((BEN,), "presence_confirmation_logged")
    room.wait(10)
    confirm(room, GUS)
    disable(room)
    ben, gus = room.who(BEN).user_id, room.ids[GUS]
    assert asked(room)["checkpoints"] == [
        (NOW + timedelta(seconds=101), {ben: NOW + timedelta(seconds=102)}),
        (NOW + timedelta(seconds=113), {gus: NOW + timedelta(seconds=114)}),
    ]


def test_confirmation_is_refused() -> None:
    room = stage()
    assert confirm(room, BEN) == error(BEN, "presence_logging_not_enabled")
    enable(room)
    assert confirm(room, BEN) == error(BEN, "presence_logging_not_allowed_for_participant")
    room.wait(100)
    assert confirm(room, TINA) == error(TINA, "presence_logging_not_allowed_for_participant")


def test_who_comes_finds_how_it_stands() -> None:
    room = stage()
    assert state(room, "first") == "disabled"
    enable(room)
    assert state(room, "second") == "enabled"
    room.wait(100)
    assert state(room, "third") == "waiting_for_confirmation"
    assert state(room, "tina's phone", "owner") == "enabled"
    confirm(room, "third")
    assert state(room, "third's phone") == "waiting_for_confirmation"
    room.leave("third")
    assert state(room, "third") == "enabled"


def test_who_comes_back_by_another_device_is_one_of_the_people() -> None:
    room = running()
    confirm(room, BEN)
    room.join("bens phone", user_id=room.who(BEN).user_id)
    room.join("cleo")
    disable(room)
    people = {room.who(BEN).user_id: "Bens Phone", room.ids[GUS]: "Gus", room.who("cleo").user_id: "Cleo"}
    assert asked(room)["people"] == people


# --- The end ---


def test_trainer_stops_it() -> None:
    room = running()
    ended = frame("presence_logging_ended", reason="stopped_manually")
    assert disable(room) == {BEN: [ended], GUS: [ended], TINA: [frame("presence_logging_disabled"), ended]}
    assert room.room.deadlines == {}
    tina = room.who(TINA)
    assert asked(room) == {
        "began": NOW + timedelta(seconds=1),
        "ended": room.room.now,
        "people": {room.who(BEN).user_id: "Ben", room.ids[GUS]: "Gus"},
        "checkpoints": [(NOW + timedelta(seconds=101), {})],
        "asker": {"participant_id": tina.id, "user_id": tina.user_id, "display_name": "Tina"},
    }
    assert room.answer(FILE) == to((TINA,), "pdf_asset", **FILE)
    assert state(room, "cleo") == "disabled"


@pytest.mark.parametrize(
    ("failure", "code"), [("storage_exceeded", "storage_exceeded"), ("storage", "storage"), ("internal", "generate")]
)
def test_report_that_fails_is_told(failure: str, code: str) -> None:
    room = running()
    disable(room)
    assert room.answer(error=failure) == error(TINA, code)


def test_it_waits_when_the_last_of_the_others_left() -> None:
    room = running()
    room.leave(BEN)
    ended = to((TINA,), "presence_logging_ended", reason="last_participant_left")
    assert own(room.leave(GUS)) == ended
    assert len(asked(room)["checkpoints"]) == 1
    assert room.room.deadlines.keys() == set()
    assert own(room.join(BEN))[TINA][0][1]["reason"] == "first_participant_joined"
    assert state(room, "cleo") == "enabled"


def test_it_is_over_when_the_trainer_left() -> None:
    room = running()
    room.add("tina's phone", "owner")
    assert own(room.leave(TINA)) == {}
    assert own(room.leave("tina's phone")) == to(TRAINEES, "presence_logging_ended", reason="creator_left")
    assert len(asked(room)["checkpoints"]) == 1
    assert room.answer(FILE) == {}
    assert state(room, "cleo") == "disabled"


def test_report_is_made_when_the_meeting_ends() -> None:
    room = running()
    room.perform(presence.end(room.room))
    assert len(asked(room)["checkpoints"]) == 1


def test_no_report_where_nobody_was_asked() -> None:
    room = stage()
    enable(room)
    disable(room)
    room.perform(presence.end(room.room))
    assert room.asked == []


def test_breakout_rooms_belong_to_it() -> None:
    room = stage()
    room.who(GUS).place = uuid.UUID(int=50)
    assert set(enable(room)) == {TINA, BEN, GUS}
    assert room.wait(100) == to(TRAINEES, "presence_confirmation_requested")
