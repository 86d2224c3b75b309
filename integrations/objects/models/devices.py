"""What stands in rooms and reports of itself: boxes, which are there or not, and sensors, which measure and act."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.objects.models.objects import Object


class Box(models.Model):
    """The device of a room. It is online from its first heartbeat until one is missed."""

    object = models.OneToOneField(
        Object, models.CASCADE, primary_key=True, related_name="box", verbose_name=_("object")
    )
    ip_addr = models.GenericIPAddressField(_("IP address"), null=True, blank=True)
    mac_addr = models.CharField(_("MAC address"), max_length=17, blank=True)
    sw_version = models.CharField(_("software version"), max_length=64, blank=True)
    hw_version = models.CharField(_("hardware"), max_length=64, blank=True)
    online_since = models.DateTimeField(_("online since"), null=True, blank=True)
    last_seen_at = models.DateTimeField(_("last heartbeat"), null=True, blank=True)

    class Meta:
        verbose_name = _("device of a room")
        verbose_name_plural = _("devices of rooms")
        ordering: ClassVar[list[str]] = ["-object"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(online_since=None) | models.Q(last_seen_at__isnull=False),
                name="box_online_was_seen",
            )
        ]
        indexes = [
            models.Index(  # Serves the job that finds missed heartbeats.
                fields=["last_seen_at"], condition=models.Q(online_since__isnull=False), name="box_online"
            )
        ]

    def __str__(self) -> str:
        return str(self.object)


class Sensor(models.Model):
    """`state` is what was measured last, at `state_at` in milliseconds since the epoch."""

    object = models.OneToOneField(
        Object, models.CASCADE, primary_key=True, related_name="sensor", verbose_name=_("object")
    )
    state = models.JSONField(_("last values"), null=True, blank=True)
    state_at = models.BigIntegerField(_("time of the last values"), null=True, blank=True)

    class Meta:
        verbose_name = _("sensor")
        verbose_name_plural = _("sensors")
        ordering: ClassVar[list[str]] = ["-object"]

    def __str__(self) -> str:
        return str(self.object)


class SensorSample(models.Model):
    """What was measured; `at` in milliseconds since the epoch."""

    sensor = models.ForeignKey(Sensor, models.CASCADE, related_name="data", verbose_name=_("sensor"))
    at = models.BigIntegerField(_("time"))
    values = models.JSONField(_("values"))

    class Meta:
        verbose_name = _("sample")
        verbose_name_plural = _("samples")
        # The constraint's index serves a sensor's samples by time, and removing its oldest.
        constraints = [models.UniqueConstraint(fields=["sensor", "at"], name="sample_unique_per_time")]
        indexes = [models.Index(fields=["at"], name="sample_time")]  # the job that removes old ones

    def __str__(self) -> str:
        return f"{self.sensor_id} {self.at}"


class SensorAction(models.Model):
    """What a sensor shall do: it asks for the pending one, and says when it is done. `at` in milliseconds."""

    class State(models.TextChoices):
        PENDING = "pending", _("pending")
        DONE = "ok", _("done")
        REPLACED = "replaced", _("replaced")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sensor = models.ForeignKey(Sensor, models.CASCADE, related_name="actions", verbose_name=_("sensor"))
    values = models.JSONField(_("values"))
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.PENDING)
    at = models.BigIntegerField(_("time"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("action of a sensor")
        verbose_name_plural = _("actions of sensors")
        ordering: ClassVar[list[str]] = ["-at"]
        constraints = [
            models.UniqueConstraint(fields=["sensor", "at"], name="action_unique_per_time"),  # also serves the list
            models.UniqueConstraint(fields=["sensor"], condition=models.Q(state="pending"), name="action_one_pending"),
            models.CheckConstraint(
                condition=models.Q(state="pending", ended_at=None)
                | (~models.Q(state="pending") & models.Q(ended_at__isnull=False)),
                name="action_pending_or_ended",
            ),
        ]
        indexes = [
            models.Index(  # Serves the job that removes old ones.
                fields=["ended_at"], condition=models.Q(ended_at__isnull=False), name="action_ended"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sensor_id} {self.state}"
