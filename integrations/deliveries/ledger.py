"""Which states a delivery can have, and what moves it from one to the other. docs/operations.md has it in words."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from integrations.deliveries.models import Delivery, Endpoint

State = Delivery.State


class On(StrEnum):
    """What happens to a delivery."""

    CLAIM = "claim"  # a worker takes it
    ACCEPTANCE = "acceptance"  # the receiver has it: 2xx
    FAILURE = "failure"  # any other answer, or none
    LAST_TRY = "last try"  # no try is left, or the endpoint is gone
    CLOSING = "closing"  # its endpoint is disabled
    SKIP = "skip"  # by staff
    REDELIVERY = "redelivery"  # by staff


@dataclass(frozen=True)
class Move:
    sources: tuple[State, ...]
    target: State


MOVES = {
    # From `sending` when the claim has run out: the worker is taken for dead.
    On.CLAIM: Move((State.QUEUED, State.RETRY, State.SENDING), State.SENDING),
    On.ACCEPTANCE: Move((State.SENDING,), State.DELIVERED),
    On.FAILURE: Move((State.SENDING,), State.RETRY),
    On.LAST_TRY: Move((State.SENDING,), State.DEAD),
    # Not from `sending`: nobody can say then that it does not arrive.
    On.CLOSING: Move((State.QUEUED, State.RETRY), State.DEAD),
    On.SKIP: Move((State.QUEUED, State.RETRY), State.SKIPPED),
    On.REDELIVERY: Move((State.RETRY, State.DELIVERED, State.DEAD, State.SKIPPED), State.QUEUED),
}


def move(deliveries: QuerySet[Delivery], on: On, **columns: Any) -> int:
    """Moves those that are in a state in which this can happen, in one UPDATE; returns how many.

    `columns` are written with it.
    """
    step = MOVES[on]
    ended_at = None if step.target in Delivery.OPEN else timezone.now()
    return deliveries.filter(state__in=step.sources).update(state=step.target, ended_at=ended_at, **columns)


def due() -> QuerySet[Delivery]:
    """New ones, those whose pause is over, those whose sender has died: each the oldest of its key that is open."""
    earlier = Delivery.objects.filter(
        endpoint=OuterRef("endpoint"),
        ordering_key=OuterRef("ordering_key"),
        position__lt=OuterRef("position"),
        ended_at=None,
    )
    waiting = Delivery.objects.filter(ended_at=None, next_try_at__lte=timezone.now())
    return waiting.exclude(deserted()).exclude(Exists(earlier))


def deserted() -> Q:
    """Of whatever kills each worker that has it there is an end."""
    is_over = Q(state=State.SENDING, next_try_at__lte=timezone.now())
    return is_over & Q(attempts__gte=Delivery.MAX_ATTEMPTS)


def takes() -> Q:
    """Endpoints that are sent to now."""
    is_held = Q(held_until__gt=timezone.now())
    return Q(state=Endpoint.State.ACTIVE) & ~is_held


def ready() -> QuerySet[Endpoint]:
    """Endpoints that may have something due, the one that was served longest ago first; `claim` looks closely.

    Whether a delivery waits for an earlier one is not asked here: over all endpoints PostgreSQL finds no good way to do
    it while it knows nothing of the table's contents, and a thousand rows took it seconds.
    """
    waiting = Delivery.objects.filter(ended_at=None, next_try_at__lte=timezone.now())
    here = waiting.order_by().values("endpoint").distinct()
    return Endpoint.objects.filter(takes(), pk__in=here).order_by(F("served_at").asc(nulls_first=True), "pk")
