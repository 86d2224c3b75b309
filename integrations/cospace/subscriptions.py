"""Detailed streams: what a session gets of one object beside the log.

A kind may have a state, such as the members of a conference: the function that tells it is told at once, and again
every STATUS_SECONDS while the session is used.

    @tells(Subscription.Kind.PRESENTATION)
    def presentation_status(object_id: uuid.UUID) -> Event | None: ...
"""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from activity import waking
from integrations.cospace.errors import NoSession
from integrations.cospace.models import Session, Subscription
from integrations.objects import access as objects
from rest.errors import ApiError
from rooms import access as rooms

STATUS_SECONDS = 30
# As many as one session may have; more are refused.
MOST = 200

Event = tuple[str, dict[str, Any]]
# Of an object that exists: the event, None where there is nothing to tell.
Status = Callable[[Any], Event | None]

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
    """Whoever calls this has looked up that the person can read the object. The state comes with the next events.

    Raises NoSession where the session has ended meanwhile, TooManySubscriptions.
    """
    held = Session.objects.select_for_update(no_key=True).filter(pk=session.pk).first()
    if held is None:
        raise NoSession
    # Whoever asks again wants to know the state. A row of its own wakes who waits on SQLite, too.
    held.subscriptions.filter(kind=kind, object_id=object_id).delete()
    if held.subscriptions.count() >= MOST:
        raise TooManySubscriptions
    held.subscriptions.create(kind=kind, object_id=object_id)
    if held.user_id is not None:
        waking.announce([held.user_id], at_once=True)


@transaction.atomic
def unsubscribe(*, session: Session, kind: str, object_id: uuid.UUID | None = None) -> None:
    Subscription.objects.filter(session=session, kind=kind, object_id=object_id).delete()


def can_read(session: Session, subscription: Subscription) -> bool:
    """Whether the person still can: who cannot gets no more of it."""
    user, object_id = session.user, subscription.object_id
    if user is None:
        return False
    if object_id is None:
        return True
    if subscription.kind == Subscription.Kind.CONFERENCE and rooms.visible(user).filter(pk=object_id).exists():
        return True
    return objects.visible(user).filter(pk=object_id).exists()


def state_of(subscription: Subscription) -> Event | None:
    """The state to tell, and the time of the next one."""
    subscription.status_at = timezone.now() + timedelta(seconds=STATUS_SECONDS)
    subscription.save(update_fields=["status_at"])
    told = STATUSES.get(subscription.kind)
    return told(subscription.object_id) if told else None
