"""Endpoints and deliveries for tests, made by the services that make them in production."""

from typing import Any

from django.db import transaction

from integrations.deliveries.keys import create_key
from integrations.deliveries.models import Delivery, Endpoint, KeyRing
from integrations.deliveries.services import endpoint_for, enqueue
from tests import factories

OWNER = "owner@example.org"


def endpoint_at(url: str, **fields: Any) -> Endpoint:
    """With a ring of its own that has one key."""
    ring = KeyRing.objects.create()
    create_key(ring=ring)
    fields = {"signature": Endpoint.Signature.CRONOFY, "tenant": factories.tenant(), "owner_address": OWNER} | fields
    return endpoint_for(ring=ring, url=url, **fields)


@transaction.atomic
def queued(endpoint: Endpoint, key: str = "inv-1", body: bytes = b'{"n":1}') -> Delivery:
    return enqueue(endpoint=endpoint, ordering_key=key, body=body, kind="smart_invite")


def now_of(delivery: Delivery) -> Delivery:
    return Delivery.objects.get(pk=delivery.pk)
