"""The outbox. A mail's row decides what happens to it; the Celery task only starts a worker that looks here."""

import uuid
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower, StrIndex, Substr
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from staff.names import name_of

# Final states: nothing more happens unless staff or an ESP cause it.
ENDED = ("sent", "failed", "bounced", "withheld", "aborted")


class OutgoingMail(models.Model):
    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        SENDING = "sending", _("being sent")
        RETRY = "retry", _("waiting for retry")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        BOUNCED = "bounced", _("bounced")
        WITHHELD = "withheld", _("withheld")
        ABORTED = "aborted", _("aborted by staff")

    class Withheld(models.TextChoices):
        SUPPRESSED = "suppressed", _("suppressed address")
        QUOTA = "quota", _("quota")

    # The delays between tries, about a day in all. After the last try the mail has failed and staff have to act.
    DELAYS: ClassVar[tuple[timedelta, ...]] = tuple(
        timedelta(seconds=seconds) for seconds in (10, 60, 300, 1800, 7200, 21600, 43200)
    )

    esp_message_id = ""  # the ESP's id of the last try; set by the transport and stored in MailAttempt

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=64)
    message = models.JSONField(_("message"))
    # The id of the activity that caused it. Unique together with address, occurrence and reminder offset.
    cause = models.UUIDField(_("cause"))
    address = models.EmailField(_("address"), max_length=255)
    occurrence = models.CharField(_("occurrence"), max_length=16, blank=True)  # an instance id; "" is the whole event
    offset_minutes = models.PositiveIntegerField(_("minutes before"), default=0)
    language = models.CharField(_("language"), max_length=35)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    tenant_id = models.UUIDField(_("tenant"), null=True)
    event_id = models.UUIDField(_("event"), null=True)
    sequence = models.PositiveIntegerField(_("sequence"), default=0)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)  # tries since it was queued or sent again
    next_try_at = models.DateTimeField(_("next try"), default=timezone.now)  # being sent: the claim's expiry
    last_error = models.TextField(_("last error"), blank=True)
    subject = models.CharField(_("subject"), max_length=500, blank=True)  # "" until the mail is rendered
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    resent_at = models.DateTimeField(_("sent again"), null=True, blank=True)  # by staff, with a new message
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)  # reported by the ESP
    pruned_at = models.DateTimeField(_("contents removed"), null=True, blank=True)
    withheld_for = models.CharField(
        _("withheld for"), max_length=10, choices=Withheld.choices, blank=True, default="", db_default=""
    )
    # The day in whose quota it is counted.
    counted_on = models.DateField(_("counted in the quota of"), null=True, blank=True)
    # Calculated by the database. The mails of a held domain wait together.
    domain = models.GeneratedField(
        expression=Lower(Substr("address", StrIndex("address", models.Value("@")) + 1)),
        output_field=models.CharField(_("domain"), max_length=255),
        db_persist=True,
    )

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        ordering: ClassVar[list[str]] = ["-created_at", "id"]
        permissions = (("read_outgoingmail", "Can read the contents of mails"),)
        constraints = [
            models.UniqueConstraint(
                fields=["cause", "address", "occurrence", "offset_minutes"], name="outgoing_mail_unique_per_cause"
            ),
            models.CheckConstraint(
                condition=models.Q(state="sent", sent_at__isnull=False) | ~models.Q(state="sent"),
                name="outgoing_mail_sent_has_time",
            ),
        ]
        indexes = [
            # For the worker that looks for due mails.
            models.Index(
                fields=["next_try_at"],
                condition=models.Q(state__in=["queued", "sending", "retry"]),
                name="outgoing_mail_due",
            ),
            # For an event's mails in the admin.
            models.Index(fields=["event_id", "created_at"], name="outgoing_mail_event"),
            # For staff who are asked why an address got no mail.
            models.Index(fields=["address", "-created_at", "id"], name="outgoing_mail_address"),
            # For the dashboard, which reads only these columns, and for the newest mails in the admin.
            models.Index(fields=["created_at", "state", "tenant_id"], name="outgoing_mail_created"),
            # For the job that removes contents.
            models.Index(
                fields=["next_try_at"],
                condition=models.Q(state__in=ENDED, pruned_at=None),
                name="outgoing_mail_unpruned",
            ),
            # For the worker that queues them again the next day.
            models.Index(
                fields=["next_try_at"],
                condition=models.Q(state="withheld", withheld_for="quota"),
                name="outgoing_mail_over_quota",
            ),
        ]

    def __str__(self) -> str:
        return f"{name_of('outgoingmail.kind', self.kind)} {self.address}"

    @property
    def made_at(self) -> datetime:
        """DTSTAMP of its calendar object."""
        return self.resent_at or self.created_at


class MailAttempt(models.Model):
    """One try to send a mail: inserted when a worker claims the mail, updated when it has the result."""

    class Outcome(models.TextChoices):
        UNDER_WAY = "", _("in progress, or the worker died")
        SENT = "sent", _("sent")
        REFUSED = "refused", _("rejected permanently")
        DEFERRED = "deferred", _("rejected temporarily")
        UNREACHABLE = "unreachable", _("server unreachable")
        WITHHELD = "withheld", _("withheld")

    mail = models.ForeignKey(OutgoingMail, models.CASCADE, related_name="tries", verbose_name=_("mail"))
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=11, choices=Outcome.choices, blank=True)
    error = models.TextField(_("error"), blank=True)
    smtp_code = models.PositiveSmallIntegerField(_("SMTP code"), null=True, blank=True)
    worker = models.CharField(_("worker"), max_length=255)  # host:process
    esp_message_id = models.CharField(_("ESP's message id"), max_length=255, blank=True, default="", db_default="")
    content = models.BinaryField(null=True)  # the bytes that were sent, compressed by zlib
    secrets = models.JSONField(default=list)  # texts in the content that staff must not see

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering: ClassVar[list[str]] = ["started_at", "id"]
        indexes = [
            # For the webhooks of ESPs.
            models.Index(
                fields=["esp_message_id"], condition=~models.Q(esp_message_id=""), name="mail_attempt_esp_message_id"
            )
        ]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M:%S} {self.get_outcome_display()}"


class HeldDomain(models.Model):
    """A domain that temporarily accepts no mail. Its mails wait; the row is deleted when it accepts one again."""

    # The pauses after the first, the second and further refusals in a row.
    PAUSES: ClassVar[tuple[timedelta, ...]] = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 300, 900, 3600))

    domain = models.CharField(_("domain"), max_length=255, primary_key=True)
    refusals = models.PositiveIntegerField(_("refusals in a row"), default=0)
    held_until = models.DateTimeField(_("no mails until"))
    last_error = models.TextField(_("last error"), blank=True)

    class Meta:
        verbose_name = _("held domain")
        verbose_name_plural = _("held domains")

    def __str__(self) -> str:
        return self.domain


class SuppressedAddress(models.Model):
    """An address that gets no mail until staff lift the suppression. The row is kept as a record then."""

    class Reason(models.TextChoices):
        BOUNCED = "bounced", _("permanent bounce")
        COMPLAINED = "complained", _("the receiver complained")
        UNSUBSCRIBED = "unsubscribed", _("the receiver unsubscribed")
        STAFF = "staff", _("by staff")

    address = models.EmailField(
        _("address"), max_length=255, unique=True
    )  # in the form of calendars.addresses.canonical
    reason = models.CharField(_("reason"), max_length=12, choices=Reason.choices, default=Reason.STAFF)
    detail = models.TextField(_("detail"), blank=True)
    since = models.DateTimeField(_("since"), default=timezone.now)
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)
    lifted_by = models.CharField(_("lifted by"), max_length=255, blank=True)

    class Meta:
        verbose_name = _("suppressed address")
        verbose_name_plural = _("suppressed addresses")
        ordering: ClassVar[list[str]] = ["-since", "id"]

    def __str__(self) -> str:
        return self.address


class TenantMails(models.Model):
    """The number of a tenant's mails that count towards the quota of a day."""

    tenant_id = models.UUIDField(_("tenant"))
    day = models.DateField(_("day"))
    count = models.PositiveIntegerField(_("count"), default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "day"], name="tenant_mails_unique_per_day")]

    def __str__(self) -> str:
        return f"{self.tenant_id} {self.day}: {self.count}"


class MailTemplate(models.Model):
    """A saved version of a tenant's mail text. The newest version of each language and action is used.

    An empty one means the shipped text.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey("users.Tenant", on_delete=models.CASCADE, related_name="+", verbose_name=_("tenant"))
    language = models.CharField(_("language"), max_length=16)
    action = models.CharField(_("action"), max_length=32)  # the name of a folder in templates/mail/
    version = models.PositiveIntegerField(_("version"))
    subject = models.CharField(_("subject"), max_length=300, blank=True)
    body = models.TextField(_("text"), blank=True)
    saved_by = models.CharField(_("saved by"), max_length=255)
    saved_at = models.DateTimeField(_("saved"), default=timezone.now, editable=False)
    last_error = models.TextField(_("last error"), blank=True)  # why the shipped text was used instead
    failed_at = models.DateTimeField(_("failed"), null=True, blank=True)

    class Meta:
        verbose_name = _("mail template")
        verbose_name_plural = _("mail templates")
        ordering: ClassVar[list[str]] = ["tenant", "language", "action", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "language", "action", "version"], name="mail_template_unique_version"
            ),
            models.CheckConstraint(
                condition=models.Q(subject="", body="") | ~models.Q(subject="") & ~models.Q(body=""),
                name="mail_template_whole_or_shipped",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} ({self.language}) {self.version}"

    @property
    def is_shipped(self) -> bool:
        return not self.body


class MailBranding(models.Model):
    """The name, logo and links in a tenant's mails. Empty members are taken from the settings."""

    tenant = models.OneToOneField(
        "users.Tenant", on_delete=models.CASCADE, primary_key=True, related_name="+", verbose_name=_("tenant")
    )
    product_name = models.CharField(_("product name"), max_length=100, blank=True)
    logo = models.BinaryField(_("logo"), null=True)  # a PNG, checked by mailer/branding.py
    accent = models.CharField(_("accent colour"), max_length=7, blank=True)  # #rrggbb
    support_address = models.EmailField(_("support address"), blank=True)
    imprint_url = models.URLField(_("imprint"), max_length=500, blank=True)
    data_protection_url = models.URLField(_("data protection"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("mail branding")
        verbose_name_plural = _("mail brandings")

    def __str__(self) -> str:
        return str(self.tenant)
