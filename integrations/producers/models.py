"""Services that report, what they may report about, which reports are known, and the kinds that staff registered."""

import uuid
from datetime import timedelta
from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.objects.models import Object
from users.models import Tenant

ID_LENGTH = 255
KEPT_FOR = timedelta(days=8)  # reports: a day longer than the oldest that is taken
TYPE = r"\Ax_[a-z0-9_]+(\.[a-z0-9_]+)+\Z"


class Producer(models.Model):
    """A service by the name in its token. It belongs to one tenant, whose objects alone it can report about."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(
        _("name"),
        max_length=ID_LENGTH,
        help_text=_("The subject of its tokens: the client id at the embedded identity provider"),
    )
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="+", verbose_name=_("tenant"))
    disabled_since = models.DateTimeField(_("disabled since"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    reported_at = models.DateTimeField(_("last report"), null=True, editable=False)

    class Meta:
        verbose_name = _("producer")
        verbose_name_plural = _("producers")
        ordering: ClassVar[list[str]] = ["name"]
        constraints = [models.UniqueConstraint(fields=["name"], name="producer_name_unique")]

    def __str__(self) -> str:
        return self.name


class Binding(models.Model):
    """The service may report about the object, of which it has reported last at the time, and what."""

    producer = models.ForeignKey(Producer, models.CASCADE, related_name="bindings", verbose_name=_("producer"))
    object = models.ForeignKey(Object, models.CASCADE, related_name="+", verbose_name=_("object"))
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    reported_at = models.DateTimeField(_("last report"), null=True, editable=False)
    reported_kind = models.CharField(_("kind of the last report"), max_length=64, blank=True, editable=False)

    class Meta:
        verbose_name = _("binding")
        verbose_name_plural = _("bindings")
        ordering: ClassVar[list[str]] = ["id"]
        constraints = [models.UniqueConstraint(fields=["producer", "object"], name="binding_unique")]

    def __str__(self) -> str:
        return f"{self.producer_id} {self.object_id}"


class Report(models.Model):
    """One that was accepted: the same source and id again is a duplicate. Reports older than this are refused."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    producer = models.ForeignKey(Producer, models.CASCADE, related_name="reports", verbose_name=_("producer"))
    source = models.CharField(_("source"), max_length=ID_LENGTH)
    event_id = models.CharField(_("id at the source"), max_length=ID_LENGTH)
    received_at = models.DateTimeField(_("received"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = [models.UniqueConstraint(fields=["producer", "source", "event_id"], name="report_unique")]
        # Serves the job that forgets old ones.
        indexes = [models.Index(fields=["received_at"], name="report_received")]

    def __str__(self) -> str:
        return f"{self.source} {self.event_id}"


class ExtraKind(models.Model):
    """A kind of report that staff registered. Its name begins with x_."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    type = models.CharField(
        _("type"),
        max_length=64,
        validators=[RegexValidator(TYPE, _("This must be like x_door.opened: small letters, digits and _"))],
        help_text=_("Begins with x_ and has a dot; what stands before the dot is in the name of the role for it"),
    )
    description = models.CharField(_("description"), max_length=255, blank=True)
    schema = models.JSONField(
        _("JSON Schema"),
        help_text=_("Of the report's data, draft 2020-12, without $ref and pattern"),
    )
    disabled_since = models.DateTimeField(_("disabled since"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("registered kind")
        verbose_name_plural = _("registered kinds")
        ordering: ClassVar[list[str]] = ["type"]
        constraints = [models.UniqueConstraint(fields=["type"], name="extra_kind_type_unique")]

    def __str__(self) -> str:
        return self.type


class LiveKitNote(models.Model):
    """What is remembered of LiveKit's webhooks, which may come twice and in another order: events that were heard,
    connections, tracks and rooms that are over, and who is connected how. Kept for a day.
    """

    key = models.CharField(max_length=255, primary_key=True)
    value = models.CharField(max_length=255, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        # Serves the job that forgets old ones.
        indexes = [models.Index(fields=["at"], name="livekit_note_at")]

    def __str__(self) -> str:
        return self.key
