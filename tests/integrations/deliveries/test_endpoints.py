"""Endpoints that are gone, refuse us or fail for days are switched off, and their owners told; staff help them back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail as django_mail
from django.utils import timezone

from activity.actors import Actor
from activity.models import Activity
from integrations.deliveries.endpoints import (
    close_stranded,
    disable_endpoint,
    enable_endpoint,
    ping_endpoint,
    redeliver,
    redeliver_failed,
    skip_delivery,
)
from integrations.deliveries.kept import prune
from integrations.deliveries.models import Delivery, Endpoint
from integrations.deliveries.send import deliver_due
from mailer.models import OutgoingMail
from mailer.send import deliver_due as send_mails
from tests import factories
from tests.integrations.deliveries.outbox import OWNER, endpoint_at, now_of, queued
from tests.local_server import LocalServer, Reply

pytestmark = pytest.mark.django_db
NOW = datetime(2030, 1, 7, 9, 0, tzinfo=UTC)


@pytest.fixture
def endpoint(receiver: LocalServer) -> Endpoint:
    return endpoint_at(f"{receiver.url}/callback?secret=x")


@pytest.fixture
def admin() -> Actor:
    return Actor.by_admin(factories.staff())


def recorded(kind: str) -> list[dict[str, Any]]:
    return list(Activity.objects.filter(kind=kind).order_by("position").values_list("data", flat=True))


def told() -> list[str]:
    return [row.message["what"] for row in OutgoingMail.objects.order_by("created_at")]


def state_of(endpoint: Endpoint) -> tuple[str, str]:
    endpoint.refresh_from_db()
    return endpoint.state, endpoint.disabled_for


def test_gone_disables_the_endpoint_and_closes_its_queue(receiver: LocalServer, endpoint: Endpoint) -> None:
    receiver.otherwise = lambda _asked: Reply(status=410)
    rows = [queued(endpoint, "inv-1", b"%d" % number) for number in range(3)]
    assert deliver_due() == 1
    assert state_of(endpoint) == ("disabled", "gone")
    assert [now_of(row).state for row in rows] == ["dead"] * 3
    assert recorded("endpoint.disabled") == [{"host": "127.0.0.1", "reason": "gone", "given_up": 2}]
    assert told() == ["gone"]
    assert deliver_due() == 0


def test_what_comes_for_a_disabled_endpoint_becomes_a_dead_letter(endpoint: Endpoint, admin: Actor) -> None:
    disable_endpoint(endpoint=endpoint, reason="staff", actor=admin)
    late = queued(endpoint)
    died = queued(endpoint, "inv-2")
    Delivery.objects.filter(pk=died.pk).update(state="sending", next_try_at=timezone.now())
    assert deliver_due() == 0
    assert close_stranded() == 2
    assert {now_of(late).state, now_of(died).state} == {"dead"}


@pytest.mark.slow
def test_five_days_without_success_disable(receiver: LocalServer, endpoint: Endpoint) -> None:
    receiver.otherwise = lambda _asked: Reply(status=500)
    with time_machine.travel(NOW, tick=False) as clock:
        queued(endpoint)
        deliver_due()
        clock.move_to(NOW + timedelta(days=5) - timedelta(seconds=1))
        deliver_due()
        assert state_of(endpoint) == ("active", "")
        clock.move_to(NOW + timedelta(days=7))
        deliver_due()
        assert state_of(endpoint) == ("disabled", "failing")
    assert told() == ["failing"]
    assert recorded("endpoint.disabled")[0]["given_up"] == 1


@pytest.mark.slow
def test_success_lets_the_five_days_begin_anew(receiver: LocalServer, endpoint: Endpoint) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        for status in (500, 200, 500):
            receiver.otherwise = lambda _asked, status=status: Reply(status=status)
            queued(endpoint, f"inv-{status}")
            deliver_due()
            clock.shift(timedelta(days=4))
        assert state_of(endpoint) == ("active", "")
        assert endpoint.failures == 1


def test_owner_is_told_of_the_first_dead_letter_of_a_day(receiver: LocalServer, endpoint: Endpoint) -> None:
    receiver.otherwise = lambda _asked: Reply(status=400)
    with time_machine.travel(NOW, tick=False) as clock:
        for hours in (0, 1, 30):
            clock.move_to(NOW + timedelta(hours=hours))
            queued(endpoint, f"inv-{hours}")
            Delivery.objects.filter(state="queued").update(attempts=9)
            deliver_due()
    assert told() == ["given_up", "given_up"]
    assert len(recorded("callback.given_up")) == 3
    assert recorded("callback.given_up")[0]["error"] == "The answer's status is 400"


@pytest.mark.slow
def test_owner_is_told_of_refusals_that_last(receiver: LocalServer, endpoint: Endpoint) -> None:
    """Five in a row, over more than an hour; once, until something is taken."""
    receiver.otherwise = lambda _asked: Reply(status=401)
    with time_machine.travel(NOW, tick=False) as clock:
        for minutes in (0, 1, 2, 3, 4, 50, 61, 70, 80):
            clock.move_to(NOW + timedelta(minutes=minutes))
            queued(endpoint, f"inv-{minutes}")
            Delivery.objects.exclude(ordering_key=f"inv-{minutes}").update(next_try_at=NOW + timedelta(days=9))
            deliver_due()
            assert told() == (["refused"] if minutes > 60 else [])
    assert recorded("endpoint.refuses") == [{"host": "127.0.0.1", "status": 401}]


@pytest.mark.slow
def test_other_failures_are_no_refusals(receiver: LocalServer, endpoint: Endpoint) -> None:
    queued(endpoint)
    with time_machine.travel(NOW, tick=False) as clock:
        Delivery.objects.update(next_try_at=NOW)
        for status in (401, 401, 401, 401, 500, 401):
            receiver.otherwise = lambda _asked, status=status: Reply(status=status)
            deliver_due()
            clock.move_to(Delivery.objects.get().next_try_at)
    endpoint.refresh_from_db()
    assert (endpoint.refusals, told()) == (1, [])


@pytest.mark.parametrize(("language", "subject"), [("en-US", "are switched off"), ("de-DE", "abgeschaltet")])
def test_mail_to_the_owner(receiver: LocalServer, endpoint: Endpoint, language: str, subject: str) -> None:
    factories.user("olga", email=OWNER, language=language)
    receiver.otherwise = lambda _asked: Reply(status=410)
    queued(endpoint)
    deliver_due()
    send_mails()
    (sent,) = django_mail.outbox
    assert subject in sent.subject
    assert "127.0.0.1" in sent.subject
    assert endpoint.url.partition("?")[0] in sent.body
    assert "secret" not in sent.body + str(sent.alternatives)
    assert "None" not in sent.body
    assert not sent.attachments


def test_endpoint_without_an_owner_is_disabled_all_the_same(receiver: LocalServer) -> None:
    endpoint = endpoint_at(f"{receiver.url}/", owner_address="")
    receiver.otherwise = lambda _asked: Reply(status=410)
    queued(endpoint)
    deliver_due()
    assert state_of(endpoint) == ("disabled", "gone")
    assert told() == []


# --- staff ---


@pytest.mark.slow
def test_staff_enable_an_endpoint_and_redeliver_what_failed(
    receiver: LocalServer, endpoint: Endpoint, admin: Actor, callback_wakes: list[None]
) -> None:
    receiver.otherwise = lambda _asked: Reply(status=410)
    early, late = queued(endpoint, "inv-1", b"1"), queued(endpoint, "inv-1", b"2")
    deliver_due()
    assert not redeliver(delivery=now_of(early), actor=admin)
    assert enable_endpoint(endpoint=endpoint, actor=admin)
    assert not enable_endpoint(endpoint=endpoint, actor=admin)
    receiver.otherwise = lambda _asked: Reply()
    assert redeliver_failed(endpoint=endpoint, since=timezone.now() + timedelta(seconds=1), actor=admin) == 0
    assert redeliver_failed(endpoint=endpoint, since=timezone.now() - timedelta(hours=1), actor=admin) == 2
    assert deliver_due() == 2
    assert [asked.body for asked in receiver.asked] == [b"1", b"1", b"2"]
    assert receiver.asked[0].headers["webhook-id"] == receiver.asked[1].headers["webhook-id"]
    assert [(row.series, row.state) for row in (now_of(early), now_of(late))] == [(2, "delivered")] * 2
    assert list(now_of(early).tries.values_list("series", "status")) == [(1, 410), (2, 200)]
    assert recorded("endpoint.enabled") == [{"host": "127.0.0.1"}]
    assert [data["count"] for data in recorded("callback.redelivered")] == [2]


def test_one_delivery_is_sent_once_more_with_its_id(receiver: LocalServer, endpoint: Endpoint, admin: Actor) -> None:
    delivery = queued(endpoint)
    assert not redeliver(delivery=delivery, actor=admin)
    deliver_due()
    assert redeliver(delivery=now_of(delivery), actor=admin)
    deliver_due()
    assert {asked.headers["webhook-id"] for asked in receiver.asked} == {delivery.message_id}
    assert len(receiver.asked) == 2
    activity = Activity.objects.get(kind="callback.redelivered")
    assert (activity.actor_kind, activity.data["message_id"]) == ("staff", delivery.message_id)


@pytest.mark.slow
def test_skipped_head_lets_the_others_go(receiver: LocalServer, endpoint: Endpoint, admin: Actor) -> None:
    receiver.otherwise = lambda asked: Reply(status=400 if asked.body == b"1" else 200)
    head, next_one = queued(endpoint, "inv-1", b"1"), queued(endpoint, "inv-1", b"2")
    deliver_due()
    assert skip_delivery(delivery=now_of(head), actor=admin)
    assert not skip_delivery(delivery=now_of(head), actor=admin)
    deliver_due()
    assert (now_of(head).state, now_of(next_one).state) == ("skipped", "delivered")
    assert recorded("callback.skipped") == [{"host": "127.0.0.1", "message_id": head.message_id}]


def test_ping_is_a_signed_sample_that_nothing_holds_up(receiver: LocalServer, endpoint: Endpoint, admin: Actor) -> None:
    receiver.otherwise = lambda asked: Reply(status=200 if b"ping" in asked.body else 500)
    queued(endpoint)
    deliver_due()
    delivery = ping_endpoint(endpoint=endpoint, actor=admin)
    deliver_due()
    assert now_of(delivery).state == "delivered"
    assert "webhook-signature" in receiver.asked[-1].headers
    assert recorded("endpoint.pinged") == [{"host": "127.0.0.1", "message_id": delivery.message_id}]


# --- what is kept ---


def test_bodies_and_answers_are_removed_after_a_time(
    receiver: LocalServer, endpoint: Endpoint, admin: Actor, settings: Any
) -> None:
    settings.CALLBACK_BODY_DAYS = 30
    done = queued(endpoint)
    deliver_due()
    waiting = queued(endpoint)
    with time_machine.travel(timezone.now() + timedelta(days=29)):
        assert prune(limit=10) == 0
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert prune(limit=10) == 1
    assert now_of(done).body is None
    assert (now_of(done).state, done.tries.get().answer, done.tries.get().status) == ("delivered", "", 200)
    assert now_of(waiting).body is not None
    assert not redeliver(delivery=now_of(done), actor=admin)
