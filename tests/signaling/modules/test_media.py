"""media: what is published, who may share the screen, who is muted, who speaks; what goes on to Janus."""

import uuid
from typing import Any

import pytest

from signaling.frames import Invalid
from tests.signaling.stage import NOW, Frames, Stage

ANNA, BEN, GUS = "anna", "ben", "gus"
ON: dict[str, Any] = {"video": True, "audio": True}
STRANGE = ON | {"video_settings": {"x": []}}
NOBODY = uuid.UUID(int=9)
OFFER, ANSWER = "v=0 offer", "v=0 answer"


def stage() -> Stage:
    return Stage(anna="owner", ben="user", gus="guest", about={"media": {}})


def publishing(room: Stage, name: str, kind: str = "video", **state: Any) -> Frames:
    return room.send(name, "media", "publish_complete", media_session_type=kind, media_session_state=ON | state)


def of_media(message: str, **data: Any) -> list[tuple[str, dict[str, Any]]]:
    return [("media", {"message": message, **data})]


def refusal(code: str, **data: Any) -> list[tuple[str, dict[str, Any]]]:
    return of_media("error", error=code, **data)


def seen(frames: Frames) -> dict[str, Any]:
    """The member `media` of the one update that each gets."""
    told = {name: [payload for _, payload in got if payload["message"] == "update"] for name, got in frames.items()}
    return {name: payloads[0]["media"] for name, payloads in told.items() if payloads}


def to_both(member: dict[str, Any]) -> dict[str, Any]:
    return {ANNA: member, GUS: member}


def signalled(room: Stage) -> list[tuple[str, str, str, dict[str, Any]]]:
    names = {key: name for name, key in room.ids.items()}
    return [(one.action, names[one.source.id], one.kind, one.data) for one in room.signals]


# --- Publishing ---


def test_offer_goes_to_janus_and_nobody_else_hears_of_it() -> None:
    room = stage()
    frames = room.send(BEN, "media", "publish", target=str(room.ids[BEN]), media_session_type="video", sdp=OFFER)
    assert frames == {}
    assert signalled(room) == [("publish", BEN, "video", {"sdp": OFFER})]
    assert room.described(BEN, ANNA)["media"] == {"is_presenter": True}


def test_others_see_what_is_published_changed_and_withdrawn() -> None:
    room = stage()
    settings = {"width": 640}
    shown = {"is_presenter": True, "video": ON | {"video_settings": settings}}
    assert seen(publishing(room, BEN, video_settings=settings)) == {ANNA: shown, GUS: shown}
    muted = {"video": True, "audio": False}
    frames = room.send(BEN, "media", "update_media_session", media_session_type="video", media_session_state=muted)
    assert seen(frames) == to_both({"is_presenter": True, "video": muted})
    frames = room.send(BEN, "media", "unpublish", media_session_type="video")
    assert seen(frames) == to_both({"is_presenter": True})
    assert signalled(room) == [("unpublish", BEN, "video", {})]


def test_what_was_not_published_is_neither_changed_nor_withdrawn() -> None:
    room = stage()
    for action, data in (("update_media_session", {"media_session_state": ON}), ("unpublish", {})):
        assert room.send(BEN, "media", action, media_session_type="video", **data) == {}


def test_who_leaves_publishes_nothing_any_more() -> None:
    room = stage()
    publishing(room, BEN)
    room.send(BEN, "media", "update_speaking_state", is_speaking=True)
    room.leave(BEN)
    assert room.hung_up == {BEN: "all"}
    assert room.described(BEN, ANNA)["media"] == {"is_presenter": True}
    assert room.join("cleo")["cleo"][0][1]["media"]["speakers"] == []


def test_who_is_sent_to_the_waiting_room_neither_sees_nor_is_seen() -> None:
    room = stage()
    publishing(room, BEN)
    room.send(ANNA, "moderation", "send_to_waiting_room", target=str(room.ids[BEN]))
    assert room.hung_up == {BEN: "all"}
    assert room.closed == {}
    assert room.send(GUS, "media", "subscribe", target=str(room.ids[BEN]), media_session_type="video") != {}
    assert room.signals == []


# --- Subscribing ---


@pytest.mark.parametrize(("action", "wanted"), [("subscribe", {}), ("resubscribe", {"without_video": True})])
def test_published_stream_is_subscribed(action: str, wanted: dict[str, bool]) -> None:
    room = stage()
    publishing(room, BEN)
    target = str(room.ids[BEN])
    assert room.send(GUS, "media", action, target=target, media_session_type="video", **wanted) == {}
    assert signalled(room) == [(action, BEN, "video", {"without_video": False} | wanted)]
    assert room.signals[0].source.connection == room.who(BEN).connection


@pytest.mark.parametrize("action", ["subscribe", "resubscribe"])
@pytest.mark.parametrize("case", ["not published", "another kind", "elsewhere", "unknown", "gone", "own"])
def test_what_is_not_to_be_seen_is_not_subscribed(action: str, case: str) -> None:
    room, kind = stage(), "video"
    if case != "not published":
        publishing(room, BEN)
        publishing(room, GUS)
    target = room.ids[GUS if case == "own" else BEN]
    if case == "another kind":
        kind = "screen"
    elif case == "elsewhere":
        room.who(BEN).place = room.room.session
    elif case == "unknown":
        target = NOBODY
    elif case == "gone":
        room.leave(BEN)
    frames = room.send(GUS, "media", action, target=str(target), media_session_type=kind)
    assert frames == {GUS: refusal("invalid_request_offer", source=str(target), media_session_type=kind)}
    assert room.signals == []


@pytest.mark.parametrize(
    ("action", "data", "code"),
    [
        ("sdp_answer", {"sdp": ANSWER}, "handle_sdp_answer"),
        ("sdp_candidate", {"candidate": {"sdpMid": "0", "sdpMLineIndex": 0, "candidate": "c"}}, "invalid_candidate"),
        ("sdp_end_of_candidates", {}, "invalid_end_of_candidates"),
        ("configure", {"configuration": {"substream": 2}}, "invalid_configure_request"),
        ("configure", {"configuration": {"video": False}}, "invalid_configure_request"),
    ],
)
def test_signal_goes_on_as_it_came(action: str, data: dict[str, Any], code: str) -> None:
    room = stage()
    for target in (BEN, GUS):  # of a stream of others, and of the own
        assert room.send(GUS, "media", action, target=str(room.ids[target]), media_session_type="video", **data) == {}
        assert signalled(room) == [(action, target, "video", data)]
    nobody = str(NOBODY)
    frames = room.send(GUS, "media", action, target=nobody, media_session_type="video", **data)
    assert frames == {GUS: refusal(code, source=nobody, media_session_type="video")}
    assert room.signals == []


@pytest.mark.parametrize("substream", [-1, 3])
def test_simulcast_has_three_streams(substream: int) -> None:
    room, ben = stage(), ""
    ben = str(room.ids[BEN])
    wanted = {"target": ben, "media_session_type": "video", "configuration": {"substream": substream}}
    frames = room.send(GUS, "media", "configure", **wanted)
    assert frames == {GUS: refusal("invalid_configure_request", source=ben, media_session_type="video")}


@pytest.mark.parametrize(
    ("action", "wrong"),
    [
        ("publish", {"media_session_type": "audio", "sdp": OFFER}),
        ("publish", {"media_session_type": "video", "sdp": "v" * 300_000}),
        ("sdp_candidate", {"target": str(NOBODY), "media_session_type": "video", "candidate": {}}),
        (
            "publish_complete",
            {"media_session_type": "video", "media_session_state": ON | {"video_settings": {"x": []}}},
        ),
    ],
)
def test_malformed_commands_are_invalid_json(action: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match="invalid_json"):
        stage().send(BEN, "media", action, **wrong)


# --- The screen ---


def test_screen_is_taken_from_somebody_and_given_back() -> None:
    room = stage()
    ben = str(room.ids[BEN])
    publishing(room, BEN)
    publishing(room, BEN, "screen")
    frames = room.send(ANNA, "media", "revoke_presenter_role", participant_ids=[ben])
    assert frames[BEN] == of_media("presenter_revoked")
    assert seen(frames) == to_both({"is_presenter": False, "video": ON})
    assert room.hung_up == {BEN: "screen"}
    assert room.send(ANNA, "media", "revoke_presenter_role", participant_ids=[ben]) == {}
    for action, data in (("publish", {"sdp": OFFER}), ("publish_complete", {"media_session_state": ON})):
        frames = room.send(BEN, "media", action, media_session_type="screen", **data)
        assert frames == {BEN: refusal("permission_denied")}
        assert room.signals == []
    frames = room.send(ANNA, "media", "grant_presenter_role", participant_ids=[ben])
    assert frames[BEN] == of_media("presenter_granted")
    assert seen(frames) == to_both({"is_presenter": True, "video": ON})
    assert room.hung_up == {}


# --- Muting and speaking ---


def test_moderator_asks_for_silence() -> None:
    room = stage()
    asked = of_media("request_mute", issuer=str(room.ids[ANNA]), force=True)
    assert room.send(ANNA, "media", "moderator_mute", force=True) == {BEN: asked, GUS: asked}
    targets = [str(room.ids[GUS]), str(NOBODY)]
    asked = of_media("request_mute", issuer=str(room.ids[ANNA]), force=False)
    assert room.send(ANNA, "media", "moderator_mute", targets=targets, force=False) == {GUS: asked}


def test_force_mute_holds_for_all_but_the_listed() -> None:
    room = stage()
    ben = str(room.ids[BEN])
    told = of_media("force_mute_enabled", allow_list=[ben])
    frames = room.send(ANNA, "media", "moderator_enable_force_mute", allow_list=[ben, ben])
    assert frames == dict.fromkeys((ANNA, BEN, GUS), told)
    assert seen(publishing(room, BEN))[ANNA]["video"] == ON
    frames = publishing(room, GUS)
    assert frames[GUS] == refusal("permission_denied")
    assert seen(frames)[ANNA]["video"] == {"video": True, "audio": False}
    assert room.join("cleo")["cleo"][0][1]["media"]["force_mute"] == {"type": "enabled", "allow_list": [ben]}
    frames = room.send(ANNA, "media", "moderator_disable_force_mute")
    assert frames == dict.fromkeys((ANNA, BEN, GUS, "cleo"), of_media("force_mute_disabled"))
    assert room.send(ANNA, "media", "moderator_disable_force_mute") == {}


def test_who_speaks_is_told_to_all_and_to_who_comes() -> None:
    room = stage()
    frames = room.send(BEN, "media", "update_speaking_state", is_speaking=True)
    at = frames[ANNA][0][1]["updated_at"]
    assert at > NOW.isoformat()
    speaker = {"participant": str(room.ids[BEN]), "is_speaking": True, "updated_at": at}
    assert frames == dict.fromkeys((ANNA, BEN, GUS), of_media("speaker_updated", **speaker))
    assert room.join("cleo")["cleo"][0][1]["media"] == {
        "is_presenter": True,
        "force_mute": {"type": "disabled", "allow_list": []},
        "speakers": [speaker],
    }


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("moderator_mute", {"force": True}),
        ("grant_presenter_role", {"participant_ids": []}),
        ("revoke_presenter_role", {"participant_ids": []}),
        ("moderator_enable_force_mute", {"allow_list": []}),
        ("moderator_disable_force_mute", {}),
    ],
)
def test_moderators_alone(action: str, data: dict[str, Any]) -> None:
    assert stage().send(BEN, "media", action, **data) == {BEN: refusal("insufficient_permissions")}


def test_without_janus_there_is_no_member() -> None:
    room = Stage(anna="owner")
    (_, welcome), *_ = room.join("cleo")["cleo"]
    assert "media" not in welcome
    assert "media" not in welcome["participants"][0]
    room.leave("cleo")
    assert room.hung_up == {}
