"""What people put into the trash stays there for TRASH_DAYS, unless they take it out or empty it."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from activity.actors import Actor
from activity.audiences import Circle, Place
from activity.log import Entry, record, record_all
from activity.object_kinds import ObjectPurged, TrashPurged
from integrations.objects.access import circles, in_trash, place
from integrations.objects.models.objects import Object
from integrations.objects.services.locking import locked_all
from integrations.objects.services.objects import remove_rows
from integrations.objects.services.sharing import snapshot
from users.models import User


@transaction.atomic
def purge_trash(*, user: User, actor: Actor) -> int:
    """Deletes for good all that lies in the person's trash; returns how many. An empty trash is no activity."""
    objects = [one for one in locked_all(in_trash(user).values_list("pk", flat=True)) if one.deleted_at]
    if not objects:
        return 0
    own, where = Circle(owner=user.pk), Place(tenant_id=user.tenant_id)
    record(TrashPurged(count=len(objects)), actor=actor, subject=user, place=where, before=own, after=own)
    remove_rows(objects)
    return len(objects)


def prunable() -> QuerySet[Object]:
    return Object.objects.filter(deleted_at__lt=_before())


@transaction.atomic
def prune(*, limit: int) -> int:
    """Deletes for good what has been in the trash for long enough, and tells the owners."""
    rows = prunable().order_by("deleted_at").values_list("pk", flat=True)[:limit]
    objects = [one for one in locked_all(rows) if one.deleted_at and one.deleted_at < _before()]
    people = circles(objects)
    record_all(
        [
            Entry(kind=ObjectPurged(**snapshot(one)), subject=one, place=place(one), before=people[one.pk])
            for one in objects
        ],
        actor=Actor.by_job("prune-trash"),
    )
    if objects:
        remove_rows(objects)
    return len(objects)


def _before() -> datetime:
    return timezone.now() - timedelta(days=settings.TRASH_DAYS)
