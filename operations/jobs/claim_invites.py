"""Assigns invitations by address to accounts, where the first sign-in missed them."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from activity.actors import Actor
from events.services.claims import claim_invites, with_unclaimed_invites
from operations.job import Job, Outcome


@dataclass(frozen=True, kw_only=True)
class ClaimInvites(Job):
    name: ClassVar[str] = "claim-invites"
    title = _("Give invitations to new accounts")

    def run(self, *, is_dry_run: bool) -> Outcome:
        """Touches people."""
        people = with_unclaimed_invites()
        if is_dry_run:
            return Outcome(people.count())
        return Outcome(sum(claim_invites(user=user, actor=Actor.by_job(self.name)) for user in people))
