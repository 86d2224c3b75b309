"""Deletes meetings that began without a plan, a day after they were made. Whoever is in one is told that it ends."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, ClassVar

import msgspec
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import Event
from operations.jobs.event_cleanup import MeetingCleanup


@dataclass(frozen=True, kw_only=True)
class AdhocEventCleanup(MeetingCleanup):
    """All meetings of this kind go after a day, so there is no threshold."""

    name: ClassVar[str] = "adhoc-event-cleanup"
    title = _("Delete meetings that began without a plan")
    is_guarded: ClassVar[bool] = False
    seconds_since_creation: Annotated[int, msgspec.Meta(ge=0, le=4294967295)] = 86400

    def candidates(self) -> QuerySet[Any]:
        before = timezone.now() - timedelta(seconds=self.seconds_since_creation)
        return self.population().filter(created_at__lt=before)

    def population(self) -> QuerySet[Any]:
        return Event.objects.filter(is_adhoc=True)
