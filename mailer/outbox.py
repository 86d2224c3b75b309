"""Takes messages in, in the caller's transaction; what happens to them afterwards is send.py's business."""

import uuid
from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from mailer import tasks
from mailer.kinds import to_json
from mailer.messages import Message
from mailer.models import OutgoingMail


def enqueue(
    messages: Iterable[Message],
    *,
    cause: uuid.UUID,
    tenant_id: uuid.UUID | None = None,
    occurrence: str = "",
    offset_minutes: int = 0,
) -> None:
    """Queues one mail per message; a second call with the same cause, address, occurrence and offset adds nothing."""
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("Mails are queued inside the transaction that causes them")
    now = timezone.now()  # one for all mails of an action: calendar objects say when they were made
    mails = [
        OutgoingMail(
            kind=message.kind,
            message=to_json(message),
            cause=cause,
            address=message.receiver.email,
            occurrence=occurrence,
            offset_minutes=offset_minutes,
            language=message.recipient.language,
            time_zone=message.recipient.time_zone,
            tenant_id=tenant_id,
            event_id=message.event_id,
            sequence=message.sequence,
            created_at=now,
        )
        for message in messages
    ]
    if not mails:
        return
    OutgoingMail.objects.bulk_create(mails, ignore_conflicts=True)
    # Robust: with the broker down the request has still succeeded, and the sweep finds the rows.
    transaction.on_commit(tasks.wake, robust=True)


@transaction.atomic
def retry(*, mails: QuerySet[OutgoingMail]) -> int:
    """Gives failed and waiting mails a new series of tries, now; returns how many."""
    states = [OutgoingMail.State.FAILED, OutgoingMail.State.RETRY]
    count = mails.filter(state__in=states).update(
        state=OutgoingMail.State.QUEUED, attempts=0, next_try_at=timezone.now()
    )
    transaction.on_commit(tasks.wake, robust=True)
    return count
