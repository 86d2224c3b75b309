"""GET /webex/v1/events and /webex/v1/events/{id}: who may read, what the filters find, how pages go on."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.test import Client

from activity.models import Activity
from integrations.webex import ids
from integrations.webex.events import id_of
from tests import factories
from tests.api import Api
from tests.circle import Circle
from tests.integrations.webex.world import PATH, items, next_page, officer, pairs, person_id, program
from users.models import Tenant

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
LATER = 2**62  # a transaction of the far future


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as frozen:
        yield frozen


def fill(tenant: Tenant, *kinds: str, actor: uuid.UUID | None = None, transaction_id: int = 0) -> list[Activity]:
    """One a second, the last of them a second ago."""
    data = {"title": "", "owner_id": None, "filename": "a.pdf", "namespace": "", "kind": "other", "size": 1}
    rows = [
        Activity(
            transaction_id=transaction_id,
            occurred_at=NOW - timedelta(seconds=len(kinds) - number),
            kind=kind,
            tenant_id=tenant.pk,
            actor_kind="user",
            actor_id=actor,
            via="api",
            subject_id=uuid.uuid4(),
            room_id=uuid.uuid4(),
            data=data | ({"kind": "recording"} if kind == "asset.created" and number == 1 else {}),
        )
        for number, kind in enumerate(kinds)
    ]
    return Activity.objects.bulk_create(rows)


def all_pages(api: Api, **query: Any) -> list[list[dict[str, Any]]]:
    answer = api.get(PATH, **query)
    pages = [answer.json()["items"]]
    while address := next_page(answer):
        answer = api.get(address)
        assert answer.status_code == 200, answer.content
        pages.append(answer.json()["items"])
    return pages


# --- What an event is ---


def test_event_is_as_the_seed_has_it() -> None:
    olga, circle = officer(), Circle()
    activity = Activity.objects.get(kind="room.created")
    activity.occurred_at = NOW - timedelta(milliseconds=1)
    activity.transaction_id = 0  # the test has not ended
    activity.save()
    room, org = ids.written("ROOM", circle.event.room_id), ids.written("ORGANIZATION", olga.tenant_id)
    found = items(program(olga), resource="rooms")
    assert found == [
        {
            "id": ids.written("EVENT", activity.id),
            "resource": "rooms",
            "type": "created",
            "actorId": person_id(circle.alice),
            "orgId": org,
            "created": "2026-11-20T09:59:59.999Z",
            "data": {
                "id": room,
                "roomId": room,
                "roomType": "group",
                "type": "group",
                "orgId": org,
                "creatorId": person_id(circle.alice),
                "title": circle.event.title,
                "created": "2026-11-20T09:59:59.999Z",
            },
        }
    ]


def test_event_is_read_by_its_id_in_any_spelling() -> None:
    api = program(officer())
    (one,) = fill(factories.tenant(), "room.created")
    written = ids.written("EVENT", one.id)
    for spelling in (written, written + "=" * (-len(written) % 4), str(one.id), one.id.hex):
        answer = api.get(f"{PATH}/{spelling}")
        assert answer.json() == items(api)[0], spelling


def test_each_event_of_an_activity_has_an_id_of_its_own() -> None:
    api = program(officer())
    _other, one = fill(factories.tenant(), "asset.created", "asset.created")
    recording, file = items(api, max=2)[::-1]
    assert pairs([file, recording]) == ["files/created", "convergedRecordings/created"]
    assert [ids.read(event["id"], "EVENT") for event in (file, recording)] == [one.id, id_of(one.id, 1)]
    for event in (file, recording):
        assert api.get(f"{PATH}/{event['id']}").json() == event
    # The third line of this kind is a transcript, which this file is not.
    assert api.get(f"{PATH}/{id_of(one.id, 2)}").status_code == 404


def test_unknown_ids_are_not_found() -> None:
    api = program(officer())
    (hidden, started) = fill(factories.tenant(), "code.created", "meeting.started")
    Activity.objects.filter(pk=started.pk).update(data={"session": "x"})
    ids_of_none = [
        uuid.uuid4(),
        "nonsense",
        hidden.id,
        started.id,
        "a" * 3000,
        "%00",
        "Ü",
        ids.written("ROOM", hidden.id),
    ]
    for unknown in ids_of_none:
        answer = api.get(f"{PATH}/{unknown}")
        assert answer.status_code == 404, unknown
        assert answer.json()["message"] == "A requested resource could not be found"


# --- Who may read ---


def test_needs_scope_and_right() -> None:
    olga, alice = officer(), factories.user("alice")
    helper = factories.user("helper", is_staff=True)
    without_right = officer("former", disabled_since=None)
    without_right.is_staff = False
    without_right.save()
    for api, message in (
        (Api(olga), "The access token lacks the scope spark-compliance:events_read"),
        (program(alice), "Only compliance officers may do this"),
        (program(helper), "Only compliance officers may do this"),
        (program(without_right), "Only compliance officers may do this"),
    ):
        for path in (PATH, f"{PATH}/{uuid.uuid4()}"):
            answer = api.get(path)
            assert answer.status_code == 403
            assert answer.json()["message"].startswith(message)
    assert program(factories.staff()).get(PATH).status_code == 200


def test_errors_are_as_webex_writes_them() -> None:
    answer = Api().request("GET", PATH, headers={"X-Request-Id": "tracked-1"})
    assert answer.status_code == 401
    message = "Unable to parse access token or invite code"
    assert answer.json() == {
        "message": message,
        "errors": [{"description": message}],
        "trackingId": "tracked-1",
        "code": "unauthorized",
    }
    missing = Client().get("/webex/v1/nothing")
    assert (missing.status_code, missing.json()["message"]) == (404, "A requested resource could not be found")


def test_other_tenants_stay_invisible() -> None:
    olga, other = officer(), officer("oscar", tenant=factories.tenant("other"))
    (mine,) = fill(olga.tenant, "room.created")
    (theirs,) = fill(other.tenant, "room.created")
    assert [ids.read(one["id"], "EVENT") for one in items(program(olga))] == [mine.id]
    assert [ids.read(one["id"], "EVENT") for one in items(program(other))] == [theirs.id]
    assert program(olga).get(f"{PATH}/{theirs.id}").status_code == 404
    assert items(program(olga), actorId=person_id(other)) == []


def test_staff_who_see_every_tenant_read_only_their_own_here() -> None:
    admin = factories.staff()
    fill(factories.tenant("other"), "room.created")
    assert items(program(admin)) == []


def test_who_calls_too_often_waits_for_the_next_minute(settings: Any, clock: Any) -> None:
    settings.WEBEX_PER_MINUTE = 2
    api, other = program(officer()), program(officer("oscar"))
    clock.shift(timedelta(minutes=10, seconds=45))
    api, other = program(officer("ophelia")), program(officer("otto"))
    assert [api.get(PATH).status_code for _time in range(3)] == [200, 200, 429]
    refused = api.get(PATH)
    assert (refused["Retry-After"], refused.json()["message"]) == ("15", "Too many requests; try again later")
    assert other.get(PATH).status_code == 200


# --- Filters ---


def test_filters_are_all_held_at_once() -> None:
    olga, alice = officer(), factories.user("alice")
    api, tenant = program(olga), olga.tenant
    fill(tenant, "room.created", "room.deleted", "asset.created", "room.created", actor=alice.pk)
    fill(tenant, "room.updated")
    by_alice = {"actorId": person_id(alice)}
    assert pairs(items(api)) == ["rooms/updated", "rooms/created", "files/created", "rooms/deleted", "rooms/created"]
    assert pairs(items(api, resource="files")) == ["files/created"]
    assert pairs(items(api, type="deleted")) == ["rooms/deleted"]
    assert pairs(items(api, resource="rooms", type="created", **by_alice)) == ["rooms/created"] * 2
    assert pairs(items(api, actorId=str(alice.pk), max=1)) == ["rooms/created"]
    assert pairs(items(api, type="all", resource="rooms", actorId=ids.written("PEOPLE", ids.SYSTEM))) == [
        "rooms/updated"
    ]
    since = (NOW - timedelta(seconds=3)).isoformat()
    until = (NOW - timedelta(seconds=2)).isoformat().replace("+00:00", "Z")
    assert pairs(items(api, **{"from": since, "to": until})) == ["rooms/deleted"]


def test_from_is_inclusive_and_to_is_not() -> None:
    api, tenant = program(officer()), factories.tenant()
    fill(tenant, "room.created", "room.updated")
    second, third = ((NOW - timedelta(seconds=number)).isoformat() for number in (2, 1))
    assert pairs(items(api, **{"from": second})) == ["rooms/updated", "rooms/created"]
    assert pairs(items(api, **{"from": second, "to": third})) == ["rooms/created"]


@pytest.mark.parametrize("resource", ["attachmentActions", "businessTexts", "file_transcodings"])
def test_what_never_happened_is_an_empty_list(resource: str) -> None:
    api = program(officer())
    fill(factories.tenant(), "room.created")
    assert items(api, resource=resource) == []
    assert items(api, type="read") == []
    assert items(api, resource="rooms", type="ended") == []


WORD, TIME, NUMBER = "This must be one of ", "This must be a time with its offset", "This must be a whole number from 1"
PERSON, CURSOR = "This must be the id of a person", "This must be as the address of the next page has it"
BAD = {
    "resource": {"teams": WORD, "\0": WORD, "\ud800": WORD},
    "type": {"joined": f"{WORD}created, updated, deleted, ended, read, all"},
    "actorId": {"bob": PERSON, ids.written("ROOM", uuid.UUID(int=1)): PERSON, "a" * 3000: PERSON},
    "from": {"today": TIME, "2026-11-20T10:00:00": TIME},
    "to": {"2026-11-20T10:01:01Z": "This must not be in the future", "9" * 50: TIME},
    "max": dict.fromkeys(("0", "1001", "-1", "1e2", "9" * 99), NUMBER),
    "serviceType": {"faxing": f"{WORD}calling", "calling": "This goes with resource call_records or"},
    "cursor": dict.fromkeys(("1.2.3", "1.2.3.x", "9" * 99, f"1.{'9' * 18}.1.1", "1.1.1.11"), CURSOR),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_filter_is_named(name: str) -> None:
    api = program(officer())
    for value, message in BAD[name].items():
        answer = api.get(f"{PATH}?{urlencode({name: value}, errors='replace')}")
        assert answer.status_code == 400, value
        assert answer.json()["message"].startswith(f"{name}: {message}")
        assert answer.json()["errors"] == [{"description": answer.json()["message"]}]


def test_all_bad_filters_are_named_at_once() -> None:
    api = program(officer())
    answer = api.get(PATH, resource="x", max="y", **{"from": "2026-11-20T09:00:00Z", "to": "2026-11-20T08:00:00Z"})
    assert [one["description"].partition(":")[0] for one in answer.json()["errors"]] == ["resource", "max", "from"]
    assert not Activity.objects.filter(kind__startswith="compliance.").exists()


def test_query_is_read_as_programs_send_it() -> None:
    api = program(officer())
    fill(factories.tenant(), "room.created")
    for query in (
        "resource=rooms&resource=rooms",
        "from=2026-11-20T09:00:00.000+00:00",
        "from=2026-11-20T09:00:00.000%2B00:00&from=2026-11-20T09:00:00.000+00:00",
        "to=2026-11-20T10:00:30Z&actorId=&max=&unknown=1",
        "resource=convergedRecordings&serviceType=calling",
    ):
        assert api.get(f"{PATH}?{query}").status_code == 200, query
    answer = api.get(f"{PATH}?resource=rooms&resource=files")
    assert answer.json()["message"] == "resource: This was given several times, with different values"


# --- Pages ---


def test_pages_follow_each_other_to_the_end() -> None:
    api, tenant = program(officer()), factories.tenant()
    rows = fill(tenant, *["room.created", "asset.created", "code.created"] * 5)
    found = [len(page) for page in all_pages(api, max=4)]
    assert found == [4, 4, 3]  # with the one recording
    shown = [ids.read(one["id"], "EVENT") for page in all_pages(api, max=1) for one in page]
    assert len(set(shown)) == len(shown) == 11
    assert [one for one in shown if one in {row.id for row in rows}] == [
        row.id for row in reversed(rows) if row.kind != "code.created"
    ]


def test_next_page_keeps_the_filters() -> None:
    api, tenant = program(officer()), factories.tenant()
    fill(tenant, *["room.created", "asset.created"] * 3)
    since = "2026-11-20T09:00:00.000+00:00"
    answer = api.get(PATH, resource="rooms", max=2, **{"from": since})
    address = next_page(answer)
    assert address is not None
    assert address.startswith(f"{PATH}?resource=rooms&from=2026-11-20T09%3A00%3A00.000%2B00%3A00&max=2&cursor=")
    assert pairs(api.get(address).json()["items"]) == ["rooms/created"]
    # As webexpythonsdk would send it, with what it asked for once more.
    again = api.get(f"{address}&resource=rooms&from={since}&max=2")
    assert again.json() == api.get(address).json()


def test_pages_stay_put_while_others_write() -> None:
    api, tenant = program(officer()), factories.tenant()
    fill(tenant, *["room.created"] * 5)
    answer = api.get(PATH, resource="rooms", max=2)
    expected = all_pages(api, resource="rooms", max=2)[1:]
    fill(tenant, *["room.deleted"] * 7, transaction_id=LATER)  # some of them older than what was shown
    address, found = next_page(answer), []
    while address:
        answer = api.get(address)
        found.append(answer.json()["items"])
        address = next_page(answer)
    assert found == expected


def test_page_of_what_is_rare_is_short_rather_than_long_to_read(monkeypatch: Any) -> None:
    monkeypatch.setattr("integrations.webex.listing.SCAN", 3)
    api, tenant = program(officer()), factories.tenant()
    fill(tenant, *["asset.created"] * 12)  # the second is a recording
    pages = all_pages(api, resource="convergedRecordings", max=1)
    assert [len(page) for page in pages] == [0, 0, 1]
    assert pairs(pages[-1]) == ["convergedRecordings/created"]


# --- The log of the readers ---


def test_each_listing_and_each_event_read_is_in_the_log() -> None:
    olga = officer()
    api = program(olga)
    (one,) = fill(olga.tenant, "room.created")
    api.get(PATH, resource="rooms", max=5)
    api.get(f"{PATH}/{one.id}")
    api.get(f"{PATH}/{uuid.uuid4()}")
    listed, read = Activity.objects.filter(kind__startswith="compliance.").order_by("position")
    assert (listed.kind, listed.data) == (
        "compliance.listed",
        {"filters": "resource=rooms&max=5", "count": 1},
    )
    assert (read.kind, read.data) == ("compliance.read", {"event": str(one.id)})
    for row in (listed, read):
        assert (row.actor_id, row.subject_id, row.tenant_id) == (olga.pk, olga.pk, olga.tenant_id)
        assert not row.audience.exists()
