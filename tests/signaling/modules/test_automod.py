"""automod: who speaks next by each way of selection, and who gets which frame of it."""

import uuid
from typing import Any

import msgspec
import pytest

from signaling.frames import Envelope, Invalid, command_of
from tests.signaling.stage import Frame, Frames, Stage

ANNA, BEN, CLEO, GUS = "anna", "ben", "cleo", "gus"
ALL = (ANNA, BEN, CLEO, GUS)


def stage() -> Stage:
    return Stage(anna="owner", ben="user", cleo="user", gus="guest")


def ids(room: Stage, *names: str) -> list[str]:
    return [str(room.ids[name]) for name in names]


def config(strategy: str = "none", **given: Any) -> dict[str, Any]:
    return {
        "selection_strategy": strategy,
        "show_list": True,
        "consider_hand_raise": False,
        "allow_double_selection": False,
        "animation_on_random": False,
        "auto_append_on_join": False,
    } | given


def frame(message: str, **data: Any) -> Frame:
    return "automod", {"message": message, **data}


def to(people: tuple[str, ...], message: str, **data: Any) -> Frames:
    return {name: [frame(message, **data)] for name in people}


def error(who: str, code: str) -> Frames:
    return to((who,), "error", error=code)


def start(room: Stage, strategy: str = "none", *names: str, by: str = ANNA, **given: Any) -> Frames:
    """With these people, all of them where none is named."""
    listed = ids(room, *(names or ALL))
    lists = {"playlist": listed} if strategy == "playlist" else {"allow_list": listed}
    return room.send(by, "automod", "start", **lists | config(strategy, **given))


def running(strategy: str = "none", *names: str, **given: Any) -> Stage:
    room = stage()
    assert set(start(room, strategy, *names, **given)) == set(ALL)
    return room


def do(room: Stage, name: str, action: str, **data: Any) -> Frames:
    return room.send(name, "automod", action, **data)


def select(room: Stage, how: str, name: str = "", **data: Any) -> Frames:
    chosen = {"participant": ids(room, name)[0]} if name else {}
    return do(room, ANNA, "select", how=how, **chosen, **data)


def speaks(room: Stage, name: str, *, history: tuple[str, ...], remaining: tuple[str, ...]) -> Frames:
    """All hear it; "" is nobody."""
    lists = {"history": ids(room, *history), "remaining": ids(room, *remaining)}
    return to(ALL, "speaker_updated", speaker=ids(room, name)[0] if name else None, **lists)


def own(frames: Frames) -> Frames:
    kept = {name: [one for one in those if one[0] == "automod"] for name, those in frames.items()}
    return {name: those for name, those in kept.items() if those}


# --- Beginning and end ---


@pytest.mark.parametrize("strategy", ["none", "playlist", "random", "nomination"])
@pytest.mark.parametrize("more", [{}, {"time_limit": 5000, "auto_append_on_join": True}])
def test_all_see_the_session(strategy: str, more: dict[str, Any]) -> None:
    room = stage()
    shown = config(strategy, **more) | {"history": [], "remaining": ids(room, BEN, GUS)}
    shown["issued_by"] = str(room.ids[ANNA])
    assert start(room, strategy, BEN, GUS, **more) == to(ALL, "started", **shown)
    assert room.join("dora")["dora"][0][1]["automod"] == {"config": shown, "speaker": None}


def test_who_comes_without_a_session_sees_none() -> None:
    assert "automod" not in stage().join("dora")["dora"][0][1]


def test_start_is_refused() -> None:
    room = stage()
    room.add("olga", place=uuid.UUID(int=50))
    assert start(room, by=BEN) == error(BEN, "insufficient_permissions")
    for lists in ({}, {"allow_list": []}, {"playlist": ids(room, BEN)}, {"allow_list": ids(room, BEN, "olga")}):
        refused = room.send(ANNA, "automod", "start", **config(), **lists)
        assert refused == error(ANNA, "invalid_selection"), lists
    start(room)
    assert start(room) == error(ANNA, "session_already_running")


@pytest.mark.parametrize("given", [{"selection_strategy": "fair"}, {"time_limit": 0}, {"show_list": None}])
def test_other_frames_are_no_start(given: dict[str, Any]) -> None:
    raw = {"action": "start", "allow_list": [str(uuid.UUID(int=1))]} | config() | given
    with pytest.raises(Invalid, match="invalid_json"):
        command_of(Envelope("automod", msgspec.Raw(msgspec.json.encode(raw))))


def test_moderator_stops_it() -> None:
    room = running(time_limit=5000)
    select(room, "specific", BEN)
    assert do(room, BEN, "stop") == error(BEN, "insufficient_permissions")
    assert do(room, ANNA, "stop") == to(ALL, "stopped", reason="stopped_by_moderator", issued_by=str(room.ids[ANNA]))
    assert room.room.deadlines == {}
    for action, data in (("stop", {}), ("edit", {"allow_list": []}), ("select", {"how": "next"}), ("yield", {})):
        assert do(room, ANNA, action, **data) == {}


def test_moderator_changes_the_list() -> None:
    for strategy, name, other in (("playlist", "playlist", "allow_list"), ("none", "allow_list", "playlist")):
        room = running(strategy)
        assert do(room, BEN, "edit", **{name: []}) == error(BEN, "insufficient_permissions")
        changed = ids(room, GUS, BEN)
        assert do(room, ANNA, "edit", **{name: changed}) == to(ALL, "remaining_updated", remaining=changed)
        assert do(room, ANNA, "edit", **{other: ids(room, ANNA)}) == {}
        for wrong in ([], [str(uuid.UUID(int=99))]):
            assert do(room, ANNA, "edit", **{name: wrong}) == error(ANNA, "invalid_selection")


def test_session_is_of_its_place() -> None:
    room = running()
    room.add("olga", "moderator", place=uuid.UUID(int=50))
    assert do(room, "olga", "stop") == {}
    assert set(start(room, "none", "olga", by="olga")) == {"olga"}


# --- A list ---


def test_playlist_is_spoken_in_its_order_and_ends() -> None:
    room = running("playlist", BEN, CLEO, BEN)
    assert do(room, BEN, "yield") == error(BEN, "insufficient_permissions")
    assert select(room, "next") == speaks(room, BEN, history=(BEN,), remaining=(CLEO, BEN))
    assert do(room, CLEO, "yield") == error(CLEO, "insufficient_permissions")
    assert do(room, BEN, "yield") == speaks(room, CLEO, history=(BEN, CLEO), remaining=(BEN,))
    assert select(room, "next") == speaks(room, BEN, history=(BEN, CLEO, BEN), remaining=())
    assert do(room, BEN, "yield") == to(ALL, "stopped", reason="session_finished")
    assert select(room, "next") == {}


@pytest.mark.parametrize(("keep", "remaining"), [({}, (CLEO,)), ({"keep_in_remaining": True}, (BEN, CLEO))])
def test_moderator_picks_from_a_playlist(keep: dict[str, bool], remaining: tuple[str, ...]) -> None:
    room = running("playlist", BEN, CLEO)
    assert select(room, "specific", BEN, **keep) == speaks(room, BEN, history=(BEN,), remaining=remaining)
    assert select(room, "specific", GUS) == speaks(room, GUS, history=(BEN, GUS), remaining=remaining)


def test_playlist_can_be_drawn_from_without_animation() -> None:
    room = running("playlist", BEN, CLEO, GUS, animation_on_random=True)
    assert select(room, "random") == speaks(room, BEN, history=(BEN,), remaining=(CLEO, GUS))
    assert select(room, "random") == speaks(room, GUS, history=(BEN, GUS), remaining=(CLEO,))


# --- Chance ---


def test_random_draws_until_nobody_remains() -> None:
    room = running("random", BEN, CLEO, GUS)
    assert select(room, "next") == speaks(room, BEN, history=(BEN,), remaining=(CLEO, GUS))
    assert do(room, BEN, "yield") == speaks(room, GUS, history=(BEN, GUS), remaining=(CLEO,))
    assert select(room, "random") == speaks(room, CLEO, history=(BEN, GUS, CLEO), remaining=())
    assert do(room, CLEO, "yield") == speaks(room, "", history=(BEN, GUS, CLEO), remaining=())


def test_everybody_remains_where_people_may_speak_twice() -> None:
    room = running("random", BEN, CLEO, allow_double_selection=True)
    for count, name in enumerate((BEN, CLEO, BEN), 1):
        history = (BEN, CLEO, BEN)[:count]
        assert select(room, "random") == speaks(room, name, history=history, remaining=(BEN, CLEO))


def test_draw_is_shown_before_the_result() -> None:
    room = running("random", BEN, CLEO, animation_on_random=True)
    pool = ids(room, BEN, CLEO)
    assert select(room, "next") == to(ALL, "start_animation", pool=pool, result=pool[0])
    assert room.wait(7) == {}
    assert room.wait(1) == speaks(room, BEN, history=(BEN,), remaining=(CLEO,))
    assert do(room, BEN, "yield") == speaks(room, CLEO, history=(BEN, CLEO), remaining=())


def test_draw_is_void_when_the_drawn_one_leaves_or_another_is_chosen() -> None:
    room = running("random", BEN, CLEO, GUS, animation_on_random=True)
    select(room, "next")
    left = own(room.leave(BEN))[CLEO]
    assert left == [
        frame("remaining_updated", remaining=ids(room, CLEO, GUS)),
        speaks(room, "", history=(), remaining=(CLEO, GUS))[CLEO][0],
    ]
    select(room, "next")
    assert set(select(room, "specific", CLEO)) == {ANNA, CLEO, GUS}
    assert room.wait(8) == {}


# --- By people ---


def test_speaker_names_the_next() -> None:
    room = running("nomination", BEN, CLEO)
    select(room, "specific", BEN)
    for wrong in ({}, {"next": str(room.ids[GUS])}, {"next": str(room.ids[BEN])}):
        assert do(room, BEN, "yield", **wrong) == error(BEN, "invalid_selection")
    named = do(room, BEN, "yield", next=str(room.ids[CLEO]))
    assert named == speaks(room, CLEO, history=(BEN, CLEO), remaining=())
    assert do(room, CLEO, "yield") == speaks(room, "", history=(BEN, CLEO), remaining=())


@pytest.mark.parametrize("strategy", ["none", "nomination"])
def test_moderator_chooses(strategy: str) -> None:
    room = running(strategy, BEN, CLEO)
    assert do(room, BEN, "select", how="none") == error(BEN, "insufficient_permissions")
    assert select(room, "specific", BEN) == speaks(room, BEN, history=(BEN,), remaining=(CLEO,))
    for name in (BEN, GUS, ""):
        assert select(room, "specific", name) == error(ANNA, "invalid_selection")
    for how in ("none", "next"):
        assert select(room, how) == speaks(room, "", history=(BEN,), remaining=(CLEO,))
    kept = select(room, "specific", CLEO, keep_in_remaining=True)
    assert kept == speaks(room, CLEO, history=(BEN, CLEO), remaining=(CLEO,))
    assert select(room, "random") == speaks(room, CLEO, history=(BEN, CLEO, CLEO), remaining=())


def test_speaker_gives_up_the_word_without_naming_anybody() -> None:
    room = running("none", BEN, CLEO)
    select(room, "specific", BEN)
    assert do(room, BEN, "yield") == speaks(room, "", history=(BEN,), remaining=(CLEO,))


# --- Time, coming and going ---


def test_time_is_up() -> None:
    room = running("playlist", BEN, CLEO, time_limit=5000)
    select(room, "next")
    assert room.wait(4) == {}
    assert room.wait(1) == speaks(room, CLEO, history=(BEN, CLEO), remaining=())
    assert room.wait(5) == to(ALL, "stopped", reason="session_finished")
    assert room.room.deadlines == {}


@pytest.mark.parametrize("is_appended", [True, False])
def test_who_comes_is_appended(is_appended: bool) -> None:
    room = running("playlist", BEN, CLEO, auto_append_on_join=is_appended)
    frames = own(room.join("dora"))
    appended = to((*ALL, "dora"), "remaining_updated", remaining=ids(room, BEN, CLEO, "dora"))
    assert frames == (appended if is_appended else {})
    select(room, "next")
    room.leave(BEN)
    assert own(room.join(BEN)) == {}
    assert own(room.join("robot", "guest", kind="recorder")) == {}


def test_who_leaves_is_taken_off_the_list() -> None:
    room = running("playlist", BEN, CLEO, BEN)
    others = (ANNA, CLEO, GUS)
    assert own(room.leave(BEN)) == to(others, "remaining_updated", remaining=ids(room, CLEO))
    assert own(room.leave(GUS)) == {}


def test_speaker_who_leaves_yields() -> None:
    room = running("playlist", BEN, CLEO)
    select(room, "next")
    seen = speaks(room, CLEO, history=(BEN, CLEO), remaining=())
    assert own(room.leave(BEN)) == {name: seen[name] for name in (ANNA, CLEO, GUS)}


def test_who_comes_later_sees_who_speaks() -> None:
    room = running("none", BEN)
    select(room, "specific", BEN)
    assert room.join("dora")["dora"][0][1]["automod"]["speaker"] == str(room.ids[BEN])
