"""recording and recording_service: consent, and the frames between people, server and a recorder."""

import uuid
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from signaling.frames import Envelope, Invalid, command_of
from signaling.modules.recording import PATIENCE
from signaling.room import Role
from tests.signaling.stage import Frame, Frames, Stage

ANNA, BEN, GUS, ROBOT = "anna", "ben", "gus", "robot"
ALL = (ANNA, BEN, GUS)
STREAM = str(uuid.UUID(int=70))
FILE = str(uuid.uuid5(uuid.UUID(int=2), "recording"))
TV = {
    "id": uuid.UUID(STREAM),
    "name": "TV",
    "public_url": "https://tv.example.org",
    "location": "rtmp://tv.example.org/key",
}


class Studio(Stage):
    """A room with a live stream, and a recorder that speaks as the real one does."""

    def __init__(self, *features: str) -> None:
        super().__init__(anna="owner", ben="user", gus="guest", about={"recording": {"streams": [TV]}})
        self.room.info.tariff["modules"]["recording"]["features"] = list(features or ("record", "stream"))

    def recorder_comes(self, **fields: Any) -> dict[str, Any]:
        """Its join_success; nobody else hears of it."""
        frames = self.join(ROBOT, "guest", kind="recorder", **fields)
        assert list(frames) == [ROBOT]
        return frames[ROBOT][0][1]

    def recorder_says(self, target: str, status: str, **data: Any) -> Frames:
        said = {"message": "stream_updated", "target_id": target, "status": status} | data
        command = command_of(Envelope("recording_service", msgspec.Raw(msgspec.json.encode(said))))
        return self.give(ROBOT, "recording_service", command)


def updated(target: str, status: str, **data: Any) -> Frame:
    return "recording", {"message": "stream_updated", "target_id": target, "status": status} | data


def to_all(*frames: Frame) -> Frames:
    return {name: list(frames) for name in ALL}


def told(action: str, *targets: str) -> Frames:
    """What the recorder is commanded."""
    return {ROBOT: [("recording_service", {"action": action, "target_ids": list(targets)})]}


def error(who: str, code: str, namespace: str = "recording") -> Frames:
    return {who: [(namespace, {"message": "error", "error": code})]}


def order(room: Stage, action: str, *targets: str, by: str = ANNA) -> Frames:
    return room.send(by, "recording", action, target_ids=list(targets))


def running(*targets: str) -> Studio:
    room = Studio()
    order(room, "start_stream", *targets)
    room.recorder_comes()
    for target in targets:
        room.recorder_says(target, "active")
    return room


def shown(room: Stage) -> dict[str, Any]:
    """The targets as somebody sees them who comes now."""
    (_, welcome), *_ = room.join("cleo")["cleo"]
    assert welcome["recording"]["client_type"] == "participant"
    return dict(welcome["recording"]["targets"])


# --- Consent ---


def test_consent_is_seen_by_the_others() -> None:
    room = Studio()
    for is_given in (True, False):
        frames = room.send(BEN, "recording", "set_consent", consent=is_given)
        update = {"message": "update", **room.described(BEN, ANNA)}
        assert update["recording"] == {"consents_recording": is_given}
        assert frames == {name: [("control", update)] for name in (ANNA, GUS)}


def test_who_comes_back_is_asked_anew() -> None:
    room = Studio()
    room.send(BEN, "recording", "set_consent", consent=True)
    room.leave(BEN)
    room.join(BEN)
    assert room.described(BEN, ANNA)["recording"] == {"consents_recording": False}


# --- What can be recorded ---


@pytest.mark.parametrize(
    ("features", "targets"),
    [(("record",), {FILE}), (("stream",), {STREAM}), (("record", "stream"), {FILE, STREAM}), (("other",), set())],
)
def test_targets_are_those_of_the_tariff(features: tuple[str, ...], targets: set[str]) -> None:
    room = Studio(*features)
    assert set(shown(room)) == targets
    for target in {FILE, STREAM} - targets:
        assert order(room, "start_stream", target) == error(ANNA, "invalid_streaming_id")


def test_nothing_is_recorded_where_nothing_is_known_of_streams() -> None:
    """As in an end-to-end encrypted room: work/recording.py."""
    room = Studio()
    room.room.info.about.clear()
    assert shown(room) == {}
    assert order(room, "start_stream", FILE) == error(ANNA, "invalid_streaming_id")


def test_people_see_names_and_no_keys() -> None:
    assert shown(Studio()) == {
        FILE: {"name": "Recording", "streaming_kind": "recording", "status": "inactive"},
        STREAM: {
            "name": "TV",
            "streaming_kind": "livestream",
            "status": "inactive",
            "public_url": "https://tv.example.org",
        },
    }


def test_recorder_sees_where_to_stream() -> None:
    room = Studio()
    order(room, "start_stream", STREAM)
    welcome = room.recorder_comes()
    assert "recording" not in welcome
    common = {"start_paused": False}
    assert welcome["recording_service"] == {
        "streams": {
            FILE: common | {"stream_kind": "recording", "auto_connect": False, "status": "inactive"},
            STREAM: common
            | {
                "stream_kind": "streaming",
                "auto_connect": True,
                "status": "starting",
                "location": "rtmp://tv.example.org/key",
            },
        }
    }


# --- Commands ---


@pytest.mark.parametrize("action", ["start_stream", "pause_stream", "stop_stream"])
@pytest.mark.parametrize(
    ("by", "target", "code"),
    [(BEN, FILE, "insufficient_permissions"), (ANNA, str(uuid.UUID(int=71)), "invalid_streaming_id")],
)
def test_command_is_refused(action: str, by: str, target: str, code: str) -> None:
    assert order(running(FILE), action, target, by=by) == error(by, code)


def test_stream_from_start_to_end() -> None:
    room = Studio()
    assert order(room, "start_stream", FILE, FILE) == to_all(updated(FILE, "starting"))
    room.recorder_comes()
    assert room.wait(60) == {}
    assert room.recorder_says(FILE, "active") == to_all(updated(FILE, "active"))
    assert shown(room)[FILE]["status"] == "active"
    room.leave("cleo")
    assert order(room, "start_stream", FILE) == {}
    assert order(room, "pause_stream", FILE) == told("pause_streams", FILE)
    assert room.recorder_says(FILE, "paused") == to_all(updated(FILE, "paused"))
    assert order(room, "pause_stream", FILE) == {}
    assert order(room, "start_stream", FILE) == told("start_streams", FILE)
    room.recorder_says(FILE, "active")
    assert order(room, "start_stream", STREAM) == to_all(updated(STREAM, "starting")) | told("start_streams", STREAM)
    assert order(room, "stop_stream", FILE, STREAM) == told("stop_streams", FILE, STREAM)
    assert room.recorder_says(FILE, "inactive") == to_all(updated(FILE, "inactive"))
    assert order(room, "stop_stream", FILE) == {}


def test_failure_has_its_reason() -> None:
    room = running(STREAM)
    reason = {"code": "refused", "message": "The key is wrong"}
    assert room.recorder_says(STREAM, "error", reason=reason) == to_all(updated(STREAM, "error", reason=reason))
    assert shown(room)[STREAM]["reason"] == reason
    room.leave("cleo")
    assert order(room, "start_stream", STREAM) == to_all(updated(STREAM, "starting")) | told("start_streams", STREAM)


def test_nobody_waits_forever_for_a_recorder() -> None:
    room = Studio()
    order(room, "start_stream", FILE)
    assert room.wait(PATIENCE / timedelta(seconds=1) - 1) == {}
    timeout = ("recording", {"message": "recorder_error", "error": "timeout"})
    ended = to_all(updated(FILE, "inactive"))
    assert room.wait(1) == ended | {ANNA: [*ended[ANNA], timeout]}
    assert room.room.deadlines == {}


@pytest.mark.parametrize("action", ["pause_stream", "stop_stream"])
def test_without_a_recorder_nothing_can_be_done(action: str) -> None:
    assert order(Studio(), action, FILE) == error(ANNA, "recorder_not_started")


def test_start_can_be_taken_back() -> None:
    room = Studio()
    order(room, "start_stream", FILE, STREAM)
    assert order(room, "stop_stream", FILE) == to_all(updated(FILE, "inactive"))
    assert len(room.room.deadlines) == 1
    assert order(room, "stop_stream", STREAM) == to_all(updated(STREAM, "inactive"))
    assert room.room.deadlines == {}


def test_streams_end_when_the_recorder_is_gone() -> None:
    room = running(FILE)
    assert room.leave(ROBOT) == to_all(updated(FILE, "inactive"))


def test_each_breakout_room_has_its_own() -> None:
    room = Studio()
    place = uuid.UUID(int=50)
    room.who(GUS).place = place
    room.who(GUS).role = Role.MODERATOR
    assert order(room, "start_stream", FILE, by=GUS) == {GUS: [updated(FILE, "starting")]}
    room.recorder_comes(place=place)
    assert room.recorder_says(FILE, "active") == {GUS: [updated(FILE, "active")]}
    assert shown(room)[FILE]["status"] == "inactive"


# --- The recorder's language ---


def test_people_are_no_recorder() -> None:
    room = Studio()
    said = {"message": "stream_updated", "target_id": FILE, "status": "active"}
    command = command_of(Envelope("recording_service", msgspec.Raw(msgspec.json.encode(said))))
    refused = error(ANNA, "insufficient_permissions", "recording_service")
    assert room.give(ANNA, "recording_service", command) == refused


def test_recorder_knows_the_targets() -> None:
    room = running(FILE)
    refused = error(ROBOT, "invalid_streaming_id", "recording_service")
    assert room.recorder_says(str(uuid.UUID(int=71)), "active") == refused


@pytest.mark.parametrize(
    "said",
    [
        {"message": "stream_updated", "target_id": FILE, "status": "fine"},
        {"message": "stream_updated", "status": "active"},
        {"message": "other"},
    ],
)
def test_other_frames_of_a_recorder_are_no_commands(said: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match="invalid_json"):
        command_of(Envelope("recording_service", msgspec.Raw(msgspec.json.encode(said))))


# --- What the log tells ---


def logged(room: Stage) -> list[tuple[str, str | None, dict[str, Any]]]:
    """Of recordings: kind, who, and what tells one target from another."""
    told = {"target_kind", "reason", "is_given"}
    found = [record for record in room.records if record.kind.name.startswith("recording.")]
    facts = [{name: value for name, value in record.kind.data().items() if name in told} for record in found]
    names = [record.by and record.by.display_name for record in found]
    return [(record.kind.name, name, fact) for record, name, fact in zip(found, names, facts, strict=True)]


def test_log_tells_what_the_recorder_did_and_who_asked_for_it() -> None:
    room = running(FILE)
    room.add("mia", "moderator")
    order(room, "pause_stream", FILE, by="mia")
    room.recorder_says(FILE, "paused")
    order(room, "start_stream", FILE)
    room.recorder_says(FILE, "active")
    room.recorder_says(FILE, "active")
    room.recorder_says(FILE, "error", reason={"code": "disk_full", "message": "No space"})
    kind = {"target_kind": "recording"}
    assert logged(room) == [
        ("recording.started", "Anna", kind),
        ("recording.paused", "Mia", kind),
        ("recording.started", "Anna", kind),
        ("recording.stopped", "Anna", kind | {"reason": "disk_full"}),
    ]


def test_recorder_that_leaves_has_stopped() -> None:
    room = running(STREAM)
    room.leave(ROBOT)
    kind = {"target_kind": "livestream"}
    assert logged(room) == [
        ("recording.started", "Anna", kind),
        ("recording.stopped", "Anna", kind | {"reason": ""}),
    ]


def test_nothing_that_never_ran_is_told() -> None:
    room = Studio()
    order(room, "start_stream", FILE)
    order(room, "stop_stream", FILE)
    assert logged(room) == []


def test_log_tells_each_change_of_a_consent() -> None:
    room = Studio()
    for is_given in (True, True, False):
        room.send(BEN, "recording", "set_consent", consent=is_given)
    assert logged(room) == [
        ("recording.consent_changed", "Ben", {"is_given": True}),
        ("recording.consent_changed", "Ben", {"is_given": False}),
    ]
