"""Every list and detail costs the same number of SQL statements, however much it shows.

The numbers include the one that finds the caller by the token.
"""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test.utils import CaptureQueriesContext

from activity.actors import Actor
from events import agenda
from events.models import Agenda, Event, EventException, SharedFolder
from events.services.favorites import add_favorite
from invites.models import EmailInvite, EventInvite, InviteCode
from rooms.models import Asset, Room, SipConfig, StreamingTarget
from rooms.streaming import MOST_STREAMS
from tests import factories
from tests.api import Api
from tests.circle import Circle
from tests.sweeps import examples, sweep
from users.models import User

pytestmark = pytest.mark.django_db
SIZES = (1, 30, examples(60, 100))


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
    Agenda.objects.bulk_create(agenda.expected(events))


@pytest.fixture
def circle(settings: Any) -> Circle:
    settings.CALL_IN_TEL = "+493012345678"
    # Django asks SQLite once whether it can.
    assert connection.features.supports_json_field
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


@pytest.mark.slow
@pytest.mark.parametrize(("invitees_max", "most"), [(0, 2), (20, 4)])
def test_events_list(circle: Circle, invitees_max: int, most: int) -> None:
    assert costs(circle, fill_events, "/v1/events", per_page=100, invitees_max=invitees_max) == {most}


@pytest.mark.slow
@pytest.mark.parametrize(("invitees_max", "most"), [(0, 2), (20, 4), (1000, 4)])
def test_event(circle: Circle, invitees_max: int, most: int) -> None:
    assert costs(circle, fill_invitees, circle.path, invitees_max=invitees_max) == {most}


def fill_exceptions(circle: Circle, count: int) -> None:
    """`count` more occurrences of the event that are not as the series."""
    event = circle.event
    taken = event.exceptions.count()
    EventException.objects.bulk_create(
        EventException(
            event=event,
            original_starts_at=event.starts_at + timedelta(weeks=week),
            kind=EventException.Kind.MODIFIED,
            title="x",
            created_by=circle.alice,
            updated_by=circle.bob,
        )
        for week in range(taken, taken + count)
    )


@pytest.mark.slow
@pytest.mark.parametrize(("invitees_max", "most"), [(0, {3, 4}), (20, {6})])
def test_all_instances(circle: Circle, invitees_max: int, most: set[int]) -> None:
    """One more where somebody's answers to single occurrences may be shown: not to the creator alone."""
    window = {"time_min": "2026-12-01T00:00:00Z", "time_max": "2027-12-01T00:00:00Z"}
    path = "/v1/events/instances"
    assert costs(circle, fill_events, path, per_page=100, invitees_max=invitees_max, **window) == most


@pytest.mark.slow
@sweep(
    ("path", "query", "most"),
    [
        ("/v1/events", {}, 3),
        ("/v1/events/instances", {"time_min": "2026-12-01T00:00:00Z"}, 4),
        ("{event}/instances", {}, 3),
        ("{event}/instances/20261207T090000Z", {}, 3),
        ("{event}/instances/20261207T090000Z", {"invitees_max": 20}, 5),
    ],
    fast=2,
)
def test_exceptions_cost_one_more_however_many(circle: Circle, path: str, query: dict[str, Any], most: int) -> None:
    """And answers to single occurrences one, where there are any to show."""
    found = costs(circle, fill_exceptions, path.format(event=circle.path), **query)
    assert found <= set(range(most - 1, most + 2))


@pytest.mark.slow
def test_splitting_a_series_costs_the_same_whatever_hangs_on_it(circle: Circle) -> None:
    found = []
    for count in (1, 15):  # inserts go in batches of what SQLite binds in one statement
        schedule = factories.schedule(pattern=("RRULE:FREQ=WEEKLY",))
        circle.event = factories.event(circle.alice, schedule=schedule)
        fill_invitees(circle, count, circle.event)
        fill_exceptions(circle, 1 + count)
        api, path = Api(circle.alice), f"/v1/events/{circle.event.pk}/reschedule"
        body = {"from": {"datetime": "2026-11-30T09:00:00Z", "timezone": "UTC"}}
        found.append(statements(lambda: api.post(path, body)))  # noqa: B023 - called here
    assert found[0] == found[1]


@pytest.mark.slow
@pytest.mark.parametrize(("query", "expected"), [({}, {4, 5}), ({"per_page": 100}, {4, 5}), ({"page": 2}, {5, 6})])
def test_invitees_list(circle: Circle, query: dict[str, Any], expected: set[int]) -> None:
    """Four, and for each of the two lists that does not end on the page one more: its length."""
    assert costs(circle, fill_invitees, f"{circle.path}/invites", **query) == expected


@pytest.mark.slow
def test_room_codes(circle: Circle) -> None:
    assert costs(circle, fill_invitees, f"{circle.room_path}/invites", per_page=100) == {4}


def fill_streams(circle: Circle, count: int) -> None:
    StreamingTarget.objects.bulk_create(
        StreamingTarget(
            room=circle.event.room, name="x", streaming_endpoint="rtmp://x", streaming_key="x", public_url="https://x"
        )
        # One less than there may be: who measures adds one.
        for _number in range(min(count, MOST_STREAMS - 1 - circle.event.room.streaming_targets.count()))
    )


def fill_assets(circle: Circle, count: int) -> None:
    Asset.objects.bulk_create(
        Asset(room=circle.event.room, filename="x", kind="x", size=1, file=str(number)) for number in range(count)
    )


@pytest.mark.parametrize(("path", "expected"), [("{room}/assets", {4}), ("/v1/users/me/assets", {3})])
def test_assets(circle: Circle, path: str, expected: set[int]) -> None:
    assert costs(circle, fill_assets, path.format(room=circle.room_path), per_page=100) == expected


def test_upload_download_and_deletion_cost_the_same_in_a_full_room(circle: Circle) -> None:
    api, path, found = Api(circle.alice), f"{circle.room_path}/assets", []
    for size in SIZES:
        fill_assets(circle, size)
        found.append([statements(lambda: api.post(path, b"x", kind="x", file_extension="x"))])
        made = f"{path}/{Asset.objects.exclude(filename='x').get().pk}"
        found[-1] += [statements(lambda: api.request("HEAD", made)), statements(lambda: api.delete(made))]  # noqa: B023
    assert found[0] == found[1] == found[2] == [10, 3, 9]


@pytest.mark.slow
def test_room(circle: Circle) -> None:
    assert costs(circle, fill_invitees, circle.room_path) == {2}


@pytest.mark.slow
def test_rooms_list(circle: Circle) -> None:
    assert costs(circle, fill_events, "/v1/rooms", per_page=100) == {3}


@pytest.mark.slow
def test_room_tariff(circle: Circle) -> None:
    assert costs(circle, fill_invitees, f"{circle.room_path}/tariff") == {2}


@pytest.mark.slow
@pytest.mark.parametrize("fill", [fill_invitees, fill_streams])
def test_event_of_a_room(circle: Circle, fill: Callable[[Circle, int], None]) -> None:
    Event.objects.update(show_meeting_details=True)
    assert costs(circle, fill, f"{circle.room_path}/event") == {6}


def test_event_of_a_room_for_a_guest(circle: Circle) -> None:
    """The code is found with its room, the owner and the tariff."""
    guest = circle.api("guest")
    assert statements(lambda: guest.get(f"{circle.room_path}/event")) == 3
    assert statements(lambda: guest.get(f"{circle.room_path}/tariff")) == 1


def test_streaming_targets(circle: Circle) -> None:
    assert costs(circle, fill_streams, f"{circle.room_path}/streaming_targets") == {3}


def test_dial_in_and_code(circle: Circle) -> None:
    code = InviteCode.objects.create(room=circle.event.room, created_by=circle.alice, updated_by=circle.alice)
    api = Api(circle.alice)
    for path in ("sip", f"invites/{code.code}"):
        assert statements(lambda: api.get(f"{circle.room_path}/{path}")) == 3  # noqa: B023 - called here


@pytest.mark.slow
def test_creating_an_event_costs_the_same_for_a_full_agenda(circle: Circle) -> None:
    api = Api(circle.alice)
    body = factories.WEEKLY | {"streaming_targets": []}
    empty = statements(lambda: api.post("/v1/events", body))
    fill_events(circle, 100)
    assert statements(lambda: api.post("/v1/events", body)) == empty
    assert empty == 20


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "events/{0.pk}", {"title": "Other"}),
        ("DELETE", "events/{0.pk}", None),
        ("DELETE", "rooms/{0.room_id}", None),
        ("POST", "rooms/{0.room_id}/streaming_targets", factories.STREAM),
    ],
)
def test_change_and_cancellation_cost_the_same_for_many_mails(
    circle: Circle, method: str, path: str, body: Any
) -> None:
    """Inserts go in batches of what SQLite binds in one statement, so 30 people are one batch."""
    found = []
    for count in (1, 15):
        event = factories.event(circle.alice)
        fill_invitees(circle, count, event)
        api, target = Api(circle.alice), f"/v1/{path.format(event)}"
        found.append(statements(lambda: api.request(method, target, body)))  # noqa: B023 - called here
    assert found[0] == found[1]


@sweep(
    ("method", "path", "body"),
    [
        ("PUT", "/v1/users/me/event_favorites/{event}", None),
        ("DELETE", "/v1/users/me/event_favorites/{event}", None),
        ("PATCH", "/v1/events/{event}/invites/{bob}", {"role": "moderator"}),
        ("PATCH", "/v1/events/{event}/invites/email", {"email": "dora@example.org", "role": "moderator"}),
        ("GET", "/v1/events/{event}/shared_folder", None),
        ("DELETE", "/v1/events/{event}/shared_folder", None),
    ],
    fast=3,
)
def test_changes_cost_the_same_for_many_invitees(circle: Circle, method: str, path: str, body: Any) -> None:
    found = []
    for count in (1, 15):
        event = factories.event(circle.alice)
        fill_invitees(circle, count, event)
        circle.invite(circle.bob, event=event)
        circle.invite("dora@example.org", event=event)
        SharedFolder.objects.create(event=event, read_url="https://cloud.example.org/s/1")
        if method == "DELETE":
            add_favorite(event=event, user=circle.alice, actor=Actor.by_api(circle.alice))
        api, url = Api(circle.alice), path.format(event=event.pk, bob=circle.bob.pk)
        found.append(statements(lambda: api.request(method, url, body)))  # noqa: B023 - called here
    assert found[0] == found[1]


@pytest.mark.slow
def test_adding_a_folder_costs_the_same_for_many_invitees(circle: Circle, cloud: Any) -> None:
    found = []
    for count in (1, 20):
        event = factories.event(circle.alice)
        fill_invitees(circle, count, event)
        api = Api(circle.alice)
        found.append(statements(lambda: api.request("PUT", f"/v1/events/{event.pk}/shared_folder")))  # noqa: B023 - called here
    assert found[0] == found[1]


@pytest.mark.slow
def test_search(circle: Circle) -> None:
    assert costs(circle, fill_events, "/v1/events", per_page=100, q="x alice") == {2}


@pytest.mark.slow
def test_each_further_part_of_a_series_costs_few_statements_when_the_room_changes() -> None:
    """Its row, the log, whether a webhook hears it, who has an account, its mails; those read for all parts at once."""
    circle = Circle(schedule=factories.schedule(pattern=("RRULE:FREQ=WEEKLY",)))
    circle.invite("dora@example.org")
    api, path, costs = circle.api("creator"), circle.path, []
    for number, day in enumerate(("2026-12-07", "2026-12-21", "2027-01-04", "2027-01-18")):
        start = {"datetime": f"{day}T09:00:00Z", "timezone": "UTC"}
        path = f"/v1/events/{api.post(f'{path}/reschedule', {'from': start}).json()['id']}"
        body = {"password": f"number {number}"}
        costs.append(statements(lambda: api.patch(circle.path, body)))  # noqa: B023
    first, *_between, last = costs
    assert (last - first) / 3 <= 6
