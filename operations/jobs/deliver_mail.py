"""The sweep of the outbox: mails whose wake-up was lost, that wait for another try or day, or whose sender died."""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from mailer.models import OutgoingMail
from mailer.send import deliver_due, due, release_due
from operations.job import Job, Outcome


@dataclass(frozen=True, kw_only=True)
class DeliverMail(Job):
    name: ClassVar[str] = "deliver-mail"
    title = _("Send mails")
    limit: int | None = None

    @property
    def lock_time(self) -> timedelta:
        """As long as a mail's own claim: what a dead sweep held is free again when the next one may start."""
        return timedelta(seconds=settings.MAIL_CLAIM_SECONDS)

    def run(self, *, is_dry_run: bool) -> Outcome:
        if is_dry_run:
            return Outcome(OutgoingMail.objects.filter(due())[: self.limit].count())
        release_due()
        return Outcome(deliver_due(limit=self.limit))
