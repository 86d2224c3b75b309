"""The libraries of Webex's own programs, as they are, against this site over HTTP: webexpythonsdk and wxc_sdk."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from webexpythonsdk import ApiError, WebexAPI
from wxc_sdk import WebexSimpleApi
from wxc_sdk.events import EventResource, EventType
from wxc_sdk.rest import RestError

from integrations.webex import ids
from tests import factories
from tests.integrations.served import while_served
from tests.integrations.webex.test_list_events import fill
from tests.integrations.webex.world import officer, person_id, token_of
from users.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NOW, UNTIL = datetime(2026, 11, 20, 10, tzinfo=UTC), "2026-11-20T10:00:00.000Z"
KINDS = (
    "room.created",
    "asset.created",
    "room.updated",
    "room.deleted",
    "asset.deleted",
    "room.created",
    "room.deleted",
)


def webex(person: User, call: Callable[[WebexAPI], Any], *scopes: str) -> Any:
    """webexpythonsdk takes an address that ends with a slash."""
    token = token_of(person, *scopes)
    return while_served(lambda address: call(WebexAPI(access_token=token, base_url=f"{address}/webex/v1/")))


def wxc(person: User, call: Callable[[WebexSimpleApi], Any], *scopes: str) -> Any:
    """wxc_sdk has the address in its session, and waits between tries unless it is told not to."""
    token = token_of(person, *scopes)

    def with_address(address: str) -> Any:
        with WebexSimpleApi(tokens=token) as api:
            api.session.BASE = f"{address}/webex/v1"
            return call(api)

    return while_served(with_address)


def test_webexpythonsdk_lists_over_three_pages() -> None:
    olga, alice = officer(), factories.user("alice")
    rows = fill(olga.tenant, *KINDS, actor=alice.pk)
    found = webex(olga, lambda api: [event.to_dict() for event in api.events.list(max=3)])
    expected = [ids.written("EVENT", row.id) for row in reversed(rows)]
    assert [event["id"] for event in found if event["resource"] != "convergedRecordings"] == expected
    assert len(found) == len(KINDS) + 1  # one of the files is a recording too


def test_webexpythonsdk_filters_and_keeps_filters_over_pages() -> None:
    olga, alice = officer(), factories.user("alice")
    rows = fill(olga.tenant, *KINDS, actor=alice.pk)
    fill(olga.tenant, "room.created")
    since = (NOW - timedelta(minutes=1)).isoformat(timespec="milliseconds")  # with +00:00, which it encodes once only

    def read(api: WebexAPI) -> list[Any]:
        listed = api.events.list(
            resource="rooms",
            type="created",
            actorId=person_id(alice),
            _from=since,
            to="2026-11-20T10:00:00.000Z",
            max=1,
        )
        return [(event.id, event.created, event.actorId, event.data.roomType) for event in listed]

    assert webex(olga, read) == [
        (ids.written("EVENT", row.id), row.occurred_at, person_id(alice), "group") for row in (rows[5], rows[0])
    ]


def test_webexpythonsdk_reads_one_event_and_understands_errors() -> None:
    olga = officer()
    (row,) = fill(olga.tenant, "room.created")
    event = webex(olga, lambda api: api.events.get(ids.written("EVENT", row.id)))
    assert (event.resource, event.type, event.orgId) == (
        "rooms",
        "created",
        ids.written("ORGANIZATION", olga.tenant_id),
    )
    with pytest.raises(ApiError) as refused:
        webex(olga, lambda api: list(api.events.list(resource="teams")))
    assert refused.value.message.startswith("resource: This must be one of attachmentActions")
    assert refused.value.tracking_id
    with pytest.raises(ApiError) as hidden:
        webex(olga, lambda api: list(api.events.list()), "openid")
    assert (hidden.value.status_code, hidden.value.message) == (
        403,
        "The access token lacks the scope spark-compliance:events_read",
    )


def test_wxc_sdk_lists_filters_and_reads() -> None:
    olga, alice = officer(), factories.user("alice")
    rows = fill(olga.tenant, *KINDS, actor=alice.pk)

    def read(api: WebexSimpleApi) -> tuple[Any, ...]:
        everything = list(api.events.list(max=3))
        deleted = api.events.list(
            resource=EventResource.rooms, type_=EventType.deleted, from_=NOW - timedelta(minutes=1), to_=NOW, max=1
        )
        return everything, list(deleted), api.events.details(everything[0].id)

    everything, deleted, one = wxc(olga, read)
    assert len(everything) == len(KINDS) + 1
    assert [event.id for event in deleted] == [ids.written("EVENT", rows[number].id) for number in (6, 3)]
    assert {event.type for event in deleted} == {EventType.deleted}
    assert (one, one.created, one.data.room_type) == (everything[0], rows[6].occurred_at, "group")


def test_wxc_sdk_understands_errors() -> None:
    olga = officer()
    with pytest.raises(RestError) as refused:
        wxc(olga, lambda api: list(api.events.list(actor_id="bob")))
    assert refused.value.response.status_code == 400
    assert refused.value.description == "actorId: This must be the id of a person"
    with pytest.raises(RestError) as unknown:
        wxc(olga, lambda api: api.events.details("unknown"))
    assert (unknown.value.response.status_code, bool(unknown.value.detail.tracking_id)) == (404, True)
