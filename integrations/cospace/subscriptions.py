"""Detailed streams: what a session gets of one object beside the log.

A kind may have a state, such as the members of a conference: the function that tells it is told at once, and again
every STATUS_SECONDS while the session is used.

    @tells(Subscription.Kind.PRESENTATION)
    def presentation_status(user: User, object_id: uuid.UUID | None) -> Event | None: ...
"""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from integrations.cospace.errors import NoSession
from integrations.cospace.models import Session, Subscription
from rest.errors import ApiError

STATUS_SECONDS = 30
# As many as one session may have; more are refused.
MOST = 200

Event = tuple[str, dict[str, Any]]
# Raises NotFound or Forbidden for who cannot read the object any more: that ends the subscription.
Status = Callable[[Any, uuid.UUID | None], Event | None]

STATUSES: dict[str, Status] = {}


class TooManySubscriptions(ApiError):
    default_detail = f"A session can have {MOST} subscriptions"


def tells(kind: str) -> Callable[[Status], Status]:
    def register(status: Status) -> Status:
        STATUSES[kind] = status
        return status

    return register


@transaction.atomic
def subscribe(*, session: Session, kind: str, object_id: uuid.UUID | None = None) -> None:
    """Whoever calls this has looked up that the person can read the object. A second time changes nothing.

    Raises NoSession where the session has ended meanwhile, TooManySubscriptions.
    """
    held = Session.objects.select_for_update(no_key=True).filter(pk=session.pk).first()
    if held is None:
        raise NoSession
    if held.subscriptions.count() >= MOST:
        raise TooManySubscriptions
    Subscription.objects.get_or_create(
        session=held,
        kind=kind,
        object_id=object_id,
        defaults={"status_at": timezone.now() if kind in STATUSES else None},
    )


@transaction.atomic
def unsubscribe(*, session: Session, kind: str, object_id: uuid.UUID | None = None) -> None:
    Subscription.objects.filter(session=session, kind=kind, object_id=object_id).delete()


def next_status() -> Any:
    return timezone.now() + timedelta(seconds=STATUS_SECONDS)
