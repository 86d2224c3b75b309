"""Webhooks by the libraries of Webex's own programs, as they are, against this site and a receiver on real sockets."""

import hashlib
import hmac
import json
from typing import Any

import pytest
from webexpythonsdk import ApiError, WebexAPI
from webexpythonsdk.models.immutable import WebhookEvent
from wxc_sdk import WebexSimpleApi
from wxc_sdk.rest import RestError
from wxc_sdk.webhook import WebhookEvent as SdkEvent
from wxc_sdk.webhook import WebhookEventType, WebhookResource, WebhookStatus

from activity.actors import Actor
from integrations.deliveries.endpoints import disable_endpoint
from integrations.deliveries.send import deliver_due
from integrations.webex.models import Webhook
from rooms.services import create_room
from tests import factories
from tests.integrations.webex.test_sdks import webex, wxc
from tests.integrations.webex.world import officer, person_id
from tests.local_server import LocalServer
from users.provider.scopes import WEBHOOKS_READ, WEBHOOKS_WRITE

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
SCOPES = (WEBHOOKS_READ, WEBHOOKS_WRITE)
SECRET = "86dacc007724d8ea666f88fc77d918dad9537a15"


def test_webexpythonsdk_from_creation_to_end(receiver: LocalServer) -> None:
    alice, url = factories.user("alice"), f"{receiver.url}/hook"

    def use(api: WebexAPI) -> list[Any]:
        made = api.webhooks.create("Rooms", url, "rooms", "created", filter="type=group", secret=SECRET)
        listed = list(api.webhooks.list(max=1))
        read = api.webhooks.get(made.id)
        changed = api.webhooks.update(made.id, name="All my rooms", targetUrl=f"{url}?x=1", status="active")
        return [made, *listed, read, changed]

    made, *same, changed = webex(alice, use)
    assert [one.to_dict() for one in same] == [made.to_dict()] * 2
    told = (made.name, made.targetUrl, made.resource, made.event, made.filter, made.secret, made.status, made.createdBy)
    assert told == ("Rooms", url, "rooms", "created", "type=group", SECRET, "active", person_id(alice))
    assert made.created is not None
    assert (changed.id, changed.name, changed.targetUrl) == (made.id, "All my rooms", f"{url}?x=1")
    create_room(creator=alice, actor=Actor.by_api(alice))
    assert deliver_due() == 1
    (asked,) = receiver.asked
    assert asked.headers["X-Spark-Signature"] == hmac.new(SECRET.encode(), asked.body, hashlib.sha1).hexdigest()
    event = WebhookEvent(asked.body.decode())
    assert (event.id, event.name, event.resource, event.event) == (made.id, "All my rooms", "rooms", "created")
    assert (event.actorId, event.data.type) == (person_id(alice), "group")
    webex(alice, lambda api: api.webhooks.delete(made.id))
    with pytest.raises(ApiError) as gone:
        webex(alice, lambda api: api.webhooks.get(made.id))
    assert (gone.value.status_code, bool(gone.value.tracking_id)) == (404, True)


def test_webexpythonsdk_pages_and_understands_refusals() -> None:
    alice = factories.user("alice")

    def use(api: WebexAPI) -> list[str]:
        for number in range(7):
            api.webhooks.create(str(number), "https://app.example.org/", "rooms", "all")
        return [one.name for one in api.webhooks.list(max=3)]

    assert webex(alice, use) == ["6", "5", "4", "3", "2", "1", "0"]
    with pytest.raises(ApiError) as refused:
        webex(alice, lambda api: api.webhooks.create("x", "https://10.0.0.1/", "rooms", "all"))
    assert (refused.value.status_code, refused.value.message) == (
        400,
        "targetUrl: The address is not on the public internet",
    )


def test_wxc_sdk_from_creation_to_end(receiver: LocalServer) -> None:
    boss, alice, url = officer("boss"), factories.user("alice"), f"{receiver.url}/hook"

    def make(api: WebexSimpleApi) -> Any:
        return api.webhook.create(
            "Rooms",
            url,
            WebhookResource.rooms,
            WebhookEventType.all,
            filter="type=group",
            secret=SECRET,
            owned_by="org",
        )

    made = wxc(boss, make, *SCOPES)
    assert (made.status, made.owned_by, made.created_by) == (WebhookStatus.active, "org", person_id(boss))
    assert wxc(boss, lambda api: list(api.webhook.list(owned_by="org", max=1)), *SCOPES) == [made]
    assert wxc(boss, lambda api: api.webhook.details(made.webhook_id), *SCOPES) == made
    create_room(creator=alice, actor=Actor.by_api(alice))
    assert deliver_due() == 1
    event = SdkEvent.model_validate(json.loads(receiver.asked[0].body))
    assert (event.event, event.actor_id, event.data["type"]) == (WebhookEventType.created, person_id(alice), "group")

    disable_endpoint(endpoint=Webhook.objects.get().endpoint, reason="failing", actor=Actor.by_job("test"))
    assert wxc(boss, lambda api: api.webhook.details(made.webhook_id), *SCOPES).status == WebhookStatus.inactive
    change = made.model_copy(update={"name": "Others", "status": WebhookStatus.active})
    changed = wxc(boss, lambda api: api.webhook.update(made.webhook_id, change), *SCOPES)
    assert (changed.name, changed.status) == ("Others", WebhookStatus.active)
    wxc(boss, lambda api: api.webhook.webhook_delete(made.webhook_id), *SCOPES)
    with pytest.raises(RestError) as gone:
        wxc(boss, lambda api: api.webhook.details(made.webhook_id), *SCOPES)
    assert gone.value.response.status_code == 404
