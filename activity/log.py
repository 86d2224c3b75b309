"""The only writer of the log: one row per activity, in the transaction that caused it."""

import uuid
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone

from activity.actors import Actor
from activity.audiences import NOBODY, NOWHERE, Circle, Place
from activity.kinds import Kind
from activity.models import Activity, Audience, CurrentTransaction
from rest.request_id import current


def record(
    kind: Kind,
    *,
    actor: Actor,
    subject: models.Model,
    place: Place = NOWHERE,
    before: Circle = NOBODY,
    after: Circle = NOBODY,
    changes: dict[str, tuple[Any, Any]] | None = None,
    activity_id: uuid.UUID | None = None,
    source: str = "",
    source_id: str | None = None,
) -> uuid.UUID:
    """Writes one activity and returns its id, the cause of the mails that follow from it.

    The kind's rule says who of the two circles learns of it. `changes` is `{field: (old, new)}` in JSON values. A
    `source_id` that the log has already from this `source` is an IntegrityError, which undoes all that the second
    transaction did.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("Activities are recorded inside the transaction they report")
    activity = Activity(
        id=activity_id or uuid.uuid4(),
        occurred_at=timezone.now(),
        kind=kind.name,
        tenant_id=place.tenant_id,
        actor_kind=actor.kind,
        actor_id=actor.user.pk if actor.user else actor.id,
        actor_name=(actor.name or (str(actor.user) if actor.user else ""))[:255],
        via=actor.via,
        subject_type=subject._meta.model_name or "",
        subject_id=subject.pk if isinstance(subject.pk, uuid.UUID) else uuid.UUID(int=subject.pk),
        room_id=place.room_id,
        event_id=place.event_id,
        data=kind.data(),
        data_version=kind.version,
        changes={field: list(pair) for field, pair in (changes or {}).items()},
        source=source,
        source_id=source_id,
        request_id=current(),
    )
    activity.save(force_insert=True)
    had, have = before.everybody, after.everybody
    Audience.objects.bulk_create(
        Audience(
            activity_id=activity.position,
            user_id=user_id,
            read_before=user_id in had,
            reads_after=user_id in have,
        )
        for user_id in type(kind).audience(before, after)
    )
    return activity.id


def last_position() -> int:
    """For `recorded_since`; 0 where the log is empty."""
    return Activity.objects.aggregate(last=models.Max("position"))["last"] or 0


def recorded_since(position: int) -> models.QuerySet[Activity, uuid.UUID]:
    """The ids of what the running transaction has recorded after that position."""
    here = Activity.objects.filter(position__gt=position, transaction_id=CurrentTransaction())
    return here.values_list("id", flat=True)
