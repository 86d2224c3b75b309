"""Repeats failed requests to the file service: folders to delete, and folders that are still missing."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from activity.actors import Actor
from events.services.shared_folders import catch_up, overdue
from operations.job import Job, Outcome


@dataclass(frozen=True, kw_only=True)
class SyncSharedFolders(Job):
    name: ClassVar[str] = "sync-shared-folders"
    title = _("Make and delete shared folders")
    limit: int = 100  # of each kind

    def run(self, *, is_dry_run: bool) -> Outcome:
        if is_dry_run:
            return Outcome(sum(rows[: self.limit].count() for rows in overdue()))
        return Outcome(catch_up(actor=Actor.by_job(self.name), limit=self.limit))
