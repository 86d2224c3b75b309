"""Keys, endpoints, and the outbox of what is sent to them. The row is the truth; a task only wakes a sender."""

import uuid
from datetime import timedelta
from typing import ClassVar
from urllib.parse import urlsplit

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class KeyRing(models.Model):
    """The keys of one owner, several valid at once; whoever owns them refers to the ring."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("key ring")
        verbose_name_plural = _("key rings")

    def __str__(self) -> str:
        return str(self.pk)


class SigningKey(models.Model):
    """A secret that we must read again, to sign with it: encrypted, and shown only when it is made."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ring = models.ForeignKey(KeyRing, models.CASCADE, related_name="keys", verbose_name=_("key ring"))
    value = models.TextField(_("value"), editable=False)  # encrypted, keys.py
    # SHA-256, by which a Bearer is found. NULL where the owner chose the secret: two may choose the same one.
    digest = models.CharField(max_length=64, null=True, editable=False)  # noqa: DJ001
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)  # NULL: not until it is replaced

    class Meta:
        verbose_name = _("signing key")
        verbose_name_plural = _("signing keys")
        ordering: ClassVar[list[str]] = ["-created_at", "id"]
        constraints = [models.UniqueConstraint(fields=["digest"], name="signing_key_digest_unique")]

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M:%S}"


class Endpoint(models.Model):
    """Where the deliveries of one ring go. Its counters begin anew with each delivery that it takes."""

    class Signature(models.TextChoices):
        """Which header is sent beside those of Standard Webhooks."""

        CRONOFY = "cronofy", "Cronofy-HMAC-SHA256"
        WEBEX = "webex", "X-Spark-Signature"

    class State(models.TextChoices):
        ACTIVE = "active", _("active")
        DISABLED = "disabled", _("disabled")

    class DisabledFor(models.TextChoices):
        GONE = "gone", _("it answered 410 Gone")
        FAILING = "failing", _("no callback arrived for five days")
        STAFF = "staff", _("by staff")
        DELETED = "deleted", _("its webhook was deleted")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ring = models.ForeignKey(KeyRing, models.CASCADE, related_name="endpoints", verbose_name=_("key ring"))
    url = models.CharField(_("address"), max_length=2000)  # ASCII: an index of PostgreSQL holds 2,700 bytes
    signature = models.CharField(_("signature"), max_length=8, choices=Signature.choices)
    tenant = models.ForeignKey("users.Tenant", models.CASCADE, related_name="+", verbose_name=_("tenant"))
    owner_address = models.EmailField(_("owner's address"), max_length=255, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.ACTIVE)
    disabled_at = models.DateTimeField(_("disabled since"), null=True, blank=True)
    disabled_for = models.CharField(_("disabled for"), max_length=7, choices=DisabledFor.choices, blank=True)
    served_at = models.DateTimeField(_("last served"), null=True, blank=True)  # who waits longest is served next
    held_until = models.DateTimeField(_("paused until"), null=True, blank=True)  # it asked for it, or is silent
    last_success_at = models.DateTimeField(_("last success"), null=True, blank=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    refusals = models.PositiveIntegerField(_("refusals in a row"), default=0)  # 401, 403 and 404
    refused_since = models.DateTimeField(_("refused since"), null=True, blank=True)
    refusal_told_at = models.DateTimeField(_("owner told of refusals"), null=True, blank=True)
    dead_told_at = models.DateTimeField(_("owner told of a dead letter"), null=True, blank=True)

    class Meta:
        verbose_name = _("endpoint")
        verbose_name_plural = _("endpoints")
        ordering: ClassVar[list[str]] = ["-created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["ring", "url"], name="endpoint_unique_per_ring"),
            models.CheckConstraint(
                condition=models.Q(state="active", disabled_at=None, disabled_for="")
                | models.Q(state="disabled", disabled_at__isnull=False) & ~models.Q(disabled_for=""),
                name="endpoint_disabled_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.url

    @property
    def host(self) -> str:
        """What of the address the log names: the rest may be secret."""
        return urlsplit(self.url).hostname or ""


class Delivery(models.Model):
    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        SENDING = "sending", _("being sent")
        RETRY = "retry", _("waiting for retry")
        DELIVERED = "delivered", _("delivered")
        DEAD = "dead", _("given up")
        SKIPPED = "skipped", _("skipped by staff")

    OPEN: ClassVar[tuple[str, ...]] = ("queued", "sending", "retry")
    # Before the second attempt, the third one, and so on: the example of Standard Webhooks, 75 hours in all.
    DELAYS: ClassVar[tuple[timedelta, ...]] = (
        timedelta(seconds=5),
        timedelta(minutes=5),
        timedelta(minutes=30),
        *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
    )

    MAX_ATTEMPTS: ClassVar[int] = len(DELAYS) + 1

    position = models.BigAutoField(_("position"), primary_key=True)  # the order within an ordering key
    id = models.UUIDField(default=uuid.uuid4, editable=False)
    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="deliveries", verbose_name=_("endpoint"))
    ordering_key = models.CharField(_("ordering key"), max_length=255)  # what has the same one arrives in order
    kind = models.CharField(_("kind"), max_length=64)  # the caller's word for what it tells
    body = models.BinaryField(_("body"), null=True)  # the very bytes that are signed and sent; NULL: removed
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.QUEUED)
    series = models.PositiveSmallIntegerField(_("series"), default=1)  # one more with each redelivery by staff
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)  # of this series
    next_try_at = models.DateTimeField(_("next try"), default=timezone.now)  # while sending: when the claim runs out
    last_error = models.TextField(_("last error"), blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)  # delivered, given up or skipped

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        permissions = (("read_delivery", "Can read the contents of callbacks"),)
        ordering: ClassVar[list[str]] = ["-position"]
        constraints = [
            models.UniqueConstraint(fields=["id"], name="delivery_id_unique"),
            models.CheckConstraint(
                condition=models.Q(state__in=("queued", "sending", "retry"), ended_at=None)
                | models.Q(state__in=("delivered", "dead", "skipped"), ended_at__isnull=False),
                name="delivery_ended_has_time",
            ),
        ]
        indexes = [
            # For the sender: what is due at an endpoint. The condition names `ended_at`, not the state: SQLite uses a
            # partial index only if the query repeats its condition literally, and states are parameters.
            models.Index(fields=["endpoint", "next_try_at"], condition=models.Q(ended_at=None), name="delivery_due"),
            # Serves the sender: whether an earlier one of the same key is open.
            models.Index(
                fields=["endpoint", "ordering_key", "position"],
                condition=models.Q(ended_at=None),
                name="delivery_open_of_key",
            ),
            # Serves staff: what an endpoint has not got.
            models.Index(
                fields=["endpoint", "ended_at"], condition=models.Q(state="dead"), name="delivery_dead_of_endpoint"
            ),
            # Serves the job that removes bodies.
            models.Index(
                fields=["ended_at"],
                condition=models.Q(ended_at__isnull=False, body__isnull=False),
                name="delivery_unpruned",
            ),
        ]

    def __str__(self) -> str:
        return self.message_id

    @property
    def message_id(self) -> str:
        """`webhook-id`: the same for each attempt and redelivery, so that the receiver knows what it has already."""
        return f"msg_{self.id}"


class DeliveryAttempt(models.Model):
    """One request: written when a worker has claimed the delivery, completed when it knows what became of it."""

    class Outcome(models.TextChoices):
        UNDER_WAY = "", _("in progress, or the worker died")
        DELIVERED = "delivered", _("delivered")
        REFUSED = "refused", _("refused")
        UNREACHABLE = "unreachable", _("no answer")

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="tries", verbose_name=_("delivery"))
    series = models.PositiveSmallIntegerField(_("series"))
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=11, choices=Outcome.choices, blank=True)
    status = models.PositiveSmallIntegerField(_("HTTP status"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True)
    answer = models.TextField(_("answer"), blank=True)  # the first KiB of it
    worker = models.CharField(_("worker"), max_length=255)  # host:process

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering: ClassVar[list[str]] = ["started_at", "id"]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M:%S} {self.get_outcome_display()}"
