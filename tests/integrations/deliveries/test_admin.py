"""What staff see of callbacks and what they can do."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from integrations.deliveries.claims import claim
from integrations.deliveries.models import Delivery, Endpoint
from integrations.deliveries.post import Result
from integrations.deliveries.results import store
from tests import factories
from tests.integrations.deliveries.outbox import endpoint_at, now_of, queued
from tests.staff.asking import ask, saved

pytestmark = pytest.mark.django_db
ENDPOINTS = reverse("admin:deliveries_endpoint_changelist")
DELIVERIES = reverse("admin:deliveries_delivery_changelist")


@pytest.fixture
def endpoint() -> Endpoint:
    return endpoint_at("https://app.example.org/callback")


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(factories.staff())
    return client


def act(client: Client, page: str, action: str, *rows: Any, **fields: Any) -> str:
    chosen = {"action": action, "_selected_action": [row.pk for row in rows]}
    return str(saved(client, page, chosen | fields, follow=True).content.decode())


def tried(endpoint: Endpoint, result: Result) -> None:
    (claimed,) = claim(endpoint.pk, 1)
    store(claimed, result)


def test_page_of_a_delivery_shows_its_attempts_and_its_body(admin: Client, endpoint: Endpoint) -> None:
    delivery = queued(endpoint, body=b'{"comment":"<b>"}')
    tried(endpoint, Result(500, "The answer's status is 500", "<i>sorry</i>"))
    page = admin.get(reverse("admin:deliveries_delivery_change", args=[delivery.pk])).content.decode()
    for text in (delivery.message_id, "comment&quot;:&quot;&lt;b&gt;", "&lt;i&gt;sorry", "status is 500"):
        assert text in page
    assert 'name="_save"' not in page


def test_list_reads_no_bodies(admin: Client, endpoint: Endpoint) -> None:
    queued(endpoint, "inv-1")
    with CaptureQueriesContext(connection) as asked:
        assert "inv-1" in admin.get(DELIVERIES).content.decode()
    assert not [query for query in asked if '"body"' in query["sql"]]


@pytest.mark.slow
def test_delivery_is_found_by_its_webhook_id(admin: Client, endpoint: Endpoint) -> None:
    delivery, _other = queued(endpoint, "inv-1"), queued(endpoint, "inv-2")
    for wanted in (delivery.message_id, str(delivery.id), "inv-1"):
        page = admin.get(DELIVERIES, {"q": wanted}).content.decode()
        assert "inv-1" in page
        assert "inv-2" not in page


@pytest.mark.slow
def test_endpoint_is_disabled_and_enabled(admin: Client, endpoint: Endpoint) -> None:
    delivery = queued(endpoint)
    assert "1 endpoint is disabled" in act(admin, ENDPOINTS, "disable", endpoint)
    assert now_of(delivery).state == "dead"
    assert "0 endpoints are pinged" in act(admin, ENDPOINTS, "ping", endpoint)
    assert "1 endpoint is enabled" in act(admin, ENDPOINTS, "enable", endpoint)
    assert "1 endpoint is pinged" in act(admin, ENDPOINTS, "ping", endpoint)
    assert list(Delivery.objects.order_by("position").values_list("kind", flat=True)) == ["smart_invite", "ping"]


@pytest.mark.slow
def test_who_disables_an_endpoint_is_told_what_is_given_up(admin: Client, endpoint: Endpoint) -> None:
    first, _second = queued(endpoint, "inv-1"), queued(endpoint, "inv-2")
    Endpoint.objects.update(owner_address="owner@example.org")
    chosen = {"action": "disable", "_selected_action": [endpoint.pk]}
    page = ask(admin, ENDPOINTS, chosen).content.decode()
    assert "2 callbacks that wait are given up." in page
    assert "1 owner is mailed about it." in page
    assert (now_of(first).state, Endpoint.objects.get().state) == ("queued", "active")
    assert "1 endpoint is disabled" in act(admin, ENDPOINTS, "disable", endpoint)
    assert "effects_form" not in admin.post(ENDPOINTS, chosen, follow=True).content.decode()


@pytest.mark.slow
def test_who_skips_deliveries_sees_which(admin: Client, endpoint: Endpoint) -> None:
    head = queued(endpoint, "inv-1")
    page = ask(admin, DELIVERIES, {"action": "skip", "_selected_action": [head.pk]}).content.decode()
    assert "1 callback is not sent; those behind it go on." in page
    assert "inv-1" in page
    assert now_of(head).state == "queued"


@pytest.mark.slow
def test_staff_say_since_when_failed_deliveries_are_redelivered(admin: Client, endpoint: Endpoint) -> None:
    old, new = queued(endpoint, "inv-1"), queued(endpoint, "inv-2")
    now = timezone.now()
    Delivery.objects.filter(pk=old.pk).update(state="dead", ended_at=now - timedelta(days=3))
    Delivery.objects.filter(pk=new.pk).update(state="dead", ended_at=now - timedelta(hours=3))
    page = act(admin, ENDPOINTS, "redeliver_failed", endpoint)
    assert 'name="since"' in page
    assert now_of(new).state == "dead"
    assert 'name="since"' in act(admin, ENDPOINTS, "redeliver_failed", endpoint, confirmed="yes", since="x")
    since = (now - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    page = act(admin, ENDPOINTS, "redeliver_failed", endpoint, confirmed="yes", since=since)
    assert "1 delivery is sent once more" in page
    assert (now_of(old).state, now_of(new).state) == ("dead", "queued")


@pytest.mark.slow
def test_deliveries_are_redelivered_and_skipped(admin: Client, endpoint: Endpoint) -> None:
    done, head = queued(endpoint, "inv-1"), queued(endpoint, "inv-2")
    tried(endpoint, Result(200))
    assert "1 delivery is sent once more" in act(admin, DELIVERIES, "redeliver", done, head)
    assert "2 deliveries are skipped" in act(admin, DELIVERIES, "skip", done, head)
    assert {now_of(done).state, now_of(head).state} == {"skipped"}


def looking(**fields: Any) -> Client:
    """Staff of one tenant who may look and nothing else."""
    person = factories.user(is_staff=True, **fields)
    names = ("view_endpoint", "view_delivery")
    person.user_permissions.set(Permission.objects.filter(codename__in=names))
    client = Client()
    client.force_login(person)
    return client


@pytest.mark.slow
def test_staff_of_another_tenant_see_nothing(endpoint: Endpoint) -> None:
    delivery = queued(endpoint)
    client = looking(tenant=factories.tenant("other"))
    for page, text in ((ENDPOINTS, endpoint.url), (DELIVERIES, "inv-1")):
        assert text not in client.get(page).content.decode()
        assert text in looking().get(page).content.decode()
    for name, row in (("endpoint", endpoint), ("delivery", delivery)):
        assert client.get(reverse(f"admin:deliveries_{name}_change", args=[row.pk])).status_code == 302


def test_contents_are_for_who_may_read_them(endpoint: Endpoint) -> None:
    delivery = queued(endpoint, body=b"a comment")
    tried(endpoint, Result(500, "no", "an answer"))
    page = looking().get(reverse("admin:deliveries_delivery_change", args=[delivery.pk])).content.decode()
    assert delivery.message_id in page
    assert "a comment" not in page
    assert "an answer" not in page


@pytest.mark.slow
def test_who_may_only_look_is_offered_no_action(endpoint: Endpoint) -> None:
    delivery = queued(endpoint)
    client = looking()
    for page, action, row in ((ENDPOINTS, "disable", endpoint), (DELIVERIES, "skip", delivery)):
        assert client.get(page).status_code == 200
        act(client, page, action, row)
    endpoint.refresh_from_db()
    assert (endpoint.state, now_of(delivery).state) == ("active", "queued")


def test_no_key_is_shown(admin: Client, endpoint: Endpoint) -> None:
    key = endpoint.ring.keys.get()
    page = admin.get(reverse("admin:deliveries_endpoint_change", args=[endpoint.pk])).content.decode()
    assert key.value not in page
    assert "whsec_" not in page
