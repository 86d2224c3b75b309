"""Takes deliveries for a worker, by a conditional UPDATE under their endpoint's row lock.

So two workers never have one delivery both, and together never more than MAX_IN_FLIGHT of one endpoint.
"""

import os
import socket
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from database.commits import do_not_wait_for_disk
from database.encryption import Undecryptable
from integrations.deliveries.keys import signing_values
from integrations.deliveries.ledger import On, State, due, move, takes
from integrations.deliveries.models import Delivery, DeliveryAttempt, Endpoint
from integrations.deliveries.post import Post
from integrations.deliveries.signatures import headers

MAX_IN_FLIGHT = 4
# For a request of 15 seconds and the time until its result is stored; after that the worker is taken for dead.
LEASE = timedelta(seconds=60)


# Whether what waits at an endpoint may still leave, asked of whoever queues for it: rights end while callbacks wait.
gates: list[Callable[[Endpoint], bool]] = []
SHUT = "Its owner may not be told any more"


@dataclass(frozen=True)
class Claim:
    """A delivery that is ours until `delivery.next_try_at`, the row of this try, and what is to be sent."""

    delivery: Delivery
    attempt: DeliveryAttempt
    post: Post
    ring_id: uuid.UUID  # of its endpoint
    is_careful: bool  # its endpoint failed last


@transaction.atomic
def claim(endpoint_id: uuid.UUID, room: int) -> list[Claim]:
    """At most `room` of what is due there, the oldest first; one at a time while the endpoint fails."""
    endpoint = Endpoint.objects.select_for_update().filter(takes(), pk=endpoint_id).first()
    if endpoint is None:
        return []
    if not all(may_leave(endpoint) for may_leave in gates):
        move(Delivery.objects.filter(endpoint=endpoint), On.CLOSING, last_error=SHUT)
        return []
    now = timezone.now()
    flying = Delivery.objects.filter(endpoint=endpoint, state=State.SENDING, next_try_at__gt=now).count()
    room = min(room, (1 if endpoint.failures else MAX_IN_FLIGHT) - flying)
    taken = _taken(endpoint, room, now) if room > 0 else []
    if not taken:
        return []
    # A claim that a crash loses is a delivery that is sent again, as after a crash before the result is stored.
    do_not_wait_for_disk()
    Endpoint.objects.filter(pk=endpoint_id).update(served_at=now)
    return _made(endpoint, taken, now)


def _taken(endpoint: Endpoint, room: int, now: datetime) -> list[Delivery]:
    """By the end of the claim we know our rows again: staff may have skipped one since it was read."""
    until = now + LEASE
    heads = due().filter(endpoint=endpoint).order_by("next_try_at").values_list("pk", flat=True)[:room]
    rows = Delivery.objects.filter(pk__in=list(heads))
    move(rows, On.CLAIM, attempts=F("attempts") + 1, next_try_at=until)
    return list(rows.filter(state=State.SENDING, next_try_at=until).order_by("position"))


def _made(endpoint: Endpoint, taken: list[Delivery], now: datetime) -> list[Claim]:
    worker = f"{socket.gethostname()}:{os.getpid()}"
    attempts = DeliveryAttempt.objects.bulk_create(
        DeliveryAttempt(delivery=delivery, series=delivery.series, started_at=now, worker=worker) for delivery in taken
    )
    posts = _posts(endpoint, taken, now)
    return [
        Claim(delivery, attempt, post, endpoint.ring_id, is_careful=bool(endpoint.failures))
        for delivery, attempt, post in zip(taken, attempts, posts, strict=True)
    ]


def _posts(endpoint: Endpoint, taken: list[Delivery], now: datetime) -> list[Post]:
    """Signed anew for each attempt, with the keys and the time of now."""
    try:
        keys = signing_values(endpoint.ring_id)
    except Undecryptable as error:
        return [Post(endpoint.url, problem=str(error)) for _delivery in taken]
    return [_post(endpoint, delivery, keys, now) for delivery in taken]


def _post(endpoint: Endpoint, delivery: Delivery, keys: list[str], now: datetime) -> Post:
    body = bytes(delivery.body or b"")
    signed = headers(endpoint.signature, keys, message_id=delivery.message_id, body=body, at=now)
    return Post(endpoint.url, body, signed)
