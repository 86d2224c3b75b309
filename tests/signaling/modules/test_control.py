"""control: who gets which frame of joining, hands and roles."""

from datetime import timedelta
from typing import Any

import pytest

from signaling.effects import NORMAL
from signaling.room import Where
from tests.signaling.stage import NOW, Stage, plain, text

ANNA, BEN, GUS = "anna", "ben", "gus"


def stage(**fields: Any) -> Stage:
    return Stage(**fields | {ANNA: "owner", BEN: "user", GUS: "guest"})


def error(code: str) -> list[tuple[str, dict[str, Any]]]:
    return [("control", {"message": "error", "error": code})]


# --- Joining ---


def test_comer_is_welcomed_and_others_see_them() -> None:
    room = Stage(anna="owner")
    frames = room.join("ben", groups=("staff",))
    ((namespace, welcome),) = frames.pop("ben")
    joined = {"message": "joined", **room.described("ben", "anna")}
    assert frames == {"anna": [("control", joined)]}
    assert namespace == "control"
    assert welcome == {
        "message": "join_success",
        "id": str(room.ids["ben"]),
        "display_name": "Ben",
        "role": "user",
        "tariff": room.room.info.tariff,
        "participants": [room.described("anna", "ben")],
        "room_info": {"id": str(room.room.id)},
        "is_room_owner": False,
        "moderation": {"raise_hands_enabled": True},
        "chat": {
            "enabled": True,
            "room_history": [],
            "groups_history": [{"name": "staff", "history": []}],
            "private_history": [],
            "last_seen_timestamps_private": {},
            "last_seen_timestamps_group": {},
        },
        "recording": {"client_type": "participant", "targets": {}},
        "training_participation_report": {"state": "disabled"},
    }


def test_others_see_every_member_of_control() -> None:
    room = Stage(anna="owner")
    room.join("ben", avatar_url="https://example.com/ben")
    assert room.control("ben") == {
        "display_name": "Ben",
        "role": "user",
        "participation_kind": "user",
        "avatar_url": "https://example.com/ben",
        "hand_is_up": False,
        "joined_at": text(NOW + timedelta(seconds=1)),
        "left_at": None,
        "hand_updated_at": text(NOW + timedelta(seconds=1)),
        "is_room_owner": False,
    }


def test_who_left_is_listed_with_the_time() -> None:
    room = stage()
    room.leave(BEN)
    ((_, welcome),) = room.join("cleo")["cleo"]
    left = {person["control"]["display_name"]: person["control"]["left_at"] for person in welcome["participants"]}
    assert left == {"Anna": None, "Ben": text(NOW + timedelta(seconds=1)), "Gus": None}


@pytest.mark.parametrize("name", ["", "   ", "x" * 101])
def test_name_must_be_one(name: str) -> None:
    room = stage()
    comer = room.comer("cleo", "guest", display_name="")
    assert room.send(comer, "control", "join", display_name=name) == {"cleo": error("invalid_username")}


def test_spaces_of_a_name_are_tidied() -> None:
    room = stage()
    comer = room.comer("cleo", "guest", display_name="")
    room.send(comer, "control", "join", display_name="  Cleo \n  Clark ")
    assert room.who("cleo").display_name == "Cleo Clark"


def test_nobody_joins_twice() -> None:
    assert stage().send(BEN, "control", "join", display_name="Ben") == {BEN: error("already_joined")}


def test_full_room_blocks_and_the_client_tries_again() -> None:
    room = stage(quotas={"room_participant_limit": 3})
    comer = room.comer("cleo")
    blocked = {"message": "join_blocked", "reason": "participant_limit_reached"}
    assert room.send(comer, "control", "join", display_name="Cleo") == {"cleo": [("control", blocked)]}
    room.leave(BEN)
    frames = room.send(comer, "control", "join", display_name="Cleo")
    assert frames["cleo"][0][1]["message"] == "join_success"


def test_first_moderator_enters_a_full_room() -> None:
    room = Stage(quotas={"room_participant_limit": 1}, ben="user")
    assert room.join("anna", "owner")["anna"][0][1]["message"] == "join_success"
    assert room.join("olga", "moderator")["olga"][0][1]["message"] == "join_blocked"


def test_first_person_starts_the_clock_of_the_tariff() -> None:
    room = Stage(quotas={"room_time_limit_secs": 60})
    ((_, welcome),) = room.join("anna", "owner")["anna"]
    assert welcome["closes_at"] == text(NOW + timedelta(seconds=61))
    assert room.wait(59) == {}
    assert room.wait(1) == {"anna": [("control", {"message": "time_limit_quota_elapsed"})]}
    assert room.closed == {"anna": NORMAL}
    assert room.room.ended_at is not None


# --- The waiting room ---


def test_comer_waits_and_moderators_see_it() -> None:
    room = stage()
    room.room.has_waiting_room = True
    frames = room.join("cleo", "guest")
    waits = {"message": "joined_waiting_room", "id": str(room.ids["cleo"]), "control": room.control("cleo")}
    assert frames == {"cleo": [("moderation", {"message": "in_waiting_room"})], ANNA: [("moderation", waits)]}
    assert room.who("cleo").where == Where.WAITING


@pytest.mark.parametrize("fields", [{"role": "moderator"}, {"is_admitted": True}])
def test_some_pass_the_waiting_room(fields: dict[str, Any]) -> None:
    room = stage()
    room.room.has_waiting_room = True
    assert room.join("cleo", **fields)["cleo"][0][1]["message"] == "join_success"


def test_accepted_person_enters() -> None:
    room = stage()
    room.add("cleo", "guest", where=Where.ACCEPTED, joined_at=NOW)
    frames = room.send("cleo", "control", "enter_room")
    assert [payload["message"] for _, payload in frames["cleo"]] == ["join_success"]
    assert [payload["message"] for _, payload in frames[ANNA]] == ["left_waiting_room", "joined"]
    assert [payload["message"] for _, payload in frames[BEN]] == ["joined"]


@pytest.mark.parametrize("where", [Where.WAITING, Where.JOINED])
def test_others_cannot_enter(where: Where) -> None:
    room = stage()
    room.add("cleo", "guest", where=where)
    frames = room.send("cleo", "control", "enter_room")
    assert frames == {"cleo": error("not_accepted_or_not_in_waiting_room")}


def test_who_waits_is_not_heard() -> None:
    room = stage()
    room.add("cleo", "guest", where=Where.WAITING)
    assert room.send("cleo", "control", "raise_hand") == {"cleo": error("not_yet_joined")}
    assert room.send("cleo", "chat", "send_message", scope="global", content="Hello?") == {}


def test_who_waited_leaves_for_the_moderators_alone() -> None:
    room = stage()
    room.add("cleo", "guest", where=Where.WAITING)
    left = {"message": "left_waiting_room", "id": str(room.ids["cleo"])}
    assert room.leave("cleo") == {ANNA: [("moderation", left)]}


# --- Hands ---


def test_hand_goes_up_and_down() -> None:
    room = stage()
    for action, message, is_up in (("raise_hand", "hand_raised", True), ("lower_hand", "hand_lowered", False)):
        frames = room.send(BEN, "control", action)
        update = {"message": "update", **room.described(BEN, ANNA)}
        assert frames == {
            BEN: [("control", {"message": message})],
            ANNA: [("control", update)],
            GUS: [("control", update)],
        }
        assert update["control"]["hand_is_up"] == is_up  # type: ignore[index]


def test_hand_stays_down_where_hands_are_switched_off() -> None:
    room = stage()
    room.room.allows_hands = False
    assert room.send(BEN, "control", "raise_hand") == {BEN: error("raise_hands_disabled")}


# --- Roles ---


@pytest.mark.parametrize(
    ("target", "action", "told", "role", "back"),
    [
        (BEN, "grant_moderator_role", "moderator_role_granted", "moderator", "user"),
        (GUS, "grant_moderator_role", "moderator_role_granted", "moderator", "guest"),
    ],
)
def test_moderator_makes_a_moderator(target: str, action: str, told: str, role: str, back: str) -> None:
    room = stage()
    for command, answer, new in ((action, told, role), ("revoke_moderator_role", "moderator_role_revoked", back)):
        frames = room.send(ANNA, "control", command, target=str(room.ids[target]))
        update = {"message": "update", **room.described(target, ANNA)}
        other = GUS if target == BEN else BEN
        assert frames == {
            ANNA: [("control", {"message": answer, "target": str(room.ids[target])}), ("control", update)],
            target: [("control", {"message": "role_updated", "new_role": new})],
            other: [("control", update)],
        }


@pytest.mark.parametrize(
    ("sender", "action", "target", "code"),
    [
        (BEN, "grant_moderator_role", GUS, "insufficient_permissions"),
        (ANNA, "revoke_moderator_role", BEN, "nothing_to_do"),
        (ANNA, "grant_moderator_role", ANNA, "nothing_to_do"),
        (ANNA, "revoke_moderator_role", ANNA, "target_is_room_owner"),
    ],
)
def test_role_is_refused(sender: str, action: str, target: str, code: str) -> None:
    room = stage()
    assert room.send(sender, "control", action, target=str(room.ids[target])) == {sender: error(code)}


def test_log_has_who_gave_which_role() -> None:
    room = stage()
    for action in ("grant_moderator_role", "revoke_moderator_role"):
        room.send(ANNA, "control", action, target=str(room.ids[BEN]))
    roles = [(entry.kind.name, entry.kind.role, entry.by) for entry in room.records]  # type: ignore[attr-defined]
    assert roles == [("participant.role_changed", role, room.who(ANNA)) for role in ("moderator", "user")]


# --- Leaving ---


def test_others_see_who_left_and_why() -> None:
    room = stage()
    left = [("control", {"message": "left", "id": str(room.ids[BEN]), "reason": "timeout"})]
    assert room.leave(BEN, "timeout") == {ANNA: left, GUS: left}


def test_empty_session_ends_after_a_while() -> None:
    room = Stage(anna="owner")
    room.leave("anna")
    room.wait(40)
    assert room.room.ended_at is None
    room.join("anna", "owner")
    room.wait(100)
    assert room.room.ended_at is None
    room.leave("anna")
    room.wait(45)
    assert room.room.ended_at is not None


def test_presence_is_recorded() -> None:
    room = Stage()
    room.join("anna", "owner")
    room.leave("anna")
    room.wait(45)
    kinds = [entry.kind.name for entry in room.records]
    assert kinds == ["meeting.started", "participant.joined", "participant.left", "meeting.ended"]


def test_recorder_is_not_seen() -> None:
    room = stage()
    frames = room.join("robot", "guest", kind="recorder")
    assert list(frames) == ["robot"]
    assert room.leave("robot") == {}
    ((_, welcome),) = room.join("cleo")["cleo"]
    assert str(room.ids["robot"]) not in str(plain(welcome))
