"""Chats in cospace: the first event of who comes, the last one of who leaves, and nothing for others."""

import uuid
from typing import Any

import pytest

from integrations.objects.models import ChatMessage
from tests import factories
from tests.integrations.cospace.client import STREAMS
from tests.integrations.cospace.media import People, people

__all__ = ["people"]
pytestmark = STREAMS


def said(event: dict[str, Any]) -> dict[str, Any]:
    """The only message, without its time."""
    (message,) = event["message"].values()
    return {name: message[name] for name in message if name != "time"}


def test_chat_from_its_making_to_its_end(people: People) -> None:
    alice, bob = str(people.alice.pk), str(people.bob.pk)
    owner, reader = people.owner, people.reader
    chat = owner.post("/api/chat", {"description": "Lunch"})["chat"]
    path = f"/api/chat/{chat}"
    (new,) = owner.events()
    created = new["create_time"]
    assert (new["event"], new["chat"], created) == ("chat_new", chat, new["time"])
    assert reader.call("GET", path)["status"] == "not-found"
    owner.post(f"{path}/message", {"type": "add", "member": bob})
    (added,) = reader.told("chat_message")
    assert owner.told("chat_message") == [added]
    assert {name: added[name] for name in added if name != "message"} == {
        "chat": chat, "create_time": created, "description": "Lunch"
    }  # fmt: skip
    assert said(added) == {"user": alice, "type": "add", "member": bob}
    message = reader.post(f"{path}/message", {"text": "what's for lunch today?"})["message"]
    (text,) = owner.told("chat_message")
    assert text.keys() == {"chat", "message"}
    assert [*text["message"]] == [message]
    assert said(text) == {"user": bob, "type": "text", "text": "what's for lunch today?"}
    assert reader.told("chat_message") == [text]
    assert reader.get(f"{path}/message")["message"] == added["message"] | text["message"]
    assert reader.get("/api/chat")["chat"] == {
        chat: {"create_time": created, "description": "Lunch", "user": [alice, bob]}
    }
    reader.post(f"{path}/message", {"type": "leave"})
    (left,) = reader.told("chat_message")
    assert said(left) == {"user": bob, "type": "leave"}
    owner.post(f"{path}/message", {"text": "soup"})
    assert [said(event)["type"] for event in owner.told("chat_message")] == ["leave", "text"]
    assert reader.names() == people.stranger.names() == []
    assert reader.call("GET", f"{path}/message")["status"] == "not-found"
    assert owner.delete(path) == {"status": "ok"}
    assert owner.get("/api/chat")["chat"] == {}


def test_typing_and_reading(people: People) -> None:
    bob = str(people.bob.pk)
    chat = people.owner.post("/api/chat", {"user": [bob]})["chat"]
    path = f"/api/chat/{chat}"
    message = people.owner.post(f"{path}/message", {"text": "soup"})["message"]
    people.read()
    people.reader.post(f"{path}/user", {"typing": 10})
    people.reader.post(f"{path}/user", {"typing": 20, "message_read": message})
    told = [{"chat": chat, "user": {bob: {"typing": 20}}}, {"chat": chat, "user": {bob: {"message_read": message}}}]
    assert people.told("chat_user") == told
    state = people.owner.get(f"{path}/user")["user"]
    assert state[str(people.alice.pk)] == {"typing": 0}
    assert state[bob]["message_read"] == message
    assert 18 <= state[bob]["typing"] <= 20
    people.reader.post(f"{path}/message", {"text": "good"})
    assert people.told("chat_user") == [{"chat": chat, "user": {bob: {"typing": 0}}}]


def test_removed_text_is_not_told_any_more(people: People) -> None:
    chat = people.owner.post("/api/chat", {})["chat"]
    people.owner.post(f"/api/chat/{chat}/message", {"text": "soup"})
    ChatMessage.objects.all().delete()
    assert people.owner.names() == ["chat_new"]


def test_messages_by_page(people: People) -> None:
    chat = people.owner.post("/api/chat", {})["chat"]
    path = f"/api/chat/{chat}/message"
    sent = [people.owner.post(path, {"text": str(number)})["message"] for number in range(5)]
    assert [*people.owner.get(path, count=2)["message"]] == sent[3:]
    assert [*people.owner.get(path, count=2, before=sent[3])["message"]] == sent[1:3]
    assert people.owner.get(path, before=str(uuid.uuid4()))["message"] == {}


@pytest.mark.slow
def test_many_messages_take_as_many_statements_as_one(people: People, django_assert_max_num_queries: Any) -> None:
    chat = people.owner.post("/api/chat", {"user": [str(people.bob.pk)]})["chat"]
    people.read()
    for number in range(20):
        people.owner.post(f"/api/chat/{chat}/message", {"text": str(number)})
    with django_assert_max_num_queries(18):
        assert len(people.reader.told("chat_message")) == 20


@pytest.mark.slow
def test_wrong_input_is_named_and_changes_nothing(people: People) -> None:
    foreigner = str(factories.user("foreigner", tenant=factories.tenant("another")).pk)
    chat = people.owner.post("/api/chat", {})["chat"]
    people.read()
    bad: list[tuple[str, Any, str, str]] = [
        ("", {"description": 5}, "wrong-syntax", "description: "),
        ("", {"user": [foreigner]}, "wrong-syntax", "user: "),
        ("", {"user": ["x"]}, "wrong-syntax", "user.0: "),
        ("", {"user": [str(uuid.uuid4())] * 201}, "wrong-syntax", "user: "),
        (f"/{chat}/message", {}, "missing-element", "text: "),
        (f"/{chat}/message", {"text": ""}, "wrong-syntax", "text: "),
        (f"/{chat}/message", {"text": "a\x00"}, "wrong-syntax", "text: "),
        (f"/{chat}/message", {"text": "x" * 10_001}, "wrong-syntax", "text: "),
        (f"/{chat}/message", {"type": "shout"}, "wrong-syntax", "type: "),
        (f"/{chat}/message", {"type": "add"}, "missing-element", "member: "),
        (f"/{chat}/message", {"type": "add", "member": foreigner}, "wrong-syntax", "user: "),
        (f"/{chat}/user", {"typing": 301}, "wrong-syntax", "typing: "),
        (f"/{chat}/user", {"typing": 2**80}, "wrong-syntax", "typing: "),
        (f"/{chat}/user", {"message_read": str(uuid.uuid4())}, "wrong-syntax", "message_read: "),
    ]
    for path, body, status, named in bad:
        answer = people.owner.call("POST", f"/api/chat{path}", body)
        assert answer["status"] == status, (path, body, answer)
        assert named in answer["message"], (path, body, answer)
    assert people.owner.names() == []
