"""Guest codes, invitations and answers. `events.Event` lies above this app, so foreign keys to it are strings."""

import secrets
import uuid
from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from users.search import Searchable


class InviteCodeQuerySet(models.QuerySet["InviteCode"]):
    def valid(self, now: datetime | None = None) -> Self:
        """Codes that are valid now: active and not expired."""
        now = now or timezone.now()
        return self.filter(models.Q(expiration__isnull=True) | models.Q(expiration__gt=now), active=True)


class InviteCode(models.Model):
    """Lets somebody without an account into a room: whoever knows `code`. Staff see `id`, which opens nothing."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.UUIDField(_("guest code"), default=uuid.uuid4, unique=True, editable=False)
    room = models.ForeignKey(
        "rooms.Room", on_delete=models.CASCADE, related_name="invite_codes", verbose_name=_("room")
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("created by")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("updated by")
    )
    updated_at = models.DateTimeField(_("updated"), default=timezone.now)
    active = models.BooleanField(_("active"), default=True)
    expiration = models.DateTimeField(_("expires"), null=True, blank=True)

    objects: ClassVar[models.Manager["InviteCode"]] = InviteCodeQuerySet.as_manager()

    class Meta:
        verbose_name = _("guest code")
        verbose_name_plural = _("guest codes")
        ordering: ClassVar[list[str]] = ["-updated_at", "id"]
        # Serves the list of a room's codes, newest change first.
        indexes = [models.Index(fields=["room", "-updated_at", "id"], name="invite_code_room")]

    def __str__(self) -> str:
        return f"{str(self.code)[:8]}…"

    def is_valid(self, now: datetime | None = None) -> bool:
        return self.active and not self.has_expired(now)

    def has_expired(self, now: datetime | None = None) -> bool:
        return self.expiration is not None and self.expiration <= (now or timezone.now())


class Status(models.TextChoices):
    PENDING = "pending", _("pending")
    ACCEPTED = "accepted", _("accepted")
    TENTATIVE = "tentative", _("tentative")
    DECLINED = "declined", _("declined")


def token_nonce() -> str:
    """Part of the signed links in mails; a new one makes the old links worthless."""
    return secrets.token_urlsafe(12)


class Invite(models.Model):
    """What invitations by account and by address have in common."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("invited by")
    )
    created_at = models.DateTimeField(_("invited"), default=timezone.now, editable=False)
    status = models.CharField(_("answer"), max_length=16, choices=Status.choices, default=Status.PENDING)
    token_nonce = models.CharField(max_length=32, default=token_nonce, editable=False)
    # Made for this person's address. It outlives the claim: the link in the old mail works until the un-invitation.
    invite_code = models.ForeignKey(
        InviteCode,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="%(class)ss",
        verbose_name=_("guest code"),
    )

    class Meta:
        abstract = True


class EventInvite(Invite):
    """An invitation of a registered user."""

    class Role(models.TextChoices):
        USER = "user", _("participant")
        MODERATOR = "moderator", _("moderator")

    event = models.ForeignKey("events.Event", on_delete=models.CASCADE, related_name="invites", verbose_name=_("event"))
    invitee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="event_invites", verbose_name=_("invitee")
    )
    role = models.CharField(_("role"), max_length=16, choices=Role.choices, default=Role.USER)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering: ClassVar[list[str]] = ["-created_at", "-created_by_id", "-invitee_id"]
        constraints = [models.UniqueConstraint(fields=["event", "invitee"], name="event_invite_event_invitee_unique")]
        # Serves "my pending invitations".
        indexes = [models.Index(fields=["invitee", "status"], name="event_invite_invitee_status")]

    def __str__(self) -> str:
        return str(self.invitee)


class EmailInvite(Searchable, Invite):
    """An invitation of an address that no registered user of the tenant has."""

    SEARCHED = ("first_name", "last_name", "email")

    class Role(models.TextChoices):
        GUEST = "guest", _("guest")
        MODERATOR = "moderator", _("moderator")

    event = models.ForeignKey(
        "events.Event", on_delete=models.CASCADE, related_name="email_invites", verbose_name=_("event")
    )
    email = models.EmailField(_("e-mail address"), max_length=255)
    role = models.CharField(_("role"), max_length=16, choices=Role.choices, default=Role.GUEST)
    first_name = models.CharField(_("first name"), max_length=255, blank=True)
    last_name = models.CharField(_("last name"), max_length=255, blank=True)
    language = models.CharField(_("language"), max_length=35, blank=True)  # "": the inviter's
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)  # "": the event's

    class Meta:
        verbose_name = _("invitation by mail")
        verbose_name_plural = _("invitations by mail")
        ordering: ClassVar[list[str]] = ["-created_at", "-created_by_id", "-email"]
        constraints = [
            models.UniqueConstraint(fields=["event", "email"], name="email_invite_event_email_unique"),
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="email_invite_email_lower_case"),
        ]
        # Serves the claim at a first sign-in.
        indexes = [models.Index(fields=["email"], name="email_invite_email")]

    def __str__(self) -> str:
        return self.email


class InboundMail(models.Model):
    """A mail that came in, and what became of it. It outlives the meeting.

    The same bytes to the same recipients are one row, however often they arrive.
    """

    class Source(models.TextChoices):
        PIPE = "pipe", _("pipe")
        IMAP = "imap", _("IMAP")
        WEBHOOK = "webhook", _("webhook")

    class Verdict(models.TextChoices):
        """Of several answers in one mail, the mail has the first of these. Then those of mailer.inbound.Problem."""

        APPLIED = "applied", _("recorded as the invitee's answer")
        NOT_PROVEN = "not_proven", _("answer kept: sender not proven to be the invitee")
        NOT_INVITED = "not_invited", _("answer kept: sender is not invited")
        STALE = "stale", _("answer kept: for an earlier time of the meeting")
        REFRESHED = "refreshed", _("meeting sent again")
        REFRESH_LIMIT = "refresh_limit", _("meeting requested too often")
        REFRESH_REFUSED = "refresh_refused", _("meeting requested, but sender not proven to be invited")
        OLDER = "older", _("older than the answer already recorded")
        DUPLICATE = "duplicate", _("already received")
        CROWDED = "crowded", _("too many answers from people who are not invited")
        NO_STATUS = "no_status", _("neither yes, maybe nor no")
        NO_ATTENDEE = "no_attendee", _("does not say who answers")
        WRONG_MEETING = "wrong_meeting", _("about a meeting other than the one it was sent to")
        NO_SENDER = "no_sender", _("sender unclear")
        NOT_AN_ANSWER = "not_an_answer", _("calendar object, but not an answer")
        UNKNOWN_ADDRESS = "unknown_address", _("sent to a meeting that does not exist")
        NO_ADDRESS = "no_address", _("not sent to the address of a meeting")
        BOUNCE = "bounce", _("returned mail (bounce)")
        AUTOMATIC = "automatic", _("automatic reply")
        TNEF = "tnef", _("in Outlook's own format (TNEF)")
        NO_CALENDAR = "no_calendar", _("no calendar object")
        TOO_MANY = "too_many", _("too many lines or events")
        TOO_DEEP = "too_deep", _("nested too deeply")
        TOO_LARGE = "too_large", _("too large")
        UNREADABLE = "unreadable", _("cannot be read")
        FAILED = "failed", _("processing failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    received_at = models.DateTimeField(_("received"), default=timezone.now)
    processed_at = models.DateTimeField(_("processed"), default=timezone.now)
    source = models.CharField(_("via"), max_length=16, choices=Source.choices)
    recipients = models.JSONField(_("recipients"), default=list)  # the envelope's
    digest = models.CharField(max_length=64, editable=False)  # SHA-256 of the recipients and the bytes
    size = models.PositiveIntegerField(_("size"))
    sender = models.CharField(_("sender"), max_length=255, blank=True)
    is_proven = models.BooleanField(_("sender proven"), default=False)
    subject = models.CharField(_("subject"), max_length=255, blank=True)
    message_id = models.CharField(_("Message-ID"), max_length=998, blank=True)
    event_id = models.UUIDField(_("event"), null=True)
    tenant_id = models.UUIDField(_("tenant"), null=True, editable=False)
    method = models.CharField(_("METHOD"), max_length=32, blank=True)
    verdict = models.CharField(_("verdict"), max_length=16, choices=Verdict.choices)
    answers = models.JSONField(_("answers"), default=list)  # what was read, with the verdict of each
    error = models.TextField(_("error"), blank=True)
    content = models.BinaryField(null=True, editable=False)

    class Meta:
        verbose_name = _("incoming mail")
        verbose_name_plural = _("incoming mails")
        ordering: ClassVar[list[str]] = ["-received_at", "id"]
        constraints = [models.UniqueConstraint(fields=["digest"], name="inbound_mail_digest_unique")]
        indexes = [
            models.Index(fields=["-received_at", "id"], name="inbound_mail_received"),
            models.Index(fields=["sender"], name="inbound_mail_sender"),
            # Serves the limit of repeated requests, and the page of the event.
            models.Index(fields=["event_id", "-received_at"], name="inbound_mail_event"),
            # Serves the job that removes contents.
            models.Index(
                fields=["received_at"], condition=models.Q(content__isnull=False), name="inbound_mail_with_content"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sender or '-'}: {self.subject}"


class Reply(models.Model):
    """One answer as it came in. An answer to one occurrence overrides the one to the series.

    It outlives the invitation and the event: what it was an answer to stands in columns of its own.
    """

    class Via(models.TextChoices):
        API = "api", _("API")
        PAGE = "page", _("page")
        MAIL = "mail", _("mail")
        ADMIN = "admin", _("admin")

    class ProposalState(models.TextChoices):
        OPEN = "open", _("open")
        ACCEPTED = "accepted", _("accepted")
        REFUSED = "refused", _("refused")
        OVERTAKEN = "overtaken", _("overtaken")  # by a later answer, or a change of the time

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    event_invite = models.ForeignKey(
        EventInvite,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="replies",
        verbose_name=_("invitation"),
    )
    email_invite = models.ForeignKey(
        EmailInvite,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="replies",
        verbose_name=_("invitation by mail"),
    )
    event_id = models.UUIDField(_("event"), null=True, editable=False)
    invited_address = models.EmailField(_("invited address"), max_length=255, default="", db_default="", editable=False)
    address = models.EmailField(_("answering address"), max_length=255)  # a delegate's or an alias may differ
    name = models.CharField(_("name"), max_length=255, blank=True, default="", db_default="")  # of another than invited
    status = models.CharField(_("answer"), max_length=16, choices=Status.choices)
    comment = models.TextField(_("comment"), blank=True)
    proposed_starts_at = models.DateTimeField(_("proposed start"), null=True, blank=True)
    proposed_ends_at = models.DateTimeField(_("proposed end"), null=True, blank=True)
    proposed_zone = models.CharField(
        _("time zone of the proposal"), max_length=64, blank=True, default="", db_default=""
    )
    # "" where no other time is proposed. Whoever decides moves it from "open" by a conditional UPDATE.
    proposal_state = models.CharField(
        _("proposal"), max_length=9, choices=ProposalState.choices, blank=True, default="", db_default=""
    )
    occurrence = models.DateTimeField(_("occurrence"), null=True, blank=True)  # its original start; NULL: the series
    via = models.CharField(_("via"), max_length=8, choices=Via.choices)
    sequence = models.PositiveIntegerField(_("sequence"))  # the SEQUENCE that was answered
    dtstamp = models.DateTimeField(_("answered"))
    # Of an answer that came by mail.
    message_id = models.CharField(_("Message-ID"), max_length=998, default="", db_default="", editable=False)
    mail = models.ForeignKey(
        InboundMail,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="replies",
        verbose_name=_("incoming mail"),
    )
    is_stale = models.BooleanField(_("answers an old version"), default=False)
    # An invitation may be forwarded: what somebody else answers is not the invitee's answer.
    is_by_invitee = models.BooleanField(_("by the invitee"), default=True, db_default=True)
    received_at = models.DateTimeField(_("received"), default=timezone.now, editable=False)
    # Who is still to be mailed about it.
    untold_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering: ClassVar[list[str]] = ["-received_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(event_invite__isnull=True) | models.Q(email_invite__isnull=True),
                name="reply_has_at_most_one_invite",
            ),
            models.CheckConstraint(
                condition=models.Q(proposed_starts_at__isnull=True, proposed_ends_at__isnull=True)
                | models.Q(proposed_ends_at__gte=models.F("proposed_starts_at")),
                name="reply_proposal_ends_after_start",
            ),
        ]

        # Serve mails about new answers, proposals, the answers to an event that is gone, and a mail that comes twice.
        indexes = [
            models.Index(
                fields=["untold_to", "received_at"], condition=models.Q(untold_to__isnull=False), name="reply_untold"
            ),
            models.Index(
                fields=["event_id", "-received_at", "id"],
                condition=~models.Q(proposal_state=""),
                name="reply_proposal",
            ),
            models.Index(fields=["event_id"], name="reply_event"),
            models.Index(fields=["received_at", "status"], name="reply_received"),  # the dashboard
            models.Index(fields=["message_id"], condition=~models.Q(message_id=""), name="reply_message"),
        ]

    def __str__(self) -> str:
        return f"{self.address}: {self.status}"
