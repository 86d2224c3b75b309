"""Many callbacks, some for endpoints that take the connection and do not answer."""

import threading
from collections import Counter
from datetime import timedelta

import pytest

from integrations.deliveries import claims, post
from integrations.deliveries.models import Delivery
from integrations.deliveries.send import deliver_due
from integrations.deliveries.services import endpoint_for
from tests.integrations.deliveries.outbox import endpoint_at, queued
from tests.local_server import Asked, LocalServer, Reply

ENDPOINTS, EACH, HANGING = 20, 50, 5


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_program_with_an_address_for_each_invite_delays_no_other(
    receiver: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its server is slow: it answers each of a hundred addresses when another program has its callbacks."""
    monkeypatch.setattr(post, "DEADLINE_SECONDS", 60)
    monkeypatch.setattr(claims, "LEASE", timedelta(minutes=5))
    other_has_all, arrived = threading.Event(), Counter[str]()

    def take(asked: Asked) -> Reply:
        arrived[asked.path] += 1
        if asked.path == "/other":
            if arrived["/other"] == HANGING:
                other_has_all.set()
            return Reply()
        return Reply(status=200 if other_has_all.wait(20) else 500)

    receiver.otherwise = take
    first = endpoint_at(f"{receiver.url}/invites/0")
    for number in range(100):
        own = endpoint_for(
            ring=first.ring, url=f"{receiver.url}/invites/{number}", signature=first.signature, tenant=first.tenant
        )
        queued(own)
    other = endpoint_at(f"{receiver.url}/other")  # the last in the line
    for _number in range(HANGING):
        queued(other)
    deliver_due()
    assert set(Delivery.objects.values_list("state", flat=True)) == {"delivered"}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_endpoints_that_hang_delay_no_other(receiver: LocalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """They answer when the others have everything, and not before: whoever waited for one would wait for ever."""
    monkeypatch.setattr(post, "DEADLINE_SECONDS", 120)
    monkeypatch.setattr(claims, "LEASE", timedelta(minutes=5))
    others_have_all = threading.Event()
    arrived: Counter[str] = Counter()

    def take(asked: Asked) -> Reply:
        arrived[asked.path] += 1
        if asked.path < f"/{HANGING:02}":
            others_have_all.wait(100)
            return Reply(status=500)
        if sum(arrived.values()) - hung() == (ENDPOINTS - HANGING) * EACH:
            others_have_all.set()
        return Reply()

    def hung() -> int:
        return sum(arrived[f"/{number:02}"] for number in range(HANGING))

    receiver.otherwise = take
    places = [endpoint_at(f"{receiver.url}/{number:02}") for number in range(ENDPOINTS)]
    for number in range(EACH):
        for endpoint in places:
            queued(endpoint, f"inv-{number % 10}")
    deliver_due()
    assert others_have_all.is_set()
    answering = Delivery.objects.filter(endpoint__in=places[HANGING:])
    assert set(answering.values_list("state", flat=True)) == {"delivered"}
    hanging = Delivery.objects.filter(endpoint__in=places[:HANGING])
    assert set(hanging.values_list("state", flat=True)) == {"retry", "queued"}
