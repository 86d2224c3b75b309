"""SIP registrations whose time is over."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from activity.actors import Actor
from integrations.objects.services.sip import end_expired, expired
from operations.job import Job, Outcome


@dataclass(frozen=True, kw_only=True)
class EndRegistrations(Job):
    name: ClassVar[str] = "end-registrations"
    title = _("End SIP registrations whose time is over")
    limit: int = 1000

    def run(self, *, is_dry_run: bool) -> Outcome:
        """Touches registrations."""
        rows = expired().order_by("expires_at")
        if is_dry_run:
            return Outcome(rows[: self.limit].count())
        accounts = dict.fromkeys(rows.values_list("account", flat=True)[: self.limit])
        actor = Actor.by_job(self.name)
        return Outcome(sum(end_expired(account_id=account_id, actor=actor) for account_id in accounts))
