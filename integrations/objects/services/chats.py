"""Chats: opened by one person, who adds others; members write, say that they type or have read, and leave."""

import uuid
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from activity.actors import Actor
from activity.audiences import Circle, People
from activity.device_kinds import ChatCreated, ChatMessagePosted
from activity.log import Entry, record, record_all
from integrations.objects.access import place
from integrations.objects.models.chats import Chat, ChatMember, ChatMessage
from integrations.objects.models.objects import Object
from integrations.objects.services.held import held
from integrations.objects.signals import passing
from rest.errors import NotFound, field_error
from rest.renderers import timestamp
from users.models import User

MOST_MEMBERS = 200
MOST_KEPT = 10_000  # messages of one chat
LONGEST = 10_000  # of a text
LONGEST_TYPING = 300  # seconds
EMPTY_FOR = timedelta(days=1)  # then a chat without members goes
Type = ChatMessage.Type


@transaction.atomic
def create_chat(*, owner: User, actor: Actor, description: str = "", members: Sequence[User] = ()) -> Object:
    """The owner is its first member. Raises ValidationFailed where one of `members` cannot be added."""
    one = Object.objects.create(type=Object.Type.CHAT, owner=owner, description=description)
    chat = Chat.objects.create(object=one)
    ChatMember.objects.create(chat=chat, user=owner)
    kind = ChatCreated(description=description)
    record(kind, actor=actor, subject=chat, place=place(one), after=Circle(readers=frozenset({owner.pk})))
    if members:
        add_members(chat=one, user=owner, members=members, actor=actor)
    return one


def chat_of(user: User, chat_id: uuid.UUID) -> Object:
    """Raises NotFound for everybody who is not in it, whoever owns it."""
    mine = ChatMember.objects.filter(user=user).values("chat")
    one = Object.objects.filter(pk=chat_id, pk__in=mine, deleted_at=None).select_related("owner").first()
    if one is None:
        raise NotFound
    return one


@transaction.atomic
def add_members(*, chat: Object, user: User, members: Sequence[User], actor: Actor) -> list[ChatMessage]:
    """Of `user`'s tenant; who is in it already stays. In as many statements as for one. Raises ValidationFailed."""
    one, people = _held(chat, user)
    new = list({person.pk: person for person in members if person.pk not in people}.values())
    if any(person.tenant_id != user.tenant_id or person.disabled_since is not None for person in new):
        raise field_error("member", "invalid", "There is no such person")
    if len(people) + len(new) > MOST_MEMBERS:
        raise field_error("member", "max_length", f"A chat has at most {MOST_MEMBERS} members")
    if not new:
        return []
    ChatMember.objects.bulk_create(ChatMember(chat_id=one.pk, user=person) for person in new)
    messages = ChatMessage.objects.bulk_create(
        ChatMessage(chat_id=one.pk, user=user, type=Type.ADD, member=person) for person in new
    )
    entries = []
    for person, message in zip(new, messages, strict=True):
        before, people = people, people | {person.pk}
        entries.append(_entry(one, message, before, people))
    record_all(entries, actor=actor)
    return messages


@transaction.atomic
def post_message(*, chat: Object, user: User, text: str, actor: Actor) -> ChatMessage:
    """To all members, the writer too. Raises NotFound where `user` is no member."""
    if not text or len(text) > LONGEST or "\x00" in text:
        raise field_error("text", "invalid_length", f"A text has 1 to {LONGEST} characters, and no NUL")
    one, people = _held(chat, user)
    message = ChatMessage.objects.create(chat_id=one.pk, user=user, text=text)
    kept = ChatMessage.objects.filter(chat=one.pk)
    kept.filter(position__lte=kept.order_by("-position").values("position")[MOST_KEPT : MOST_KEPT + 1]).delete()
    record_all([_entry(one, message, people, people)], actor=actor)
    if _members(one).filter(user=user, typing_until__gt=timezone.now()).update(typing_until=None):
        _tell(one, user, {"typing": 0}, people)
    return message


@transaction.atomic
def leave_chat(*, chat: Object, user: User, actor: Actor) -> ChatMessage:
    """People leave by themselves alone. Where it was the owner, whoever is in it for the longest time owns it now."""
    one, people = _held(chat, user)
    _members(one).filter(user=user).delete()
    heir = _members(one).order_by("joined_at", "pk").first() if one.owner_id == user.pk else None
    if heir is not None:
        Object.objects.filter(pk=one.pk).update(owner=heir.user_id)
    message = ChatMessage.objects.create(chat_id=one.pk, user=user, type=Type.LEAVE)
    record_all([_entry(one, message, people, people - {user.pk})], actor=actor)
    return message


@transaction.atomic
def set_state(*, chat: Object, user: User, typing: int | None = None, message_read: uuid.UUID | None = None) -> None:
    """`typing` for so many seconds from now, 0 no longer; `message_read` is the last message that was read."""
    if typing is not None and not 0 <= typing <= LONGEST_TYPING:
        raise field_error("typing", "out_of_range", f"Between 0 and {LONGEST_TYPING} seconds")
    one, people = _held(chat, user)
    member = _members(one).get(user=user)
    if typing is not None:
        member.typing_until = timezone.now() + timedelta(seconds=typing) if typing else None
        member.save(update_fields=["typing_until"])
        _tell(one, user, {"typing": typing}, people)
    if message_read is not None and message_read != member.message_read:
        if not ChatMessage.objects.filter(chat=one.pk, id=message_read).exists():
            raise field_error("message_read", "invalid", "The chat has no such message")
        member.message_read = message_read
        member.save(update_fields=["message_read"])
        _tell(one, user, {"message_read": str(message_read)}, people)


def texts(message_ids: Collection[str]) -> dict[str, str]:
    """What messages say, by their ids; those that are removed are missing."""
    rows = ChatMessage.objects.filter(id__in=message_ids, type=Type.TEXT)
    return {str(message_id): text for message_id, text in rows.values_list("id", "text")}


def _held(chat: Object, user: User) -> tuple[Object, People]:
    """The chat, locked, and who is in it."""
    one = held(chat.pk, Object.Type.CHAT)
    people = frozenset(_members(one).values_list("user", flat=True))
    if user.pk not in people:
        raise NotFound
    return one, people


def _members(one: Object) -> "QuerySet[ChatMember]":
    return ChatMember.objects.filter(chat=one.pk)


def _entry(one: Object, message: ChatMessage, before: People, after: People) -> Entry:
    kind = ChatMessagePosted(
        message_id=str(message.id),
        user_id=str(message.user_id),
        type=message.type,
        member_id=str(message.member_id) if message.member_id else None,
        created_at=timestamp(one.created_at),
        description=one.description,
    )
    return Entry(
        kind=kind,
        subject=Chat(object=one),
        place=place(one),
        before=Circle(readers=before),
        after=Circle(readers=after),
    )


def _tell(one: Object, user: User, state: dict[str, Any], people: People) -> None:
    """Of one person's typing, and of what that person has read, only the last counts."""
    told = {"chat": str(one.pk), "user": {str(user.pk): state}}
    key = f"chat_user {one.pk} {user.pk} {next(iter(state))}"
    passing.send(Chat, name="chat_user", object_id=one.pk, data=told, user_ids=people, key=key)


def prunable() -> QuerySet[ChatMessage]:
    """Older than what is kept of live meetings, CHAT_DAYS. Where that is 0, a chat keeps its latest messages."""
    before = timezone.now() - timedelta(days=settings.CHAT_DAYS)
    rows: QuerySet[ChatMessage] = ChatMessage.objects.filter(created_at__lt=before)
    return rows if settings.CHAT_DAYS else rows.none()


def prune(*, limit: int) -> int:
    """Old messages, and the chats that everybody has left."""
    oldest = list(prunable().order_by("position").values_list("pk", flat=True)[:limit])
    count = ChatMessage.objects.filter(pk__in=oldest).delete()[0]
    left = Chat.objects.filter(members=None, object__created_at__lt=timezone.now() - EMPTY_FOR)
    empty = list(left.values_list("pk", flat=True)[:limit])
    Object.objects.filter(Q(pk__in=empty), type=Object.Type.CHAT).delete()
    return count + len(empty)
