"""api/chat: chats, their messages, and who types or has read what."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import serializers

from integrations.cospace.dialect import CospaceView, Json, SessionRequest, seconds
from integrations.cospace.formats.registry import without_empty
from integrations.cospace.views.typed import Pages
from integrations.objects.models.chats import ChatMember, ChatMessage
from integrations.objects.models.objects import Object
from integrations.objects.services.chats import (
    LONGEST,
    LONGEST_TYPING,
    MOST_MEMBERS,
    add_members,
    chat_of,
    create_chat,
    leave_chat,
    post_message,
    set_state,
)
from rest.errors import field_error
from rest.fields import Identifier, Items, Text, WholeNumber
from users.models import User

Type = ChatMessage.Type


class NewChat(serializers.Serializer[Any]):
    description = Text(max_length=255, default="")
    user = Items(child=Identifier(), max_length=MOST_MEMBERS, default=list)


class NewMessage(serializers.Serializer[Any]):
    """`text` with the type text, `member` with the type add."""

    type = serializers.ChoiceField(choices=Type.choices, default=Type.TEXT)
    text = Text(min_length=1, max_length=LONGEST, required=False)
    member = Identifier(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        needed = {Type.TEXT: "text", Type.ADD: "member"}.get(attrs["type"])
        if needed and needed not in attrs:
            raise field_error(needed, "required", "This field is required.")
        return attrs


class State(serializers.Serializer[Any]):
    typing = WholeNumber(min_value=0, max_value=LONGEST_TYPING, required=False)
    message_read = Identifier(required=False)


class MessagePage(serializers.Serializer[Any]):
    """The `count` latest messages, or those before a message."""

    before = serializers.UUIDField(required=False)
    count = serializers.IntegerField(min_value=1, max_value=500, default=100)


class ChatsView(CospaceView):
    def get(self, request: SessionRequest) -> Json:
        mine = ChatMember.objects.filter(user=request.user).values("chat")
        page, rows = self.query(Pages), Object.objects.filter(pk__in=mine, deleted_at=None)
        chats = list(rows.order_by("-created_at", "id")[page["first"] : page["first"] + page["count"]])
        members = ChatMember.objects.filter(chat__in=[one.pk for one in chats])
        people: dict[uuid.UUID, list[str]] = {one.pk: [] for one in chats}
        for chat_id, user_id in members.order_by("joined_at", "pk").values_list("chat", "user"):
            people[chat_id].append(str(user_id))
        return {"chat": {str(one.pk): told(one, people[one.pk]) for one in chats}}

    def post(self, request: SessionRequest) -> Json:
        values = self.body(NewChat)
        members = people_called(request.user, values["user"])
        chat = create_chat(owner=request.user, description=values["description"], members=members, actor=self.actor)
        return {"chat": str(chat.pk)}


class ChatView(CospaceView):
    def get(self, request: SessionRequest, chat_id: uuid.UUID) -> Json:
        one = chat_of(request.user, chat_id)
        members = ChatMember.objects.filter(chat=one.pk).order_by("joined_at", "pk").values_list("user", flat=True)
        return {"chat": told(one, map(str, members))}

    def delete(self, request: SessionRequest, chat_id: uuid.UUID) -> Json:
        """Leaves it: to the others it stays."""
        leave_chat(chat=chat_of(request.user, chat_id), user=request.user, actor=self.actor)
        return {}


class ChatMessageView(CospaceView):
    def get(self, request: SessionRequest, chat_id: uuid.UUID) -> Json:
        one, values = chat_of(request.user, chat_id), self.query(MessagePage)
        rows: QuerySet[ChatMessage] = ChatMessage.objects.filter(chat=one.pk)
        if "before" in values:
            rows = rows.filter(position__lt=rows.filter(id=values["before"]).values("position"))
        latest = list(rows.order_by("-position")[: values["count"]])
        return {"message": {str(row.id): message_told(row) for row in reversed(latest)}}

    def post(self, request: SessionRequest, chat_id: uuid.UUID) -> Json:
        one, values = chat_of(request.user, chat_id), self.body(NewMessage)
        about: dict[str, Any] = {"chat": one, "user": request.user, "actor": self.actor}
        match values["type"]:
            case Type.ADD:
                members = people_called(request.user, [values["member"]])
                messages = add_members(**about, members=members)
            case Type.LEAVE:
                messages = [leave_chat(**about)]
            case _:
                messages = [post_message(**about, text=values["text"])]
        return {"message": str(messages[0].id)} if messages else {}


class ChatUserView(CospaceView):
    def get(self, request: SessionRequest, chat_id: uuid.UUID) -> Json:
        """`typing`: for so many seconds yet."""
        one, now = chat_of(request.user, chat_id), timezone.now()
        users = {}
        for member in ChatMember.objects.filter(chat=one.pk).order_by("joined_at", "pk"):
            until = member.typing_until
            left = int((until - now).total_seconds()) if until and until > now else 0
            read = str(member.message_read) if member.message_read else None
            users[str(member.user_id)] = {"typing": left} | without_empty(message_read=read)
        return {"user": users}

    def post(self, request: SessionRequest, chat_id: uuid.UUID) -> Json:
        set_state(chat=chat_of(request.user, chat_id), user=request.user, **self.body(State))
        return {}


def people_called(user: User, user_ids: Iterable[uuid.UUID]) -> list[User]:
    """Of the same tenant. Raises ValidationFailed where one is not there."""
    wanted = {*user_ids}
    found = list(User.objects.filter(pk__in=wanted, tenant=user.tenant_id)) if wanted else []
    if len(found) != len(wanted):
        raise field_error("user", "invalid", "There is no such person")
    return found


def told(one: Object, members: Iterable[str]) -> dict[str, Any]:
    about = without_empty(description=one.description)
    return {"create_time": seconds(one.created_at)} | about | {"user": list(members)}


def message_told(row: ChatMessage) -> dict[str, Any]:
    said = {"user": str(row.user_id), "time": seconds(row.created_at), "type": row.type}
    member = str(row.member_id) if row.member_id else None
    return said | without_empty(text=row.text, member=member)
