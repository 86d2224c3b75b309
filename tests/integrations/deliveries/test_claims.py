"""Who sends what: claims, workers that die, and rows that others change meanwhile."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from activity.actors import Actor
from integrations.deliveries.claims import LEASE, claim
from integrations.deliveries.endpoints import close_stranded, skip_delivery
from integrations.deliveries.models import Delivery, Endpoint
from integrations.deliveries.post import Result
from integrations.deliveries.results import store
from integrations.deliveries.send import deliver_due
from tests import factories
from tests.integrations.deliveries.outbox import endpoint_at, now_of, queued
from tests.local_server import LocalServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def endpoint(receiver: LocalServer) -> Endpoint:
    return endpoint_at(f"{receiver.url}/callback")


def test_claimed_delivery_is_no_other_workers(endpoint: Endpoint) -> None:
    delivery = queued(endpoint)
    assert [claimed.delivery.pk for claimed in claim(endpoint.pk, 4)] == [delivery.pk]
    assert claim(endpoint.pk, 4) == []
    assert deliver_due() == 0


def test_two_workers_share_the_limit_of_an_endpoint(endpoint: Endpoint) -> None:
    for number in range(9):
        queued(endpoint, f"inv-{number}")
    assert [len(claim(endpoint.pk, room)) for room in (3, 4, 4)] == [3, 1, 0]


def test_failing_endpoint_gets_one_at_a_time(endpoint: Endpoint) -> None:
    Endpoint.objects.update(failures=1)
    for number in range(3):
        queued(endpoint, f"inv-{number}")
    assert [len(claim(endpoint.pk, 4)) for _ in range(2)] == [1, 0]


def test_delivery_of_a_dead_worker_is_sent_again_with_the_same_id(receiver: LocalServer, endpoint: Endpoint) -> None:
    delivery = queued(endpoint)
    claim(endpoint.pk, 4)
    with time_machine.travel(timezone.now() + LEASE + timedelta(seconds=1)):
        assert deliver_due() == 1
    assert receiver.asked[0].headers["webhook-id"] == delivery.message_id
    assert list(delivery.tries.values_list("outcome", flat=True)) == ["", "delivered"]


@pytest.mark.slow
def test_what_kills_each_worker_is_given_up(receiver: LocalServer, endpoint: Endpoint) -> None:
    delivery, behind = queued(endpoint), queued(endpoint)
    now = timezone.now()
    for attempt in range(10):
        with time_machine.travel(now + (LEASE + timedelta(seconds=1)) * attempt):
            assert close_stranded() == 0
            assert len(claim(endpoint.pk, 4)) == 1
    with time_machine.travel(now + (LEASE + timedelta(seconds=1)) * 10):
        assert deliver_due() == 0
        assert close_stranded() == 1
        assert deliver_due() == 1
    assert (now_of(delivery).state, now_of(behind).state) == ("dead", "delivered")
    assert now_of(delivery).last_error == "Each worker that had it died."


@pytest.mark.slow
def test_worker_that_overslept_leaves_what_its_successor_wrote(endpoint: Endpoint) -> None:
    delivery = queued(endpoint)
    (first,) = claim(endpoint.pk, 4)
    with time_machine.travel(timezone.now() + LEASE + timedelta(seconds=1)):
        deliver_due()
        store(first, Result(500, "too late"))
    assert now_of(delivery).state == "delivered"
    assert list(delivery.tries.values_list("outcome", "error")) == [("refused", "too late"), ("delivered", "")]


def test_worker_that_overslept_leaves_its_successors_claim(endpoint: Endpoint) -> None:
    delivery = queued(endpoint)
    (first,) = claim(endpoint.pk, 4)
    with time_machine.travel(timezone.now() + LEASE + timedelta(seconds=1)):
        (second,) = claim(endpoint.pk, 4)
        store(first, Result(500, "too late"))
        assert (now_of(delivery).state, now_of(delivery).next_try_at) == ("sending", second.delivery.next_try_at)
        store(second, Result(200))
    assert now_of(delivery).state == "delivered"


def test_result_for_an_endpoint_that_was_deleted(endpoint: Endpoint) -> None:
    queued(endpoint)
    (claimed,) = claim(endpoint.pk, 4)
    endpoint.delete()
    store(claimed, Result(200))


def test_delivery_that_is_being_sent_is_not_skipped(endpoint: Endpoint) -> None:
    delivery = queued(endpoint)
    claim(endpoint.pk, 4)
    assert not skip_delivery(delivery=delivery, actor=Actor.by_admin(factories.staff()))


@pytest.mark.slow
def test_endpoint_that_waits_longest_is_served_first(receiver: LocalServer) -> None:
    """And one with a long queue does not keep the others from their turn."""
    busy, quiet = endpoint_at(f"{receiver.url}/busy"), endpoint_at(f"{receiver.url}/quiet")
    for number in range(40):
        queued(busy, f"inv-{number}")
    queued(quiet)
    deliver_due()
    assert "/quiet" in [asked.path for asked in receiver.asked[:9]]


def test_claiming_four_costs_what_claiming_one_costs(endpoint: Endpoint) -> None:
    for number in range(5):
        queued(endpoint, f"inv-{number}")
    counts = []
    for room in (1, 4):
        with CaptureQueriesContext(connection) as statements:
            assert len(claim(endpoint.pk, room)) == room
        counts.append(len(statements))
        Delivery.objects.filter(state="sending").update(state="delivered", ended_at=timezone.now())
    assert counts == [counts[0]] * 2
