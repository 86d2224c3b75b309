"""Tickets, with which clients of the API join a live meeting."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Ticket(models.Model):
    """Opens the WebSocket once, within seconds. What the client holds is stored hashed.

    Used, it is the place of a participant: who comes back with its resumption token takes the participant's id over.
    """

    class Kind(models.TextChoices):
        USER = "user", _("user")
        GUEST = "guest", _("guest")
        SIP = "sip", _("by phone")

    digest = models.CharField(max_length=64, editable=False)
    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="tickets", verbose_name=_("room"))
    breakout_room = models.UUIDField(_("breakout room"), null=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="tickets", verbose_name=_("user")
    )
    invite_code = models.ForeignKey(
        "invites.InviteCode",
        on_delete=models.CASCADE,
        null=True,
        related_name="tickets",
        verbose_name=_("guest code"),
    )
    # Of the room password or dial-in PIN that was asked for, to see whether it is still the one; "" where none was.
    secret_digest = models.CharField(max_length=64, blank=True, editable=False)
    participant_id = models.UUIDField(_("participant"), default=uuid.uuid4)
    is_resuming = models.BooleanField(_("came back"), default=False)
    resumption_digest = models.CharField(max_length=64, editable=False)
    expires_at = models.DateTimeField(_("expires"))
    used_at = models.DateTimeField(_("used"), null=True)
    resumable_until = models.DateTimeField(_("place is kept until"), null=True)  # NULL: not yet, or no longer

    class Meta:
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        constraints = [
            models.UniqueConstraint(fields=["digest"], name="ticket_digest_unique"),
            models.UniqueConstraint(fields=["resumption_digest"], name="ticket_resumption_digest_unique"),
            models.CheckConstraint(
                condition=models.Q(kind="user", user__isnull=False, invite_code__isnull=True)
                | models.Q(kind="guest", user__isnull=True, invite_code__isnull=False)
                | models.Q(kind="sip", user__isnull=True, invite_code__isnull=True),
                name="ticket_has_the_holder_of_its_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.participant_id}"
