"""A delivery arrives whole, signed and in order, and is tried again for three days where it does not."""

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pycronofy
import pytest
import time_machine
from standardwebhooks import Webhook

from integrations.deliveries import results
from integrations.deliveries.keys import rotate_key, signing_values
from integrations.deliveries.models import Delivery, DeliveryAttempt, Endpoint
from integrations.deliveries.post import retry_after
from integrations.deliveries.send import deliver_due
from tests.integrations.deliveries.outbox import endpoint_at, now_of, queued
from tests.local_server import Asked, LocalServer, Reply

pytestmark = pytest.mark.django_db
NOW = datetime(2030, 1, 7, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "JITTER", 0)


@pytest.fixture
def endpoint(receiver: LocalServer) -> Endpoint:
    return endpoint_at(f"{receiver.url}/callback?a=b")


def states() -> list[str]:
    return list(Delivery.objects.order_by("position").values_list("state", flat=True))


def test_whole_request(receiver: LocalServer, endpoint: Endpoint) -> None:
    body = '{"notification":{"type":"smart_invite"},"näme":"ü"}'.encode()
    delivery = queued(endpoint, body=body)
    assert deliver_due() == 1
    (asked,) = receiver.asked
    (key,) = signing_values(endpoint.ring_id)
    assert (asked.method, asked.path, asked.query, asked.body) == ("POST", "/callback", {"a": "b"}, body)
    assert asked.headers["Content-Type"] == "application/json; charset=utf-8"
    assert asked.headers["User-Agent"] == "OpenTalk-Site"
    assert asked.headers["webhook-id"] == delivery.message_id == f"msg_{delivery.id}"
    assert pycronofy.Client(client_secret=key).hmac_valid(asked.headers["Cronofy-HMAC-SHA256"], body.decode())
    assert Webhook(key).verify(body, dict(asked.headers))
    row = now_of(delivery)
    assert (row.state, row.attempts, row.last_error) == ("delivered", 1, "")
    attempt = row.tries.get()
    assert (attempt.outcome, attempt.status, attempt.answer, attempt.error) == ("delivered", 200, "thank you", "")
    assert attempt.ended_at is not None


def test_both_keys_sign_while_one_replaces_the_other(receiver: LocalServer, endpoint: Endpoint) -> None:
    (old,) = signing_values(endpoint.ring_id)
    new = rotate_key(ring=endpoint.ring)
    queued(endpoint)
    deliver_due()
    (asked,) = receiver.asked
    assert " " not in asked.headers["Cronofy-HMAC-SHA256"]
    for key in (old, new):
        assert pycronofy.Client(client_secret=key).hmac_valid(asked.headers["Cronofy-HMAC-SHA256"], '{"n":1}')
        assert Webhook(key).verify(asked.body, dict(asked.headers))


@pytest.mark.slow
def test_schedule_is_that_of_standard_webhooks(receiver: LocalServer, endpoint: Endpoint) -> None:
    """Ten attempts in 75 hours, each with the id of the first, its own time and its own signature."""
    receiver.otherwise = lambda _asked: Reply(status=500)
    delivery, pauses = queued(endpoint), []
    with time_machine.travel(NOW, tick=False) as clock:
        Delivery.objects.update(next_try_at=NOW)
        while (row := now_of(delivery)).state != "dead":
            clock.move_to(row.next_try_at)
            assert deliver_due() == 1
            pauses.append(now_of(delivery).next_try_at - datetime.now(UTC))
    hours = [timedelta(hours=count) for count in (2, 5, 10, 14, 20, 24)]
    assert pauses[:9] == [timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), *hours]
    assert len(receiver.asked) == row.tries.count() == 10
    assert {asked.headers["webhook-id"] for asked in receiver.asked} == {delivery.message_id}
    assert {asked.body for asked in receiver.asked} == {b'{"n":1}'}
    for header in ("webhook-timestamp", "webhook-signature"):
        assert len({asked.headers[header] for asked in receiver.asked}) == 10
    assert row.last_error == "The answer's status is 500"


def test_pauses_differ_by_fifteen_per_cent(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "JITTER", 0.15)
    delivery = Delivery(attempts=2)
    pauses = {results._pause(delivery, results.Result(500)) for _ in range(200)}
    assert timedelta(seconds=255) <= min(pauses) < timedelta(seconds=270)
    assert timedelta(seconds=330) < max(pauses) <= timedelta(seconds=345)


@pytest.mark.slow
def test_receiver_that_fails_three_times_gets_it_the_fourth_time(receiver: LocalServer, endpoint: Endpoint) -> None:
    receiver.otherwise = lambda _asked: Reply(status=503 if len(receiver.asked) <= 3 else 204)
    delivery, other = queued(endpoint, "inv-1"), queued(endpoint, "inv-1", b'{"n":2}')
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        for _ in range(4):
            assert now_of(other).attempts == 0
            deliver_due()
            clock.move_to(now_of(delivery).next_try_at)
    assert [asked.body for asked in receiver.asked] == [b'{"n":1}'] * 4 + [b'{"n":2}']
    assert states() == ["delivered", "delivered"]


@pytest.mark.slow
def test_failing_head_blocks_its_own_key_alone(receiver: LocalServer, endpoint: Endpoint) -> None:
    receiver.otherwise = lambda asked: Reply(status=400 if asked.body == b"1" else 200)
    for key, body in (("inv-1", b"1"), ("inv-1", b"2"), ("inv-2", b"3"), ("inv-2", b"4")):
        queued(endpoint, key, body)
    deliver_due()
    assert [asked.body for asked in receiver.asked if asked.body != b"1"] == [b"3", b"4"]
    assert states() == ["retry", "queued", "delivered", "delivered"]


@pytest.mark.slow
def test_same_key_arrives_in_order(receiver: LocalServer, endpoint: Endpoint) -> None:
    for number in range(12):
        queued(endpoint, f"inv-{number % 3}", b"%d" % number)
    assert deliver_due() == 12
    arrived = [int(asked.body) for asked in receiver.asked]
    for key in range(3):
        assert [number for number in arrived if number % 3 == key] == list(range(key, 12, 3))


@pytest.mark.slow
def test_endpoint_has_four_requests_at_once_at_most(receiver: LocalServer, endpoint: Endpoint) -> None:
    flying: set[str] = set()
    most: set[int] = set()
    four_are_there = threading.Event()

    def count(asked: Asked) -> Reply:
        flying.add(asked.headers["webhook-id"])
        most.add(len(flying))
        if len(flying) == 4:
            four_are_there.set()
        four_are_there.wait(20)
        time.sleep(0.02)  # in which a fifth would come
        flying.remove(asked.headers["webhook-id"])
        return Reply()

    receiver.otherwise = count
    for number in range(20):
        queued(endpoint, f"inv-{number}")
    deliver_due()
    assert max(most) == 4
    assert set(states()) == {"delivered"}


# --- receivers that misbehave ---


def refused(reply: Reply, receiver: LocalServer, endpoint: Endpoint) -> tuple[Delivery, DeliveryAttempt]:
    receiver.otherwise = lambda _asked: reply
    delivery = now_of(queued(endpoint))
    deliver_due()
    return now_of(delivery), delivery.tries.get()


def test_error_of_our_own_is_that_deliverys_result(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_how: Any, **_more: Any) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr("outgoing.http.request", breaks)
    delivery = queued(endpoint)
    assert deliver_due() == 1
    assert (now_of(delivery).state, now_of(delivery).last_error) == ("retry", "RuntimeError: a defect")


def test_nobody_listens(receiver: LocalServer, endpoint: Endpoint) -> None:
    delivery = queued(endpoint)
    receiver.close()
    deliver_due()
    attempt = delivery.tries.get()
    assert (now_of(delivery).state, attempt.outcome, attempt.status) == ("retry", "unreachable", None)
    assert "ConnectionRefusedError" in attempt.error


@pytest.mark.parametrize(
    "reply", [Reply(b"x" * 100, drip_seconds=0.05), Reply(wait_seconds=1)], ids=["drip", "silence"]
)
def test_slow_receiver_is_left_at_the_deadline(
    receiver: LocalServer, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, reply: Reply
) -> None:
    monkeypatch.setattr("integrations.deliveries.post.DEADLINE_SECONDS", 0.3)
    delivery, attempt = refused(reply, receiver, endpoint)
    assert (delivery.state, attempt.outcome) == ("retry", "unreachable")
    assert "TimeoutError" in attempt.error


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirect_is_a_failure(receiver: LocalServer, endpoint: Endpoint, status: int) -> None:
    reply = Reply(status=status, headers={"Location": f"{receiver.url}/elsewhere"})
    delivery, attempt = refused(reply, receiver, endpoint)
    assert (delivery.state, attempt.status) == ("retry", status)
    assert receiver.count["/elsewhere"] == 0


@pytest.mark.slow
def test_only_2xx_is_a_success(receiver: LocalServer, endpoint: Endpoint) -> None:
    statuses = [200, 201, 202, 204, 299, 300, 304, 400, 401, 404, 500]
    receiver.otherwise = lambda asked: Reply(status=int(asked.body))
    for status in statuses:
        queued(endpoint, f"inv-{status}", b"%d" % status)
    deliver_due()
    assert states() == ["delivered"] * 5 + ["retry"] * 6


def test_large_answer_is_cut_and_a_kibibyte_kept(receiver: LocalServer, endpoint: Endpoint) -> None:
    delivery, attempt = refused(Reply(b"\0" + b"x" * 200_000), receiver, endpoint)
    assert (delivery.state, len(attempt.answer)) == ("delivered", 1024)
    assert attempt.answer.startswith("\N{REPLACEMENT CHARACTER}x")


@pytest.mark.parametrize(
    ("status", "asks", "expected"),
    [
        (429, "120", timedelta(minutes=2)),
        (503, "120", timedelta(minutes=2)),
        (429, "1", timedelta(seconds=5)),
        (429, "999999999", timedelta(hours=24)),
        (429, "Mon, 07 Jan 2030 10:00:00 GMT", timedelta(hours=1)),
        (429, "soon", timedelta(seconds=5)),
        (500, "120", timedelta(seconds=5)),
    ],
)
def test_receiver_says_when_to_come_back(
    receiver: LocalServer, endpoint: Endpoint, status: int, asks: str, expected: timedelta
) -> None:
    receiver.otherwise = lambda _asked: Reply(status=status, headers={"Retry-After": asks})
    with time_machine.travel(NOW, tick=False):
        delivery = queued(endpoint)
        deliver_due()
        row = now_of(delivery)
        assert (row.state, row.attempts, row.next_try_at - NOW) == ("retry", 1, expected)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("60", 60), (" 60 ", 60), ("", 0), ("-5", 0), ("1.5", 0), ("٣", 0), ("9" * 400, 86400), ("x" * 400, 0),
        ("Mon, 07 Jan 2030 09:10:00 GMT", 600), ("Mon, 07 Jan 2030 09:10:00 -0000", 600),
        ("Mon, 07 Jan 2030 08:00:00 GMT", 0), ("Tue, 07 Jan 2031 08:00:00 GMT", 86400), ("Mon, 99 Jan 2030 99:00", 0),
        (f"Mon, 07 Jan {10**20} 09:10:00 GMT", 0), (f"Mon, 07 Jan 2030 09:10:00 +{10**20}", 0),
    ],
)  # fmt: skip
def test_retry_after(text: str, seconds: int) -> None:
    assert retry_after(text, NOW) == timedelta(seconds=seconds)


@pytest.mark.slow
def test_receiver_that_asks_for_time_gets_nothing_else_meanwhile(receiver: LocalServer, endpoint: Endpoint) -> None:
    receiver.otherwise = lambda _asked: Reply(status=429, headers={"Retry-After": "600"})
    queued(endpoint, "inv-1")
    deliver_due()
    queued(endpoint, "inv-2")
    assert deliver_due() == 0
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=601)):
        assert deliver_due() > 0


@pytest.mark.slow
def test_receiver_that_does_not_answer_is_asked_once_at_a_time(receiver: LocalServer, endpoint: Endpoint) -> None:
    """Later and later, so that a queue of thousands does not hold workers up; the first success lifts it."""
    for number in range(20):
        queued(endpoint, f"inv-{number}")
    Endpoint.objects.update(failures=1)
    receiver.close()
    tried = []
    with time_machine.travel(NOW, tick=False) as clock:
        Delivery.objects.update(next_try_at=NOW)
        for _ in range(8):
            tried.append(deliver_due())
            endpoint.refresh_from_db()
            tried.append(int((endpoint.held_until - NOW).total_seconds()))
            clock.move_to(endpoint.held_until)
        assert tried[::2] == [1] * 8
        assert tried[1::2] == [10, 30, 70, 150, 310, 610, 910, 1210]


def test_surprise_of_one_delivery_is_its_own(receiver: LocalServer, endpoint: Endpoint, settings: Any) -> None:
    """A key that cannot be decrypted fails this endpoint's deliveries, with the reason."""
    settings.ENCRYPTION_KEYS = ["b" * 32]
    delivery, fine = queued(endpoint), queued(endpoint_at(f"{receiver.url}/other"))
    deliver_due()
    assert now_of(fine).state == "delivered"
    assert "ENCRYPTION_KEYS" in now_of(delivery).last_error
