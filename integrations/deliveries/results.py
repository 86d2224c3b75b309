"""What became of a request, for its delivery and for its endpoint."""

import logging
import random
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from activity.actors import Actor
from activity.audiences import Place
from activity.callback_kinds import CallbackGivenUp, EndpointRefuses
from activity.log import record
from integrations.deliveries.claims import Claim
from integrations.deliveries.endpoints import disable_endpoint
from integrations.deliveries.ledger import On, move
from integrations.deliveries.models import Delivery, DeliveryAttempt, Endpoint
from integrations.deliveries.notices import tell_owner
from integrations.deliveries.post import Result

logger = logging.getLogger(__name__)
Outcome = DeliveryAttempt.Outcome
SENDER = Actor.by_job("deliver-callbacks")
JITTER = 0.15  # so that what failed together does not come back together
# No success for so long disables an endpoint.
PATIENCE = timedelta(days=5)
# An endpoint that does not answer at all is left alone, longer each time: all its deliveries would wait for nothing.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=5)
# Answers by which a receiver's address or key is likely to be wrong, and when somebody is told of them.
REFUSALS = frozenset({401, 403, 404})
MANY_REFUSALS, LONG_REFUSED = 5, timedelta(hours=1)
# The owner is told of a dead letter, and not of each that follows.
NEXT_DEAD_LETTER = timedelta(days=1)


@transaction.atomic
def store(claimed: Claim, result: Result) -> None:
    """A worker that overslept leaves its successor's result, and completes its own attempt."""
    now = timezone.now()
    # The lock in the order of `claim`: first the endpoint, then its deliveries.
    endpoint = Endpoint.objects.select_for_update().filter(pk=claimed.delivery.endpoint_id).first()
    if endpoint is None:  # it was deleted, and its deliveries with it
        return
    _end_attempt(claimed.attempt, result, now)
    row = Delivery.objects.filter(pk=claimed.delivery.pk, next_try_at=claimed.delivery.next_try_at)
    if result.is_success:
        move(row, On.ACCEPTANCE, last_error="")
        _recover(endpoint, now)
        return
    _count_failure(endpoint, result, now)
    is_last = result.status == 410 or claimed.delivery.attempts >= Delivery.MAX_ATTEMPTS
    if not is_last:
        move(row, On.FAILURE, last_error=result.error, next_try_at=now + _pause(claimed.delivery, result))
    elif move(row, On.LAST_TRY, last_error=result.error):
        _give_up(endpoint, claimed.delivery, result, now)
    _judge(endpoint, result, now)


def _end_attempt(attempt: DeliveryAttempt, result: Result, now: datetime) -> None:
    outcome = Outcome.DELIVERED if result.is_success else Outcome.REFUSED if result.status else Outcome.UNREACHABLE
    DeliveryAttempt.objects.filter(pk=attempt.pk).update(
        ended_at=now, outcome=outcome, status=result.status, error=result.error, answer=result.answer
    )


def _pause(delivery: Delivery, result: Result) -> timedelta:
    """The schedule's, or what the receiver asks for where that is longer: nine quick ones would use up all tries."""
    delay = Delivery.DELAYS[delivery.attempts - 1] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311
    return max(delay, result.retry_after)


# --- the endpoint ---


def _recover(endpoint: Endpoint, now: datetime) -> None:
    Endpoint.objects.filter(pk=endpoint.pk).update(
        last_success_at=now, failures=0, failing_since=None, refusals=0, refused_since=None, held_until=None
    )


def _count_failure(endpoint: Endpoint, result: Result, now: datetime) -> None:
    endpoint.failures += 1
    endpoint.failing_since = endpoint.failing_since or now
    is_refusal = result.status in REFUSALS
    endpoint.refusals = endpoint.refusals + 1 if is_refusal else 0
    endpoint.refused_since = (endpoint.refused_since or now) if is_refusal else None
    hold = result.retry_after
    if result.status is None:
        hold = min(FIRST_PAUSE * 2 ** min(endpoint.failures - 1, 16), LONGEST_PAUSE)
    if hold:
        endpoint.held_until = now + hold
    endpoint.save(update_fields=["failures", "failing_since", "refusals", "refused_since", "held_until"])


def _judge(endpoint: Endpoint, result: Result, now: datetime) -> None:
    """Disables an endpoint that is gone or has failed for days; tells of one that refuses us."""
    if endpoint.state != Endpoint.State.ACTIVE or endpoint.failing_since is None:
        return
    if result.status == 410:
        disable_endpoint(endpoint=endpoint, reason="gone", actor=SENDER)
    elif endpoint.failing_since <= now - PATIENCE:
        disable_endpoint(endpoint=endpoint, reason="failing", actor=SENDER)
    elif endpoint.refused_since is not None and endpoint.refused_since <= now - LONG_REFUSED:
        _tell_of_refusals(endpoint, result, now)


def _tell_of_refusals(endpoint: Endpoint, result: Result, now: datetime) -> None:
    """Once, until the endpoint takes something again."""
    told_at, since = endpoint.refusal_told_at, endpoint.refused_since
    if endpoint.refusals < MANY_REFUSALS or since is None or (told_at is not None and told_at >= since):
        return
    Endpoint.objects.filter(pk=endpoint.pk).update(refusal_told_at=now)
    logger.error("endpoint %s refuses callbacks since %s: %s", endpoint.pk, since, result.error)
    kind = EndpointRefuses(host=endpoint.host, status=result.status or 0)
    cause = record(kind, actor=SENDER, subject=endpoint, place=Place(tenant_id=endpoint.tenant_id))
    tell_owner(endpoint, "refused", cause=cause, error=result.error)


def _give_up(endpoint: Endpoint, delivery: Delivery, result: Result, now: datetime) -> None:
    logger.error("callback %s to endpoint %s is given up: %s", delivery.message_id, endpoint.pk, result.error)
    kind = CallbackGivenUp(host=endpoint.host, message_id=delivery.message_id, kind=delivery.kind, error=result.error)
    cause = record(kind, actor=SENDER, subject=endpoint, place=Place(tenant_id=endpoint.tenant_id))
    told_at = endpoint.dead_told_at
    # Of a 410 it is told with the endpoint that is disabled.
    if result.status != 410 and (told_at is None or told_at <= now - NEXT_DEAD_LETTER):
        Endpoint.objects.filter(pk=endpoint.pk).update(dead_told_at=now)
        tell_owner(endpoint, "given_up", cause=cause, error=result.error)
