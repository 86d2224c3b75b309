"""Deletes meetings that are long over, with their rooms and files. Nobody is mailed: nothing is left to cancel."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, ClassVar

import msgspec
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import Event
from events.services.events import delete_event, locked_parts
from operations.cleanup import CleanupJob


@dataclass(frozen=True, kw_only=True)
class MeetingCleanup(CleanupJob):
    """`fail_on_shared_folder_deletion_error` is upstream's: here the folders are deleted by sync-shared-folders, which
    tries again until the file service has done it, so no deletion of a meeting fails by them.
    """

    fail_on_shared_folder_deletion_error: bool = False

    def hold(self, one: Event) -> None:
        locked_parts(one)

    def remove(self, one: Event) -> None:
        delete_event(event=one, actor=self.actor, suppress_mail=True)

    def label(self, one: Event) -> str:
        return one.title


@dataclass(frozen=True, kw_only=True)
class EventCleanup(MeetingCleanup):
    """A series counts by its last occurrence, and is kept while it has no end."""

    name: ClassVar[str] = "event-cleanup"
    title = _("Delete meetings that are long over")
    days_since_last_occurrence: Annotated[int, msgspec.Meta(ge=1)] = 30

    def candidates(self) -> QuerySet[Any]:
        before = timezone.now() - timedelta(days=self.days_since_last_occurrence)
        return self.population().filter(series_ends_at__lt=before)

    def population(self) -> QuerySet[Any]:
        return Event.objects.filter(is_adhoc=False)
