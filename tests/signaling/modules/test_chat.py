"""chat: who reads what, now and after coming back."""

from datetime import timedelta
from typing import Any

import pytest

from tests.signaling.stage import NOW, Frames, Stage, text

ANNA, BEN, GUS = "anna", "ben", "gus"


def stage(**fields: Any) -> Stage:
    room = Stage(**fields)
    room.add(ANNA, "owner", groups=("staff", "board"))
    room.add(BEN, "user", groups=("staff",))
    room.add(GUS, "guest")
    return room


def say(room: Stage, who: str, content: str = "Hello", scope: str = "global", target: str = "") -> Frames:
    target = str(room.ids.get(target, target))
    return room.send(
        who, "chat", "send_message", scope=scope, content=content, **({"target": target} if target else {})
    )


def history(room: Stage, name: str = "cleo", **fields: Any) -> dict[str, Any]:
    (_, welcome), *_ = room.join(name, **fields)[name]
    return dict(welcome["chat"])


def error(code: str) -> list[tuple[str, dict[str, Any]]]:
    return [("chat", {"message": "error", "error": code})]


@pytest.mark.parametrize(
    ("scope", "target", "receivers"),
    [
        ("global", "", {ANNA, BEN, GUS}),
        ("private", GUS, {BEN, GUS}),
        ("group", "staff", {ANNA, BEN}),
        ("group", "board", set()),
        ("group", "nothing", set()),
        ("private", "nobody", set()),
        ("private", BEN, set()),
    ],
)
def test_message_reaches_whom_it_is_for(scope: str, target: str, receivers: set[str]) -> None:
    room = stage()
    frames = say(room, BEN, scope=scope, target=target)
    assert set(frames) == receivers
    assert len(room.kept) == bool(receivers)
    if not receivers:
        return
    ((namespace, message),) = frames[BEN]
    assert message.pop("id")
    expected = {"message": "message_sent", "source": str(room.ids[BEN]), "scope": scope, "content": "Hello"}
    assert (namespace, message) == (
        "chat",
        expected | ({"target": str(room.ids.get(target, target))} if target else {}),
    )


def test_message_stays_in_its_place() -> None:
    room = stage()
    room.who(GUS).place = room.room.id
    assert set(say(room, BEN)) == {ANNA, BEN}
    assert say(room, BEN, scope="private", target=GUS) == {}


@pytest.mark.parametrize(
    ("content", "sent"),
    [("", None), ("x" * 5000, "x" * 4096), ("ä" * 3000, "ä" * 2048), ("x" + "ä" * 3000, "x" + "ä" * 2047)],
)
def test_content_has_a_limit_in_bytes(content: str, sent: str | None) -> None:
    frames = say(stage(), BEN, content)
    assert (frames[BEN][0][1]["content"] if frames else None) == sent


def test_comer_reads_what_was_said() -> None:
    room = stage()
    ((_, message),) = say(room, BEN)[BEN]
    del message["message"]
    stored = message | {"timestamp": text(NOW + timedelta(seconds=1))}
    say(room, BEN, scope="private", target=GUS)
    ((_, to_staff),) = say(room, ANNA, scope="group", target="staff")[ANNA]
    seen = history(room, groups=("staff", "club"))
    assert seen["room_history"] == [stored]
    assert seen["private_history"] == []
    assert [group["name"] for group in seen["groups_history"]] == ["staff", "club"]
    assert [entry["id"] for entry in seen["groups_history"][0]["history"]] == [to_staff["id"]]
    assert seen["groups_history"][1]["history"] == []


def test_private_history_is_by_correspondent() -> None:
    room = stage()
    say(room, BEN, "one", scope="private", target=GUS)
    say(room, GUS, "two", scope="private", target=BEN)
    say(room, ANNA, "three", scope="private", target=BEN)
    room.leave(BEN)
    kept = history(room, BEN)["private_history"]
    assert [(part["correspondent"], [entry["content"] for entry in part["history"]]) for part in kept] == [
        (str(room.ids[GUS]), ["one", "two"]),
        (str(room.ids[ANNA]), ["three"]),
    ]


def test_moderator_switches_chat_off_for_everybody() -> None:
    room = stage()
    for action, message, is_on in (("disable_chat", "chat_disabled", False), ("enable_chat", "chat_enabled", True)):
        told = [("chat", {"message": message, "id": str(room.ids[ANNA]), "issued_by": str(room.ids[ANNA])})]
        assert room.send(ANNA, "chat", action) == {ANNA: told, BEN: told, GUS: told}
        room.leave(GUS)
        assert history(room, GUS, role="guest")["enabled"] == is_on


def test_nobody_chats_while_it_is_off() -> None:
    room = stage()
    room.send(ANNA, "chat", "disable_chat")
    for name in (ANNA, BEN):
        assert say(room, name) == {name: error("chat_disabled")}


def test_tariff_without_chat_has_it_off() -> None:
    room = stage()
    object.__setattr__(room.room.info, "modules", frozenset())
    assert say(room, BEN) == {BEN: error("chat_disabled")}
    assert history(room)["enabled"] is False


def test_history_is_cleared_of_what_was_said_to_all() -> None:
    room = stage()
    say(room, BEN)
    say(room, ANNA, scope="group", target="staff")
    told = [("chat", {"message": "history_cleared", "issued_by": str(room.ids[ANNA])})]
    assert room.send(ANNA, "chat", "clear_history") == {ANNA: told, BEN: told, GUS: told}
    seen = history(room, groups=("staff",))
    assert (seen["room_history"], len(seen["groups_history"][0]["history"])) == ([], 1)


def test_log_tells_who_wrote_to_all_and_not_what() -> None:
    room = stage()
    frames = say(room, BEN, "My secret")
    say(room, BEN, scope="private", target=GUS)
    say(room, BEN, scope="group", target="staff")
    say(room, BEN, "")
    room.send(ANNA, "chat", "clear_history")
    assert [(record.kind.name, record.by) for record in room.records] == [
        ("chat.message_sent", room.who(BEN)),
        ("chat.history_cleared", room.who(ANNA)),
    ]
    data = room.records[0].kind.data()
    assert data["message_id"] == frames[GUS][0][1]["id"]
    assert "secret" not in str(data)


@pytest.mark.parametrize("action", ["enable_chat", "disable_chat", "clear_history"])
def test_others_cannot_moderate_it(action: str) -> None:
    assert stage().send(BEN, "chat", action) == {BEN: error("insufficient_permissions")}


def test_last_seen_comes_back() -> None:
    room = stage()
    for scope, target in (("global", ""), ("private", str(room.ids[GUS])), ("group", "staff")):
        command = {"scope": scope, "target": target or None, "timestamp": "2026-11-23T09:00:00Z"}
        assert room.send(BEN, "chat", "set_last_seen_timestamp", **command) == {}
    room.leave(BEN)
    room.room.memory.clear()
    seen = history(room, BEN)
    assert {key: value for key, value in seen.items() if key.startswith("last_seen")} == {
        "last_seen_timestamp_global": "2026-11-23T09:00:00Z",
        "last_seen_timestamps_private": {str(room.ids[GUS]): "2026-11-23T09:00:00Z"},
        "last_seen_timestamps_group": {"staff": "2026-11-23T09:00:00Z"},
    }
    assert "last_seen_timestamp_global" not in history(room)


def test_others_see_common_groups_only() -> None:
    room = stage()
    assert room.described(ANNA, BEN)["chat"] == {"groups": ["staff"]}
    assert room.described(ANNA, GUS)["chat"] == {"groups": []}
