"""Takes messages in, in the caller's transaction; what happens to them afterwards is send.py's business."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from mailer import tasks
from mailer.kinds import to_json
from mailer.ledger import On, move, one
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
    how = {"cause": cause, "tenant_id": tenant_id, "occurrence": occurrence, "offset_minutes": offset_minutes}
    enqueue_all((message, how) for message in messages)


def enqueue_all(messages: Iterable[tuple[Message, dict[str, Any]]]) -> None:
    """Messages of several causes at once, each with its columns: the arguments of `enqueue`."""
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("Mails are queued inside the transaction that causes them")
    now = timezone.now()  # one for all mails of an action: calendar objects say when they were made
    mails = [
        OutgoingMail(address=message.receiver.email, created_at=now, **how, **_columns(message))
        for message, how in messages
    ]
    if not mails:
        return
    OutgoingMail.objects.bulk_create(mails, ignore_conflicts=True)
    # Robust: with the broker down the request has still succeeded, and the sweep finds the rows.
    transaction.on_commit(tasks.wake, robust=True)


@transaction.atomic
def send_again(*, mail: OutgoingMail, message: Message | None) -> bool:
    """A new series of tries, now, with a message to the same address that was made anew; None: with the one it has.

    False where it waits to be sent anyway.
    """
    now = timezone.now()
    columns = {
        "attempts": 0,
        "next_try_at": now,
        "resent_at": now,
        "pruned_at": None,
        "delivered_at": None,
        "withheld_for": "",
    }
    is_queued = move(one(mail), On.RESEND, **columns, **(_columns(message) if message else {}))
    transaction.on_commit(tasks.wake, robust=True)
    return bool(is_queued)


def abort(*, mail: OutgoingMail) -> bool:
    """False where it has been sent, is being sent or will not be sent anyway."""
    return bool(move(one(mail), On.ABORT))


def _columns(message: Message) -> dict[str, Any]:
    return {
        "kind": message.kind,
        "message": to_json(message),
        "language": message.recipient.language,
        "time_zone": message.recipient.time_zone,
        "event_id": message.event_id,
        "sequence": message.sequence,
    }
