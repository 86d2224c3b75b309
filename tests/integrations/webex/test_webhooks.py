"""webhooks and webhooks/{id}: whole answers, what is refused and why, and who reaches which."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from activity.actors import Actor
from activity.models import Activity
from integrations.deliveries.endpoints import disable_endpoint
from integrations.deliveries.models import Endpoint, KeyRing
from integrations.webex import ids, webhooks
from integrations.webex.models import Webhook
from integrations.webex.webhooks import switch_off
from tests import factories
from tests.api import Api
from tests.integrations.webex.hooks import HOOK, webhook_of
from tests.integrations.webex.world import officer, program
from users.models import User
from users.provider.scopes import WEBHOOKS_READ, WEBHOOKS_WRITE

pytestmark = pytest.mark.django_db
PATH = "/webex/v1/webhooks"
NOW = datetime(2030, 1, 7, 9, tzinfo=UTC)


@pytest.fixture
def alice() -> User:
    return factories.user("alice")


def compliance(user: User, *scopes: str) -> Api:
    """With a token of these scopes."""
    return program(user, *(scopes or (WEBHOOKS_READ, WEBHOOKS_WRITE)))


def path_of(webhook: Webhook) -> str:
    return f"{PATH}/{ids.written(ids.WEBHOOK, webhook.pk)}"


def told(answer: Any, status: int = 400) -> list[str]:
    assert answer.status_code == status, answer.content
    return [line["description"] for line in answer.json()["errors"]]


def test_webhook_from_its_creation_to_its_end(alice: User) -> None:
    api = Api(alice)
    with time_machine.travel(NOW, tick=False):
        api = Api(alice)
        made = api.post(PATH, HOOK | {"resource": "memberships", "filter": "isModerator=true", "secret": "hunter2"})
        assert made.status_code == 200, made.content
        webhook = Webhook.objects.get()
        expected = {
            "id": ids.written("WEBHOOK", webhook.pk),
            "name": "Everything",
            "targetUrl": "https://app.example.org/hook",
            "resource": "memberships",
            "event": "all",
            "filter": "isModerator=true",
            "secret": "hunter2",
            "status": "active",
            "created": "2030-01-07T09:00:00.000Z",
            "orgId": ids.written("ORGANIZATION", alice.tenant_id),
            "createdBy": ids.written("PEOPLE", alice.pk),
            "appId": made.json()["appId"],
            "ownedBy": "creator",
        }
        assert made.json() == expected
        assert api.get(path_of(webhook)).json() == expected
        assert api.get(PATH).json() == {"items": [expected]}
        changed = api.put(path_of(webhook), {"name": "Other", "targetUrl": "https://b.example.org/", "secret": ""})
        expected |= {"name": "Other", "targetUrl": "https://b.example.org/"}
        expected.pop("secret")
        assert (changed.status_code, changed.json()) == (200, expected)
        gone = api.delete(path_of(webhook))
        assert (gone.status_code, gone.content) == (204, b"")
        assert api.get(path_of(webhook)).status_code == api.delete(path_of(webhook)).status_code == 404
        assert api.get(PATH).json() == {"items": []}


@pytest.mark.parametrize(
    ("members", "line"),
    [
        ({"name": None}, "name: This field may not be null."),
        ({"name": ""}, "name: This field may not be blank."),
        ({"name": "x" * 256}, "name: Ensure this field has no more than 255 characters."),
        ({"name": 7}, "name: This must be a string"),
        ({"name": "a\0b"}, "name: Null characters are not allowed."),
        ({"targetUrl": "https://10.0.0.1/"}, "targetUrl: The address is not on the public internet"),
        ({"targetUrl": "http://app.example.org/"}, "targetUrl: The address must begin with https://"),
        ({"targetUrl": "https://127.0.0.1/"}, "targetUrl: The address is not on the public internet"),
        ({"targetUrl": "x" * 2001}, "targetUrl: Ensure this field has no more than 2000 characters."),
        ({"resource": "cars"}, 'resource: "cars" is not a valid choice.'),
        ({"resource": ["rooms"]}, "resource: \"['rooms']\" is not a valid choice."),
        ({"event": "bought"}, 'event: "bought" is not a valid choice.'),
        ({"secret": "x" * 256}, "secret: Ensure this field has no more than 255 characters."),
        ({"ownedBy": "me"}, 'ownedBy: "me" is not a valid choice.'),
        ({"resource": "adminBatchJobs"}, "resource: adminBatchJobs needs ownedBy=org"),
        ({"filter": "roomId=1"}, "filter: Webhooks of every resource have no filter"),
        ({"resource": "telephony_calls", "filter": "a=b"}, "filter: Webhooks of telephony_calls have no filter"),
        ({"resource": "rooms", "filter": "colour=red"}, "filter: colour is no filter here: rooms has type, isLocked"),
        (
            {"resource": "messages", "filter": "mentionedPeople=me"},
            "filter: mentionedPeople is no filter here: messages has roomId, roomType, personId, personEmail, hasFiles",
        ),
        ({"resource": "rooms", "filter": "type"}, "filter: A filter is written roomId=…&personId=…, each name once"),
        ({"resource": "rooms", "filter": "type=group&type=direct"}, "filter: A filter names each member once"),
        ({"resource": "rooms", "filter": "type=huge"}, "filter: type has no usable value"),
        ({"resource": "memberships", "filter": "roomId=x"}, "filter: roomId has no usable value"),
        ({"resource": "memberships", "filter": "personEmail="}, "filter: personEmail has no usable value"),
        ({"resource": "meetings", "filter": "hostEmail=a@b.example"}, "filter: hostEmail needs ownedBy=org"),
    ],
)
def test_what_cannot_work_is_refused(members: dict[str, Any], line: str, alice: User) -> None:
    answer = Api(alice).post(PATH, HOOK | members)
    assert told(answer) == [line]
    assert answer.json()["trackingId"]
    assert not Webhook.objects.exists()
    assert not Endpoint.objects.exists()


def test_all_that_is_missing_is_named(alice: User) -> None:
    lines = told(Api(alice).post(PATH, {}))
    assert lines == [f"{name}: This field is required." for name in ("name", "targetUrl", "resource", "event")]
    lone = b'{"name": "\\ud800"}'
    answer = Api(alice).request("POST", PATH, lone, content_type="application/json")
    assert told(answer)[0].startswith("The request body is not valid JSON")
    assert told(Api(alice).post(PATH, [HOOK])) == ["Invalid data. Expected a dictionary, but got list."]


def test_put_changes_what_may_change(alice: User) -> None:
    webhook = webhook_of(alice, resource="rooms", filter="type=group")
    api, path = Api(alice), path_of(webhook)
    assert told(api.put(path, {"status": "inactive"})) == ["status: A webhook cannot be made inactive: delete it"]
    others = {"resource": "meetings", "event": "created", "filter": "x", "ownedBy": "org", "status": "active"}
    answer = api.put(path, others)
    assert (answer.status_code, answer.json()) == (200, api.get(path).json())
    assert (answer.json()["resource"], answer.json()["filter"]) == ("rooms", "type=group")
    assert told(api.put(path, {"targetUrl": "ftp://x"})) == [
        "targetUrl: This is no http or https address of at most 2000 ASCII characters"
    ]


def test_change_may_be_a_form_that_calls_itself_json(alice: User) -> None:
    webhook = webhook_of(alice)
    api, path = Api(alice), path_of(webhook)
    for body, name in ((b"name=Other+one&status=active", "Other one"), (b'{"name": "Third"}', "Third"), (b"", "Third")):
        answer = api.request("PUT", path, body, content_type="application/json")
        assert (answer.status_code, answer.json()["name"]) == (200, name)
    for body in (b"name", b"null", b"x" * 2_500_001, "name=ü".encode(), b"&".join([b"a=b"] * 21), b"[" * 100_000):
        assert api.request("PUT", path, body, content_type="application/json").status_code == 400, body[:20]


def test_what_was_switched_off_comes_back(alice: User) -> None:
    webhook = webhook_of(alice)
    api, path = Api(alice), path_of(webhook)
    disable_endpoint(endpoint=webhook.endpoint, reason="failing", actor=Actor.by_job("test"))
    assert api.get(path).json()["status"] == "inactive"
    assert api.put(path, {"name": "Everything"}).json()["status"] == "inactive"
    assert api.put(path, {"status": "active"}).json()["status"] == "active"
    switch_off(webhook=webhook, actor=Actor.by_admin(factories.staff()))
    assert told(api.put(path, {"status": "active"}), 403) == ["An administrator has switched this webhook off"]


def test_limit_is_told(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "MOST_OF_ONE", 1)
    webhook_of(alice)
    assert told(Api(alice).post(PATH, HOOK), 409) == ["You have 100 webhooks already: delete one first"]


def test_ids_are_read_in_any_spelling(alice: User) -> None:
    webhook = webhook_of(alice)
    api, key = Api(alice), ids.written(ids.WEBHOOK, webhook.pk)
    for spelling in (key, key + "=", key + "==", str(webhook.pk)):
        assert api.get(f"{PATH}/{spelling}").status_code == 200
    for wrong in (ids.written(ids.ROOM, webhook.pk), "x", "%00", "x" * 500, "ü"):
        assert api.get(f"{PATH}/{wrong}").status_code == 404


def test_pages_stay_put_while_webhooks_come_and_go(alice: User) -> None:
    made = [webhook_of(alice, name=str(number)) for number in range(7)]
    api, path, seen = Api(alice), f"{PATH}?max=3", []
    while path:
        answer = api.get(path)
        seen.append([item["name"] for item in answer.json()["items"]])
        link = answer.headers.get("Link", "")
        path = link[1 : link.index(">")].removeprefix("http://testserver") if link else ""
        webhook_of(alice, name="new")
        Webhook.objects.filter(pk=made[6].pk).delete()
    assert seen == [["6", "5", "4"], ["3", "2", "1"], ["0"]]


@pytest.mark.parametrize(
    "query", ["max=0", "max=1001", "max=x", "max=", "max=9999999", "ownedBy=me", "cursor=x", "cursor=1.2"]
)
def test_wrong_queries(query: str, alice: User) -> None:
    assert Api(alice).get(f"{PATH}?{query}").status_code == 400


def test_webhooks_of_the_organization_are_for_officers(alice: User) -> None:
    boss = officer("boss")
    body = HOOK | {"ownedBy": "org"}
    lacks = "The access token lacks the scope spark-compliance:webhooks_write"
    only = "Only compliance officers may do this: staff with the right to read the log by the Webex API"
    for api, line in ((Api(boss), lacks), (compliance(boss, WEBHOOKS_READ), lacks), (compliance(alice), only)):
        assert told(api.post(PATH, body), 403) == [line]
    made = compliance(boss).post(PATH, body)
    assert (made.status_code, made.json()["ownedBy"]) == (200, "org")
    assert told(Api(alice).get(f"{PATH}?ownedBy=org"), 403) == [
        "The access token lacks the scope spark-compliance:webhooks_read"
    ]
    assert [item["name"] for item in compliance(boss).get(f"{PATH}?ownedBy=org").json()["items"]] == ["Everything"]


def test_secret_is_told_to_its_owner_alone() -> None:
    boss, other = officer("boss"), officer("other")
    webhook = webhook_of(boss, owned_by="org", secret="hunter2")
    assert compliance(boss).get(path_of(webhook)).json()["secret"] == "hunter2"
    assert "secret" not in compliance(other).get(path_of(webhook)).json()
    (item,) = compliance(other).get(f"{PATH}?ownedBy=org").json()["items"]
    assert "secret" not in item


def test_another_officer_changes_and_deletes_webhooks_of_the_organization() -> None:
    boss, other = officer("boss"), officer("other")
    foreign = officer("foreign", tenant=factories.tenant("another"))
    webhook = webhook_of(boss, owned_by="org")
    path = path_of(webhook)
    for method in ("get", "put", "delete"):
        assert (
            getattr(compliance(foreign), method)(path, **({} if method == "get" else {"body": {}})).status_code == 404
        )
        assert getattr(Api(other), method)(path).status_code == 403
    assert compliance(other).put(path, {"name": "Other"}).json()["name"] == "Other"
    assert compliance(other).delete(path).status_code == 204
    assert Activity.objects.filter(kind="webhook.deleted").get().actor_id == other.pk


def test_who_is_officer_no_more_may_still_delete() -> None:
    boss = officer("boss")
    webhook = webhook_of(boss, owned_by="org")
    boss.user_permissions.clear()
    api, path = Api(User.objects.get(pk=boss.pk)), path_of(webhook)
    assert api.get(path).status_code == 200
    assert api.put(path, {"name": "Other"}).status_code == 403
    assert api.delete(path).status_code == 204


def test_list_costs_the_same_for_many(alice: User) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert Api(alice).get(PATH).status_code == 200
        return len(captured)

    webhook_of(alice)
    few = cost()
    for _number in range(10):
        webhook_of(alice)
    assert cost() == few == 3
    assert KeyRing.objects.count() == 11
