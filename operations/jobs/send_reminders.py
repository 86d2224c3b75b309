"""Reminders whose time has come, and meetings that do not know yet what their people want to be reminded of."""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.services.due_reminders import overdue, send_due_reminders
from events.services.reminders import plan_unplanned
from operations.job import Job, Outcome


@dataclass(frozen=True, kw_only=True)
class SendReminders(Job):
    name: ClassVar[str] = "send-reminders"
    title = _("Send reminders")

    @property
    def lock_time(self) -> timedelta:
        """A reminder that waits for a dead run is late; two runs at once share the rows."""
        return timedelta(minutes=5)

    def run(self, *, is_dry_run: bool) -> Outcome:
        """Touches mails; a dry run counts meetings."""
        if is_dry_run:
            return Outcome(overdue(timezone.now()).count())
        plan_unplanned()
        return Outcome(send_due_reminders())
