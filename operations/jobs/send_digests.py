"""Mails that tell people of new answers to their meetings."""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.services.digests import overdue, send_due_digests
from operations.job import Job, Outcome


@dataclass(frozen=True, kw_only=True)
class SendDigests(Job):
    name: ClassVar[str] = "send-digests"
    title = _("Tell organizers of answers")

    @property
    def lock_time(self) -> timedelta:
        """Two runs at once share the rows."""
        return timedelta(minutes=5)

    def run(self, *, is_dry_run: bool) -> Outcome:
        """Touches mails; a dry run counts people."""
        if is_dry_run:
            return Outcome(overdue(timezone.now()).count())
        return Outcome(send_due_digests())
