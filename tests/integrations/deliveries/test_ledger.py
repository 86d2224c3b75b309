"""The states of a delivery: the table in docs/operations.md is what happens, and nothing else does."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.utils import timezone

from activity.actors import Actor
from integrations.deliveries import results
from integrations.deliveries.claims import Claim, claim
from integrations.deliveries.endpoints import close_stranded, redeliver, skip_delivery
from integrations.deliveries.ledger import MOVES, On, move
from integrations.deliveries.models import Delivery, DeliveryAttempt, Endpoint
from integrations.deliveries.post import Post, Result
from tests.integrations.deliveries.outbox import endpoint_at, queued

pytestmark = pytest.mark.django_db
STATES = list(Delivery.State)
LINE = re.compile(r"^\| ([a-z ]+) \| ([a-z, ]+) \| ([a-z]+) \| (.+) \|$", re.MULTILINE)
DOCUMENT = (Path(settings.BASE_DIR) / "docs/operations.md").read_text().partition("### States of a delivery")[2]
TABLE = {
    on: (sources.split(", "), target, next_try)
    for on, sources, target, next_try in LINE.findall(DOCUMENT.partition("\n\n- ")[0])
    if on != "on"
}


@pytest.fixture
def delivery() -> Delivery:
    return queued(endpoint_at("https://app.example.org/callback"))


def put(delivery: Delivery, state: str) -> Delivery:
    """In a state, as if it had come there; what waits is due."""
    now = timezone.now()
    ended_at = None if state in Delivery.OPEN else now
    Delivery.objects.update(state=state, ended_at=ended_at, next_try_at=now, attempts=1)
    delivery.refresh_from_db()
    return delivery


def ends(result: Result, *, attempts: int = 1) -> Callable[[Delivery], object]:
    def end(delivery: Delivery) -> None:
        delivery.attempts = attempts
        attempt = DeliveryAttempt.objects.create(delivery=delivery, series=1, worker="host:1")
        results.store(Claim(delivery, attempt, Post("", b""), delivery.endpoint.ring_id, is_careful=False), result)

    return end


def close(delivery: Delivery) -> None:
    disabled = {"state": "disabled", "disabled_at": timezone.now(), "disabled_for": "staff"}
    Endpoint.objects.update(**disabled)
    close_stranded()
    Endpoint.objects.update(state="active", disabled_at=None, disabled_for="")


REAL: dict[On, Callable[[Delivery], object]] = {
    On.CLAIM: lambda delivery: claim(delivery.endpoint_id, 1),
    On.ACCEPTANCE: ends(Result(204)),
    On.FAILURE: ends(Result(500)),
    On.LAST_TRY: ends(Result(500), attempts=Delivery.MAX_ATTEMPTS),
    On.CLOSING: close,
    On.SKIP: lambda delivery: skip_delivery(delivery=delivery, actor=Actor.by_job("test")),
    On.REDELIVERY: lambda delivery: redeliver(delivery=delivery, actor=Actor.by_job("test")),
}


def test_table_in_the_documents_is_the_one_in_the_code() -> None:
    assert {on: (sources, target) for on, (sources, target, _next) in TABLE.items()} == {
        str(on): ([str(source) for source in step.sources], str(step.target)) for on, step in MOVES.items()
    }
    assert {target for _sources, target, _next in TABLE.values()} == set(STATES)


@pytest.mark.slow
def test_delivery_moves_where_the_table_says_so_and_stays_elsewhere(delivery: Delivery) -> None:
    for on in On:
        for state in STATES:
            put(delivery, state)
            sources, target, _next = TABLE[on]
            assert move(Delivery.objects.all(), on) == (state in sources), (on, state)
            delivery.refresh_from_db()
            assert delivery.state == (target if state in sources else state)
            assert (delivery.ended_at is None) == (delivery.state in Delivery.OPEN)


@pytest.mark.parametrize("on", REAL)
def test_what_happens_moves_the_delivery_as_the_table_says(
    delivery: Delivery, on: On, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "JITTER", 0)
    sources, target, next_try = TABLE[on]
    for state in sources:
        Endpoint.objects.update(failures=0, held_until=None)
        put(delivery, state)
        with time_machine.travel(timezone.now(), tick=False):
            REAL[on](delivery)
            delivery.refresh_from_db()
            assert delivery.state == target
            wait = delivery.next_try_at - timezone.now()
        if next_try.startswith("now"):
            assert (wait, delivery.attempts) == (timedelta(), 0)
        elif next_try.startswith("after"):
            assert wait == timedelta(seconds=5)
