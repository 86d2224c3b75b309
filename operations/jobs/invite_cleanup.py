"""Closes guest codes that have expired. Their rows stay, as history."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from invites.models import InviteCode
from invites.services import revoke_code
from operations.cleanup import CleanupJob


@dataclass(frozen=True, kw_only=True)
class InviteCleanup(CleanupJob):
    """`expired_before` None is now. An expired code opens nothing any more, so there is no threshold."""

    name: ClassVar[str] = "invite-cleanup"
    title = _("Close guest codes that have expired")
    is_guarded: ClassVar[bool] = False
    expired_before: datetime | None = None

    def candidates(self) -> QuerySet[Any]:
        now = timezone.now()
        return self.population().filter(active=True, expiration__lte=min(self.expired_before or now, now))

    def population(self) -> QuerySet[Any]:
        return InviteCode.objects.select_related("room", "updated_by")

    def hold(self, one: InviteCode) -> None:
        InviteCode.objects.select_for_update().get(pk=one.pk)

    def remove(self, one: InviteCode) -> None:
        revoke_code(code=one, user=one.updated_by, actor=self.actor)
