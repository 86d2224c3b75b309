"""livekit: who gets which token, what moderators change, and what LiveKit is asked for."""

import uuid
from typing import Any

import jwt
import pytest

from signaling import presence
from tests.signaling.livekit_server import KEY, SECRET
from tests.signaling.stage import Frame, Frames, Stage

ANNA, BEN, GUS = "anna", "ben", "gus"
ALL = (ANNA, BEN, GUS)
ROOM = str(uuid.UUID(int=2))
CAMERA_AND_SCREEN = ["camera", "screen_share", "screen_share_audio"]
EVERYTHING = ["camera", "microphone", "screen_share", "screen_share_audio"]
ABOUT = {
    "public_url": "wss://livekit.example.org",
    "service_url": "http://10.0.0.2:7880",
    "key": KEY,
    "secret": SECRET,
    "asks_before_screen_share": False,
}


def stage(**about: Any) -> Stage:
    return Stage(anna="owner", ben="user", gus="guest", about={"livekit": ABOUT | about})


def claims(token: str) -> dict[str, Any]:
    options: Any = {"verify_exp": False, "verify_nbf": False}
    return jwt.decode(token, SECRET, ["HS256"], issuer=KEY, options=options)


def livekit(message: str, **data: Any) -> Frame:
    return "livekit", {"message": message, **data}


def error(who: str, code: str) -> Frames:
    return {who: [livekit("error", error=code)]}


def own(frames: Frames) -> Frames:
    mine = {name: [frame for frame in got if frame[0] == "livekit"] for name, got in frames.items()}
    return {name: got for name, got in mine.items() if got}


def asked(room: Stage) -> list[tuple[str, dict[str, Any]]]:
    """What LiveKit is asked for since the last time."""
    found = [(ask.work, ask.arguments) for namespace, ask in room.asked if namespace == "livekit"]
    room.asked.clear()
    return found


def welcomed(room: Stage, role: str = "user", **fields: Any) -> dict[str, Any]:
    (_, welcome), *_ = room.join("cleo", role, **fields)["cleo"]
    return dict(welcome["livekit"])


def sources(room: Stage, name: str) -> list[str]:
    """What the token allows that the person would get now."""
    room.asked.clear()
    room.send(name, "livekit", "create_new_access_token")
    (_, credentials) = room.answer({})[name][0]
    return list(claims(credentials["token"])["video"]["canPublishSources"])


# --- Tokens ---


def test_join_success_has_the_way_to_livekit() -> None:
    room = stage()
    welcome = welcomed(room)
    token = welcome.pop("token")
    assert welcome == {
        "room": ROOM,
        "public_url": "wss://livekit.example.org",
        "microphone_restriction_state": {"type": "disabled", "unrestricted_participants": []},
    }
    cleo, now = str(room.ids["cleo"]), int(room.room.now.timestamp())
    assert claims(token) == {
        "iss": KEY,
        "sub": cleo,
        "name": cleo,
        "nbf": now,
        "exp": now + 32,
        "video": {
            "room": ROOM,
            "roomJoin": True,
            "canPublish": True,
            "canPublishSources": EVERYTHING,
            "canPublishData": False,
            "canSubscribe": True,
            "hidden": False,
            "roomCreate": False,
            "roomList": False,
            "roomRecord": False,
            "roomAdmin": False,
            "canUpdateOwnMetadata": False,
            "ingressAdmin": False,
            "recorder": False,
        },
    }


def test_recorder_sees_and_is_not_seen() -> None:
    welcome = welcomed(stage(), "guest", kind="recorder")
    assert welcome["service_url"] == "http://10.0.0.2:7880"
    may = claims(welcome["token"])["video"]
    assert (may["hidden"], may["canPublish"], may["canPublishSources"], may["canSubscribe"]) == (True, False, [], True)


def test_telephone_reaches_livekit_as_this_site_does() -> None:
    welcome = welcomed(stage(), "guest", kind="sip")
    assert welcome["service_url"] == "http://10.0.0.2:7880"
    assert claims(welcome["token"])["video"]["hidden"] is False


def test_breakout_room_is_a_room_of_its_own() -> None:
    place = uuid.UUID(int=50)
    welcome = welcomed(stage(), place=place)
    assert welcome["room"] == claims(welcome["token"])["video"]["room"] == f"{ROOM}:{place}"


def test_another_token_comes_when_the_room_is_there() -> None:
    room = stage()
    assert room.send(BEN, "livekit", "create_new_access_token") == {}
    assert [(ask.work, ask.arguments) for _namespace, ask in room.asked] == [
        ("open_room", {"room": ROOM, "by": room.ids[BEN]})
    ]
    frames = room.answer({})
    token = frames[BEN][0][1]["token"]
    assert frames == {BEN: [livekit("credentials", room=ROOM, token=token, public_url="wss://livekit.example.org")]}
    assert claims(token)["sub"] == str(room.ids[BEN])


@pytest.mark.parametrize("code", ["livekit_unavailable", "internal"])
def test_livekit_that_is_down_is_told_to_who_asked(code: str) -> None:
    room = stage()
    room.send(BEN, "livekit", "create_new_access_token")
    assert room.answer(error=code) == error(BEN, "livekit_unavailable")


def test_nobody_waits_for_livekit_to_join() -> None:
    room = Stage(about={"livekit": ABOUT})
    assert welcomed(room)["room"] == ROOM
    assert [ask.arguments for _namespace, ask in room.asked] == [{"room": ROOM, "by": None}]
    assert room.answer(error="livekit_unavailable") == {}


def test_room_is_made_for_the_first_who_comes() -> None:
    room = Stage(about={"livekit": ABOUT})
    room.join(ANNA, "owner")
    assert [name for name, _arguments in asked(room)] == ["open_room"]
    room.join(BEN)
    assert asked(room) == []
    room.join(GUS, place=uuid.UUID(int=50))
    assert asked(room) == [("open_room", {"room": f"{ROOM}:{uuid.UUID(int=50)}", "by": None})]


def test_windows_are_hidden_and_each_has_a_name() -> None:
    room = stage()
    names = []
    for who in (BEN, BEN, GUS):
        frames = room.send(who, "livekit", "request_popout_stream_access_token")
        token = frames[who][0][1]["token"]
        assert frames == {who: [livekit("popout_stream_access_token", token=token)]}
        said = claims(token)
        may = said["video"]
        assert (may["hidden"], may["canPublish"], may["canSubscribe"], may["room"]) == (True, False, True, ROOM)
        names.append(said["sub"])
    assert len(set(names)) == 3
    assert [name.rpartition("-popout")[0] for name in names] == [str(room.ids[who]) for who in (BEN, BEN, GUS)]


# --- What moderators do ---


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("force_mute", {"participants": []}),
        ("grant_screen_share_permission", {"participants": []}),
        ("revoke_screen_share_permission", {"participants": []}),
        ("enable_microphone_restrictions", {"unrestricted_participants": []}),
        ("disable_microphone_restrictions", {}),
    ],
)
def test_only_moderators(action: str, payload: dict[str, Any]) -> None:
    room = stage()
    assert room.send(BEN, "livekit", action, **payload) == error(BEN, "insufficient_permissions")
    assert asked(room) == []


def test_force_mute_is_told_to_who_could_be_heard() -> None:
    room = stage()
    ids = [room.ids[BEN], room.ids[GUS], uuid.UUID(int=99)]
    assert room.send(ANNA, "livekit", "force_mute", participants=[str(one) for one in ids]) == {}
    ((name, arguments),) = [(ask.work, ask.arguments) for _namespace, ask in room.asked]
    assert (name, arguments) == ("mute", {"room": ROOM, "participants": ids[:2], "by": room.ids[ANNA]})
    assert room.answer({"muted": [str(ids[1])]}) == {GUS: [livekit("force_muted", moderator=str(room.ids[ANNA]))]}


@pytest.mark.parametrize(
    ("action", "payload"), [("force_mute", {"participants": []}), ("disable_microphone_restrictions", {})]
)
def test_moderator_hears_that_livekit_did_not_do_it(action: str, payload: dict[str, Any]) -> None:
    room = stage()
    room.send(ANNA, "livekit", action, **payload)
    assert room.answer(error="livekit_unavailable") == error(ANNA, "livekit_unavailable")


def test_microphones_of_all_but_some() -> None:
    room = stage()
    speakers = [str(room.ids[ANNA]), str(room.ids[BEN])]
    frames = room.send(ANNA, "livekit", "enable_microphone_restrictions", unrestricted_participants=speakers * 2)
    told = livekit("microphone_restrictions_enabled", unrestricted_participants=speakers)
    assert frames == {name: [told] for name in ALL}
    permitted = {str(room.ids[name]): EVERYTHING for name in (ANNA, BEN)} | {str(room.ids[GUS]): CAMERA_AND_SCREEN}
    assert asked(room) == [("permit", {"room": ROOM, "permitted": permitted, "by": room.ids[ANNA]})]
    assert sources(room, GUS) == CAMERA_AND_SCREEN
    assert sources(room, BEN) == EVERYTHING
    assert welcomed(room)["microphone_restriction_state"] == {"type": "enabled", "unrestricted_participants": speakers}
    room.leave("cleo")
    room.asked.clear()
    frames = room.send(ANNA, "livekit", "disable_microphone_restrictions")
    assert frames == {name: [livekit("microphone_restrictions_disabled")] for name in ALL}
    assert asked(room)[0][1]["permitted"] == {str(room.ids[name]): EVERYTHING for name in ALL}


def test_calls_that_overtake_each_other_end_as_wanted() -> None:
    room = stage()
    room.send(ANNA, "livekit", "enable_microphone_restrictions", unrestricted_participants=[])
    room.send(ANNA, "livekit", "disable_microphone_restrictions")
    first, second = room.asked
    room.asked[:] = [second, first]
    assert room.answer({}) == {}
    assert len(room.asked) == 1  # what was carried out is what is wanted
    assert room.answer({}) == {}
    ((_name, again),) = asked(room)
    assert again["permitted"] == {str(room.ids[name]): EVERYTHING for name in ALL}


def test_breakout_room_has_its_own_restriction() -> None:
    room = stage()
    room.who(GUS).place = uuid.UUID(int=50)
    frames = room.send(ANNA, "livekit", "enable_microphone_restrictions", unrestricted_participants=[])
    assert set(frames) == {ANNA, BEN}
    assert sources(room, GUS) == EVERYTHING


def test_screens_by_permission() -> None:
    room = stage(asks_before_screen_share=True)
    assert [sources(room, name) for name in ALL] == [EVERYTHING, ["camera", "microphone"], ["camera", "microphone"]]
    room.asked.clear()
    ben = str(room.ids[BEN])
    for is_granted, action in ((True, "grant"), (False, "revoke")):
        frames = room.send(ANNA, "livekit", f"{action}_screen_share_permission", participants=[ben, ROOM])
        told = livekit("screen_share_permissions_updated", grant=is_granted, participants=[ben])
        assert frames == {name: [told] for name in ALL}
        expected = EVERYTHING if is_granted else ["camera", "microphone"]
        assert asked(room) == [("permit", {"room": ROOM, "permitted": {ben: expected}, "by": room.ids[ANNA]})]
        assert sources(room, BEN) == expected
        assert sources(room, GUS) == ["camera", "microphone"]
        room.asked.clear()
    assert room.send(ANNA, "livekit", "grant_screen_share_permission", participants=[ROOM]) == {}
    assert asked(room) == []


def test_role_brings_the_screen() -> None:
    room = stage(asks_before_screen_share=True)
    ben = str(room.ids[BEN])
    room.send(ANNA, "control", "grant_moderator_role", target=ben)
    assert asked(room)[0][1]["permitted"] == {ben: EVERYTHING}
    room.send(ANNA, "control", "revoke_moderator_role", target=ben)
    assert asked(room)[0][1]["permitted"] == {ben: ["camera", "microphone"]}


def test_role_changes_nothing_where_all_may_share() -> None:
    room = stage()
    room.send(ANNA, "control", "grant_moderator_role", target=str(room.ids[BEN]))
    assert asked(room) == []


def test_permission_ends_with_leaving() -> None:
    room = stage(asks_before_screen_share=True)
    room.send(ANNA, "livekit", "grant_screen_share_permission", participants=[str(room.ids[BEN])])
    room.leave(BEN)
    room.join(BEN)
    assert sources(room, BEN) == ["camera", "microphone"]


# --- Going ---


@pytest.mark.parametrize("how", ["leave", "kick", "ban", "send_to_waiting_room"])
def test_who_goes_is_removed_from_livekit(how: str) -> None:
    room = stage()
    ben = room.ids[BEN]
    if how == "leave":
        room.leave(BEN)
    else:
        room.send(ANNA, "moderation", how, target=str(ben))
    expected = {"room": ROOM, "participant": str(ben), "came_before": room.room.now}
    assert asked(room) == [("remove", expected)]
    assert own(room.wait(0)) == {}


def test_rooms_are_deleted_at_the_end() -> None:
    room = Stage(about={"livekit": ABOUT})
    place = uuid.UUID(int=50)
    room.join(ANNA, "owner")
    room.join(BEN, place=place)
    asked(room)
    room.perform(presence.end(room.room))
    assert asked(room) == [("close_rooms", {"rooms": [ROOM, f"{ROOM}:{place}"]})]


def test_answer_for_who_left_is_for_nobody() -> None:
    room = stage()
    room.send(BEN, "livekit", "create_new_access_token")
    room.leave(BEN)
    assert room.answer({}) == {}


def test_without_settings_there_is_nothing() -> None:
    room = Stage(anna="owner", ben="user")
    (_, welcome), *_ = room.join("cleo")["cleo"]
    assert "livekit" not in welcome
    room.leave("cleo")
    assert asked(room) == []
