"""What organizers want to hear of answers."""

from datetime import time

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Digest(models.Model):
    """How often somebody is told of new answers to their meetings, and when next; who has no row wants the usual.

    Locked by whoever brings an answer, changes the choice, or sends: the answers to be told are `Reply.untold_to`.
    """

    class Frequency(models.TextChoices):
        AT_ONCE = "at_once", _("at once")
        HOURLY = "hourly", _("hourly")
        DAILY = "daily", _("daily")
        OFF = "off", _("never")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="digest",
        verbose_name=_("user"),
    )
    # An hour's answers in one mail: soon enough to act on, and at most 24 mails a day however many people are invited.
    frequency = models.CharField(
        _("mails about answers"), max_length=8, choices=Frequency.choices, default=Frequency.HOURLY
    )
    at = models.TimeField(_("at, if daily"), default=time(8))  # by the person's clock
    due_at = models.DateTimeField(_("next mail"), null=True, blank=True, editable=False)  # NULL: nothing new

    class Meta:
        verbose_name = _("mails about answers")
        verbose_name_plural = _("mails about answers")
        # Serves the job: the only thing it searches by. SQLite uses no index whose condition is NOT (… IS NULL).
        indexes = [models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="digest_due")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.frequency}"
