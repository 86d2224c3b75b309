"""Webhooks: what somebody wants to be told of the log, and where. Which events exist is in words.py."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.deliveries.models import Endpoint

NAME_LENGTH = 255
FILTER_LENGTH = 2000
SECRET_LENGTH = 255


class Webhook(models.Model):
    """Its endpoint, which has no other, says whether it is active; a key of the endpoint's ring is its secret."""

    class OwnedBy(models.TextChoices):
        """Whose activities it tells: those that its owner learns of, or all of the tenant."""

        CREATOR = "creator", _("person")
        ORG = "org", _("tenant")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey("users.Tenant", models.CASCADE, related_name="+", verbose_name=_("tenant"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("owner"), editable=False
    )
    owned_by = models.CharField(_("about"), max_length=7, choices=OwnedBy.choices)
    endpoint = models.OneToOneField(
        Endpoint, models.CASCADE, related_name="webhook", verbose_name=_("endpoint"), editable=False
    )
    name = models.CharField(_("name"), max_length=NAME_LENGTH)
    resource = models.CharField(_("resource"), max_length=32)
    event = models.CharField(_("event"), max_length=16)
    filter = models.CharField(_("filter"), max_length=FILTER_LENGTH, blank=True)  # a=b&c=d, as its owner wrote it
    app_id = models.CharField(_("client id"), max_length=255, blank=True)  # of the program whose token made it
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering: ClassVar[list[str]] = ["-created_at", "id"]
        indexes = [
            # Serves the list of a person's, and what is told to the audience of an activity.
            models.Index(fields=["owner", "-created_at", "id"], name="webhook_of_owner"),
            # Serves the same of a tenant.
            models.Index(fields=["tenant", "owned_by", "-created_at", "id"], name="webhook_of_tenant"),
        ]

    def __str__(self) -> str:
        return self.name
