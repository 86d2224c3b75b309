"""Files and folders of volumes."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.objects.models.objects import Object
from users.models import User


class VolumeFile(models.Model):
    """A file or a folder. A file without content, which nobody has uploaded yet, has no md5."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    volume = models.ForeignKey(Object, models.CASCADE, related_name="files", verbose_name=_("volume"))
    parent = models.ForeignKey(
        "self", models.CASCADE, related_name="children", verbose_name=_("folder"), null=True, blank=True
    )
    is_folder = models.BooleanField(_("is a folder"), default=False)
    name = models.CharField(_("name"), max_length=255)
    ctime = models.DateTimeField(_("created"), default=timezone.now)
    mtime = models.DateTimeField(_("modified"), default=timezone.now)
    created_by = models.ForeignKey(
        User, models.SET_NULL, null=True, related_name="+", verbose_name=_("created by"), db_index=False
    )
    size = models.PositiveBigIntegerField(_("size in bytes"), default=0)
    mime_type = models.CharField(_("type of the file"), max_length=100, blank=True)
    md5 = models.CharField(_("MD5"), max_length=32, blank=True)
    file = models.CharField(_("stored as"), max_length=255, blank=True)

    class Meta:
        verbose_name = _("file in a volume")
        verbose_name_plural = _("files in volumes")
        ordering: ClassVar[list[str]] = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["volume", "parent", "name"], name="volume_file_name_in_folder"),
            models.UniqueConstraint(
                fields=["volume", "name"], condition=models.Q(parent=None), name="volume_file_name_at_root"
            ),
            models.CheckConstraint(
                condition=models.Q(is_folder=False) | models.Q(file="", md5="", size=0), name="volume_folder_is_empty"
            ),
        ]

    def __str__(self) -> str:
        return self.name
