"""Chats: people who write to each other outside of meetings."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.objects.models.objects import Object
from users.models import User


class Chat(models.Model):
    """Only its members read its messages. The object's owner is one of them, until nobody is left."""

    object = models.OneToOneField(
        Object, models.CASCADE, primary_key=True, related_name="chat", verbose_name=_("object")
    )

    class Meta:
        verbose_name = _("chat")
        verbose_name_plural = _("chats")

    def __str__(self) -> str:
        return str(self.object_id)


class ChatMember(models.Model):
    """`message_read` is the id of the last message that the person has read."""

    chat = models.ForeignKey(Chat, models.CASCADE, related_name="members", verbose_name=_("chat"))
    user = models.ForeignKey(User, models.CASCADE, related_name="chats", verbose_name=_("person"))
    joined_at = models.DateTimeField(_("joined"), default=timezone.now)
    typing_until = models.DateTimeField(_("typing until"), null=True, blank=True)
    message_read = models.UUIDField(_("last message read"), null=True, blank=True)

    class Meta:
        verbose_name = _("member of a chat")
        verbose_name_plural = _("members of chats")
        constraints = [models.UniqueConstraint(fields=["chat", "user"], name="chat_member_unique")]

    def __str__(self) -> str:
        return f"{self.chat_id} {self.user_id}"


class ChatMessage(models.Model):
    """`position` is the order. `member` is who was added, where the type is ADD."""

    class Type(models.TextChoices):
        TEXT = "text", _("text")
        ADD = "add", _("added")
        LEAVE = "leave", _("left")

    position = models.BigAutoField(_("position"), primary_key=True)
    id = models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
    chat = models.ForeignKey(Chat, models.CASCADE, related_name="messages", verbose_name=_("chat"))
    user = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("person"))
    member = models.ForeignKey(
        User, models.CASCADE, related_name="+", null=True, blank=True, verbose_name=_("who was added")
    )
    type = models.CharField(_("type"), max_length=5, choices=Type.choices, default=Type.TEXT)
    text = models.TextField(_("text"), blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("message of a chat")
        verbose_name_plural = _("messages of chats")
        ordering: ClassVar[list[str]] = ["position"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(type="add", member__isnull=False) | (~models.Q(type="add") & models.Q(member=None)),
                name="chat_message_names_who_was_added",
            )
        ]
        indexes = [
            models.Index(fields=["chat", "position"], name="chat_message_of_chat"),  # a chat's, in their order
            models.Index(fields=["created_at"], name="chat_message_time"),  # the job that removes old ones
        ]

    def __str__(self) -> str:
        return f"{self.chat_id} {self.type}"
