"""Somebody leaves: the account is disabled, and it is decided what becomes of the meetings."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from activity.actors import Actor
from events.models import Event
from events.services.events import delete_event
from events.services.handover import UnfitOrganizer, hand_over
from users.models import User
from users.services import update_account


class Fate(StrEnum):
    """Of a meeting whose organizer's account is disabled. LEAVE: nobody opens or joins it until that is undone."""

    LEAVE = "leave"
    HAND_OVER = "hand_over"
    CANCEL = "cancel"


@dataclass(frozen=True)
class Decision:
    fate: Fate
    to: User | None = None  # the new organizer, of HAND_OVER


def meetings_of(people: Sequence[User], now: datetime) -> QuerySet[Event]:
    """What they organize and is not over; of a series that was split the last part, which stands for all."""
    ahead = Q(series_ends_at=None) | Q(series_ends_at__gte=now)
    return Event.objects.filter(ahead, created_by__in=people, continued_by=None).order_by("starts_at", "pk")


@transaction.atomic
def disable_people(
    *, people: Sequence[User], actor: Actor, decisions: Mapping[uuid.UUID, Decision], otherwise: Decision
) -> None:
    """`decisions` by the id of a meeting, `otherwise` of all others of `meetings_of`. Raises UnfitOrganizer."""
    now = timezone.now()
    chosen = {decision.to for decision in (*decisions.values(), otherwise) if decision.to}
    if chosen & {*people}:
        raise UnfitOrganizer
    # First, so that who leaves is not mailed about it; and always in this order, as rows of people are locked.
    for user in sorted(people, key=lambda person: person.pk):
        update_account(user=user, actor=actor, disabled_since=now)
    for event in meetings_of(people, now).select_related("created_by").order_by("pk"):
        _decide(event, decisions.get(event.pk, otherwise), actor, now)


def _decide(event: Event, decision: Decision, actor: Actor, now: datetime) -> None:
    match decision.fate:
        case Fate.HAND_OVER:
            if decision.to is None:
                raise UnfitOrganizer
            hand_over(event=event, to=decision.to, actor=actor, keeps_former=False)
        case Fate.CANCEL:
            for part in Event.objects.filter(room=event.room_id).order_by("pk"):
                if not part.is_past(now):
                    delete_event(event=part, actor=actor)
