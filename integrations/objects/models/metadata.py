"""Values that programs keep for a person, or for all who can read an object, under keys such as com.example.colour."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.objects.models.objects import Object
from users.models import User

LONGEST_KEY = 255


class UserMetadata(models.Model):
    user = models.ForeignKey(User, models.CASCADE, related_name="metadata", verbose_name=_("person"))
    key = models.CharField(_("key"), max_length=LONGEST_KEY)
    value = models.JSONField(_("value"))

    class Meta:
        verbose_name = _("value kept for a person")
        verbose_name_plural = _("values kept for people")
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="user_metadata_unique")]

    def __str__(self) -> str:
        return self.key


class ObjectMetadata(models.Model):
    object = models.ForeignKey(Object, models.CASCADE, related_name="metadata", verbose_name=_("object"))
    key = models.CharField(_("key"), max_length=LONGEST_KEY)
    value = models.JSONField(_("value"))

    class Meta:
        verbose_name = _("value kept for an object")
        verbose_name_plural = _("values kept for objects")
        constraints = [models.UniqueConstraint(fields=["object", "key"], name="object_metadata_unique")]

    def __str__(self) -> str:
        return self.key
