"""People of conferences of whom whoever reported them says nothing any more."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from activity.actors import Actor
from integrations.objects.services.conferences import expire_members, expired
from operations.job import Job, Outcome
from rooms.models import Room


@dataclass(frozen=True, kw_only=True)
class ExpireMembers(Job):
    name: ClassVar[str] = "expire-members"
    title = _("End conferences of which nothing is reported any more")
    limit: int = 1000

    def run(self, *, is_dry_run: bool) -> Outcome:
        """Touches rooms."""
        rooms = list(Room.objects.filter(pk__in=expired()).order_by("pk")[: self.limit])
        if not is_dry_run:
            for room in rooms:
                expire_members(room=room, actor=Actor.by_job(self.name))
        return Outcome(len(rooms))
