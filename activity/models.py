"""Rows of the log. Rows of other apps go; what happened to them stays, so nothing here is a foreign key to them."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Activity(models.Model):
    class ActorKind(models.TextChoices):
        USER = "user", _("user")
        GUEST = "guest", _("guest")
        STAFF = "staff", _("staff")
        JOB = "job", _("job")
        SERVICE = "service", _("service")

    class Via(models.TextChoices):
        API = "api", _("API")
        ADMIN = "admin", _("admin")
        PAGE = "page", _("page")
        JOB = "job", _("job")
        MAIL = "mail", _("mail")
        PROTOCOL = "protocol", _("protocol")

    position = models.BigAutoField(_("position"), primary_key=True)
    id = models.UUIDField(default=uuid.uuid4, editable=False)
    # The order of readers, who stay below PostgreSQL's oldest running transaction; 0 on SQLite (see reader.py).
    transaction_id = models.BigIntegerField(_("transaction"), default=0, editable=False)
    occurred_at = models.DateTimeField(_("time"))
    kind = models.CharField(_("kind"), max_length=64)
    tenant_id = models.UUIDField(_("tenant"), null=True)
    actor_kind = models.CharField(_("actor kind"), max_length=16, choices=ActorKind.choices)
    actor_id = models.UUIDField(_("actor"), null=True)
    actor_name = models.CharField(_("actor name"), max_length=255, blank=True)
    via = models.CharField(_("via"), max_length=16, choices=Via.choices)
    subject_type = models.CharField(_("subject type"), max_length=32)
    subject_id = models.UUIDField(_("subject"))
    room_id = models.UUIDField(_("room"), null=True)
    event_id = models.UUIDField(_("event"), null=True)
    data = models.JSONField(_("data"), default=dict)
    changes = models.JSONField(_("changes"), default=dict)
    source = models.CharField(_("source"), max_length=64, blank=True)
    source_id = models.CharField(  # noqa: DJ001 - NULL is "no source"; "" would collide in the unique pair
        _("id at the source"), max_length=255, null=True
    )
    request_id = models.CharField(_("request id"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activity log")
        ordering: ClassVar[list[str]] = ["-position"]
        constraints = [
            models.UniqueConstraint(fields=["id"], name="activity_id_unique"),
            models.UniqueConstraint(fields=["source", "source_id"], name="activity_source_unique"),
        ]
        indexes = [
            models.Index(fields=["event_id", "position"], name="activity_event"),  # history of an event in the admin
            models.Index(fields=["subject_id", "position"], name="activity_subject"),  # history of any other object
            models.Index(fields=["kind", "position"], name="activity_kind"),  # the admin's filter by kind
            models.Index(fields=["transaction_id", "position"], name="activity_transaction"),  # readers' horizon
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.kind}"


class Audience(models.Model):
    """A person who may learn of an activity: fixed when it is written, whatever he may see later."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="audience")
    user_id = models.UUIDField(_("user"))

    class Meta:
        verbose_name = _("audience")
        verbose_name_plural = _("audience")
        # Serves "what may this person follow since position p".
        constraints = [models.UniqueConstraint(fields=["user_id", "activity"], name="audience_user_activity_unique")]

    def __str__(self) -> str:
        return f"{self.activity_id} {self.user_id}"
