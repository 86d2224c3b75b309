"""Tags: labels that their owner attaches to objects, and by whose policy others can access them."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from users.models import User


class Level(models.IntegerChoices):
    """As the seed numbers them; OWNER is never granted, the tag's owner has it."""

    NONE = 0, _("no access")
    READ = 1, _("read")
    WRITE = 2, _("write")
    PROPAGATE = 3, _("propagate")
    OWNER = 4, _("owner")


class Tag(models.Model):
    """`foreign_use`: others who may propagate can attach it to objects of their own."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="tags_owned", verbose_name=_("owner"))
    label = models.CharField(_("label"), max_length=255)
    foreign_use = models.BooleanField(_("others can attach it"), default=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering: ClassVar[list[str]] = ["label", "id"]

    def __str__(self) -> str:
        return self.label


class Grant(models.Model):
    """One line of a tag's policy: what one person may do with the objects that have the tag."""

    tag = models.ForeignKey(Tag, models.CASCADE, related_name="grants", verbose_name=_("tag"))
    user = models.ForeignKey(User, models.CASCADE, related_name="tag_grants", verbose_name=_("person"))
    level = models.PositiveSmallIntegerField(_("access"), choices=Level.choices)

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        constraints = [
            models.UniqueConstraint(fields=["tag", "user"], name="grant_unique_per_person"),
            models.CheckConstraint(condition=models.Q(level__in=(1, 2, 3)), name="grant_level_is_granted"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.get_level_display()}"
