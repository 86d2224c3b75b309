"""Deletes rooms that were made for a meeting which is gone. A room that somebody made by itself stays."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from operations.cleanup import CleanupJob
from rooms.models import Room
from rooms.services import delete_room, locked

# A meeting that is just being made has its room already.
OLD_ENOUGH = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class RoomCleanup(CleanupJob):
    """Here a room goes with its last meeting, so there are such rooms only where another program wrote the database.

    `fail_on_shared_folder_deletion_error` is upstream's: a room without a meeting has no folder.
    """

    name: ClassVar[str] = "room-cleanup"
    title = _("Delete rooms whose meeting is gone")
    fail_on_shared_folder_deletion_error: bool = False

    def candidates(self) -> QuerySet[Any]:
        before = timezone.now() - OLD_ENOUGH
        return self.population().filter(is_standalone=False, events=None, created_at__lt=before)

    def population(self) -> QuerySet[Any]:
        return Room.objects.all()

    def hold(self, one: Room) -> None:
        locked(one)

    def remove(self, one: Room) -> None:
        delete_room(room=one, actor=self.actor)
