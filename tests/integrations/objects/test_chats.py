"""Chats: members alone read them; who comes learns of it first, who leaves last."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import time_machine

from activity.actors import Actor
from activity.models import Activity
from integrations.objects import access
from integrations.objects.models import Chat, ChatMember, ChatMessage, Object
from integrations.objects.services import chats
from integrations.objects.services.chats import (
    add_members,
    chat_of,
    create_chat,
    leave_chat,
    post_message,
    set_state,
)
from operations.jobs.prune_messages import PruneMessages
from rest.errors import NotFound, ValidationFailed
from rest.renderers import timestamp
from tests import factories
from tests.integrations.objects.devices import listening
from tests.integrations.objects.world import World
from tests.parallel import at_once
from users.models import User

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
NEW, STAYS, LOST = (False, True), (True, True), (True, False)


@pytest.fixture
def world(db: None) -> World:
    return World()


@pytest.fixture
def chat(world: World) -> Object:
    """Of alice and bob."""
    return create_chat(owner=world.alice, actor=world.by_alice, description="Lunch", members=[world.bob])


def post(chat: Object, user: User, text: str = "what's for lunch today?") -> ChatMessage:
    return post_message(chat=chat, user=user, text=text, actor=Actor.by_api(user))


def test_creator_is_its_first_member(world: World) -> None:
    chat = create_chat(owner=world.alice, actor=world.by_alice, description="Lunch")
    assert world.told("chat.created") == [({"description": "Lunch"}, {"alice": NEW})]
    assert Activity.objects.get().subject_id == chat.pk
    assert chat_of(world.alice, chat.pk) == chat
    for person in (world.bob, factories.user("foreigner", tenant=factories.tenant("another"))):
        with pytest.raises(NotFound):
            chat_of(person, chat.pk)


def test_who_is_added_learns_of_the_chat(world: World, chat: Object) -> None:
    message = ChatMessage.objects.get()
    add_members(chat=chat, user=world.bob, members=[world.carol, world.bob, world.carol], actor=Actor.by_api(world.bob))
    first, second = world.told("chat.message_posted")
    about = {"created_at": timestamp(chat.created_at), "description": "Lunch", "type": "add"}
    assert first == (
        about | {"message_id": str(message.id), "user_id": str(world.alice.pk), "member_id": str(world.bob.pk)},
        {"alice": STAYS, "bob": NEW},
    )
    assert second[0]["member_id"] == str(world.carol.pk)
    assert second[1] == {"alice": STAYS, "bob": STAYS, "carol": NEW}
    assert [access.level_of(person, chat) for person in (world.alice, world.bob, world.carol)] == [4, 1, 1]


def test_several_are_added_one_after_the_other_in_constant_statements(
    world: World, django_assert_num_queries: Any
) -> None:
    people = factories.users(*(f"member{number}" for number in range(12)))
    for members in (people[:2], people[2:]):
        chat = create_chat(owner=world.alice, actor=world.by_alice)
        with django_assert_num_queries(8):
            add_members(chat=chat, user=world.alice, members=members, actor=world.by_alice)
    last = Activity.objects.order_by("position").last()
    assert last is not None
    rows = {row.user_id: (row.read_before, row.reads_after) for row in last.audience.all()}
    assert rows == {person.pk: STAYS for person in [world.alice, *people[2:-1]]} | {people[-1].pk: NEW}


def test_nobody_of_another_tenant_or_disabled_is_added(world: World, chat: Object) -> None:
    foreigner = factories.user("foreigner", tenant=factories.tenant("another"))
    disabled = factories.user("disabled", disabled_since=NOW)
    for person in (foreigner, disabled):
        with pytest.raises(ValidationFailed):
            add_members(chat=chat, user=world.alice, members=[world.carol, person], actor=world.by_alice)
    assert ChatMember.objects.count() == 2
    with pytest.raises(NotFound):
        add_members(chat=chat, user=world.carol, members=[world.carol], actor=Actor.by_api(world.carol))


def test_chat_has_so_many_members(world: World, chat: Object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chats, "MOST_MEMBERS", 2)
    with pytest.raises(ValidationFailed):
        add_members(chat=chat, user=world.alice, members=[world.carol], actor=world.by_alice)


def test_text_is_told_to_the_members_and_not_in_the_log(world: World, chat: Object) -> None:
    message = post(chat, world.bob)
    data, people = world.told_last("chat.message_posted")
    assert (data["type"], data["message_id"], people) == ("text", str(message.id), {"alice": STAYS, "bob": STAYS})
    row = Activity.objects.order_by("position").last()
    assert "lunch" not in str(vars(row)).replace("Lunch", "")
    assert chats.texts([str(message.id), str(uuid.uuid4())]) == {str(message.id): "what's for lunch today?"}
    with pytest.raises(NotFound):
        post(chat, world.carol)
    for text in ("", "a\x00b", "x" * 10_001):
        with pytest.raises(ValidationFailed):
            post(chat, world.bob, text)


def test_who_leaves_is_told_last(world: World, chat: Object) -> None:
    leave_chat(chat=chat, user=world.alice, actor=world.by_alice)
    data, people = world.told_last("chat.message_posted")
    assert (data["type"], data["user_id"], people) == ("leave", str(world.alice.pk), {"alice": LOST, "bob": STAYS})
    post(chat, world.bob)
    assert world.told_last("chat.message_posted")[1] == {"bob": STAYS}
    with pytest.raises(NotFound):
        chat_of(world.alice, chat.pk)
    with pytest.raises(NotFound):
        leave_chat(chat=chat, user=world.alice, actor=world.by_alice)


def test_chat_of_an_owner_who_leaves_belongs_to_who_stays(world: World, chat: Object) -> None:
    """Else somebody who reads nothing of it could throw it away."""
    add_members(chat=chat, user=world.alice, members=[world.carol], actor=world.by_alice)
    leave_chat(chat=chat, user=world.alice, actor=world.by_alice)
    chat.refresh_from_db()
    assert chat.owner == world.bob
    assert [access.level_of(person, chat) for person in (world.alice, world.bob, world.carol)] == [0, 4, 1]
    for person in (world.carol, world.bob):
        leave_chat(chat=chat, user=person, actor=Actor.by_api(person))
    chat.refresh_from_db()
    assert chat.owner == world.bob


@time_machine.travel(NOW, tick=False)
def test_typing_and_reading_pass_by(world: World, chat: Object) -> None:
    message = post(chat, world.alice)
    with listening() as heard:
        set_state(chat=chat, user=world.bob, typing=10, message_read=message.id)
        set_state(chat=chat, user=world.bob, message_read=message.id)
        post(chat, world.bob)
        post(chat, world.bob)
        set_state(chat=chat, user=world.bob)
    bob, people = str(world.bob.pk), frozenset({world.alice.pk, world.bob.pk})
    states = [{"typing": 10}, {"message_read": str(message.id)}, {"typing": 0}]
    assert [(one["name"], one["data"], one["user_ids"]) for one in heard] == [
        ("chat_user", {"chat": str(chat.pk), "user": {bob: state}}, people) for state in states
    ]
    assert len({one["key"] for one in heard}) == 2
    for wrong in ({"typing": -1}, {"typing": 301}, {"message_read": uuid.uuid4()}):
        with pytest.raises(ValidationFailed):
            set_state(chat=chat, user=world.bob, **wrong)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        set_state(chat=chat, user=world.carol, typing=1)


def test_chat_keeps_its_latest_messages(world: World, chat: Object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chats, "MOST_KEPT", 3)
    for number in range(5):
        post(chat, world.alice, str(number))
    assert list(ChatMessage.objects.values_list("text", flat=True)) == ["2", "3", "4"]


def test_job_removes_old_messages_where_chats_are_kept_for_days(world: World, chat: Object, settings: Any) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        ChatMessage.objects.all().delete()
        post(chat, world.alice, "old")
        clock.shift(timedelta(days=7, seconds=1))
        post(chat, world.alice, "new")
        settings.CHAT_DAYS = 0
        assert PruneMessages().run(is_dry_run=False).touched == 0
        settings.CHAT_DAYS = 7
        assert [PruneMessages().run(is_dry_run=dry).touched for dry in (True, False)] == [1, 1]
    assert ChatMessage.objects.get().text == "new"


def test_job_removes_chats_that_all_have_left(world: World, chat: Object) -> None:
    kept = create_chat(owner=world.alice, actor=world.by_alice)
    for person in (world.alice, world.bob):
        leave_chat(chat=chat, user=person, actor=Actor.by_api(person))
    with time_machine.travel(datetime.now(UTC) + timedelta(days=2), tick=False):
        PruneMessages().run(is_dry_run=False)
    assert Chat.objects.get().object == kept
    assert Object.objects.get(type="chat") == kept


@pytest.mark.service
@pytest.mark.usefixtures("postgresql")
def test_messages_meet_who_leaves() -> None:
    """Nobody who has left is told of what comes after."""
    people = factories.users(*(f"member{number}" for number in range(4)))
    actor = Actor.by_api(people[0])
    chat = create_chat(owner=people[0], actor=actor, members=people[1:])

    calls: list[Callable[[], Any]] = [partial(post, chat, people[0]) for _number in range(4)]
    calls += [partial(leave_chat, chat=chat, user=person, actor=actor) for person in people[1:]]
    at_once(calls)
    gone: set[uuid.UUID] = set()
    for row in Activity.objects.filter(kind="chat.message_posted").order_by("position"):
        told = {one.user_id for one in row.audience.all()}
        assert not gone & told
        if row.data["type"] == "leave":
            gone.add(uuid.UUID(row.data["user_id"]))
    assert len(gone) == 3
