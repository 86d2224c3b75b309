"""Webhooks hear what their owners may know, signed, in order, in the transaction that changes something."""

import hashlib
import hmac
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from standardwebhooks import Webhook as Receiver

from activity.actors import Actor
from activity.models import Activity
from activity.signals import recorded
from events.services.events import delete_event
from events.services.invitations import uninvite_user
from integrations.deliveries import results, send
from integrations.deliveries.endpoints import close_stranded, redeliver
from integrations.deliveries.models import Delivery
from integrations.deliveries.results import PATIENCE
from integrations.deliveries.send import deliver_due
from integrations.webex import ids, push
from integrations.webex.formats import FORMATS
from integrations.webex.formats.table import Event as Format
from integrations.webex.webhooks import delete_webhook, rotate_secret
from rooms.services import create_room, update_room
from tests import factories
from tests.circle import Circle
from tests.integrations.webex.hooks import SECRET, webhook_of
from tests.integrations.webex.world import officer
from tests.local_server import LocalServer, Reply
from users.models import User

pytestmark = pytest.mark.django_db
NOW = datetime(2030, 1, 7, 9, tzinfo=UTC)


def room_of(owner: User, **fields: Any) -> Any:
    return create_room(creator=owner, actor=Actor.by_api(owner), **fields)


def heard() -> list[tuple[str, str, str]]:
    """The webhook's name, the resource and the event of each delivery that was queued."""
    bodies = [orjson.loads(bytes(row.body or b"")) for row in Delivery.objects.order_by("position")]
    return [(body["name"], body["resource"], body["event"]) for body in bodies]


def test_whole_request(receiver: LocalServer) -> None:
    alice = factories.user("alice")
    url = f"{receiver.url}/hook?a=b"
    with time_machine.travel(NOW, tick=False):
        webhook = webhook_of(alice, url, name="Rooms", resource="rooms", app_id="Frontend")
        room = room_of(alice)
        assert deliver_due() == 1
    (asked,) = receiver.asked
    person, org = ids.written("PEOPLE", alice.pk), ids.written("ORGANIZATION", alice.tenant_id)
    assert orjson.loads(asked.body) == {
        "id": ids.written("WEBHOOK", webhook.pk),
        "name": "Rooms",
        "targetUrl": url,
        "resource": "rooms",
        "event": "created",
        "orgId": org,
        "createdBy": person,
        "appId": ids.written(
            "APPLICATION", uuid.uuid5(uuid.uuid5(uuid.NAMESPACE_URL, "ciscospark://us/APPLICATION"), "Frontend")
        ),
        "ownedBy": "creator",
        "status": "active",
        "created": "2030-01-07T09:00:00.000Z",
        "actorId": person,
        "data": {
            "id": ids.written("ROOM", room.pk),
            "roomId": ids.written("ROOM", room.pk),
            "roomType": "group",
            "orgId": org,
            "creatorId": person,
            "type": "group",
            "created": "2030-01-07T09:00:00.000Z",
        },
    }
    assert asked.headers["X-Spark-Signature"] == hmac.new(SECRET.encode(), asked.body, hashlib.sha1).hexdigest()
    assert asked.headers["webhook-id"] == Delivery.objects.get().message_id
    assert (asked.method, asked.path, asked.query) == ("POST", "/hook", {"a": "b"})


def test_without_secret_nothing_is_signed(receiver: LocalServer) -> None:
    alice = factories.user("alice")
    webhook_of(alice, receiver.url, secret="")
    room_of(alice)
    deliver_due()
    (asked,) = receiver.asked
    assert not {"x-spark-signature", "webhook-signature"} & {name.lower() for name in asked.headers}
    assert asked.headers["webhook-id"]


def test_another_secret_signs_at_once(receiver: LocalServer) -> None:
    """The old one still signs in the header that has room for both."""
    alice = factories.user("alice")
    webhook = webhook_of(alice, receiver.url, secret="whsec_" + "A" * 44)
    room_of(alice)
    new = rotate_secret(webhook=webhook, actor=Actor.by_admin(factories.staff()))
    deliver_due()
    (asked,) = receiver.asked
    assert asked.headers["X-Spark-Signature"] == hmac.new(new.encode(), asked.body, hashlib.sha1).hexdigest()
    for key in (new, "whsec_" + "A" * 44):
        assert Receiver(key).verify(asked.body, dict(asked.headers))


def test_who_hears_of_a_meeting() -> None:
    circle = Circle()
    stranger = factories.user("stranger")
    foreigner = factories.user("foreigner", tenant=factories.tenant("another"))
    for person in (circle.alice, circle.bob, stranger, foreigner):
        webhook_of(person, name=person.username or "", resource="meetings")
    boss = officer("boss")
    webhook_of(boss, name="boss", resource="meetings", owned_by="org")
    foreign = officer("foreign", tenant=foreigner.tenant)
    webhook_of(foreign, name="foreign", owned_by="org")
    delete_event(event=circle.event, actor=Actor.by_api(circle.alice))
    assert sorted(heard()) == [
        (name, "meetings", "deleted")
        for name in sorted([circle.alice.username or "", circle.bob.username or "", "boss"])
    ]


def test_former_member_hears_of_the_end_and_no_more() -> None:
    circle = Circle()
    webhook_of(circle.bob, name="bob")
    actor = Actor.by_api(circle.alice)
    uninvite_user(event=circle.event, user_id=circle.bob.pk, actor=actor)
    assert heard() == [("bob", "memberships", "deleted")]
    delete_event(event=circle.event, actor=actor)
    assert len(heard()) == 1


def test_officer_without_right_hears_nothing() -> None:
    alice, boss = factories.user("alice"), officer("boss")
    webhook_of(boss, name="boss", resource="rooms", owned_by="org")
    room_of(alice)
    assert heard() == [("boss", "rooms", "created")]
    boss.user_permissions.clear()
    room_of(alice)
    assert len(heard()) == 1


def test_disabled_person_hears_nothing() -> None:
    circle = Circle()
    webhook_of(circle.bob)
    User.objects.filter(pk=circle.bob.pk).update(disabled_since=NOW)
    delete_event(event=circle.event, actor=Actor.by_api(circle.alice))
    assert heard() == []


def test_rollback_announces_nothing() -> None:
    alice = factories.user("alice")
    webhook_of(alice)

    def undone() -> None:
        with transaction.atomic():
            room_of(alice)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        undone()
    assert heard() == []


def test_resource_and_event_choose() -> None:
    alice = factories.user("alice")
    for number, (resource, event) in enumerate(
        [
            ("all", "all"),
            ("rooms", "all"),
            ("rooms", "created"),
            ("all", "created"),
            ("rooms", "deleted"),
            ("meetings", "all"),
        ]
    ):
        webhook_of(alice, name=str(number), resource=resource, event=event)
    room_of(alice)
    assert heard() == [(str(number), "rooms", "created") for number in range(4)]


def test_text_of_a_message_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever may read it fetches it."""
    alice = factories.user("alice")
    webhook_of(alice)
    told = Format("messages", "created", lambda _one: {"id": "1", "text": "secret"})
    monkeypatch.setitem(FORMATS, "room.created", [told])
    room_of(alice)
    assert orjson.loads(bytes(Delivery.objects.get().body or b""))["data"] == {"id": "1"}


def test_what_concerns_one_thing_arrives_in_order() -> None:
    alice = factories.user("alice")
    webhook_of(alice, resource="meetings")
    event = factories.event(alice)
    delete_event(event=event, actor=Actor.by_api(alice))
    keys = list(Delivery.objects.order_by("position").values_list("ordering_key", flat=True))
    assert keys == [str(event.pk)] * 2


@pytest.mark.slow
def test_what_fails_for_days_becomes_inactive_and_comes_back(receiver: LocalServer) -> None:
    alice = factories.user("alice")
    webhook = webhook_of(alice, receiver.url, resource="rooms")
    receiver.otherwise = lambda _asked: Reply(status=500)
    with time_machine.travel(NOW, tick=False) as clock:
        room_of(alice)
        deliver_due()
        clock.shift(PATIENCE + timedelta(minutes=1))
        deliver_due()
    webhook.endpoint.refresh_from_db()
    assert (webhook.endpoint.state, webhook.endpoint.disabled_for) == ("disabled", "failing")
    room_of(alice)
    assert Delivery.objects.count() == 1


@pytest.mark.slow
def test_redelivery_keeps_the_id(receiver: LocalServer) -> None:
    alice = factories.user("alice")
    webhook_of(alice, receiver.url, resource="rooms")
    room_of(alice)
    deliver_due()
    assert redeliver(delivery=Delivery.objects.get(), actor=Actor.by_admin(factories.staff()))
    deliver_due()
    first, second = receiver.asked
    assert (first.headers["webhook-id"], first.body) == (second.headers["webhook-id"], second.body)


@pytest.mark.parametrize(("status", "state"), [(200, "delivered"), (500, "dead")])
def test_webhook_may_be_deleted_while_it_is_sent_to(
    status: int, state: str, receiver: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the request and what is stored of it; what waited behind is not sent."""
    alice = factories.user("alice")
    webhook = webhook_of(alice, receiver.url, resource="rooms")
    room = room_of(alice)
    update_room(room=room, actor=Actor.by_api(alice), waiting_room=True)
    receiver.otherwise = lambda _asked: Reply(status=status)

    def store(claimed: Any, result: Any) -> None:
        delete_webhook(webhook=webhook, actor=Actor.by_api(alice))
        results.store(claimed, result)

    monkeypatch.setattr(send, "store", store)
    deliver_due()
    close_stranded()
    assert len(receiver.asked) == 1
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        close_stranded()
    assert list(Delivery.objects.order_by("position").values_list("state", flat=True)) == [state, "dead"]


def costs(do: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as captured:
        do()
    return len(captured)


def test_what_a_writer_pays() -> None:
    """One statement in a tenant without webhooks, two where none is concerned; with any number of them six."""
    alice, bob = factories.users("alice", "bob")
    room_of(alice)
    recorded.disconnect(sender=Activity, dispatch_uid="webex.hear")
    try:
        nobody_asks = costs(lambda: room_of(alice))
    finally:
        recorded.connect(push.hear, sender=Activity, dispatch_uid="webex.hear")

    def more() -> int:
        return costs(lambda: room_of(alice)) - nobody_asks

    webhook_of(factories.user("foreigner", tenant=factories.tenant("another")))
    assert more() == 1
    webhook_of(bob)
    assert more() == 2
    webhook_of(alice)
    assert more() == 5
    boss = officer("boss")
    for number in range(12):
        webhook_of(alice, name=str(number))
        webhook_of(boss, name=str(number), owned_by="org")
    assert more() == 6


@pytest.mark.parametrize("loss", ["disabled", "moved", "demoted"])
def test_what_waits_does_not_leave_when_the_owner_may_not_know_it_any_more(receiver: LocalServer, loss: str) -> None:
    alice = officer()
    webhook_of(alice, f"{receiver.url}/hook", owned_by="org")
    room_of(factories.user("bob"))
    assert Delivery.objects.filter(state="queued").count() == len(heard()) > 0
    if loss == "disabled":
        User.objects.filter(pk=alice.pk).update(disabled_since=timezone.now())
    elif loss == "moved":
        User.objects.filter(pk=alice.pk).update(tenant=factories.tenant("another"))
    else:
        alice.user_permissions.clear()
        alice.groups.clear()
    count = len(heard())
    deliver_due()
    assert receiver.asked == []
    assert set(Delivery.objects.values_list("state", "last_error")) == {("dead", "Its owner may not be told any more")}
    room_of(factories.user("carol"))
    assert len(heard()) == count
