"""legal_vote: who gets which frame of a vote by name or token, what its protocol has, and its file."""

import uuid
from typing import Any

import msgspec
import pytest

from signaling import presence
from signaling.frames import Envelope, Invalid, command_of
from signaling.room import Role
from tests.signaling.stage import Frame, Frames, Stage, plain, text

ANNA, BEN, CLEO, GUS = "anna", "ben", "cleo", "gus"
USERS = (ANNA, BEN, CLEO)
# As chance counts on the stage, in the order in which people are named.
TOKENS = {ANNA: "abcdefghijkl", BEN: "mnopqrstuvwx"}
END = "stopped"


def stage() -> Stage:
    """Cleo has no vote, Gus no account."""
    return Stage(anna="owner", ben="user", cleo="moderator", gus="guest")


def vote(message: str, **data: Any) -> Frame:
    return "legal_vote", {"message": message, **data}


def to(people: tuple[str, ...], message: str, **data: Any) -> Frames:
    return {name: [vote(message, **data)] for name in people}


def error(who: str, code: str, **data: Any) -> Frames:
    return to((who,), "error", error=code, **data)


def ids(room: Stage, *names: str) -> list[str]:
    return [str(room.ids[name]) for name in names]


def parameters(room: Stage, **given: Any) -> dict[str, Any]:
    return {
        "kind": "roll_call",
        "name": "Budget",
        "allowed_participants": ids(room, ANNA, BEN),
        "enable_abstain": True,
        "auto_close": False,
        "create_pdf": False,
    } | given


def start(room: Stage, sender: str = ANNA, **given: Any) -> Frames:
    return room.send(sender, "legal_vote", "start", **parameters(room, **given))


def started(room: Stage, **given: Any) -> str:
    """The id of the vote."""
    return str(start(room, **given)[ANNA][0][1]["legal_vote_id"])


def cast(room: Stage, name: str, vote_id: str, option: str = "yes", token: str | None = None) -> Frames:
    token = TOKENS.get(name, "") if token is None else token
    return room.send(name, "legal_vote", "vote", legal_vote_id=vote_id, option=option, token=token)


def order(room: Stage, name: str, action: str, vote_id: str, /, **data: Any) -> Frames:
    return room.send(name, "legal_vote", action, legal_vote_id=vote_id, **data)


def summaries(room: Stage, name: str) -> list[dict[str, Any]]:
    """As somebody finds them who joins: in join_success."""
    room.leave(name)
    who = room.who(name)
    welcome = room.send(who, "control", "join", display_name=who.display_name)[name][0][1]
    return list(welcome["legal_vote"]["votes"])


def success(room: Stage, name: str, vote_id: str, option: str) -> Frame:
    return vote(
        "voted",
        legal_vote_id=vote_id,
        response="success",
        vote_option=option,
        issuer=str(room.ids[name]),
        consumed_token=TOKENS[name],
    )


def protocol(room: Stage) -> list[dict[str, Any]]:
    return [entry.data for owner, _place, entry in room.kept if owner == "legal_vote"]


def named(room: Stage, name: str) -> dict[str, Any]:
    who = room.who(name)
    return plain({"id": who.id, "user_id": who.user_id, "name": who.display_name})


# --- The beginning ---


@pytest.mark.parametrize("kind", ["roll_call", "live_roll_call", "pseudonymous"])
@pytest.mark.parametrize(
    "more", [{}, {"duration": 60, "subtitle": "of 2027", "topic": "Do we agree?", "timezone": "Europe/Berlin"}]
)
def test_who_has_an_account_hears_of_it_and_who_has_a_vote_gets_a_token(kind: str, more: dict[str, Any]) -> None:
    room = stage()
    frames = start(room, kind=kind, **more)
    vote_id = frames[ANNA][0][1]["legal_vote_id"]
    begun = parameters(room, kind=kind, **more) | {
        "legal_vote_id": vote_id,
        "initiator_id": str(room.ids[ANNA]),
        "start_time": text(room.room.now),
        "max_votes": 2,
    }
    assert frames == {
        ANNA: [vote("started", **begun, token=TOKENS[ANNA])],
        BEN: [vote("started", **begun, token=TOKENS[BEN])],
        CLEO: [vote("started", **begun)],
    }


def test_two_devices_of_a_person_have_one_token() -> None:
    room = stage()
    room.add("bens phone", user_id=room.who(BEN).user_id)
    frames = start(room, allowed_participants=ids(room, ANNA, BEN, "bens phone"))
    assert frames["bens phone"] == frames[BEN]
    assert frames[BEN][0][1]["max_votes"] == 2
    assert protocol(room)[0]["allowed"] == [named(room, ANNA), named(room, BEN)]


def test_start_is_refused() -> None:
    room = stage()
    assert start(room, BEN) == error(BEN, "insufficient_permissions")
    unknown = str(uuid.UUID(int=99))
    listed = [*ids(room, ANNA, GUS), unknown]
    refused = error(ANNA, "allowlist_contains_guests", guests=[str(room.ids[GUS]), unknown])
    assert start(room, allowed_participants=listed) == refused
    assert protocol(room) == []
    started(room)
    assert start(room, CLEO) == error(CLEO, "vote_already_active")


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "secret"},
        {"name": "x" * 151},
        {"subtitle": "x" * 256},
        {"topic": "x" * 501},
        {"timezone": "x" * 151},
        {"allowed_participants": []},
        {"duration": 4},
        {"duration": 10**12},
        {"enable_abstain": None},
    ],
)
def test_other_frames_are_no_start(given: dict[str, Any]) -> None:
    raw = {"action": "start"} | parameters(stage(), **given)
    with pytest.raises(Invalid, match="invalid_json"):
        command_of(Envelope("legal_vote", msgspec.Raw(msgspec.json.encode(raw))))


def test_limits_are_within() -> None:
    room = stage()
    most = {"name": "ä" * 150, "subtitle": "ä" * 255, "topic": "ä" * 500, "duration": 5}
    assert set(start(room, **most)) == set(USERS)


def test_guests_are_ignored() -> None:
    room = stage()
    vote_id = started(room)
    assert cast(room, GUS, vote_id) == {}
    room.who(GUS).role = Role.MODERATOR
    assert order(room, GUS, "stop", vote_id) == {}
    assert start(room, GUS) == {}


# --- Voting ---


def test_only_the_voter_hears_of_a_vote_that_is_shown_at_the_end() -> None:
    room = stage()
    room.add("bens phone", user_id=room.who(BEN).user_id)
    vote_id = started(room)
    voted = [success(room, BEN, vote_id, "no")]
    assert cast(room, BEN, vote_id, "no") == {BEN: voted, "bens phone": voted}


@pytest.mark.parametrize("with_abstain", [True, False])
def test_all_follow_a_live_roll_call(with_abstain: bool) -> None:
    room = stage()
    vote_id = started(room, kind="live_roll_call", enable_abstain=with_abstain)
    counts = {"yes": 1, "no": 0} | ({"abstain": 0} if with_abstain else {})
    seen = vote("updated", legal_vote_id=vote_id, **counts, voting_record={str(room.ids[BEN]): "yes"})
    assert cast(room, BEN, vote_id) == {ANNA: [seen], BEN: [success(room, BEN, vote_id, "yes"), seen], CLEO: [seen]}


def test_vote_fails() -> None:
    room = stage()
    room.add("bens phone", user_id=room.who(BEN).user_id)
    none = str(uuid.UUID(int=9))

    def failed(name: str, reason: str, vote_id: str) -> Frames:
        return to((name,), "voted", legal_vote_id=vote_id, response="failed", reason=reason)

    assert cast(room, BEN, none) == failed(BEN, "invalid_vote_id", none)
    vote_id = started(room, enable_abstain=False)
    assert cast(room, BEN, none) == failed(BEN, "invalid_vote_id", none)
    assert cast(room, CLEO, vote_id) == failed(CLEO, "ineligible", vote_id)
    assert cast(room, CLEO, vote_id, token=TOKENS[BEN]) == failed(CLEO, "ineligible", vote_id)
    assert cast(room, BEN, vote_id, token="wrong") == failed(BEN, "ineligible", vote_id)
    for option in ("abstain", "maybe"):
        assert cast(room, BEN, vote_id, option) == failed(BEN, "invalid_option", vote_id)
    cast(room, BEN, vote_id)
    for again in (BEN, "bens phone"):
        assert cast(room, again, vote_id, token=TOKENS[BEN]) == failed(again, "ineligible", vote_id)
    order(room, ANNA, "stop", vote_id)
    assert cast(room, ANNA, vote_id) == failed(ANNA, "invalid_vote_id", vote_id)


@pytest.mark.parametrize(("kind", "told"), [("roll_call", True), ("live_roll_call", True), ("pseudonymous", False)])
@pytest.mark.parametrize(
    ("issue", "shown"),
    [
        ({"kind": "audio"}, {"kind": "audio"}),
        ({"kind": "video", "description": "dark"}, {"kind": "video", "description": "dark"}),
        ({"kind": "other", "description": "dark"}, {"description": "dark"}),
        ({"description": "dark"}, {"description": "dark"}),
    ],
)
def test_problem_is_told_to_who_began(kind: str, told: bool, issue: dict[str, Any], shown: dict[str, Any]) -> None:
    room = stage()
    vote_id = started(room, kind=kind)
    reporter = {"participant_id": str(room.ids[BEN])} if told else {}
    reported = to((ANNA,), "reported_issue", legal_vote_id=vote_id, **reporter, **shown)
    assert order(room, BEN, "report_issue", vote_id, **issue) == reported
    by = {"by": named(room, BEN)} if told else {}
    assert protocol(room)[-1] == {"vote": vote_id, "event": "issue", **shown, **by}


def test_problem_is_refused() -> None:
    room = stage()
    none = str(uuid.UUID(int=9))
    issue = {"kind": "audio"}
    assert order(room, BEN, "report_issue", none, **issue) == error(BEN, "no_vote_active")
    vote_id = started(room)
    assert order(room, BEN, "report_issue", none, **issue) == error(BEN, "invalid_vote_id")
    assert order(room, CLEO, "report_issue", vote_id, **issue) == error(CLEO, "ineligible")
    for wrong in ({}, {"kind": "other"}, {"description": "x" * 1001}):
        raw = {"action": "report_issue", "legal_vote_id": vote_id} | wrong
        with pytest.raises(Invalid, match="invalid_json"):
            command_of(Envelope("legal_vote", msgspec.Raw(msgspec.json.encode(raw))))


# --- The end ---


def result(room: Stage, kind: str = "roll_call") -> dict[str, Any]:
    """After Anna said yes and Ben abstained."""
    keys = TOKENS if kind == "pseudonymous" else {name: str(room.ids[name]) for name in (ANNA, BEN)}
    return {"yes": 1, "no": 0, "abstain": 1, "voting_record": {keys[ANNA]: "yes", keys[BEN]: "abstain"}}


@pytest.mark.parametrize("kind", ["roll_call", "live_roll_call", "pseudonymous"])
def test_any_moderator_stops_it_and_all_see_the_result(kind: str) -> None:
    room = stage()
    vote_id = started(room, kind=kind, duration=60)
    begun = summaries(room, CLEO)[0]
    cast(room, BEN, vote_id, "abstain")
    cast(room, ANNA, vote_id)
    frames = order(room, CLEO, "stop", vote_id)
    ended = {"end_time": text(room.room.now)}
    issuer = str(room.ids[CLEO])
    told = {"kind": "by_participant", "issuer": issuer, "results": "valid", **result(room, kind), **ended}
    assert frames == to(USERS, END, legal_vote_id=vote_id, **told)
    assert room.room.deadlines == {}
    known = begun | {"state": "finished", "stop_kind": "by_user", "stopped_by": issuer, **result(room, kind), **ended}
    assert summaries(room, BEN) == summaries(room, CLEO) == [known]
    assert order(room, CLEO, "stop", vote_id) == error(CLEO, "no_vote_active")


def test_result_does_not_tell_in_which_order_people_voted() -> None:
    room = stage()
    vote_id = started(room, kind="pseudonymous")
    for name in (BEN, ANNA):
        cast(room, name, vote_id)
    assert list(order(room, ANNA, "stop", vote_id)[ANNA][0][1]["voting_record"]) == [TOKENS[ANNA], TOKENS[BEN]]


def test_who_comes_back_finds_the_token_while_it_runs() -> None:
    room = stage()
    vote_id = started(room)
    found = {name: summaries(room, name)[0] for name in (BEN, CLEO)}
    assert found[BEN] == found[CLEO] | {"token": TOKENS[BEN]}
    assert (found[CLEO]["state"], found[CLEO]["legal_vote_id"]) == ("started", vote_id)


def test_guests_find_nothing() -> None:
    room = stage()
    started(room)
    room.leave(GUS)
    gus = room.who(GUS)
    assert "legal_vote" not in room.send(gus, "control", "join", display_name="Gus")[GUS][0][1]


def test_it_closes_when_all_have_voted() -> None:
    room = stage()
    vote_id = started(room, auto_close=True)
    assert set(cast(room, BEN, vote_id, "abstain")) == {BEN}
    frames = cast(room, ANNA, vote_id)
    told = {"kind": "auto", "results": "valid", **result(room), "end_time": text(room.room.now)}
    ended = vote(END, legal_vote_id=vote_id, **told)
    assert frames == {ANNA: [success(room, ANNA, vote_id, "yes"), ended], BEN: [ended], CLEO: [ended]}
    assert summaries(room, CLEO)[0]["stop_kind"] == "auto"


def test_it_expires_once() -> None:
    room = stage()
    vote_id = started(room, duration=60)
    cast(room, BEN, vote_id, "abstain")
    cast(room, ANNA, vote_id)
    assert room.wait(57) == {}
    frames = room.wait(1)
    told = {"kind": "expired", "results": "valid", **result(room), "end_time": text(room.room.now)}
    assert frames == to(USERS, END, legal_vote_id=vote_id, **told)
    assert room.wait(60) == {}
    assert summaries(room, CLEO)[0]["stop_kind"] == "expired"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"option": "abstain"}, "abstain_disabled"),
        ({"option": "no"}, "vote_count_inconsistent"),
        ({"token": "another"}, "vote_count_inconsistent"),
        (None, "vote_count_inconsistent"),
    ],
)
def test_result_is_invalid_where_the_protocol_says_otherwise(change: dict[str, str] | None, reason: str) -> None:
    room = stage()
    vote_id = started(room, enable_abstain=False)
    cast(room, BEN, vote_id)
    if change is None:
        room.kept.pop()
    else:
        room.kept[-1][2].data.update(change)
    frames = order(room, ANNA, "stop", vote_id)
    ended = {"end_time": text(room.room.now)}
    told = {"kind": "by_participant", "issuer": str(room.ids[ANNA]), "results": "invalid", "reason": reason, **ended}
    assert frames == to(USERS, END, legal_vote_id=vote_id, **told)
    summary = summaries(room, CLEO)[0]
    assert {"state": "invalid", "reason": reason, **ended}.items() <= summary.items()
    assert not summary.keys() & {"yes", "voting_record", "stop_kind"}


def test_moderator_cancels_it() -> None:
    room = stage()
    vote_id = started(room, duration=60)
    cast(room, BEN, vote_id)
    assert order(room, BEN, "cancel", vote_id, reason="no") == error(BEN, "insufficient_permissions")
    frames = order(room, CLEO, "cancel", vote_id, reason="Too early")
    why = {"reason": "custom", "custom": "Too early", "end_time": text(room.room.now)}
    assert frames == to(USERS, "canceled", legal_vote_id=vote_id, **why)
    assert room.room.deadlines == {}
    summary = summaries(room, BEN)[0]
    assert {"state": "canceled", "issuer": str(room.ids[CLEO]), **why}.items() <= summary.items()
    assert not summary.keys() & {"yes", "voting_record", "token"}


@pytest.mark.parametrize("action", ["stop", "cancel"])
def test_end_means_the_running_vote(action: str) -> None:
    room = stage()
    none = str(uuid.UUID(int=9))
    data = {"reason": "x"} if action == "cancel" else {}
    assert order(room, ANNA, action, none, **data) == error(ANNA, "no_vote_active")
    vote_id = started(room)
    assert order(room, ANNA, action, none, **data) == error(ANNA, "invalid_vote_id")
    assert order(room, BEN, action, vote_id, **data) == error(BEN, "insufficient_permissions")


def test_it_is_cancelled_when_who_began_it_leaves() -> None:
    room = stage()
    vote_id = started(room)
    assert "legal_vote" not in str(room.leave(BEN))
    frames = room.leave(ANNA)
    gone = vote("canceled", legal_vote_id=vote_id, reason="initiator_left", end_time=text(room.room.now))
    assert frames[CLEO][-1] == gone
    assert summaries(room, CLEO)[0]["issuer"] == str(room.ids[ANNA])


def test_it_is_cancelled_when_the_meeting_ends() -> None:
    room = stage()
    other = uuid.UUID(int=50)
    room.add("olga", "moderator", place=other)
    started(room, create_pdf=True)
    room.send("olga", "legal_vote", "start", **parameters(room, allowed_participants=ids(room, "olga")))
    room.perform(presence.end(room.room))
    ends = [(place, entry.data) for _owner, place, entry in room.kept if entry.data["event"] == "ended"]
    assert [(place, data["state"], data["reason"]) for place, data in ends] == [
        (None, "canceled", "room_destroyed"),
        (other, "canceled", "room_destroyed"),
    ]
    assert len(room.asked) == 1


def test_vote_is_of_its_place() -> None:
    room = stage()
    place = uuid.UUID(int=50)
    room.add("olga", "moderator", place=place)
    vote_id = started(room)
    assert order(room, "olga", "stop", vote_id) == error("olga", "no_vote_active")
    other = room.send("olga", "legal_vote", "start", **parameters(room, duration=10))
    assert set(other) == {"olga"}
    assert set(room.wait(10)) == {"olga"}
    assert set(order(room, ANNA, "stop", vote_id)) == set(USERS)


# --- What stays ---


@pytest.mark.parametrize("kind", ["roll_call", "pseudonymous"])
def test_protocol_has_all_in_order(kind: str) -> None:
    room = stage()
    vote_id = started(room, kind=kind)
    cast(room, BEN, vote_id, "abstain")
    cast(room, ANNA, vote_id)
    order(room, CLEO, "stop", vote_id)
    is_secret = kind == "pseudonymous"
    by = {name: {} if is_secret else {"by": named(room, name)} for name in (ANNA, BEN)}
    blank = {"subtitle": None, "topic": None, "duration": None, "timezone": None}
    assert protocol(room) == [
        {
            "vote": vote_id,
            "event": "started",
            "by": named(room, ANNA),
            "allowed": [named(room, ANNA), named(room, BEN)],
            **parameters(room, kind=kind),
            **blank,
        },
        {"vote": vote_id, "event": "voted", "token": TOKENS[BEN], "option": "abstain", **by[BEN]},
        {"vote": vote_id, "event": "voted", "token": TOKENS[ANNA], "option": "yes", **by[ANNA]},
        {
            "vote": vote_id,
            "event": "ended",
            "how": "by_participant",
            "state": "finished",
            "by": named(room, CLEO),
            **result(room, kind),
        },
    ]


def test_nobody_can_tell_afterwards_whose_a_token_was() -> None:
    room = stage()
    vote_id = started(room, kind="pseudonymous")
    cast(room, BEN, vote_id)
    stored = "legal_vote", None
    assert TOKENS[BEN] in room.room.stored[stored]
    order(room, ANNA, "stop", vote_id)
    state = msgspec.json.decode(room.room.stored[stored])["votes"][0]
    assert state["tokens"] == {}
    assert str(room.who(BEN).user_id) not in str(state)


@pytest.mark.parametrize(
    ("end", "by", "outcome"),
    [
        (("stop", {}), CLEO, {"outcome": "finished", "yes": 1, "no": 0, "abstain": 0}),
        (("cancel", {"reason": "x"}), CLEO, {"outcome": "canceled", "yes": 0, "no": 0, "abstain": 0}),
    ],
)
def test_end_is_in_the_log(end: tuple[str, dict[str, str]], by: str, outcome: dict[str, Any]) -> None:
    room = stage()
    vote_id = started(room)
    cast(room, BEN, vote_id)
    order(room, by, end[0], vote_id, **end[1])
    (record,) = room.records
    assert (record.kind.name, record.kind.data()) == ("vote.ended", {"vote": "Budget", **outcome})
    assert record.by is room.who(by)


# --- The file ---

FILE = {"filename": "Budget_2026-11-23_vote_protocol.pdf", "asset_id": str(uuid.UUID(int=80))}


def asks(room: Stage, name: str, vote_id: str, zone: str = "") -> None:
    """For one protocol, in the name of `name`."""
    ((namespace, ask),) = room.asked
    who = room.who(name)
    asker = {"participant_id": who.id, "user_id": who.user_id, "display_name": who.display_name}
    of = {"session_id": room.room.session, "place": None, "vote_id": uuid.UUID(vote_id), "asker": asker, "zone": zone}
    assert (namespace, ask.work, ask.arguments) == ("legal_vote", "protocol", of)


@pytest.mark.parametrize(
    ("action", "given", "zone"),
    [("stop", {}, "Europe/Berlin"), ("stop", {"timezone": "CET"}, "CET"), ("cancel", {"reason": "x"}, "Europe/Berlin")],
)
def test_file_is_for_who_ended_the_vote(action: str, given: dict[str, str], zone: str) -> None:
    room = stage()
    vote_id = started(room, create_pdf=True, timezone="Europe/Berlin")
    order(room, CLEO, action, vote_id, **given)
    asks(room, CLEO, vote_id, zone)
    assert room.answer(FILE) == to((CLEO,), "pdf_asset", legal_vote_id=vote_id, **FILE)


def test_file_is_for_who_began_a_vote_that_ended_by_itself() -> None:
    room = stage()
    vote_id = started(room, create_pdf=True, duration=5)
    room.wait(5)
    asks(room, ANNA, vote_id)
    assert room.answer(error="storage_exceeded") == error(ANNA, "storage_exceeded")


def test_nobody_hears_of_a_file_whose_asker_is_gone() -> None:
    room = stage()
    vote_id = started(room, create_pdf=True)
    room.leave(ANNA)
    asks(room, ANNA, vote_id)
    assert room.answer(FILE) == {}


def test_file_can_be_made_later() -> None:
    room = stage()
    vote_id = started(room)
    make = {"legal_vote_id": vote_id, "timezone": "CET"}
    assert room.send(CLEO, "legal_vote", "generate_pdf", **make) == error(CLEO, "invalid_vote_id")
    order(room, ANNA, "stop", vote_id)
    assert room.asked == []
    assert room.send(BEN, "legal_vote", "generate_pdf", **make) == error(BEN, "insufficient_permissions")
    unknown = order(room, CLEO, "generate_pdf", str(uuid.UUID(int=9)))
    assert unknown == error(CLEO, "invalid_vote_id")
    assert room.send(CLEO, "legal_vote", "generate_pdf", **make) == {}
    asks(room, CLEO, vote_id, "CET")
    assert room.answer(FILE) == to((CLEO,), "pdf_asset", legal_vote_id=vote_id, **FILE)


@pytest.mark.parametrize("code", ["storage", "internal"])
def test_file_that_fails_is_told(code: str) -> None:
    room = stage()
    vote_id = started(room, create_pdf=True)
    order(room, ANNA, "stop", vote_id)
    assert room.answer(error=code) == error(ANNA, code)
