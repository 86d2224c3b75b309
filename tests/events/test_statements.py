"""Every list and detail costs the same number of SQL statements, however much it shows (design.md §8: G2, G14).

The numbers include the one that finds the caller by his token.
"""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events import agenda
from events.models import Agenda, Event
from invites.models import EmailInvite, EventInvite, InviteCode
from rooms.models import Room, SipConfig, StreamingTarget
from tests import factories
from tests.api import Api
from tests.circle import Circle
from users.models import User

pytestmark = pytest.mark.django_db
SIZES = (1, 30, 100)


def statements(call: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as captured:
        answer = call()
    assert answer.status_code < 300, answer.content
    return len(captured)


def people(circle: Circle, count: int) -> list[User]:
    """Rows as the services write them, all at once."""
    password = make_password(None)
    return User.objects.bulk_create(
        User(
            username=str(uuid.uuid4()),
            oidc_sub=str(uuid.uuid4()),
            email=f"{uuid.uuid4()}@example.com",
            tenant=circle.alice.tenant,
            tariff=circle.alice.tariff,
            password=password,
        )
        for _number in range(count)
    )


def fill_invitees(circle: Circle, count: int, event: Event | None = None) -> None:
    """`count` users and as many addresses, each with a code."""
    event = event or circle.event
    codes = InviteCode.objects.bulk_create(
        InviteCode(room=event.room, created_by=circle.alice, updated_by=circle.alice) for _number in range(count)
    )
    EventInvite.objects.bulk_create(
        EventInvite(event=event, invitee=person, created_by=circle.alice) for person in people(circle, count)
    )
    EmailInvite.objects.bulk_create(
        EmailInvite(event=event, email=f"{code.pk}@example.org", created_by=circle.alice, invite_code=code)
        for code in codes
    )
    agenda.sync(event)


def fill_events(circle: Circle, count: int) -> None:
    """`count` more events of alice's that bob is invited to, each with a live stream and two invitees."""
    alice, pattern = circle.alice, ["RRULE:FREQ=WEEKLY"]
    rooms = Room.objects.bulk_create(Room(tenant=alice.tenant, created_by=alice) for _number in range(count))
    SipConfig.objects.bulk_create(SipConfig(room=room) for room in rooms)
    StreamingTarget.objects.bulk_create(
        StreamingTarget(room=room, name="x", streaming_endpoint="rtmp://x", streaming_key="x", public_url="https://x")
        for room in rooms
    )
    columns = {
        "tenant": alice.tenant,
        "created_by": alice,
        "updated_by": alice,
        "organizer_address": alice.email,
    } | factories.schedule(pattern=tuple(pattern)).columns()
    events = Event.objects.bulk_create(
        Event(room=room, uid=str(room.pk), series=room.pk, title="x", **columns) for room in rooms
    )
    EventInvite.objects.bulk_create(EventInvite(event=event, invitee=circle.bob, created_by=alice) for event in events)
    EmailInvite.objects.bulk_create(
        EmailInvite(event=event, email="d@example.org", created_by=alice) for event in events
    )
    Agenda.objects.bulk_create(row for event in events for row in agenda.expected(event))


@pytest.fixture
def circle(settings: Any) -> Circle:
    settings.CALL_IN_TEL = "+493012345678"
    return Circle(streaming_targets=[], schedule=factories.schedule(pattern=("RRULE:FREQ=WEEKLY",)))


def costs(circle: Circle, fill: Callable[[Circle, int], None], path: str, **query: Any) -> set[int]:
    """What the sizes cost both callers."""
    found, filled = set(), 1
    for size in SIZES:
        fill(circle, size - filled)
        filled = size
        for user in (circle.alice, circle.bob):
            api = Api(user)
            found.add(statements(lambda: api.get(path, **query)))  # noqa: B023 - called here
    return found


@pytest.mark.parametrize(("invitees_max", "most"), [(0, 3), (20, 5)])
def test_events_list(circle: Circle, invitees_max: int, most: int) -> None:
    assert costs(circle, fill_events, "/v1/events", per_page=100, invitees_max=invitees_max) == {most}


@pytest.mark.parametrize(("invitees_max", "most"), [(0, 3), (20, 5), (1000, 5)])
def test_event(circle: Circle, invitees_max: int, most: int) -> None:
    assert costs(circle, fill_invitees, circle.path, invitees_max=invitees_max) == {most}


@pytest.mark.parametrize(("query", "expected"), [({}, {4, 5}), ({"per_page": 100}, {4, 5}), ({"page": 2}, {5, 6})])
def test_invitees_list(circle: Circle, query: dict[str, Any], expected: set[int]) -> None:
    """Four, and for each of the two lists that does not end on the page one more: its length."""
    assert costs(circle, fill_invitees, f"{circle.path}/invites", **query) == expected


def test_room_codes(circle: Circle) -> None:
    assert costs(circle, fill_invitees, f"{circle.room_path}/invites", per_page=100) == {4}


def test_room(circle: Circle) -> None:
    assert costs(circle, fill_invitees, circle.room_path) == {2}


def test_creating_an_event_costs_the_same_for_a_full_agenda(circle: Circle) -> None:
    api = Api(circle.alice)
    body = factories.WEEKLY | {"streaming_targets": []}
    empty = statements(lambda: api.post("/v1/events", body))
    fill_events(circle, 100)
    assert statements(lambda: api.post("/v1/events", body)) == empty
    assert empty == 24


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_change_and_cancellation_cost_the_same_for_many_mails(circle: Circle, method: str) -> None:
    """Inserts go in batches of what SQLite binds in one statement, so 40 people are one batch."""
    found = []
    for count in (1, 20):
        event = factories.event(circle.alice)
        fill_invitees(circle, count, event)
        api, path = Api(circle.alice), f"/v1/events/{event.pk}"
        found.append(statements(lambda: api.request(method, path, {"title": "Other"})))  # noqa: B023 - called here
    assert found[0] == found[1]
