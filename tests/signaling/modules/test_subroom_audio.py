"""subroom_audio: who is in which group, who hears of it, and every refusal."""

import uuid
from typing import Any

import jwt
import pytest

from signaling import presence
from tests.signaling.livekit_server import KEY, SECRET
from tests.signaling.stage import Frame, Frames, Stage

ANNA, BEN, CLEO, GUS = "anna", "ben", "cleo", "gus"
ABOUT = {"public_url": "wss://l.example.org", "service_url": "http://10.0.0.2", "key": KEY, "secret": SECRET}
STRANGER = str(uuid.UUID(int=99))


class Hall(Stage):
    def __init__(self) -> None:
        super().__init__(anna="owner", ben="user", cleo="user", gus="guest", about={"livekit": ABOUT})
        self.whisper = ""

    def ids_of(self, *names: str) -> list[str]:
        return [str(self.ids.get(name, name)) for name in names]

    def create(self, *names: str, by: str = BEN) -> Frames:
        """A group, once LiveKit has its room."""
        assert self.send(by, "subroom_audio", "create_whisper_group", participant_ids=self.ids_of(*names)) == {}
        self.whisper = self.asked[0][1].arguments["room"]
        return self.answer({})

    def say(self, who: str, action: str, *names: str, whisper_id: str = "") -> Frames:
        people = {"participant_ids": self.ids_of(*names)} if names else {}
        return self.send(who, "subroom_audio", action, whisper_id=whisper_id or self.whisper, **people)

    def told(self, message: str, **data: Any) -> Frame:
        return "subroom_audio", {"message": message, "whisper_id": self.whisper} | data

    def about(self, message: str, name: str) -> Frame:
        return self.told(message, participant_id=str(self.ids[name]))

    def members(self, **parts: str) -> list[dict[str, str]]:
        return [{"participant_id": str(self.ids[name]), "state": part} for name, part in parts.items()]

    def calls(self) -> list[tuple[str, dict[str, Any]]]:
        found = [(ask.work, ask.arguments) for namespace, ask in self.asked if namespace == "subroom_audio"]
        self.asked.clear()
        return found


def error(who: str, code: str, **data: Any) -> Frames:
    return {who: [("subroom_audio", {"message": "error", "error": code, **data})]}


def grouped() -> Hall:
    """ben whispers with cleo; gus is invited."""
    hall = Hall()
    hall.create(CLEO, GUS)
    hall.say(CLEO, "accept_whisper_invite")
    return hall


def test_group_begins_when_livekit_has_its_room() -> None:
    hall = Hall()
    frames = hall.create(CLEO, GUS, CLEO)
    parts = hall.members(ben="creator", cleo="invited", gus="invited")
    token = frames[BEN][0][1]["token"]
    invite = hall.told("whisper_invite", issuer=str(hall.ids[BEN]), participants=parts)
    created = hall.told("whisper_group_created", token=token, participants=parts)
    assert frames == {BEN: [created], CLEO: [invite], GUS: [invite]}
    options: Any = {"verify_exp": False, "verify_nbf": False}
    claims = jwt.decode(token, SECRET, ["HS256"], options=options)
    assert claims["sub"] == str(hall.ids[BEN])
    assert (claims["video"]["room"], claims["video"]["canPublishSources"]) == (hall.whisper, ["microphone"])


def test_invitation_is_accepted() -> None:
    hall = Hall()
    hall.create(CLEO, GUS)
    frames = hall.say(CLEO, "accept_whisper_invite")
    token = frames[CLEO][0][1]["token"]
    accepted = hall.about("whisper_invite_accepted", CLEO)
    assert frames == {CLEO: [hall.told("whisper_token", token=token)], BEN: [accepted], GUS: [accepted]}
    assert hall.say(CLEO, "accept_whisper_invite") == error(CLEO, "already_accepted")
    assert hall.say(BEN, "decline_whisper_invite") == error(BEN, "already_accepted")


def test_invitation_is_declined() -> None:
    hall = grouped()
    declined = hall.about("whisper_invite_declined", GUS)
    assert hall.say(GUS, "decline_whisper_invite") == {BEN: [declined], CLEO: [declined]}
    assert hall.say(GUS, "accept_whisper_invite") == error(GUS, "not_invited")


def test_more_are_invited() -> None:
    hall = grouped()
    invited = hall.told("participants_invited", participant_ids=hall.ids_of(ANNA))
    parts = hall.members(ben="creator", cleo="accepted", gus="invited", anna="invited")
    invite = hall.told("whisper_invite", issuer=str(hall.ids[BEN]), participants=parts)
    frames = hall.say(BEN, "invite_to_whisper_group", ANNA, CLEO)
    assert frames == {BEN: [invited], CLEO: [invited], GUS: [invited], ANNA: [invite]}
    assert hall.say(BEN, "invite_to_whisper_group", ANNA) == {}


def test_kicked() -> None:
    hall = grouped()
    frames = hall.say(BEN, "kick_whisper_participants", CLEO)
    left = hall.about("left_whisper_group", CLEO)
    assert frames == {CLEO: [hall.told("kicked")], BEN: [left], GUS: [left]}
    gone = {"room": hall.whisper, "participant": str(hall.ids[CLEO]), "came_before": hall.room.now}
    assert hall.calls() == [("remove", gone)]
    assert hall.say(CLEO, "accept_whisper_invite") == error(CLEO, "not_invited")


def test_group_lives_on_without_its_creator_and_ends_with_the_last() -> None:
    hall = grouped()
    left = hall.about("left_whisper_group", BEN)
    assert hall.say(BEN, "leave_whisper_group") == {CLEO: [left], GUS: [left]}
    assert [name for name, _arguments in hall.calls()] == ["remove"]
    assert hall.say(CLEO, "leave_whisper_group") == {
        GUS: [hall.about("left_whisper_group", CLEO), hall.told("whisper_group_disbanded")]
    }
    assert hall.calls() == [("close_rooms", {"rooms": [hall.whisper]})]
    assert hall.say(GUS, "accept_whisper_invite") == error(GUS, "invalid_whisper_id")


def test_who_leaves_the_meeting_leaves_the_group() -> None:
    hall = grouped()
    frames = hall.leave(CLEO)
    assert hall.about("left_whisper_group", CLEO) in frames[BEN]
    assert hall.about("left_whisper_group", CLEO) in frames[GUS]
    assert hall.about("left_whisper_group", CLEO) not in frames[ANNA]


def test_rooms_go_with_the_meeting() -> None:
    hall = grouped()
    hall.perform(presence.end(hall.room))
    assert hall.calls() == [("close_rooms", {"rooms": [hall.whisper]})]


@pytest.mark.parametrize(
    ("who", "action", "names", "code", "more"),
    [
        (CLEO, "invite_to_whisper_group", (ANNA,), "insufficient_permissions", {}),
        (CLEO, "kick_whisper_participants", (GUS,), "insufficient_permissions", {}),
        (ANNA, "kick_whisper_participants", (GUS,), "insufficient_permissions", {}),
        (BEN, "invite_to_whisper_group", (STRANGER,), "invalid_participant_targets", (STRANGER,)),
        (BEN, "invite_to_whisper_group", (BEN,), "invalid_participant_targets", (BEN,)),
        (BEN, "kick_whisper_participants", (ANNA,), "invalid_participant_targets", (ANNA,)),
        (BEN, "kick_whisper_participants", (BEN,), "invalid_participant_targets", (BEN,)),
        (ANNA, "accept_whisper_invite", (), "not_invited", {}),
        (ANNA, "decline_whisper_invite", (), "not_invited", {}),
        (ANNA, "leave_whisper_group", (), "not_invited", {}),
    ],
)
def test_refusal(who: str, action: str, names: tuple[str, ...], code: str, more: Any) -> None:
    hall = grouped()
    data = {"participant_ids": hall.ids_of(*more)} if more else {}
    assert hall.say(who, action, *names) == error(who, code, **data)


@pytest.mark.parametrize("action", ["invite_to_whisper_group", "kick_whisper_participants"])
def test_nobody_named(action: str) -> None:
    hall = grouped()
    frames = hall.send(BEN, "subroom_audio", action, whisper_id=hall.whisper, participant_ids=[])
    assert frames == error(BEN, "empty_participant_list")


@pytest.mark.parametrize("action", ["accept_whisper_invite", "decline_whisper_invite", "leave_whisper_group"])
def test_group_that_is_not_there(action: str) -> None:
    assert grouped().say(GUS, action, whisper_id=STRANGER) == error(GUS, "invalid_whisper_id")


@pytest.mark.parametrize(
    ("names", "code", "more"),
    [
        ((), "empty_participant_list", {}),
        ((STRANGER, CLEO), "invalid_participant_targets", {"participant_ids": [STRANGER]}),
    ],
)
def test_group_of_nobody(names: tuple[str, ...], code: str, more: dict[str, Any]) -> None:
    hall = Hall()
    frames = hall.send(BEN, "subroom_audio", "create_whisper_group", participant_ids=hall.ids_of(*names))
    assert frames == error(BEN, code, **more)
    assert hall.calls() == []


def test_livekit_that_is_down_makes_no_group() -> None:
    hall = Hall()
    hall.send(BEN, "subroom_audio", "create_whisper_group", participant_ids=hall.ids_of(CLEO))
    hall.whisper = hall.asked[0][1].arguments["room"]
    assert hall.answer(error="livekit_unavailable") == error(BEN, "livekit_unavailable")
    assert hall.say(CLEO, "accept_whisper_invite") == error(CLEO, "invalid_whisper_id")


def test_creator_who_left_meanwhile_leaves_no_room_behind() -> None:
    hall = Hall()
    hall.send(BEN, "subroom_audio", "create_whisper_group", participant_ids=hall.ids_of(CLEO))
    whisper = hall.asked[0][1].arguments["room"]
    hall.leave(BEN)
    assert hall.answer({}) == {}
    assert ("close_rooms", {"rooms": [whisper]}) in hall.calls()
