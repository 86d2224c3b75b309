"""What is to be sent is written in the transaction that causes it."""

import pytest
from django.db import transaction

from integrations.deliveries.models import Delivery, Endpoint, KeyRing
from integrations.deliveries.services import endpoint_for, enqueue
from tests import factories


def endpoint(ring: KeyRing, url: str = "https://app.example.org/callback") -> Endpoint:
    return endpoint_for(ring=ring, url=url, signature=Endpoint.Signature.CRONOFY, tenant=factories.tenant())


@pytest.mark.django_db
def test_ring_has_one_endpoint_for_an_address() -> None:
    ring = KeyRing.objects.create()
    first = endpoint(ring)
    assert endpoint(ring) == first
    assert endpoint(ring, "https://app.example.org/other") != first
    assert endpoint(KeyRing.objects.create()) != first


@pytest.mark.django_db
def test_delivery_keeps_the_very_bytes() -> None:
    body = '{"näme":1}'.encode()
    row = enqueue(endpoint=endpoint(KeyRing.objects.create()), ordering_key="inv-1", body=body, kind="smart_invite")
    row.refresh_from_db()
    assert bytes(row.body or b"") == body
    assert (row.state, row.message_id) == ("queued", f"msg_{row.id}")


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_delivery_belongs_to_a_transaction() -> None:
    where = endpoint(KeyRing.objects.create())
    with pytest.raises(transaction.TransactionManagementError):
        enqueue(endpoint=where, ordering_key="inv-1", body=b"{}", kind="smart_invite")
    with transaction.atomic():
        enqueue(endpoint=where, ordering_key="inv-1", body=b"{}", kind="smart_invite")
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()
