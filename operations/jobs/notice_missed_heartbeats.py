"""Devices of rooms that have not been heard of for too long are offline."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from activity.actors import Actor
from integrations.objects.services.boxes import missed, take_offline
from operations.job import Job, Outcome


@dataclass(frozen=True, kw_only=True)
class NoticeMissedHeartbeats(Job):
    name: ClassVar[str] = "notice-missed-heartbeats"
    title = _("Notice devices that are gone")
    limit: int = 1000

    def run(self, *, is_dry_run: bool) -> Outcome:
        """Touches devices."""
        boxes = missed().order_by("last_seen_at").values_list("pk", flat=True)[: self.limit]
        if is_dry_run:
            return Outcome(boxes.count())
        actor = Actor.by_job(self.name)
        return Outcome(sum(take_offline(box_id=box_id, actor=actor) for box_id in list(boxes)))
