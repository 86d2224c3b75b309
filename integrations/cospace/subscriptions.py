"""Detailed streams: what a session gets of one object beside the log.

A kind may have a state, such as the members of a conference: the function that tells it is told at once, and again
every STATUS_SECONDS while the session is used.

    @tells(Subscription.Kind.PRESENTATION)
    def presentation_status(object_id: uuid.UUID) -> Event | None: ...
"""

import uuid
from collections.abc import Callable, Collection, Sequence
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


def readable(session: Session, object_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those that the person still can read, in two statements at most: who cannot gets no more of them. A conference is
    a room, and need have no object.
    """
    user = session.user
    if user is None or not object_ids:
        return set()
    found = set(objects.visible(user).filter(pk__in=object_ids).values_list("pk", flat=True))
    if rest := set(object_ids) - found:
        found.update(rooms.visible(user).filter(pk__in=rest).values_list("pk", flat=True))
    return found


def can_read(subscription: Subscription, found: Collection[uuid.UUID]) -> bool:
    """Calls are the person's own."""
    return subscription.object_id is None or subscription.object_id in found


def states_of(subscriptions: Sequence[Subscription]) -> list[Event]:
    """The states to tell; the next ones are due later."""
    if not subscriptions:
        return []
    later = timezone.now() + timedelta(seconds=STATUS_SECONDS)
    Subscription.objects.filter(pk__in=[one.pk for one in subscriptions]).update(status_at=later)
    told = [STATUSES[one.kind](one.object_id) for one in subscriptions if one.kind in STATUSES]
    return [event for event in told if event is not None]
