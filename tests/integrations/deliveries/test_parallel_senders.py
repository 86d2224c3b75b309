"""Several workers at once, each with a database connection of its own, and staff who act meanwhile."""

import threading
import time
from collections import Counter, defaultdict

import pytest

from activity.actors import Actor
from activity.models import Activity
from integrations.deliveries.endpoints import disable_endpoint, redeliver
from integrations.deliveries.keys import create_key, rotate_key
from integrations.deliveries.models import Delivery, Endpoint, KeyRing, SigningKey
from integrations.deliveries.send import deliver_due
from tests.integrations.deliveries.outbox import endpoint_at, queued
from tests.local_server import Asked, LocalServer, Reply
from tests.parallel import at_once

pytestmark = [pytest.mark.service, pytest.mark.usefixtures("postgresql")]
STAFF = Actor.by_job("test")


def test_workers_send_each_delivery_once_in_order_and_keep_the_limit(receiver: LocalServer) -> None:
    flying: Counter[str] = Counter()
    most: Counter[str] = Counter()
    lock = threading.Lock()

    def count(asked: Asked) -> Reply:
        with lock:
            flying[asked.path] += 1
            most[asked.path] = max(most[asked.path], flying[asked.path])
        time.sleep(0.01)
        with lock:
            flying[asked.path] -= 1
        return Reply()

    receiver.otherwise = count
    places = [endpoint_at(f"{receiver.url}/{number}") for number in range(3)]
    for number in range(40):
        for endpoint in places:
            queued(endpoint, f"inv-{number % 8}", b"%d" % number)
    at_once([deliver_due] * 4)
    assert set(Counter(asked.headers["webhook-id"] for asked in receiver.asked).values()) == {1}
    assert set(Delivery.objects.values_list("state", "attempts")) == {("delivered", 1)}
    assert max(most.values()) <= 4
    arrived: dict[tuple[str, int], list[int]] = defaultdict(list)
    for asked in receiver.asked:
        arrived[asked.path, int(asked.body) % 8].append(int(asked.body))
    assert all(numbers == sorted(numbers) and len(numbers) == 5 for numbers in arrived.values())


def test_endpoint_that_is_gone_is_disabled_once(receiver: LocalServer) -> None:
    receiver.otherwise = lambda _asked: Reply(status=410)
    endpoint = endpoint_at(f"{receiver.url}/callback")
    for number in range(12):
        queued(endpoint, f"inv-{number}")
    at_once([deliver_due, deliver_due, lambda: disable_endpoint(endpoint=endpoint, reason="staff", actor=STAFF)])
    assert Activity.objects.filter(kind="endpoint.disabled").count() == 1
    assert Endpoint.objects.get().state == "disabled"


def test_delivery_that_two_redeliver_at_once_goes_once(receiver: LocalServer) -> None:
    delivery = queued(endpoint_at(f"{receiver.url}/callback"))
    deliver_due()
    found = at_once([lambda: redeliver(delivery=Delivery.objects.get(pk=delivery.pk), actor=STAFF)] * 4)
    assert sorted(found) == [False] * 3 + [True]
    assert Delivery.objects.get().series == 2


def test_of_two_rotations_at_once_one_key_stays() -> None:
    ring = KeyRing.objects.create()
    create_key(ring=ring)
    at_once([lambda: rotate_key(ring=ring)] * 4)
    assert SigningKey.objects.filter(expires_at=None).count() == 1
    assert SigningKey.objects.count() == 5
