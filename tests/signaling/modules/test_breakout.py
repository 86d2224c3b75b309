"""breakout: who gets which frame of starting, coming, going and the end."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from signaling.effects import NORMAL
from tests.signaling.stage import NOW, Frames, Stage, text

ANNA, BEN, GUS = "anna", "ben", "gus"
ALL = (ANNA, BEN, GUS)


def stage() -> Stage:
    return Stage(anna="owner", ben="user", gus="guest")


def to(people: tuple[str, ...], message: str, **data: Any) -> Frames:
    return {name: [("breakout", {"message": message, **data})] for name in people}


def start(room: Stage, sender: str = ANNA, **data: Any) -> Frames:
    return room.send(sender, "breakout", "start", **{"rooms": 2, "strategy": "let_participants_choose"} | data)


def started(room: Stage, **data: Any) -> list[str]:
    """The rooms' ids."""
    return [made["id"] for made in start(room, **data)[ANNA][0][1]["rooms"]]


def move(room: Stage, name: str, place: str | None) -> Frames:
    """By a new socket, as the client does: the frames of going and of coming."""
    frames = room.leave(name)
    person = room.who(name)
    comer = room.comer(name, "guest", place=uuid.UUID(place) if place else None, kind=person.kind)
    comer.id, comer.display_name = person.id, person.display_name
    for other, coming in room.send(comer, "control", "join", display_name=person.display_name).items():
        frames.setdefault(other, []).extend(coming)
    return frames


def afar(room: Stage, name: str, place: str | None, **data: Any) -> dict[str, Any]:
    """Somebody, for people of other rooms."""
    control = room.control(name)
    members = {member: control[member] for member in ("display_name", "role", "participation_kind", "joined_at")}
    return {"id": str(room.ids[name]), "breakout_room": place, "left_at": None} | members | data


# --- Starting ---


def test_assigned_people_hear_where_to_go() -> None:
    room = stage()
    ben, gus = str(room.ids[BEN]), str(room.ids[GUS])
    wanted = [{"name": "Red", "assignments": [ben]}, {"name": "Blue", "assignments": [gus, ben]}]
    frames = start(room, rooms=wanted, strategy="manual", duration=600)
    red, blue = frames[ANNA][0][1]["rooms"]
    assert (red["name"], blue["name"]) == ("Red", "Blue")
    for name, assignment in ((ANNA, None), (BEN, red["id"]), (GUS, blue["id"])):
        expected = {"rooms": [red, blue], "expires": text(NOW + timedelta(seconds=601)), "assignment": assignment}
        assert frames[name] == to((name,), "started", **expected)[name]


@pytest.mark.parametrize(
    ("data", "names"),
    [
        ({"rooms": 2}, ["Room 1", "Room 2"]),
        ({"rooms": 1, "strategy": "manual"}, ["Room 1"]),
        ({"rooms": [{"name": "Red", "assignments": [str(uuid.UUID(int=11))]}]}, ["Red"]),
    ],
)
def test_people_choose(data: dict[str, Any], names: list[str]) -> None:
    frames = start(stage(), **data)
    rooms = frames[ANNA][0][1]["rooms"]
    assert [made["name"] for made in rooms] == names
    assert frames == to(ALL, "started", rooms=rooms, expires=None, assignment=None)


@pytest.mark.parametrize("rooms", [0, []])
def test_no_rooms_are_nothing(rooms: Any) -> None:
    room = stage()
    assert start(room, rooms=rooms) == {}
    assert room.send(ANNA, "breakout", "stop") == to((ANNA,), "error", error="inactive")


@pytest.mark.parametrize(
    ("sender", "action", "data", "code"),
    [
        (BEN, "start", {"rooms": 2}, "insufficient_permissions"),
        (GUS, "start", {"rooms": 0}, "insufficient_permissions"),
        (BEN, "stop", {}, "insufficient_permissions"),
        (ANNA, "stop", {}, "inactive"),
    ],
)
def test_command_is_refused(sender: str, action: str, data: dict[str, Any], code: str) -> None:
    assert stage().send(sender, "breakout", action, **data) == to((sender,), "error", error=code)


# --- Coming and going ---


def test_way_to_a_room_and_back() -> None:
    room = stage()
    red, _blue = started(room)
    joined_in_main = room.control(BEN)
    frames = move(room, BEN, red)
    left = {"message": "left", "id": str(room.ids[BEN])}
    comes = {"message": "joined", **afar(room, BEN, red)}
    assert joined_in_main["joined_at"] != room.control(BEN)["joined_at"]
    (_, welcome) = frames.pop(BEN)[0]
    assert frames == {name: [("control", left | {"reason": "quit"}), ("breakout", comes)] for name in (ANNA, GUS)}
    assert welcome["participants"] == []
    assert welcome["breakout"]["current"] == red
    assert [person["id"] for person in welcome["breakout"]["participants"]] == [
        str(room.ids[ANNA]),
        str(room.ids[GUS]),
    ]

    frames = move(room, BEN, None)
    del frames[BEN]
    joined = {"message": "joined", **room.described(BEN, ANNA)}
    assert frames == {name: [("breakout", left | {"breakout_room": red}), ("control", joined)] for name in (ANNA, GUS)}


def test_people_of_one_room_see_each_other() -> None:
    room = stage()
    red, blue = started(room)
    move(room, BEN, red)
    frames = move(room, GUS, red)
    assert [(namespace, payload["message"]) for namespace, payload in frames[BEN]] == [
        ("breakout", "left"),
        ("control", "joined"),
    ]
    (_, welcome) = frames[GUS][0]
    assert [person["id"] for person in welcome["participants"]] == [str(room.ids[BEN])]
    # From one breakout room to another.
    frames = move(room, GUS, blue)
    assert [(namespace, payload["message"]) for namespace, payload in frames[BEN]] == [
        ("control", "left"),
        ("breakout", "joined"),
    ]
    assert [(namespace, payload["message"]) for namespace, payload in frames[ANNA]] == [
        ("breakout", "left"),
        ("breakout", "joined"),
    ]


def test_chat_stays_in_its_room() -> None:
    room = stage()
    red, _blue = started(room)
    move(room, BEN, red)
    assert set(room.send(BEN, "chat", "send_message", scope="global", content="Alone?")) == {BEN}
    assert set(room.send(ANNA, "chat", "send_message", scope="global", content="All?")) == {ANNA, GUS}


def test_who_comes_later_sees_all_rooms() -> None:
    room = stage()
    rooms = start(room, duration=60)[ANNA][0][1]["rooms"]
    move(room, BEN, rooms[0]["id"])
    move(room, GUS, rooms[0]["id"])
    room.leave(GUS)
    gone = afar(room, GUS, rooms[0]["id"], left_at=text(room.room.now))
    (_, welcome), *_ = room.join("cleo")["cleo"]
    assert welcome["breakout"] == {
        "current": None,
        "expires": text(NOW + timedelta(seconds=61)),
        "rooms": rooms,
        "participants": [afar(room, BEN, rooms[0]["id"]), gone],
    }


def test_picture_is_seen_from_afar_too() -> None:
    room = stage()
    started(room)
    url = "https://example.org/cleo.png"
    frames = room.join("cleo", place=uuid.uuid4(), avatar_url=url)
    assert frames[ANNA][0][1]["avatar_url"] == url


def test_recorder_of_a_room_is_not_seen() -> None:
    room = stage()
    red, _blue = started(room)
    assert set(room.join("robot", "guest", kind="recorder", place=uuid.UUID(red))) == {"robot"}
    assert room.leave("robot") == {}
    (_, welcome), *_ = room.join("cleo")["cleo"]
    assert welcome["breakout"]["participants"] == []


def test_without_rooms_there_is_no_member() -> None:
    (_, welcome), *_ = stage().join("cleo")["cleo"]
    assert "breakout" not in welcome


# --- The end ---


@pytest.mark.parametrize("message", ["stopped", "expired"])
def test_people_have_a_while_to_leave(message: str) -> None:
    room = stage()
    red, blue = started(room, duration=60)
    move(room, BEN, red)
    move(room, GUS, blue)
    assert room.wait(50) == {}
    frames = room.wait(10) if message == "expired" else room.send(ANNA, "breakout", "stop")
    assert frames == to(ALL, message)
    move(room, GUS, None)
    assert room.wait(290) == {}
    left = to((ANNA, GUS), "left", id=str(room.ids[BEN]), breakout_room=red)
    assert room.wait(10) == left
    assert room.closed == {BEN: NORMAL}
    assert room.room.deadlines == {}


def test_new_rooms_take_the_place_of_those_before() -> None:
    room = stage()
    red, _blue = started(room, duration=60)
    move(room, BEN, red)
    (green,) = started(room, rooms=1)
    move(room, GUS, green)
    assert room.wait(290) == {}
    assert room.send(ANNA, "breakout", "stop") == to(ALL, "stopped")
    room.wait(10)
    assert room.closed == {BEN: NORMAL}
    room.wait(290)
    assert room.closed == {GUS: NORMAL}


def test_who_comes_into_a_room_that_ended_is_sent_back() -> None:
    room = stage()
    red, _blue = started(room)
    room.send(ANNA, "breakout", "stop")
    frames = move(room, BEN, red)
    assert frames[BEN][1:] == to((BEN,), "stopped")[BEN]
    room.wait(300)
    assert room.closed == {BEN: NORMAL}


def test_who_comes_into_a_room_that_gave_way_hears_of_the_new_ones() -> None:
    room = stage()
    red, _blue = started(room)
    (green,) = started(room, rooms=1)
    frames = move(room, BEN, red)
    rooms = [{"id": green, "name": "Room 1"}]
    assert frames[BEN][1:] == to((BEN,), "started", rooms=rooms, expires=None, assignment=None)[BEN]
    room.wait(300)
    assert room.closed == {BEN: NORMAL}
