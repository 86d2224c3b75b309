"""polls: who gets which frame of asking, voting and the end."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from tests.signaling.stage import NOW, Frames, Stage, text

ANNA, BEN, GUS = "anna", "ben", "gus"
ALL = (ANNA, BEN, GUS)


def stage() -> Stage:
    return Stage(anna="owner", ben="user", gus="guest")


def to(people: tuple[str, ...], message: str, **data: Any) -> Frames:
    return {name: [("polls", {"message": message, **data})] for name in people}


def ask(room: Stage, sender: str = ANNA, **data: Any) -> Frames:
    return room.send(sender, "polls", "start", **{"topic": "Lunch?", "choices": ["Yes", "No"], "duration": 60} | data)


def started(room: Stage, **data: Any) -> str:
    """The id of the poll."""
    return str(ask(room, **data)[ANNA][0][1]["id"])


def results(*counts: int) -> list[dict[str, int]]:
    return [{"id": number, "count": count} for number, count in enumerate(counts)]


@pytest.mark.parametrize("flags", [{}, {"live": True}, {"multiple_choice": True}])
def test_all_see_the_question(flags: dict[str, bool]) -> None:
    room = stage()
    frames = ask(room, **flags)
    poll_id = frames[ANNA][0][1]["id"]
    assert uuid.UUID(poll_id)
    assert frames == to(
        ALL,
        "started",
        id=poll_id,
        topic="Lunch?",
        choices=[{"id": 0, "content": "Yes"}, {"id": 1, "content": "No"}],
        duration=60,
        **{"live": False, "multiple_choice": False} | flags,
    )


@pytest.mark.parametrize(
    ("sender", "data", "code"),
    [
        (BEN, {}, "insufficient_permissions"),
        (GUS, {"duration": 0}, "insufficient_permissions"),
        (ANNA, {"topic": "?"}, "invalid_topic_length"),
        (ANNA, {"topic": "ä" * 51}, "invalid_topic_length"),
        (ANNA, {"choices": ["Yes"]}, "invalid_choice_count"),
        (ANNA, {"choices": ["Yes"] * 65}, "invalid_choice_count"),
        (ANNA, {"choices": ["Yes", ""]}, "invalid_choice_description"),
        (ANNA, {"choices": ["Yes", "ä" * 51]}, "invalid_choice_description"),
        (ANNA, {"duration": 1}, "invalid_duration"),
        (ANNA, {"duration": 3601}, "invalid_duration"),
    ],
)
def test_question_is_refused(sender: str, data: dict[str, Any], code: str) -> None:
    assert ask(stage(), sender, **data) == to((sender,), "error", error=code)


@pytest.mark.parametrize(
    "data",
    [
        {"topic": "ä"},
        {"topic": "ä" * 50},
        {"choices": ["y", "n" * 100]},
        {"choices": ["Yes"] * 64},
        {"duration": 2},
        {"duration": 3600},
    ],
)
def test_limits_are_within(data: dict[str, Any]) -> None:
    assert set(ask(stage(), **data)) == set(ALL)


def test_one_poll_at_a_time() -> None:
    room = stage()
    poll_id = started(room)
    assert ask(room) == to((ANNA,), "error", error="still_running")
    room.send(ANNA, "polls", "finish", id=poll_id)
    assert started(room) != poll_id


# --- Voting ---


@pytest.mark.parametrize(
    ("vote", "counts"),
    [
        ({"choice_id": 1}, (0, 1, 0)),
        ({"choice_ids": [1]}, (0, 1, 0)),
        ({"choice_ids": [2, 0, 2]}, (1, 0, 1)),
        ({"choice_id": 0, "choice_ids": [1, 2]}, (1, 0, 0)),
        ({"choice_ids": []}, (0, 0, 0)),
        ({"choice_id": None, "choice_ids": None}, (0, 0, 0)),
        ({}, (0, 0, 0)),
    ],
)
def test_counts_of_a_live_poll_are_seen_at_once(vote: dict[str, Any], counts: tuple[int, ...]) -> None:
    room = stage()
    poll_id = started(room, live=True, multiple_choice=True, choices=["a", "b", "c"])
    frames = room.send(BEN, "polls", "vote", poll_id=poll_id, **vote)
    assert frames == to(ALL, "live_update", id=poll_id, results=results(*counts))


def test_last_vote_counts() -> None:
    room = stage()
    poll_id = started(room)
    for choice in (0, 0, 1):
        assert room.send(BEN, "polls", "vote", poll_id=poll_id, choice_id=choice) == {}
    room.send(GUS, "polls", "vote", poll_id=poll_id, choice_id=1)
    room.leave(GUS)
    frames = room.send(ANNA, "polls", "finish", id=poll_id)
    assert frames == to((ANNA, BEN), "done", id=poll_id, results=results(0, 2))


@pytest.mark.parametrize(
    ("vote", "code"),
    [
        ({"choice_id": 2}, "invalid_choice_id"),
        ({"choice_id": -1}, "invalid_choice_id"),
        ({"choice_ids": [2]}, "invalid_choice_id"),
        ({"choice_ids": [0, 1]}, "multiple_choices_not_allowed"),
        ({"poll_id": str(uuid.UUID(int=9)), "choice_id": 0}, "invalid_poll_id"),
    ],
)
def test_vote_is_refused(vote: dict[str, Any], code: str) -> None:
    room = stage()
    poll_id = started(room)
    frames = room.send(BEN, "polls", "vote", **{"poll_id": poll_id} | vote)
    assert frames == to((BEN,), "error", error=code)
    done = room.send(ANNA, "polls", "finish", id=poll_id)
    assert done == to(ALL, "done", id=poll_id, results=results(0, 0))


# --- The end ---


def test_finish_is_the_moderators_and_means_this_poll() -> None:
    room = stage()
    poll_id = started(room)
    refused = to((BEN,), "error", error="insufficient_permissions")
    assert room.send(BEN, "polls", "finish", id=poll_id) == refused
    unknown = to((ANNA,), "error", error="invalid_poll_id")
    assert room.send(ANNA, "polls", "finish", id=str(uuid.uuid4())) == unknown
    room.send(ANNA, "polls", "finish", id=poll_id)
    assert room.room.deadlines == {}
    assert room.send(ANNA, "polls", "finish", id=poll_id) == unknown
    assert room.send(BEN, "polls", "vote", poll_id=poll_id, choice_id=0) == to((BEN,), "error", error="invalid_poll_id")


def test_poll_expires_once() -> None:
    room = stage()
    poll_id = started(room)
    room.send(BEN, "polls", "vote", poll_id=poll_id, choice_id=0)
    assert room.wait(58) == {}
    assert room.wait(1) == to(ALL, "done", id=poll_id, results=results(1, 0))
    assert room.wait(60) == {}
    assert "polls" not in welcome(room)


def test_poll_is_of_its_place() -> None:
    room = stage()
    room.add("olga", "moderator", place=room.room.id)
    room.who(GUS).place = room.room.id
    poll_id = started(room)
    other = ask(room, "olga", duration=30)
    assert set(other) == {"olga", GUS}
    assert room.send(GUS, "polls", "vote", poll_id=poll_id, choice_id=0) == to((GUS,), "error", error="invalid_poll_id")
    assert set(room.wait(30)) == {"olga", GUS}
    assert set(room.wait(30)) == {ANNA, BEN}


# --- Who comes later ---


def welcome(room: Stage) -> dict[str, Any]:
    (_, payload), *_ = room.join("cleo")["cleo"]
    return payload


@pytest.mark.parametrize("live", [True, False])
def test_who_comes_later_sees_the_poll(live: bool) -> None:
    room = stage()
    _, question = ask(room, live=live)[ANNA][0]
    room.send(BEN, "polls", "vote", poll_id=question["id"], choice_id=0)
    del question["message"]
    counts = {"results": results(1, 0)} if live else {}
    assert welcome(room)["polls"] == question | {"started": text(NOW + timedelta(seconds=1))} | counts


def test_no_poll_is_no_member() -> None:
    assert "polls" not in welcome(stage())
