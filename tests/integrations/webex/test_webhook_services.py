"""Webhooks come and go with an endpoint of their own, and the log tells of it without a secret."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from activity.actors import Actor
from activity.models import Activity, Audience
from integrations.deliveries.endpoints import close_stranded, disable_endpoint, enable_endpoint
from integrations.deliveries.kept import prune
from integrations.deliveries.keys import newest_values, signing_values
from integrations.deliveries.models import Delivery, Endpoint, KeyRing
from integrations.webex import webhooks
from integrations.webex.models import Webhook
from integrations.webex.webhooks import (
    SwitchedOff,
    TooManyWebhooks,
    delete_webhook,
    rotate_secret,
    switch_off,
    switch_on,
    update_webhook,
)
from rest.errors import NotFound
from tests import factories
from tests.integrations.deliveries.outbox import queued
from tests.integrations.webex.hooks import SECRET, webhook_of
from users.models import User

pytestmark = pytest.mark.django_db
NOW = datetime(2030, 1, 7, 9, tzinfo=UTC)


@pytest.fixture
def alice() -> User:
    return factories.user("alice")


def change(webhook: Webhook, **given: Any) -> Webhook:
    values: dict[str, Any] = {
        "name": webhook.name, "url": webhook.endpoint.url, "secret": None, "is_activated": False,
    }  # fmt: skip
    return update_webhook(webhook=webhook, actor=Actor.by_api(webhook.owner), **(values | given))


def log() -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    rows = Activity.objects.filter(kind__startswith="webhook").order_by("position")
    return [(row.kind, row.data, row.changes) for row in rows]


def test_webhook_from_its_creation_to_its_end(alice: User) -> None:
    webhook = webhook_of(alice)
    assert signing_values(webhook.endpoint.ring_id) == [SECRET]
    assert (webhook.endpoint.signature, webhook.endpoint.owner_address) == ("webex", alice.email)
    change(webhook, name="Other", url="https://other.example.org/x?token=1", secret="another")
    webhook.refresh_from_db()
    assert (webhook.name, webhook.endpoint.url) == ("Other", "https://other.example.org/x?token=1")
    assert signing_values(webhook.endpoint.ring_id) == ["another"]
    delete_webhook(webhook=webhook, actor=Actor.by_api(alice))
    assert not Webhook.objects.exists()
    told = {"resource": "all", "event": "all"}
    changes = {"name": ["Everything", "Other"], "target": ["app.example.org", "other.example.org"], "secret": ["", ""]}
    assert log() == [
        ("webhook.created", {"label": "Everything", "host": "app.example.org", **told}, {}),
        ("webhook.updated", {"label": "Other", "host": "other.example.org", **told}, changes),
        ("webhook.deleted", {"label": "Other", "host": "other.example.org", **told}, {}),
    ]
    assert set(Audience.objects.filter(activity__kind__startswith="webhook").values_list("user_id", flat=True)) == {
        alice.pk
    }


def test_nothing_changed_is_nothing_told(alice: User) -> None:
    change(webhook_of(alice))
    assert [kind for kind, _data, _changes in log()] == ["webhook.created"]


def test_secret_may_be_none(alice: User) -> None:
    webhook = webhook_of(alice, secret="")
    assert signing_values(webhook.endpoint.ring_id) == []
    assert newest_values([webhook.endpoint.ring_id]) == {}
    change(webhook, secret="one")
    assert newest_values([webhook.endpoint.ring_id]) == {webhook.endpoint.ring_id: "one"}
    change(webhook, secret="")
    assert signing_values(webhook.endpoint.ring_id) == []


def test_limit_of_one_person(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "MOST_OF_ONE", 2)
    webhook_of(alice)
    webhook_of(alice)
    with pytest.raises(TooManyWebhooks):
        webhook_of(alice)
    webhook_of(factories.user("bob"))
    delete_webhook(webhook=Webhook.objects.filter(owner=alice)[0], actor=Actor.by_api(alice))
    webhook_of(alice)


def test_owner_switches_on_what_deliveries_switched_off(alice: User) -> None:
    webhook = webhook_of(alice)
    disable_endpoint(endpoint=webhook.endpoint, reason="failing", actor=Actor.by_job("test"))
    assert change(webhook, is_activated=True).endpoint.state == "active"


def test_only_staff_switch_on_what_staff_switched_off(alice: User) -> None:
    webhook, staff = webhook_of(alice), Actor.by_admin(factories.staff())
    assert switch_off(webhook=webhook, actor=staff)
    with pytest.raises(SwitchedOff):
        change(webhook, is_activated=True)
    assert switch_on(webhook=webhook, actor=staff)
    assert change(webhook, is_activated=True).endpoint.state == "active"


def test_staff_give_another_secret(alice: User) -> None:
    """The old one signs on in the header that has room for two."""
    webhook = webhook_of(alice)
    new = rotate_secret(webhook=webhook, actor=Actor.by_admin(factories.staff()))
    assert signing_values(webhook.endpoint.ring_id) == [new, SECRET]
    assert newest_values([webhook.endpoint.ring_id]) == {webhook.endpoint.ring_id: new}
    assert log()[-1][2] == {"secret": ["", ""]}


def test_unreadable_secret_is_left_out(alice: User, settings: Any) -> None:
    webhook = webhook_of(alice)
    settings.ENCRYPTION_KEYS = ["another"]
    assert newest_values([webhook.endpoint.ring_id]) == {}


def test_deleted_webhook_is_changed_no_more(alice: User) -> None:
    webhook = webhook_of(alice)
    again = Webhook.objects.get()
    delete_webhook(webhook=again, actor=Actor.by_api(alice))
    with pytest.raises(NotFound):
        change(webhook)
    with pytest.raises(NotFound):
        delete_webhook(webhook=webhook, actor=Actor.by_api(alice))


def test_endpoint_of_deleted_webhook_is_kept_until_it_is_pruned(alice: User) -> None:
    """Whoever queues a delivery for it at the same moment must not fail."""
    with time_machine.travel(NOW, tick=False) as clock:
        webhook = webhook_of(alice)
        endpoint = webhook.endpoint
        before = queued(endpoint)
        delete_webhook(webhook=webhook, actor=Actor.by_api(alice))
        queued(endpoint, "late")
        assert not enable_endpoint(endpoint=endpoint, actor=Actor.by_admin(factories.staff()))
        close_stranded()
        states = list(Delivery.objects.order_by("position").values_list("state", "last_error"))
        assert states == [("dead", "The webhook was deleted"), ("dead", "The endpoint is disabled")]
        clock.shift(timedelta(days=29))
        prune(limit=100)
        assert Endpoint.objects.filter(pk=endpoint.pk).exists()
        clock.shift(timedelta(days=2))
        prune(limit=100)
        assert not Endpoint.objects.filter(pk=endpoint.pk).exists()
        assert not KeyRing.objects.filter(pk=endpoint.ring_id).exists()
        assert not Delivery.objects.filter(pk=before.pk).exists()


def test_what_is_not_asked_for_stays_as_somebody_else_made_it_meanwhile(alice: User) -> None:
    webhook = webhook_of(alice)
    change(Webhook.objects.get(pk=webhook.pk), name="Other", url="https://other.example.org/x")
    change(webhook, name=None, url=None, secret="another")
    webhook.refresh_from_db()
    assert (webhook.name, webhook.endpoint.url) == ("Other", "https://other.example.org/x")
