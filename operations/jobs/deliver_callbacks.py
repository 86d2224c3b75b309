"""The sweep of callbacks: those whose wake-up was lost, that wait for another try, or whose sender died."""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from integrations.deliveries.claims import LEASE
from integrations.deliveries.endpoints import close_stranded
from integrations.deliveries.ledger import due
from integrations.deliveries.send import deliver_due
from operations.job import Job, Outcome


@dataclass(frozen=True, kw_only=True)
class DeliverCallbacks(Job):
    name: ClassVar[str] = "deliver-callbacks"
    title = _("Send callbacks")

    @property
    def lock_time(self) -> timedelta:
        """As long as a claim: what a dead sweep held is free again when the next one may start."""
        return LEASE

    def run(self, *, is_dry_run: bool) -> Outcome:
        if is_dry_run:
            return Outcome(due().count())
        close_stranded()
        return Outcome(deliver_due())
