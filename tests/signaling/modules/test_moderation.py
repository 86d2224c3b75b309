"""moderation: who gets which frame of the waiting room, of being removed, renamed, and of hands."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from signaling.effects import NORMAL
from signaling.room import Where
from tests.signaling.stage import NOW, Frame, Frames, Stage, text

ANNA, MIA, BEN, GUS, WIM = "anna", "mia", "ben", "gus", "wim"
INSIDE = (ANNA, MIA, BEN, GUS)
NOBODY = str(uuid.UUID(int=999))


def stage(**fields: Any) -> Stage:
    """An owner, a moderator, a user and a guest; Wim waits."""
    room = Stage(anna="owner", mia="moderator", ben="user", gus="guest")
    room.add(WIM, "guest", where=Where.WAITING)
    for name, value in fields.items():
        setattr(room.room, name, value)
    return room


def do(room: Stage, action: str, target: str | None = None, by: str = ANNA, **data: Any) -> Frames:
    if target is not None:
        data["target"] = str(room.ids.get(target, target))
    return room.send(by, "moderation", action, **data)


def says(message: str, **data: Any) -> Frame:
    return "moderation", {"message": message, **data}


def of_control(message: str, **data: Any) -> Frame:
    return "control", {"message": message, **data}


def all_get(*frames: Frame) -> Frames:
    return {name: list(frames) for name in INSIDE}


def error(code: str) -> list[Frame]:
    return [says("error", error=code)]


def updated(room: Stage, name: str) -> Frame:
    return of_control("update", **room.described(name, ANNA))


# --- Whose commands they are ---


@pytest.mark.parametrize("sender", [BEN, GUS])
@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("enable_waiting_room", {}),
        ("disable_waiting_room", {}),
        ("accept", {"target": NOBODY}),
        ("send_to_waiting_room", {"target": NOBODY}),
        ("kick", {"target": NOBODY}),
        ("ban", {"target": NOBODY}),
        ("debrief", {"kick_scope": "guests"}),
        ("change_display_name", {"target": NOBODY, "new_name": "Gustav"}),
        ("enable_raise_hands", {}),
        ("disable_raise_hands", {}),
        ("reset_raised_hands", {}),
    ],
)
def test_only_moderators_moderate(sender: str, action: str, data: dict[str, Any]) -> None:
    room = stage()
    assert room.send(sender, "moderation", action, **data) == {sender: error("insufficient_permissions")}
    assert room.send(WIM, "moderation", action, **data) == {}


@pytest.mark.parametrize("action", ["accept", "send_to_waiting_room", "kick", "ban", "change_display_name"])
@pytest.mark.parametrize("target", [NOBODY, "gone"])
def test_who_is_not_there_is_ignored(action: str, target: str) -> None:
    room = stage()
    room.add("gone", "guest", where=Where.LEFT)
    assert do(room, action, target, **({"new_name": "X"} if action == "change_display_name" else {})) == {}


# --- The waiting room ---


@pytest.mark.parametrize("was_on", [True, False])
@pytest.mark.parametrize("is_on", [True, False])
def test_waiting_room_is_switched(was_on: bool, is_on: bool) -> None:
    room = stage(has_waiting_room=was_on)
    frames = do(room, "enable_waiting_room" if is_on else "disable_waiting_room")
    message = "waiting_room_enabled" if is_on else "waiting_room_disabled"
    assert frames == all_get(says(message))
    assert room.room.has_waiting_room == is_on
    assert room.who(WIM).where == Where.WAITING


def test_comer_waits_is_accepted_and_enters() -> None:
    room = stage(has_waiting_room=True)
    frames = room.join("cleo", "guest")
    cleo = str(room.ids["cleo"])
    joined = says("joined_waiting_room", id=cleo, control=room.control("cleo"))
    assert frames == {"cleo": [says("in_waiting_room")], ANNA: [joined], MIA: [joined]}

    assert do(room, "accept", "cleo") == {"cleo": [says("accepted")]}
    assert do(room, "accept", "cleo", by=MIA) == {}

    frames = room.send("cleo", "control", "enter_room")
    assert frames.pop("cleo")[0][1]["message"] == "join_success"
    left, came = says("left_waiting_room", id=cleo), of_control("joined", **room.described("cleo", ANNA))
    assert frames == {ANNA: [left, came], MIA: [left, came], BEN: [came], GUS: [came]}


def test_accepted_person_passes_when_coming_back() -> None:
    room = stage(has_waiting_room=True)
    do(room, "accept", WIM)
    left = says("left_waiting_room", id=str(room.ids[WIM]))
    assert room.leave(WIM) == {ANNA: [left], MIA: [left]}
    who = room.who(WIM)
    assert room.send(who, "control", "join", display_name="Wim")[WIM][0][1]["message"] == "join_success"


@pytest.mark.parametrize("target", [MIA, BEN, GUS])
@pytest.mark.parametrize("was_on", [True, False])
def test_person_is_sent_to_the_waiting_room(target: str, was_on: bool) -> None:
    room = stage(has_waiting_room=was_on)
    room.who(target).is_admitted = room.who(target).hand_is_up = True
    frames = do(room, "send_to_waiting_room", target)
    switched = [] if was_on else [says("waiting_room_enabled")]
    target_id = str(room.ids[target])
    left = of_control("left", id=target_id, reason="sent_to_waiting_room")
    waits = says("joined_waiting_room", id=target_id, control=room.control(target))
    expected = {name: [*switched, left, *([waits] if name in (ANNA, MIA) else [])] for name in INSIDE}
    assert frames == expected | {target: [*switched, says("sent_to_waiting_room"), says("in_waiting_room")]}
    assert room.closed == {}
    control = room.control(target)
    assert (control["hand_is_up"], control["left_at"]) == (False, None)
    assert control["joined_at"] == text(NOW + timedelta(seconds=1))
    refused = {target: [of_control("error", error="not_accepted_or_not_in_waiting_room")]}
    assert room.send(target, "control", "enter_room") == refused
    do(room, "accept", target)
    assert room.send(target, "control", "enter_room")[target][0][1]["message"] == "join_success"


def test_owner_does_not_wait() -> None:
    room = stage()
    refused = {MIA: error("cannot_send_room_owner_to_waiting_room")}
    assert do(room, "send_to_waiting_room", ANNA, by=MIA) == refused
    assert not room.room.has_waiting_room


def test_who_waits_cannot_be_sent_there() -> None:
    assert do(stage(), "send_to_waiting_room", WIM) == {}


def test_moderators_are_told_who_waits_when_they_come() -> None:
    room = stage(has_waiting_room=True)
    room.add("xen", "guest", where=Where.WAITING)
    do(room, "accept", WIM)
    waiting = [
        {"id": str(room.ids[name]), "control": room.control(name), "waiting_room_state": state}
        for name, state in (("xen", "waiting"), (WIM, "accepted"))
    ]
    own = {"raise_hands_enabled": True}
    assert welcome(room, "olga", "moderator") == own | {
        "waiting_room_enabled": True,
        "waiting_room_participants": waiting,
    }
    room.room.has_waiting_room = False
    assert welcome(room, "cleo", "user") == own


def welcome(room: Stage, name: str, role: str) -> dict[str, Any]:
    (_, payload), *_ = room.join(name, role)[name]
    return dict(payload["moderation"])


@pytest.mark.parametrize("is_on", [True, False])
def test_new_moderator_is_told_who_waits(is_on: bool) -> None:
    room = stage(has_waiting_room=is_on)
    frames = room.send(ANNA, "control", "grant_moderator_role", target=str(room.ids[BEN]))
    waits = says("joined_waiting_room", id=str(room.ids[WIM]), control=room.control(WIM))
    switched = [says("waiting_room_enabled")] if is_on else []
    assert frames[BEN] == [of_control("role_updated", new_role="moderator"), *switched, waits]
    frames = room.send(ANNA, "control", "revoke_moderator_role", target=str(room.ids[BEN]))
    assert frames[BEN] == [of_control("role_updated", new_role="user")]


# --- Who must leave ---


@pytest.mark.parametrize("target", [ANNA, MIA, BEN, GUS])
def test_person_is_kicked(target: str) -> None:
    room = stage()
    room.who(target).is_admitted = True
    frames = do(room, "kick", target, by=MIA)
    left = of_control("left", id=str(room.ids[target]), reason="kicked")
    assert frames == all_get(left) | {target: [says("kicked")]}
    assert room.closed == {target: NORMAL}
    assert not room.who(target).is_admitted


def test_who_waits_is_kicked_too() -> None:
    room = stage()
    left = [says("left_waiting_room", id=str(room.ids[WIM]))]
    assert do(room, "kick", WIM) == {WIM: [says("kicked")], ANNA: left, MIA: left}
    assert room.closed == {WIM: NORMAL}


def test_account_is_banned_with_all_its_sockets() -> None:
    room = stage()
    second, third = (room.add(name, user_id=room.who(BEN).user_id) for name in ("ben2", "ben3"))
    second.where = Where.WAITING
    third.where = Where.LEFT
    frames = do(room, "ban", BEN, by=MIA)
    left = of_control("left", id=str(room.ids[BEN]), reason="banned")
    waits = says("left_waiting_room", id=str(second.id))
    assert frames == all_get(left) | {
        ANNA: [left, waits],
        MIA: [left, waits],
        BEN: [says("banned")],
        "ben2": [says("banned")],
    }
    assert room.closed == {BEN: NORMAL, "ben2": NORMAL}


@pytest.mark.parametrize("name", [BEN, "ben2"])
def test_banned_account_does_not_come_back(name: str) -> None:
    room = stage()
    do(room, "ban", BEN)
    comer = room.comer(name, user_id=room.who(BEN).user_id)
    assert room.send(comer, "control", "join", display_name="Ben") == {name: [says("banned")]}
    assert room.closed == {name: NORMAL}
    assert room.join("cleo", "guest")["cleo"][0][1]["message"] == "join_success"


@pytest.mark.parametrize(("target", "code"), [(GUS, "cannot_ban_guest"), (ANNA, "insufficient_permissions")])
def test_ban_is_refused(target: str, code: str) -> None:
    room = stage()
    assert do(room, "ban", target, by=MIA) == {MIA: error(code)}
    assert room.closed == {}


@pytest.mark.parametrize(
    ("scope", "removed"),
    [("guests", {GUS}), ("users_and_guests", {BEN, GUS}), ("all", {ANNA, MIA, BEN, GUS, "robot"})],
)
@pytest.mark.parametrize("was_on", [True, False])
def test_debriefing_keeps_some(scope: str, removed: set[str], was_on: bool) -> None:
    room = stage(has_waiting_room=was_on)
    room.add("robot", "guest", kind="recorder")
    for name in INSIDE:
        room.who(name).is_admitted = True
    frames = do(room, "debrief", kick_scope=scope, by=MIA)
    by = {"issued_by": str(room.ids[MIA])}
    switched = [] if was_on else [says("waiting_room_enabled")]
    left = [of_control("left", id=str(room.ids[name]), reason="kicked") for name in INSIDE if name in removed]
    everyone = (*INSIDE, "robot")
    assert frames == {
        name: switched
        + ([says("session_ended", **by)] if name in removed else [*left, says("debriefing_started", **by)])
        for name in everyone
    }
    assert room.closed == dict.fromkeys(removed, NORMAL)
    assert {name for name in INSIDE if not room.who(name).is_admitted} == removed - {"robot"}
    assert room.who(WIM).where == Where.WAITING


def test_debriefed_person_comes_back_through_the_waiting_room() -> None:
    room = stage()
    do(room, "debrief", kick_scope="guests")
    assert room.send(room.who(GUS), "control", "join", display_name="Gus")[GUS] == [says("in_waiting_room")]


@pytest.mark.parametrize(
    ("action", "data", "reason", "gone"),
    [
        ("kick", {"target": BEN}, "kicked", [BEN]),
        ("ban", {"target": BEN}, "banned", [BEN]),
        ("send_to_waiting_room", {"target": BEN}, "sent_to_waiting_room", [BEN]),
        ("debrief", {"kick_scope": "users_and_guests"}, "kicked", [BEN, GUS]),
        ("kick", {"target": WIM}, "", []),
    ],
)
def test_log_has_who_removed_whom(action: str, data: dict[str, str], reason: str, gone: list[str]) -> None:
    room = stage()
    do(room, action, by=MIA, **data)
    left = [(entry.kind.display_name, entry.kind.reason, entry.by) for entry in room.records]  # type: ignore[attr-defined]
    assert left == [(name.title(), reason, room.who(MIA)) for name in gone]


# --- Names ---


@pytest.mark.parametrize("kind", ["guest", "sip"])
@pytest.mark.parametrize(("sent", "name"), [("Gustav", "Gustav"), (" Gustav \n III ", "Gustav III"), ("x" * 100,) * 2])
def test_guest_is_renamed(kind: str, sent: str, name: str) -> None:
    room = stage()
    target = room.add("tom", "guest", kind=kind)
    frames = do(room, "change_display_name", "tom", new_name=sent)
    ids = {"target": str(target.id), "issued_by": str(room.ids[ANNA])}
    changed = says("display_name_changed", **ids, old_name="Tom", new_name=name)
    assert frames == all_get(changed, updated(room, "tom")) | {"tom": [changed]}
    assert room.control("tom")["display_name"] == name


@pytest.mark.parametrize(
    ("target", "name", "code"),
    [
        (BEN, "Bernd", "cannot_change_name_of_registered_users"),
        (ANNA, "", "cannot_change_name_of_registered_users"),
        (GUS, "", "invalid_display_name"),
        (GUS, " \t", "invalid_display_name"),
        (GUS, "x" * 101, "invalid_display_name"),
    ],
)
def test_name_is_refused(target: str, name: str, code: str) -> None:
    room = stage()
    assert do(room, "change_display_name", target, new_name=name) == {ANNA: error(code)}
    assert room.who(target).display_name == target.title()


# --- Hands ---


def test_hands_are_disabled_and_enabled() -> None:
    room = stage()
    for name in (BEN, GUS):
        room.send(name, "control", "raise_hand")
    frames = do(room, "disable_raise_hands", by=MIA)
    off = says("raise_hands_disabled", issued_by=str(room.ids[MIA]))
    ben, gus = updated(room, BEN), updated(room, GUS)
    assert [room.who(name).hand_is_up for name in (BEN, GUS)] == [False, False]
    assert frames == {ANNA: [ben, gus, off], MIA: [ben, gus, off], BEN: [gus, off], GUS: [ben, off]}
    assert room.send(BEN, "control", "raise_hand") == {BEN: [of_control("error", error="raise_hands_disabled")]}

    on = says("raise_hands_enabled", issued_by=str(room.ids[ANNA]))
    assert do(room, "enable_raise_hands") == all_get(on)
    assert room.send(BEN, "control", "raise_hand")[BEN] == [of_control("hand_raised")]


def test_comer_is_told_that_hands_are_disabled() -> None:
    room = stage()
    do(room, "disable_raise_hands", by=MIA)
    (_, success), told = room.join("cleo")["cleo"]
    assert success["moderation"] == {"raise_hands_enabled": False}
    assert told == says("raise_hands_disabled", issued_by=str(room.ids[MIA]))


@pytest.mark.parametrize(
    ("targets", "lowered"),
    [
        (None, [BEN, GUS]),
        (BEN, [BEN]),
        ([GUS], [GUS]),
        ([BEN, GUS, MIA], [BEN, GUS]),
        (MIA, []),
        (NOBODY, []),
        ([], []),
    ],
)
def test_hands_are_reset(targets: str | list[str] | None, lowered: list[str]) -> None:
    room = stage()
    for name in (BEN, GUS):
        room.send(name, "control", "raise_hand")
    if isinstance(targets, list):
        targets = [str(room.ids[name]) for name in targets]
    elif targets is not None:
        targets = str(room.ids.get(targets, targets))
    frames = room.send(ANNA, "moderation", "reset_raised_hands", **({} if targets is None else {"target": targets}))
    told = says("raised_hand_reset_by_moderator", issued_by=str(room.ids[ANNA]))
    expected = {
        name: [told] * (name in lowered) + [updated(room, other) for other in lowered if other != name]
        for name in INSIDE
    }
    assert frames == {name: sent for name, sent in expected.items() if sent}
    assert {name for name in INSIDE if room.who(name).hand_is_up} == {BEN, GUS} - set(lowered)


def test_hands_of_other_places_stay_up() -> None:
    room = stage()
    room.who(GUS).place = room.room.id
    for name in (BEN, GUS):
        room.send(name, "control", "raise_hand")
    do(room, "reset_raised_hands")
    assert {name for name in INSIDE if room.who(name).hand_is_up} == {GUS}
    assert set(do(room, "disable_raise_hands")) == set(INSIDE)
    assert not room.who(GUS).hand_is_up
