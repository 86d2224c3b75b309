"""What people write about an object."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.objects.models.objects import Object
from users.models import User

LONGEST_COMMENT = 4096


class Comment(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    object = models.ForeignKey(Object, models.CASCADE, related_name="comments", verbose_name=_("object"))
    owner = models.ForeignKey(User, models.CASCADE, related_name="comments", verbose_name=_("author"))
    text = models.TextField(_("text"), max_length=LONGEST_COMMENT)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    modified_at = models.DateTimeField(_("modified"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering: ClassVar[list[str]] = ["-created_at", "id"]
        indexes = [
            models.Index(fields=["object", "created_at", "id"], name="comment_of_object"),  # an object's, in pages
        ]

    def __str__(self) -> str:
        return self.text[:80]
