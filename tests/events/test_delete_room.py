"""DELETE /v1/rooms/{id} (contract 4.5): the end of the room and of what is held in it."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from activity.actors import Actor
from events.models import Agenda, Event, EventException, Favorite
from events.services.rooms import delete_room_and_events
from invites.models import EmailInvite, EventInvite, InviteCode
from rest.errors import NotFound
from rooms.models import Asset, Room, SipConfig, StreamingTarget
from tests import factories
from tests.api import Api
from tests.circle import GUEST, Circle
from tests.sweeps import sweep
from tests.traces import Traces

pytestmark = pytest.mark.django_db


@sweep(
    ("who", "status"),
    [
        ("anonymous", 401),
        ("stranger", 403),
        ("other tenant", 403),
        ("guest", GUEST),
        ("invitee", 403),
        ("creator", 204),
    ],
    fast=2,
)
def test_only_the_creator_may(who: str, status: int) -> None:
    circle = Circle()
    api, traces = circle.api(who), Traces()
    answer = api.delete(circle.room_path)
    assert answer.status_code == status
    assert traces.is_empty() is Room.objects.exists() is (status != 204)


@pytest.mark.slow
def test_everything_in_it_goes() -> None:
    circle = Circle(streaming_targets=[factories.STREAM], schedule=factories.schedule(pattern=("RRULE:FREQ=WEEKLY",)))
    circle.invite("dora@example.org")
    event, room, alice = circle.event, circle.event.room, circle.alice
    circle.api("creator").post(f"{circle.room_path}/invites", {})
    Favorite.objects.create(user=circle.bob, event=event)
    Asset.objects.create(room=room, kind="minutes", filename="minutes.pdf")
    EventException.objects.create(
        event=event,
        original_starts_at=event.starts_at + timedelta(days=7),
        kind="cancelled",
        created_by=alice,
        updated_by=alice,
    )
    parts = (
        Room, SipConfig, StreamingTarget, InviteCode, Asset, Event, EventException, EventInvite, EmailInvite, Favorite,
        Agenda,
    )  # fmt: skip
    assert all(model.objects.exists() for model in parts)  # type: ignore[attr-defined]
    answer = circle.api("creator").delete(circle.room_path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert not any(model.objects.exists() for model in parts)  # type: ignore[attr-defined]
    assert circle.api("creator").get(circle.room_path).status_code == 403
    assert circle.api("creator").get(circle.path).status_code == 403


def test_cancellation_goes_to_everybody_as_when_the_event_is_deleted() -> None:
    circle = Circle()
    circle.invite("dora@example.org")
    traces = Traces()
    circle.api("creator").delete(circle.room_path)
    assert traces.mails() == [
        ("alice@example.com", "registered_event_cancellation", 1),
        ("bob@example.com", "registered_event_cancellation", 1),
        ("dora@example.org", "external_event_cancellation", 1),
    ]
    assert traces.activities() == [("event.deleted", ["alice", "bob"]), ("room.deleted", ["alice", "bob"])]


def test_suppressed_deletion_mails_nobody() -> None:
    circle = Circle()
    traces = Traces()
    assert circle.api("creator").delete(circle.room_path, suppress_email_notification="true").status_code == 204
    assert traces.mails() == []
    assert [kind for kind, _audience in traces.activities()] == ["event.deleted", "room.deleted"]


@time_machine.travel(datetime(2027, 1, 1, tzinfo=UTC), tick=False)
def test_what_is_over_is_not_cancelled() -> None:
    circle = Circle()
    traces = Traces()
    circle.api("creator").delete(circle.room_path)
    assert traces.mails() == []


def test_room_without_a_meeting_goes_quietly() -> None:
    alice = factories.user("alice")
    path = f"/v1/rooms/{Api(alice).post('/v1/rooms', {'enable_sip': True}).json()['id']}"
    traces = Traces()
    assert Api(alice).delete(path).status_code == 204
    assert traces.activities() == [("room.deleted", ["alice"])]
    assert traces.mails() == []
    assert not Room.objects.exists()


@pytest.mark.slow
def test_every_part_of_a_split_series_is_cancelled() -> None:
    circle = Circle()
    second = _continued(circle.event)
    traces = Traces()
    assert circle.api("creator").delete(circle.room_path).status_code == 204
    assert not Event.objects.exists()
    assert not Room.objects.exists()
    assert [kind for kind, _audience in traces.activities()] == ["event.deleted", "event.deleted", "room.deleted"]
    deleted = [activity.event_id for activity in traces.log() if activity.kind == "event.deleted"]
    assert deleted == [circle.event.pk, second.pk]


@pytest.mark.parametrize("value", ["true", "false"])
def test_force_flag_is_taken(value: str) -> None:
    circle = Circle()
    flag = {"force_delete_reference_if_external_services_fail": value}
    assert circle.api("creator").delete(circle.room_path, **flag).status_code == 204


@pytest.mark.parametrize("name", ["suppress_email_notification", "force_delete_reference_if_external_services_fail"])
def test_flag_that_is_none_is_a_bad_request(name: str) -> None:
    circle = Circle()
    answer = circle.api("creator").delete(circle.room_path, **{name: "yes"})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert Room.objects.exists()


def test_body_is_read_and_ignored() -> None:
    circle = Circle()
    assert circle.api("creator").delete(circle.room_path, {"any": "thing"}).status_code == 204


def test_unknown_room_and_second_deletion_are_forbidden() -> None:
    circle = Circle()
    api = circle.api("creator")
    answers = [api.delete(path) for path in (f"/v1/rooms/{uuid.uuid4()}", circle.room_path, circle.room_path)]
    assert [answer.status_code for answer in answers] == [403, 204, 403]


@pytest.mark.parametrize("has_event", [True, False])
def test_deletion_that_comes_second_is_a_404(has_event: bool) -> None:
    """Both requests found the room; the second gets its turn when the row is gone."""
    circle = Circle()
    if not has_event:
        circle.event.delete()
    room = Room.objects.get()
    circle.api("creator").delete(circle.room_path)
    traces = Traces()
    how: dict[str, Any] = {"room": room, "actor": Actor.by_api(circle.alice)}
    with pytest.raises(NotFound):
        delete_room_and_events(**how)
    assert traces.is_empty()


def _continued(event: Event) -> Event:
    """A second part of its series, a week later in the same room."""
    later = timedelta(days=7)
    schedule = factories.schedule(starts_at=event.starts_at + later, ends_at=event.ends_at + later)
    second = factories.event(event.created_by, schedule=schedule)
    own_room = second.room
    Event.objects.filter(pk=event.pk).update(continued_by=second)
    Event.objects.filter(pk=second.pk).update(room=event.room, series=event.series)
    own_room.delete()
    return second
