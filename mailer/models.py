"""The outbox. The row is the truth of a mail; a task only wakes somebody who looks here."""

import uuid
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower, StrIndex, Substr
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# Nothing more happens to these by itself.
ENDED = ("sent", "failed", "bounced", "withheld", "aborted")


class OutgoingMail(models.Model):
    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        SENDING = "sending", _("being sent")
        RETRY = "retry", _("to be tried again")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        BOUNCED = "bounced", _("bounced")
        WITHHELD = "withheld", _("withheld")
        ABORTED = "aborted", _("aborted by staff")

    class Withheld(models.TextChoices):
        SUPPRESSED = "suppressed", _("suppressed address")
        QUOTA = "quota", _("quota")

    # Growing delay between tries: about a day in all, after which a person has to look.
    DELAYS: ClassVar[tuple[timedelta, ...]] = tuple(
        timedelta(seconds=seconds) for seconds in (10, 60, 300, 1800, 7200, 21600, 43200)
    )

    esp_message_id = ""  # by which the ESP knows the last try; the transport sets it, the attempt keeps it

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=64)
    message = models.JSONField(_("message"))
    # Why it is sent: the activity's id. A cause mails an address once per occurrence and reminder offset.
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
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)  # tries used of this series of them
    next_try_at = models.DateTimeField(_("next try"), default=timezone.now)  # while sending: when the claim runs out
    last_error = models.TextField(_("last error"), blank=True)
    subject = models.CharField(_("subject"), max_length=500, blank=True)  # known once it was rendered
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    resent_at = models.DateTimeField(_("sent again"), null=True, blank=True)  # by hand: then the message was made anew
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)  # told by the ESP
    pruned_at = models.DateTimeField(_("contents removed"), null=True, blank=True)
    withheld_for = models.CharField(
        _("withheld for"), max_length=10, choices=Withheld.choices, blank=True, default="", db_default=""
    )
    counted_on = models.DateField(_("counted on"), null=True, blank=True)  # the day whose quota it has used
    # Calculated by the database: the mails of a domain that takes none for now wait together.
    domain = models.GeneratedField(
        expression=Lower(Substr("address", StrIndex("address", models.Value("@")) + 1)),
        output_field=models.CharField(_("domain"), max_length=255),
        db_persist=True,
    )

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        ordering: ClassVar[list[str]] = ["-created_at", "id"]
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
            # Serves the sweep: only what is not finished.
            models.Index(
                fields=["next_try_at"],
                condition=models.Q(state__in=["queued", "sending", "retry"]),
                name="outgoing_mail_due",
            ),
            models.Index(
                fields=["event_id", "created_at"], name="outgoing_mail_event"
            ),  # an event's mails in the admin
            # Serves the job that removes contents.
            models.Index(
                fields=["next_try_at"],
                condition=models.Q(state__in=ENDED, pruned_at=None),
                name="outgoing_mail_unpruned",
            ),
            # Serves the sweep on the next day.
            models.Index(
                fields=["next_try_at"],
                condition=models.Q(state="withheld", withheld_for="quota"),
                name="outgoing_mail_over_quota",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.address}"

    @property
    def made_at(self) -> datetime:
        """DTSTAMP of its calendar object."""
        return self.resent_at or self.created_at


class MailAttempt(models.Model):
    """One try: written when a worker has claimed the mail, completed when it knows what became of it."""

    class Outcome(models.TextChoices):
        UNDER_WAY = "", _("under way, or its worker died")
        SENT = "sent", _("sent")
        REFUSED = "refused", _("refused for good")
        DEFERRED = "deferred", _("refused for now")
        UNREACHABLE = "unreachable", _("server out of reach")
        WITHHELD = "withheld", _("withheld")

    mail = models.ForeignKey(OutgoingMail, models.CASCADE, related_name="tries", verbose_name=_("mail"))
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=11, choices=Outcome.choices, blank=True)
    error = models.TextField(_("error"), blank=True)
    smtp_code = models.PositiveSmallIntegerField(_("SMTP code"), null=True, blank=True)
    worker = models.CharField(_("worker"), max_length=255)  # host:process
    esp_message_id = models.CharField(_("ESP's message id"), max_length=255, blank=True, default="", db_default="")
    content = models.BinaryField(null=True)  # what left, compressed by zlib
    secrets = models.JSONField(default=list)  # in the content, to be hidden from staff

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering: ClassVar[list[str]] = ["started_at", "id"]
        indexes = [
            # Finds what an ESP tells of.
            models.Index(
                fields=["esp_message_id"], condition=~models.Q(esp_message_id=""), name="mail_attempt_esp_message_id"
            )
        ]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M:%S} {self.get_outcome_display()}"


class HeldDomain(models.Model):
    """A domain that takes no mail for now: its mails wait, those of others go on. Gone with the first it takes."""

    # After the first refusal, the second one, and so on.
    PAUSES: ClassVar[tuple[timedelta, ...]] = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 300, 900, 3600))

    domain = models.CharField(_("domain"), max_length=255, primary_key=True)
    refusals = models.PositiveIntegerField(_("refusals in a row"), default=0)
    held_until = models.DateTimeField(_("held until"))
    last_error = models.TextField(_("last error"), blank=True)

    class Meta:
        verbose_name = _("held domain")
        verbose_name_plural = _("held domains")

    def __str__(self) -> str:
        return self.domain


class SuppressedAddress(models.Model):
    """An address that gets no mail until staff lift it; then the row stays, and tells of it."""

    class Reason(models.TextChoices):
        BOUNCED = "bounced", _("mail came back for good")
        COMPLAINED = "complained", _("the receiver complained")
        UNSUBSCRIBED = "unsubscribed", _("the receiver unsubscribed")
        STAFF = "staff", _("by staff")

    address = models.EmailField(_("address"), max_length=255, unique=True)  # as calendars.addresses.canonical has it
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
    """How many mails of a tenant have used the quota of a day."""

    tenant_id = models.UUIDField(_("tenant"))
    day = models.DateField(_("day"))
    count = models.PositiveIntegerField(_("count"), default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "day"], name="tenant_mails_unique_per_day")]

    def __str__(self) -> str:
        return f"{self.tenant_id} {self.day}: {self.count}"


class MailTemplate(models.Model):
    """A saved version of a tenant's text; the newest of a language and action is in use. Empty: the shipped text."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey("users.Tenant", on_delete=models.CASCADE, related_name="+", verbose_name=_("tenant"))
    language = models.CharField(_("language"), max_length=16)
    action = models.CharField(_("action"), max_length=32)  # a folder of templates/mail/
    version = models.PositiveIntegerField(_("version"))
    subject = models.CharField(_("subject"), max_length=300, blank=True)
    body = models.TextField(_("text"), blank=True)
    saved_by = models.CharField(_("saved by"), max_length=255)
    saved_at = models.DateTimeField(_("saved"), default=timezone.now, editable=False)
    last_error = models.TextField(_("last error"), blank=True)  # why a mail went with the shipped text
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
    """What a tenant's mails show of whom they are from; where it is empty, the settings count."""

    tenant = models.OneToOneField(
        "users.Tenant", on_delete=models.CASCADE, primary_key=True, related_name="+", verbose_name=_("tenant")
    )
    product_name = models.CharField(_("product name"), max_length=100, blank=True)
    logo = models.BinaryField(_("logo"), null=True)  # a PNG, mailer/branding.py
    accent = models.CharField(_("accent colour"), max_length=7, blank=True)  # #rrggbb
    support_address = models.EmailField(_("support address"), blank=True)
    imprint_url = models.URLField(_("imprint"), max_length=500, blank=True)
    data_protection_url = models.URLField(_("data protection"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("mail branding")
        verbose_name_plural = _("mail brandings")

    def __str__(self) -> str:
        return str(self.tenant)
