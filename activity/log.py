"""The only writer of the log: one row per thing that happened, in the transaction that made it happen."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone

from activity.actors import Actor
from activity.kinds import Kind
from activity.models import Activity, Audience
from rest.request_id import current


class CurrentTransaction(models.Func):
    """PostgreSQL's 64-bit id of the running transaction; 0 on SQLite, where one writer at a time orders all."""

    template = "0"
    output_field = models.BigIntegerField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="pg_current_xact_id()::text::bigint", **context)


def record(
    kind: Kind,
    *,
    actor: Actor,
    subject: models.Model,
    audience: Iterable[uuid.UUID | None] = (),
    tenant_id: uuid.UUID | None = None,
    room_id: uuid.UUID | None = None,
    event_id: uuid.UUID | None = None,
    changes: dict[str, tuple[Any, Any]] | None = None,
    activity_id: uuid.UUID | None = None,
    source: str = "",
    source_id: str | None = None,
) -> uuid.UUID:
    """Writes one activity and returns its id, the cause of the mails that follow from it.

    `changes` is `{field: (old, new)}` in JSON values; None in `audience` is left out. A `source_id` that the log
    has already from this `source` is an IntegrityError, which undoes all that the second transaction did.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("Activities are recorded inside the transaction they report")
    activity = Activity(
        id=activity_id or uuid.uuid4(),
        transaction_id=CurrentTransaction(),
        occurred_at=timezone.now(),
        kind=kind.name,
        tenant_id=tenant_id,
        actor_kind=actor.kind,
        actor_id=actor.user.pk if actor.user else None,
        actor_name=(actor.name or (str(actor.user) if actor.user else ""))[:255],
        via=actor.via,
        subject_type=subject._meta.model_name or "",
        subject_id=subject.pk,
        room_id=room_id,
        event_id=event_id,
        data=kind.data(),
        changes={field: list(pair) for field, pair in (changes or {}).items()},
        source=source,
        source_id=source_id,
        request_id=current(),
    )
    activity.save(force_insert=True)
    people = {user_id for user_id in audience if user_id is not None}
    Audience.objects.bulk_create(Audience(activity_id=activity.position, user_id=user_id) for user_id in people)
    return activity.id
