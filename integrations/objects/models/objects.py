"""What all objects have: an owner, a description, tags. What only one type has is in that type's own table."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from users.models import User


class Object(models.Model):
    """A room is an object of the type conference: its row, with the room's id, is made when it is first needed.

    Who can access the room can read each object of it; conference and volume belong to the room's owner.
    """

    class Type(models.TextChoices):
        ANNOUNCEMENT = "announcement", _("announcement")
        BOX = "box", _("device")
        CALL = "call", _("call")
        CHAT = "chat", _("chat")
        CONFERENCE = "conference", _("conference")
        CONTACT = "contact", _("contact")
        FAX = "fax", _("fax")
        PRESENTATION = "presentation", _("presentation")
        RECORDING = "recording", _("recording")
        SENSOR = "sensor", _("sensor")
        VOLUME = "volume", _("volume")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    type = models.CharField(_("type"), max_length=16, choices=Type.choices)
    owner = models.ForeignKey(User, models.CASCADE, related_name="objects_owned", verbose_name=_("owner"))
    room = models.ForeignKey(
        "rooms.Room", models.CASCADE, related_name="+", verbose_name=_("room"), null=True, blank=True
    )
    description = models.CharField(_("description"), max_length=255, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    modified_at = models.DateTimeField(_("modified"), default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(_("in the trash since"), null=True, blank=True)

    class Meta:
        verbose_name = _("object")
        verbose_name_plural = _("objects")
        ordering: ClassVar[list[str]] = ["-created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(type="conference", room=models.F("id")) | ~models.Q(type="conference"),
                name="object_conference_is_room",
            ),
            models.UniqueConstraint(fields=["room"], condition=models.Q(type="volume"), name="object_volume_of_room"),
        ]
        indexes = [
            models.Index(fields=["owner", "type", "-created_at"], name="object_of_owner"),  # a person's, by type
            models.Index(fields=["deleted_at"], name="object_deleted"),  # the job that empties the trash
            models.Index(  # Serves a person's trash.
                fields=["owner", "deleted_at"], condition=models.Q(deleted_at__isnull=False), name="object_in_trash"
            ),
        ]

    def __str__(self) -> str:
        return self.description or f"{self.type} {self.pk}"


class ObjectTag(models.Model):
    """Attached: whoever the tag's policy names can access the object."""

    object = models.ForeignKey(Object, models.CASCADE, related_name="tags", verbose_name=_("object"))
    tag = models.ForeignKey("objects.Tag", models.CASCADE, related_name="attachments", verbose_name=_("tag"))

    class Meta:
        verbose_name = _("tag of an object")
        verbose_name_plural = _("tags of objects")
        constraints = [models.UniqueConstraint(fields=["object", "tag"], name="object_tag_unique")]

    def __str__(self) -> str:
        return f"{self.object_id} {self.tag_id}"
