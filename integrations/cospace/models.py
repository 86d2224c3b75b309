"""Sessions of cospace clients, the numbered events of each, and what it subscribed to."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Session(models.Model):
    """Somebody's stream, which several clients can read with the same sid. Without a user nobody has signed in yet."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sid_digest = models.CharField(max_length=64, editable=False)  # SHA-256: the sid itself is not kept
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="cospace_sessions",
        verbose_name=_("user"),
        null=True,
        blank=True,
    )
    origin = models.CharField(_("origin"), max_length=255, blank=True)  # of the page that began it; "" for programs
    address = models.CharField(_("address"), max_length=45, blank=True)
    user_agent = models.CharField(_("program"), max_length=255, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    signed_in_at = models.DateTimeField(_("signed in"), null=True, blank=True)
    last_call_at = models.DateTimeField(_("last call"), default=timezone.now)
    # What it has read of the person's stream in the log (activity/reader.py), and the id of its next event.
    transaction_id = models.BigIntegerField(_("transaction"), default=0, editable=False)
    position = models.BigIntegerField(_("position"), default=0, editable=False)
    next_number = models.BigIntegerField(_("next event"), default=0, editable=False)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering: ClassVar[list[str]] = ["-last_call_at"]
        constraints = [models.UniqueConstraint(fields=["sid_digest"], name="cospace_session_sid_unique")]
        indexes = [
            models.Index(fields=["last_call_at"], name="cospace_session_last_call"),  # those to remove, and the admin
            models.Index(fields=["user", "last_call_at"], name="cospace_session_of_user"),  # whom to wake; the limit
            models.Index(  # The limit of sessions in which nobody has signed in.
                fields=["address", "created_at"], condition=models.Q(user=None), name="cospace_session_of_nobody"
            ),
        ]

    def __str__(self) -> str:
        return str(self.user or self.address or self.pk)


class StreamEvent(models.Model):
    """One event of a session's stream. `number` is its id there: contiguous, from 0."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="events", verbose_name=_("session"))
    number = models.BigIntegerField(_("id in the stream"))
    name = models.CharField(_("event"), max_length=64)
    time = models.BigIntegerField(_("time"))  # in seconds since 1970: when it happened
    payload = models.JSONField(_("payload"), default=dict)
    created_at = models.DateTimeField(_("numbered"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("event of a stream")
        verbose_name_plural = _("events of streams")
        ordering: ClassVar[list[str]] = ["session", "number"]
        # Serves the stream.
        constraints = [models.UniqueConstraint(fields=["session", "number"], name="cospace_event_number_unique")]
        indexes = [models.Index(fields=["created_at"], name="cospace_event_age")]  # what to remove

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class Subscription(models.Model):
    """A session that gets the detailed stream of an object too; of calls there is one stream for each person."""

    class Kind(models.TextChoices):
        CALL = "call", _("calls")
        CONFERENCE = "conference", _("conference")
        PRESENTATION = "presentation", _("presentation")
        SENSOR = "sensor", _("sensor")

    session = models.ForeignKey(Session, models.CASCADE, related_name="subscriptions", verbose_name=_("session"))
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    object_id = models.UUIDField(_("object"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    # When it is looked again whether the person can still read the object, and its state is told again.
    status_at = models.DateTimeField(_("next look"), default=timezone.now)

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        ordering: ClassVar[list[str]] = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["session", "kind", "object_id"], name="cospace_subscription_unique"),
            models.UniqueConstraint(
                fields=["session", "kind"], condition=models.Q(object_id=None), name="cospace_subscription_unique_calls"
            ),
            models.CheckConstraint(
                condition=models.Q(kind="call", object_id=None) | ~models.Q(kind="call") & ~models.Q(object_id=None),
                name="cospace_subscription_has_object",
            ),
        ]
        indexes = [models.Index(fields=["object_id", "session"], name="cospace_subscribers")]  # whom to tell

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id or ''}".strip()


class PassingEvent(models.Model):
    """What a session has not read yet of what is too quick for the log. Reading gives it a number and removes it."""

    # Without a constraint: whoever writes what passes would fail at the commit where a session ends meanwhile, or wait
    # for it. What stays of such a session is removed with what is too old (kept.py).
    session = models.ForeignKey(
        Session, models.CASCADE, db_constraint=False, related_name="passing", verbose_name=_("session")
    )
    object_id = models.UUIDField(_("object"), null=True)  # of whose detailed stream it is
    name = models.CharField(_("event"), max_length=64)
    payload = models.JSONField(_("payload"), default=dict)
    # A later one with the same key takes its place; NULL is "keep all".
    key = models.CharField(max_length=255, null=True, editable=False)  # noqa: DJ001
    at = models.BigIntegerField(_("time"))  # in microseconds since 1970: the order in which they are read

    class Meta:
        verbose_name = _("passing event")
        verbose_name_plural = _("passing events")
        constraints = [models.UniqueConstraint(fields=["session", "key"], name="cospace_passing_key_unique")]
        # The reader takes the oldest of a session; the job removes those before its newest ones.
        indexes = [models.Index(fields=["session", "at", "id"], name="cospace_passing_order")]

    def __str__(self) -> str:
        return self.name
