"""Switching endpoints off and on, what staff do with their deliveries, and the test ping."""

import uuid
from datetime import datetime
from typing import Any, Literal

import orjson
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from activity.actors import Actor
from activity.audiences import Place
from activity.callback_kinds import (
    CallbackSkipped,
    CallbacksRedelivered,
    EndpointDisabled,
    EndpointEnabled,
    EndpointPinged,
)
from activity.kind import Kind
from activity.log import record
from integrations.deliveries.ledger import On, deserted, move
from integrations.deliveries.models import Delivery, Endpoint
from integrations.deliveries.notices import tell_owner
from integrations.deliveries.services import enqueue, wake_at_commit

Reason = Literal["gone", "failing", "staff"]  # Endpoint.DisabledFor
CLOSED = "The endpoint is disabled"
REMOVED = "The webhook was deleted"
NEW_COUNTERS: dict[str, Any] = {
    "failures": 0,
    "failing_since": None,
    "refusals": 0,
    "refused_since": None,
    "held_until": None,
}


@transaction.atomic
def disable_endpoint(*, endpoint: Endpoint, reason: Reason, actor: Actor) -> bool:
    """Its queue becomes dead letters, and its owner gets a mail. False where it is disabled already."""
    active = Endpoint.objects.filter(pk=endpoint.pk, state=Endpoint.State.ACTIVE)
    columns = {"state": Endpoint.State.DISABLED, "disabled_at": timezone.now(), "disabled_for": reason}
    if not active.update(**columns):
        return False
    closed = move(Delivery.objects.filter(endpoint=endpoint), On.CLOSING, last_error=CLOSED)
    cause = _record(EndpointDisabled(host=endpoint.host, reason=reason, given_up=closed), endpoint, actor)
    tell_owner(endpoint, reason, cause=cause, count=closed)
    return True


@transaction.atomic
def enable_endpoint(*, endpoint: Endpoint, actor: Actor) -> bool:
    """Counters begin anew; dead letters stay until they are redelivered.

    False where it is active already, or its owner has removed it.
    """
    disabled = Endpoint.objects.filter(pk=endpoint.pk, state=Endpoint.State.DISABLED)
    disabled = disabled.exclude(disabled_for=Endpoint.DisabledFor.DELETED)
    is_enabled = disabled.update(state=Endpoint.State.ACTIVE, disabled_at=None, disabled_for="", **NEW_COUNTERS)
    if is_enabled:
        _record(EndpointEnabled(host=endpoint.host), endpoint, actor)
        wake_at_commit()
    return bool(is_enabled)


@transaction.atomic
def move_endpoint(*, endpoint: Endpoint, url: str) -> None:
    """To another address, which what waits is sent to as well. Its owner checks and records it."""
    Endpoint.objects.filter(pk=endpoint.pk).update(url=url, **NEW_COUNTERS)
    endpoint.url = url


@transaction.atomic
def remove_endpoint(*, endpoint: Endpoint) -> None:
    """For good: what waits becomes dead letters, and nobody is mailed. Its owner records it.

    The row stays until its deliveries are pruned (kept.py): whoever queues one for it at the same moment must not fail.
    """
    columns = {"state": Endpoint.State.DISABLED, "disabled_for": Endpoint.DisabledFor.DELETED}
    Endpoint.objects.filter(pk=endpoint.pk).update(disabled_at=timezone.now(), **columns)
    move(Delivery.objects.filter(endpoint=endpoint), On.CLOSING, last_error=REMOVED)


def close_stranded() -> int:
    """Ends what nobody will send; returns how many.

    That is what came into the queue of a disabled endpoint while it was being disabled, or since, and what killed each
    worker that had it.
    """
    there = Delivery.objects.filter(endpoint__in=Endpoint.objects.filter(state=Endpoint.State.DISABLED))
    left = there.filter(next_try_at__lte=timezone.now())
    dead = Delivery.objects.filter(deserted())
    closed = move(there, On.CLOSING, last_error=CLOSED) + move(left, On.LAST_TRY, last_error=CLOSED)
    return closed + move(dead, On.LAST_TRY, last_error="Each worker that had it died.")


@transaction.atomic
def redeliver(*, delivery: Delivery, actor: Actor) -> bool:
    """A new series of attempts with the same `webhook-id`.

    False where it is open anyway, its body is removed, or its endpoint is disabled.
    """
    if not _redeliver(Q(pk=delivery.pk)):
        return False
    kind = CallbacksRedelivered(host=delivery.endpoint.host, count=1, message_id=delivery.message_id, failed_since=None)
    _record(kind, delivery.endpoint, actor)
    return True


@transaction.atomic
def redeliver_failed(*, endpoint: Endpoint, since: datetime, actor: Actor) -> int:
    """All of an endpoint's that were given up since then, in their order; returns how many."""
    count = _redeliver(Q(endpoint=endpoint, state=Delivery.State.DEAD, ended_at__gte=since))
    if count:
        kind = CallbacksRedelivered(
            host=endpoint.host, count=count, message_id="", failed_since=since.isoformat().replace("+00:00", "Z")
        )
        _record(kind, endpoint, actor)
    return count


def _redeliver(which: Q) -> int:
    active = Endpoint.objects.filter(state=Endpoint.State.ACTIVE)
    rows = Delivery.objects.filter(which, body__isnull=False, endpoint__in=active)
    count = move(rows, On.REDELIVERY, series=F("series") + 1, attempts=0, next_try_at=timezone.now(), last_error="")
    wake_at_commit()
    return count


@transaction.atomic
def skip_delivery(*, delivery: Delivery, actor: Actor) -> bool:
    """Those behind it go on. False where it is being sent or has ended."""
    if not move(Delivery.objects.filter(pk=delivery.pk), On.SKIP):
        return False
    _record(CallbackSkipped(host=delivery.endpoint.host, message_id=delivery.message_id), delivery.endpoint, actor)
    wake_at_commit()
    return True


@transaction.atomic
def ping_endpoint(*, endpoint: Endpoint, actor: Actor) -> Delivery:
    """A signed sample, which no other delivery holds up."""
    body = orjson.dumps({"type": "ping", "timestamp": timezone.now().isoformat().replace("+00:00", "Z")})
    delivery = enqueue(endpoint=endpoint, ordering_key=f"ping {uuid.uuid4()}", body=body, kind="ping")
    _record(EndpointPinged(host=endpoint.host, message_id=delivery.message_id), endpoint, actor)
    return delivery


def _record(kind: Kind, endpoint: Endpoint, actor: Actor) -> uuid.UUID:
    return record(kind, actor=actor, subject=endpoint, place=Place(tenant_id=endpoint.tenant_id))
