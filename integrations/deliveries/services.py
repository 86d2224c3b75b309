"""Takes deliveries in, in the caller's transaction; what happens to them afterwards is send.py's business."""

from collections.abc import Sequence

from django.db import transaction

from integrations.deliveries import tasks
from integrations.deliveries.models import Delivery, Endpoint, KeyRing
from users.models import Tenant


@transaction.atomic
def endpoint_for(*, ring: KeyRing, url: str, signature: str, tenant: Tenant, owner_address: str = "") -> Endpoint:
    """The ring's endpoint with that address, made where it is missing.

    The address is not checked here: who takes it from somebody asks `guard.check_url`, and the sender asks again.
    """
    columns = {"signature": signature, "tenant": tenant, "owner_address": owner_address}
    endpoint, _is_new = Endpoint.objects.get_or_create(ring=ring, url=url, defaults=columns)
    return endpoint


@transaction.atomic
def assign_endpoints(*, ring: KeyRing, tenant: Tenant, owner_address: str) -> None:
    """The ring's endpoints follow its owner: who sees them, and who is told of what does not arrive."""
    ring.endpoints.update(tenant=tenant, owner_address=owner_address)


def enqueue(*, endpoint: Endpoint, ordering_key: str, body: bytes, kind: str) -> Delivery:
    """One POST of these bytes. What has the same ordering key at the endpoint arrives in the order of these calls.

    `kind` is shown to staff. At an endpoint that is disabled it becomes a dead letter.
    """
    delivery = Delivery(endpoint=endpoint, ordering_key=ordering_key, kind=kind, body=body)
    enqueue_all([delivery])
    return delivery


def enqueue_all(deliveries: Sequence[Delivery]) -> None:
    """`enqueue` for many, in one statement; they are ordered as they come."""
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("Deliveries are queued inside the transaction that causes them")
    if deliveries:
        Delivery.objects.bulk_create(deliveries)
        wake_at_commit()


def wake_at_commit() -> None:
    """Robust: with the broker down the request has still succeeded, and the sweep finds the rows."""
    transaction.on_commit(tasks.wake, robust=True)
