"""Webhooks that are made, changed and deleted while the site writes, on PostgreSQL; nobody fails or waits for long."""

from typing import Any

import pytest

from activity.actors import Actor
from integrations.deliveries.models import Delivery, Endpoint
from integrations.webex import push, webhooks
from integrations.webex.models import Webhook
from integrations.webex.webhooks import TooManyWebhooks, delete_webhook, switch_off
from rooms.models import Room
from rooms.services import create_room
from tests import factories
from tests.integrations.webex.hooks import webhook_of
from tests.parallel import at_once, before_commit
from users.models import User

pytestmark = [pytest.mark.service, pytest.mark.usefixtures("postgresql")]


@pytest.fixture
def alice(postgresql: None) -> User:
    return factories.user("alice")


def room_of(owner: User) -> Room:
    return create_room(creator=owner, actor=Actor.by_api(owner))


def test_writer_that_has_found_a_webhook_does_not_fail_when_it_is_deleted(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look for webhooks and the deliveries: they become dead letters of an endpoint that stays."""
    webhook = webhook_of(alice, resource="rooms")
    found = push._listening

    def then_deleted(activities: Any) -> list[Webhook]:
        rows = found(activities)
        at_once([lambda: delete_webhook(webhook=webhook, actor=Actor.by_api(alice))])
        return rows

    monkeypatch.setattr(push, "_listening", then_deleted)
    room_of(alice)
    monkeypatch.undo()
    assert (Webhook.objects.count(), Delivery.objects.count()) == (0, 1)
    assert Endpoint.objects.get().disabled_for == "deleted"


def test_writers_and_those_who_switch_and_delete_do_not_block_each_other(alice: User) -> None:
    hooks = [webhook_of(alice, name=str(number), resource="rooms") for number in range(6)]
    actor = Actor.by_admin(factories.staff())
    calls = [lambda: room_of(alice) for _number in range(8)]
    calls += [lambda hook=hook: delete_webhook(webhook=hook, actor=actor) for hook in hooks[:3]]
    calls += [lambda hook=hook: switch_off(webhook=hook, actor=actor) for hook in hooks[3:]]
    at_once(calls)
    assert Room.objects.count() == 8
    assert Webhook.objects.count() == 3


def test_two_at_once_do_not_pass_the_limit(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "MOST_OF_ONE", 1)

    def second() -> Any:
        try:
            return webhook_of(alice)
        except TooManyWebhooks as error:
            return type(error)

    assert before_commit(lambda: webhook_of(alice), second) is TooManyWebhooks
    assert Webhook.objects.count() == 1


def test_of_two_deletions_one_finds_nothing(alice: User) -> None:
    webhook = webhook_of(alice)

    def delete() -> str:
        try:
            delete_webhook(webhook=webhook, actor=Actor.by_api(alice))
        except Exception as error:  # noqa: BLE001 - its name is compared
            return type(error).__name__
        return "deleted"

    assert sorted(at_once([delete, delete])) == ["NotFound", "deleted"]
